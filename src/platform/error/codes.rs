//! Every kind of problem: code, status, title, cause and cure, for whoever meets it: the officer at a desk, the
//! developer of a client, the operator. `/problems`, docs/PROBLEMS.md and every answer read this table.

use actix_web::http::StatusCode;

use crate::platform::text::Text;

/// One row per problem: Rust name, stable code, status; then title, cause and cure, each in Indonesian and English.
macro_rules! codes {
    ($($name:ident $code:literal $status:literal
        $title_id:literal $title_en:literal
        cause $cause_id:literal $cause_en:literal
        cure $cure_id:literal $cure_en:literal;)*) => {
        /// The stable codes of everything that can go wrong; `type` of a problem is `/problems/{code}`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($name),* }

        impl Code {
            pub const ALL: &[Code] = &[$(Code::$name),*];

            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $code),* }
            }

            pub fn status(self) -> StatusCode {
                let status = match self { $(Code::$name => $status),* };
                StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }

            pub fn title(self) -> Text {
                match self { $(Code::$name => Text::fixed($title_id, $title_en)),* }
            }

            /// Why it happens.
            pub fn cause(self) -> Text {
                match self { $(Code::$name => Text::fixed($cause_id, $cause_en)),* }
            }

            /// What to do.
            pub fn cure(self) -> Text {
                match self { $(Code::$name => Text::fixed($cure_id, $cure_en)),* }
            }
        }
    };
}

codes! {
    InvalidJson "invalid_json" 400
        "Isi permintaan bukan JSON yang sah" "The body is not valid JSON"
        cause "Teks yang dikirim terpotong atau salah tulis, sehingga tidak terbaca sebagai JSON."
              "The text that was sent is cut off or misspelt, so it cannot be read as JSON."
        cure "Lihat baris dan kolom di detail. Buat JSON dengan pustaka, jangan dengan menyambung teks."
             "See the line and column in the detail. Make JSON with a library, not by joining texts.";
    InvalidBody "invalid_body" 400
        "Isi permintaan tidak sesuai kontrak" "The body breaks the contract"
        cause "Ada isian yang kurang, tidak dikenal, salah jenis, atau di luar batas."
              "A field is missing, unknown, of another type or out of bounds."
        cure "Perbaiki setiap isian yang disebut di errors, lalu kirim lagi. Tanpa perbaikan hasilnya akan sama."
             "Mend each field that errors names, then send again. Unchanged, it will be refused again.";
    InvalidQuery "invalid_query" 400
        "Parameter kueri tidak sesuai kontrak" "The query breaks the contract"
        cause "Ada parameter sesudah tanda tanya yang salah tulis, tidak dikenal, diberikan dua kali, atau di luar batas."
              "A parameter after the question mark is misspelt, unknown, given twice or out of bounds."
        cure "Perbaiki parameter yang disebut di errors (query:nama). Nama yang dikenal ada di dokumen OpenAPI."
             "Mend the parameters that errors names (query:name). The known names are in the OpenAPI document.";
    InvalidPath "invalid_path" 400
        "Alamat memuat nilai yang tidak sah" "The path holds an invalid value"
        cause "Bagian alamat yang seharusnya kode, periode, atau UUID memuat nilai lain."
              "A part of the path that should be a code, a period or a UUID is something else."
        cure "Perbaiki bagian yang disebut di errors (path:nama). Pakailah alamat dari Location dan dari daftar apa adanya."
             "Mend the parts that errors names (path:name). Use addresses as Location and the lists give them.";
    InvalidHeader "invalid_header" 400
        "Header tidak sah" "A header is invalid"
        cause "Header yang hanya boleh ada satu dikirim lebih dari sekali."
              "A header that may come once was sent more than once."
        cure "Kirim satu header Authorization. Periksa apakah proksi atau pustaka menambahkan yang kedua."
             "Send one Authorization header. See whether a proxy or a library adds a second one.";
    InvalidCursor "invalid_cursor" 400
        "Cursor tidak berlaku untuk kueri ini" "The cursor does not belong to this query"
        cause "Cursor berasal dari daftar lain atau dari saringan lain, atau teksnya berubah."
              "The cursor comes from another list or from other filters, or its text was changed."
        cure "Kirim cursor bersama saringan yang sama seperti halaman sebelumnya, atau mulai lagi tanpa cursor."
             "Send the cursor with the same filters as the page before, or start again without one.";
    BadRequest "bad_request" 400
        "Permintaan tidak dapat dipahami" "The request cannot be understood"
        cause "Isi permintaan terputus, bukan gzip yang sah, atau bukan formulir yang sah."
              "The body broke off, is not valid gzip, or is not a valid form."
        cure "Periksa Content-Type dan Content-Encoding serta apakah isi terkirim seluruhnya, lalu kirim lagi."
             "Check Content-Type, Content-Encoding and whether all of the body was sent, then send again.";
    InvalidGrant "invalid_grant" 400
        "Nama pengguna, kata sandi, token, atau kode tidak berlaku" "Username, password, token or code is not valid"
        cause "Salah ketik, akun dinonaktifkan, kode pendaftaran sudah dipakai atau kedaluwarsa, atau refresh token sudah diganti."
              "A slip of the keys, an account that is switched off, an enrolment code that is used or too old, or a refresh token that was replaced."
        cure "Ketik lagi dengan teliti (perhatikan Caps Lock). Bila tetap ditolak, masuk kembali dari awal atau minta kata sandi atau kode baru kepada administrator."
             "Type it again with care (mind Caps Lock). If it is refused again, sign in anew or ask an administrator for a new password or code.";
    UnsupportedGrantType "unsupported_grant_type" 400
        "Jenis grant tidak didukung" "The grant type is not supported"
        cause "grant_type bukan salah satu yang dikenal layanan ini."
              "grant_type is none that this service knows."
        cure "Orang memakai password lalu refresh_token; sistem dan ponsel memakai client_credentials."
             "People use password and then refresh_token; systems and phones use client_credentials.";
    InvalidScope "invalid_scope" 400
        "Cakupan yang diminta tidak dikenal" "The requested scope is unknown"
        cause "Tidak satu pun cakupan yang diminta ada dan diizinkan bagi peran akun ini."
              "None of the scopes asked for exists and is open to the role of this account."
        cure "Hilangkan scope untuk mendapat semua cakupan peran ini, atau minta administrator mengubah perannya."
             "Leave scope out to get all that the role has, or ask an administrator to change the role.";
    InvalidClient "invalid_client" 401
        "Klien tidak dikenal atau rahasianya salah" "Unknown client or wrong secret"
        cause "Id atau rahasia klien salah, rahasianya sudah diganti, atau kliennya dinonaktifkan."
              "The client's id or secret is wrong, the secret was rotated, or the client is switched off."
        cure "Periksa id dan rahasia yang terpasang. Administrator dapat membuat rahasia baru; ponsel didaftarkan ulang."
             "Check the id and secret that are installed. An administrator can make a new secret; a phone is enrolled anew.";
    Unauthenticated "unauthenticated" 401
        "Perlu masuk terlebih dahulu" "Sign in first"
        cause "Permintaan tidak membawa token."
              "The request carries no token."
        cure "Masuk, lalu kirim token sebagai Authorization: Bearer. Di Swagger UI: tekan Authorize."
             "Sign in, then send the token as Authorization: Bearer. In Swagger UI: press Authorize.";
    InvalidToken "invalid_token" 401
        "Token tidak berlaku" "The token is not valid"
        cause "Token sudah lewat 15 menit, masuknya sudah diakhiri, akunnya berubah, kunci penandatangannya ditarik, atau token berasal dari layanan lain."
              "The token is older than 15 minutes, its sign-in was ended, the account changed, the key that signed it was withdrawn, or it is another service's."
        cure "Minta token baru (refresh_token atau client_credentials), lalu ulangi sekali. Bila tetap ditolak, masuk kembali."
             "Get a new token (refresh_token or client_credentials), then try once more. If it is refused again, sign in anew.";
    InsufficientScope "insufficient_scope" 403
        "Tidak berwenang untuk tindakan ini" "Not allowed to do this"
        cause "Peran akun, atau cakupan yang diminta saat masuk, tidak mencakup tindakan ini."
              "The account's role, or the scope asked for at sign-in, does not cover this."
        cure "Minta orang yang berwenang melakukannya, atau minta administrator mengubah peran. Klien: minta token dengan cakupan yang disebut di detail."
             "Ask someone who may, or ask an administrator to change the role. Clients: get a token with the scope that the detail names.";
    WrongSection "wrong_section" 403
        "Catatan ini milik seksi lain" "This record belongs to another section"
        cause "Setiap catatan diubah oleh seksi yang membidanginya, dan akun ini bukan dari seksi itu."
              "Each record is changed by the section in charge of it, and this account is of another one."
        cure "Minta seksi yang disebut di detail, atau minta administrator menambahkan seksi itu pada akun."
             "Ask the section that the detail names, or ask an administrator to add that section to the account.";
    NotFound "not_found" 404
        "Tidak ditemukan" "Not found"
        cause "Alamat atau id salah tulis, catatannya sudah dihapus, atau milik kecamatan lain."
              "The address or id is misspelt, the record was deleted, or it is another district's."
        cure "Cari lagi lewat daftarnya. Riwayat catatan yang dihapus tetap ada di alamatnya dengan akhiran /versions."
             "Find it through its list. The history of a deleted record stays, at its address with /versions behind.";
    IndicatorNotInForce "indicator_not_in_force" 404
        "Indikator tidak berlaku pada periode ini" "The indicator is not in force in this period"
        cause "Tidak ada keputusan yang memberlakukan indikator ini pada tahun yang diminta."
              "No decree puts this indicator in force in the year asked for."
        cure "Pilih tahun lain, atau catat keputusan dan indikator untuk tahun itu."
             "Choose another year, or record the decree and the indicator for that year.";
    MethodNotAllowed "method_not_allowed" 405
        "Metode tidak tersedia di alamat ini" "The method is not available here"
        cause "Alamatnya ada, tetapi tidak mengenal metode HTTP ini."
              "The address exists and does not have this HTTP method."
        cure "Pakai salah satu metode di header Allow."
             "Use one of the methods in the header Allow.";
    NotAcceptable "not_acceptable" 406
        "Bentuk yang diminta tidak tersedia" "The requested form is not available"
        cause "Accept-Encoding menolak semua bentuk yang dapat dikirim layanan ini."
              "Accept-Encoding refuses every form that this service can send."
        cure "Terima identity atau gzip, atau hilangkan Accept-Encoding."
             "Accept identity or gzip, or leave Accept-Encoding out.";
    Conflict "conflict" 409
        "Bertentangan dengan data yang sudah ada" "Conflicts with what is stored"
        cause "Permintaan ini tidak dapat berlaku bersama keadaan data sekarang; detail menyebut apa."
              "The request cannot hold beside the data as they are; the detail says what stands against it."
        cure "Baca keadaan sekarang, ubah yang bertentangan, lalu kirim lagi."
             "Read how things stand, change what is in conflict, then send again.";
    IdConflict "id_conflict" 409
        "Id sudah dipakai untuk isi lain" "The id is taken by other content"
        cause "Id buatan klien ini sudah dipakai untuk catatan dengan isi lain."
              "The id that the client made was used before for a record with other content."
        cure "Catatan baru memerlukan UUID baru. Untuk mengubah yang tersimpan, pakai PATCH."
             "A new record needs a new UUID. To change what is stored, use PATCH.";
    Deleted "deleted" 409
        "Catatan dengan id ini sudah dihapus" "The record with this id has been deleted"
        cause "Catatan ini pernah dikirim, lalu dihapus orang. Kiriman ulang tidak menghidupkannya kembali."
              "The record was sent before and then deleted by someone. Sending it again does not bring it back."
        cure "Bila memang harus ada, catat lagi dengan id baru. Bila tidak, hapus dari antrean."
             "If it must be there after all, record it with a new id. If not, drop it from the queue.";
    DuplicateReport "duplicate_report" 409
        "Laporan ini sudah dicatat" "This report is already recorded"
        cause "Desa ini sudah punya laporan jenis ini untuk tahun anggaran yang sama."
              "The village has a report of this kind for the same fiscal year already."
        cure "Buka laporan yang id-nya disebut di detail dan perbaiki dengan PATCH bila perlu."
             "Open the report whose id the detail names, and correct it with PATCH if need be.";
    DuplicateInstitution "duplicate_institution" 409
        "Lembaga ini sudah dicatat" "This institution is already recorded"
        cause "Desa ini sudah punya lembaga sejenis dengan nama yang sama (huruf besar dan spasi tidak dibedakan)."
              "The village has an institution of this kind with the same name (case and spaces make no difference)."
        cure "Buka lembaga yang id-nya disebut di detail, dan tambahkan keputusannya di sana."
             "Open the institution whose id the detail names, and add the decree there.";
    DuplicateDecree "duplicate_decree" 409
        "Keputusan ini sudah dicatat" "This decree is already recorded"
        cause "Kecamatan ini sudah punya keputusan dengan nomor yang sama."
              "The district has a decree with the same number already."
        cure "Periksa nomornya, atau perbaiki keputusan yang id-nya disebut di detail."
             "Check the number, or correct the decree whose id the detail names.";
    DuplicateCode "duplicate_code" 409
        "Kode sudah dipakai" "The code is taken"
        cause "Kode ini sudah menjadi milik hal lain; kode tidak dipakai dua kali."
              "The code belongs to something else already; no code is used twice."
        cure "Pilih kode lain, atau ubah yang sudah ada dengan PATCH."
             "Choose another code, or change what is there with PATCH.";
    DuplicateUsername "duplicate_username" 409
        "Nama pengguna sudah pernah dipakai" "The username is or was taken"
        cause "Nama ini milik akun lain, atau milik akun yang sudah dihapus: riwayat harus tetap menunjuk satu orang."
              "The name is another account's, or a deleted one's: the history must go on naming one person."
        cure "Pilih nama pengguna lain."
             "Choose another username.";
    LastAdministrator "last_administrator" 409
        "Harus selalu ada administrator yang aktif" "There must always be an active administrator"
        cause "Perubahan ini akan menyingkirkan administrator terakhir, dan tidak ada lagi yang dapat mengelola akun."
              "The change would take away the last administrator, and nobody could manage accounts any more."
        cure "Jadikan orang lain administrator lebih dahulu, lalu ulangi."
             "Make somebody else an administrator first, then do it again.";
    SurveyNotOpen "survey_not_open" 409
        "Survei tidak sedang dibuka" "The survey is not open"
        cause "Survei masih draf, atau sudah ditutup."
              "The survey is still a draft, or is closed."
        cure "Minta seksi yang membidangi membuka survei, lalu kirim jawaban yang sama lagi. Jangan hapus jawaban dari ponsel."
             "Ask its section to open the survey, then send the same answer again. Do not delete the answer from the phone.";
    AlreadyDecided "already_decided" 409
        "Sudah diputuskan" "Already decided"
        cause "Petugas lain sudah melepas atau membuang jawaban ini."
              "Another officer has released or discarded this answer."
        cure "Muat ulang daftar. Jawaban yang terlanjur dilepas dapat dibatalkan; yang dibuang tidak dapat kembali."
             "Load the list again. An answer that was released can be voided; a discarded one does not come back.";
    ImpossibleTransition "impossible_transition" 409
        "Perubahan status tidak mungkin" "The status cannot change like this"
        cause "Dari status sekarang tidak ada jalan ke status yang diminta."
              "No way leads from the present status to the one asked for."
        cure "Baca status sekarang. Detail menyebut langkah yang mungkin."
             "Read the present status. The detail says which steps there are.";
    PreconditionFailed "precondition_failed" 412
        "Data sudah berubah sejak dibaca" "Changed since it was read"
        cause "Seseorang mengubah data ini sesudah Anda membacanya; If-Match menyebut versi yang lama."
              "Somebody changed the data after you read them; If-Match names the older version."
        cure "Baca lagi, lihat apa yang berubah, putuskan ulang, dan kirim dengan ETag yang baru."
             "Read again, see what changed, decide anew, and send with the new ETag.";
    BodyTooLarge "body_too_large" 413
        "Isi permintaan terlalu besar" "The body is too large"
        cause "Isi melebihi 1 MiB (dihitung sesudah gzip dibuka)."
              "The body has more than 1 MiB (counted after gzip is undone)."
        cure "Bagi menjadi beberapa kiriman; aman diulang dengan id yang sama."
             "Divide it into several; each can be sent again safely with the same ids.";
    UnsupportedMediaType "unsupported_media_type" 415
        "Jenis isi tidak didukung" "The content type is not supported"
        cause "Content-Type tidak ada, atau bukan yang diterima alamat ini."
              "Content-Type is missing, or is none that this address takes."
        cure "Kirim dengan Content-Type yang disebut di detail."
             "Send it with the Content-Type that the detail names.";
    UnsupportedContentEncoding "unsupported_content_encoding" 415
        "Kompresi isi tidak didukung" "The content encoding is not supported"
        cause "Isi dikirim dengan kompresi selain gzip."
              "The body was sent with another compression than gzip."
        cure "Kirim dengan Content-Encoding: gzip, atau tanpa kompresi."
             "Send it with Content-Encoding: gzip, or as it is.";
    UnknownReference "unknown_reference" 422
        "Merujuk pada kode yang tidak ada" "Refers to a code that does not exist"
        cause "Kode atau id yang dirujuk tidak ada, atau milik kecamatan lain."
              "The code or id that is referred to does not exist, or is another district's."
        cure "Pilih dari daftar kodenya (desa, jenis, kategori, keputusan), lalu kirim lagi."
             "Choose one from the list of its codes (villages, kinds, categories, decrees), then send again.";
    KelurahanNotAllowed "kelurahan_not_allowed" 422
        "Tidak berlaku untuk kelurahan" "Does not apply to a kelurahan"
        cause "Laporan dan lembaga ini hanya ada di desa; kelurahan tidak mempunyainya."
              "These reports and institutions exist in a desa only; a kelurahan has none."
        cure "Pilih desa. Bila wilayah ini sudah menjadi desa, ubah jenisnya lebih dahulu."
             "Choose a desa. If this village has become one, change its kind first.";
    FutureInstant "future_instant" 422
        "Waktu berada di masa depan" "The time lies in the future"
        cause "Yang dicatat adalah yang sudah terjadi, dan waktu ini belum tiba menurut jam layanan (WITA)."
              "What is recorded has happened, and this time has not come yet by the service's clock (WITA)."
        cure "Perbaiki tanggal atau jamnya; periksa juga jam dan zona waktu perangkat."
             "Correct the date or time; check the clock and the time zone of the device, too.";
    RuleBroken "rule_broken" 422
        "Melanggar aturan data" "Breaks a rule of the data"
        cause "Setiap isian benar bentuknya, tetapi bersama-sama atau terhadap data lain tidak mungkin."
              "Each field has the right form, but together, or beside other data, they cannot be true."
        cure "Baca detail pada setiap isian di errors dan perbaiki isinya."
             "Read the detail of each field in errors and correct what it says.";
    WrongPassword "wrong_password" 422
        "Kata sandi sekarang tidak benar" "The current password is wrong"
        cause "Untuk mengganti kata sandi, kata sandi yang sekarang harus benar."
              "To change the password, the current one must be right."
        cure "Ketik lagi dengan teliti. Bila lupa, minta administrator memberi kata sandi baru."
             "Type it again with care. If it is forgotten, ask an administrator for a new one.";
    TooFewAnswers "too_few_answers" 422
        "Jawaban terlalu sedikit" "Too few answers"
        cause "Jawaban atas unsur yang dipakai survei ini kurang dari yang diperlukan agar dihitung."
              "There are fewer answers to the elements of this survey than are needed to count it."
        cure "Lengkapi jawabannya bersama responden sampai jumlah yang disebut di detail."
             "Complete the answers with the respondent, up to the number that the detail names.";
    PreconditionRequired "precondition_required" 428
        "Header If-Match diperlukan" "If-Match is required"
        cause "Perubahan harus menyebut versi yang dibaca, supaya tidak menimpa perubahan orang lain."
              "A change must name the version that was read, so that it does not undo somebody else's."
        cure "Baca datanya, lalu kirim ETag-nya sebagai If-Match."
             "Read the data, then send their ETag as If-Match.";
    TooManyRequests "too_many_requests" 429
        "Terlalu banyak permintaan" "Too many requests"
        cause "Terlalu banyak permintaan, atau terlalu banyak percobaan masuk yang gagal, dalam waktu singkat."
              "Too many requests, or too many failed sign-ins, in a short time."
        cure "Tunggu sebanyak detik di Retry-After, lalu lanjutkan lebih pelan."
             "Wait for the seconds in Retry-After, then go on more slowly.";
    Internal "internal" 500
        "Kesalahan pada layanan" "The service failed"
        cause "Ada yang salah pada layanan, bukan pada permintaan ini."
              "Something is wrong with the service, not with the request."
        cure "Coba lagi nanti. Bila berulang, sampaikan request_id kepada pengelola; log memuat sebabnya di bawah id itu."
             "Try again later. If it comes again, tell the operators the request_id; the log has the cause under that id.";
    Unavailable "unavailable" 503
        "Layanan sementara tidak tersedia" "The service is not available for the moment"
        cause "Basis data sedang sibuk, penuh, atau tidak terjangkau, atau layanan baru dimulai."
              "The database is busy, full or out of reach, or the service is only starting."
        cure "Kirim lagi sesudah Retry-After; kiriman dengan id yang sama aman diulang. Pengelola: lihat /health/ready dan log."
             "Send again after Retry-After; with the same id that is safe. Operators: see /health/ready and the log.";
}
