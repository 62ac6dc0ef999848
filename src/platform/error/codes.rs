//! Every kind of problem: code, status, title, cause and remedy, for officers, for developers of clients and for
//! operators. `/problems`, docs/PROBLEMS.md and every response use this table.

use actix_web::http::StatusCode;

use crate::platform::text::Text;

/// One row per problem: Rust name, stable code, status; then title, cause and remedy, each in Indonesian and English.
macro_rules! codes {
    ($($name:ident $code:literal $status:literal
        $title_id:literal $title_en:literal
        cause $cause_id:literal $cause_en:literal
        remedy $remedy_id:literal $remedy_en:literal;)*) => {
        /// The stable codes of all problems; `type` of a problem is `/problems/{code}`.
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
                match self { $(Code::$name => Text::new($title_id, $title_en)),* }
            }

            /// Returns the cause.
            pub fn cause(self) -> Text {
                match self { $(Code::$name => Text::new($cause_id, $cause_en)),* }
            }

            /// Returns the remedy.
            pub fn remedy(self) -> Text {
                match self { $(Code::$name => Text::new($remedy_id, $remedy_en)),* }
            }
        }
    };
}

codes! {
    InvalidJson "invalid_json" 400
        "Isi permintaan bukan JSON yang sah" "The body is not valid JSON"
        cause "Teks yang dikirim terpotong atau salah tulis, sehingga tidak terbaca sebagai JSON."
              "The text is incomplete or contains a mistake, so it cannot be read as JSON."
        remedy "Lihat baris dan kolom di detail. Buat JSON dengan pustaka, jangan dengan menyambung teks."
             "Look at the line and column in the detail. Create JSON with a library, not by joining strings.";
    InvalidBody "invalid_body" 400
        "Isi permintaan tidak sesuai kontrak" "The body does not match the contract"
        cause "Ada isian yang kurang, tidak dikenal, salah jenis, atau di luar batas."
              "A field is missing, unknown, of the wrong type or out of range."
        remedy "Perbaiki setiap isian yang disebut di errors, lalu kirim lagi. Tanpa perbaikan hasilnya akan sama."
             "Fix the fields listed in errors and send the request again. Without changes it will fail again.";
    InvalidQuery "invalid_query" 400
        "Parameter kueri tidak sesuai kontrak" "The query does not match the contract"
        cause "Ada parameter sesudah tanda tanya yang salah tulis, tidak dikenal, diberikan dua kali, atau di luar batas."
              "A parameter after the question mark is misspelt, unknown, repeated or out of range."
        remedy "Perbaiki parameter yang disebut di errors (parameter). Nama yang dikenal ada di dokumen OpenAPI."
             "Fix the parameters listed in errors (parameter). The OpenAPI document lists the known names.";
    InvalidPath "invalid_path" 400
        "Alamat memuat nilai yang tidak sah" "The path contains an invalid value"
        cause "Bagian alamat yang seharusnya kode, periode, atau UUID memuat nilai lain."
              "A part of the path must be a code, a period or a UUID, but has another value."
        remedy "Perbaiki bagian yang disebut di errors (parameter). Pakailah alamat dari Location dan dari daftar apa adanya."
             "Fix the parts listed in errors (parameter). Use addresses exactly as Location and the lists give them.";
    InvalidHeader "invalid_header" 400
        "Header tidak sah" "A header is invalid"
        cause "Header yang hanya boleh ada satu dikirim lebih dari sekali, atau isinya tidak sah; errors menyebut yang mana."
              "A header that is allowed only once was sent more than once, or its value is invalid; errors names it."
        remedy "Kirim header itu sekali, dengan isi yang sah. Periksa apakah proksi atau pustaka menambahkan yang kedua."
             "Send that header once, with a valid value. Check whether a proxy or a library adds a second one.";
    EpochEnded "epoch_ended" 410
        "Urutan perubahan dimulai lagi" "The sequence of changes began anew"
        cause "Basis data dipulihkan dari cadangan, atau posisi ini berasal dari basis data lain."
              "The database was restored from a backup, or this position is of another database."
        remedy "Kirim after=now tanpa epoch, baca semua nilai sekali lagi, lalu teruskan dari next_after."
             "Send after=now without an epoch, read all values once more, then go on from next_after.";
    InvalidCursor "invalid_cursor" 400
        "Cursor tidak berlaku untuk kueri ini" "The cursor does not belong to this query"
        cause "Cursor berasal dari daftar lain atau dari saringan lain, atau teksnya berubah."
              "The cursor belongs to another list or to other filters, or its text was changed."
        remedy "Kirim cursor bersama saringan yang sama seperti halaman sebelumnya, atau mulai lagi tanpa cursor."
             "Send the cursor with the same filters as for the previous page, or start again without a cursor.";
    BadRequest "bad_request" 400
        "Permintaan tidak dapat dipahami" "The request cannot be understood"
        cause "Isi permintaan terputus, bukan gzip yang sah, atau bukan formulir yang sah."
              "The body is incomplete, is not valid gzip, or is not a valid form."
        remedy "Periksa Content-Type dan Content-Encoding serta apakah isi terkirim seluruhnya, lalu kirim lagi."
             "Check Content-Type and Content-Encoding, and that the whole body was sent. Then send it again.";
    InvalidGrant "invalid_grant" 400
        "Nama pengguna, kata sandi, token, atau kode tidak berlaku" "Username, password, token or code is not valid"
        cause "Salah ketik, akun dinonaktifkan, kode pendaftaran sudah dipakai atau kedaluwarsa, atau refresh token sudah diganti."
              "A typing mistake, a disabled account, an enrolment code that was already used or has expired, or a refresh token that was replaced."
        remedy "Ketik lagi dengan teliti (perhatikan Caps Lock). Bila tetap ditolak, masuk kembali dari awal atau minta kata sandi atau kode baru kepada administrator."
             "Type it again carefully (check Caps Lock). If it still fails, sign in again or ask an administrator for a new password or code.";
    UnsupportedGrantType "unsupported_grant_type" 400
        "Jenis grant tidak didukung" "The grant type is not supported"
        cause "grant_type bukan salah satu yang dikenal layanan ini."
              "This service does not know the grant_type that was sent."
        remedy "Orang memakai password lalu refresh_token; sistem dan ponsel memakai client_credentials."
             "People use password and then refresh_token; systems and phones use client_credentials.";
    InvalidScope "invalid_scope" 400
        "Cakupan yang diminta tidak dikenal" "The requested scope is unknown"
        cause "Tidak satu pun cakupan yang diminta ada dan diizinkan bagi peran akun ini."
              "None of the requested scopes is available to the role of this account."
        remedy "Hilangkan scope untuk mendapat semua cakupan peran ini, atau minta administrator mengubah perannya."
             "Leave out scope to get all scopes of the role, or ask an administrator to change the role.";
    InvalidClient "invalid_client" 401
        "Klien tidak dikenal atau rahasianya salah" "Unknown client or wrong secret"
        cause "Id atau rahasia klien salah, rahasianya sudah diganti, atau kliennya dinonaktifkan."
              "The client's id or secret is wrong, the secret was replaced, or the client is disabled."
        remedy "Periksa id dan rahasia yang terpasang. Administrator dapat membuat rahasia baru; ponsel didaftarkan ulang."
             "Check the installed id and secret. An administrator can create a new secret; a phone must be enrolled again.";
    Unauthenticated "unauthenticated" 401
        "Perlu masuk terlebih dahulu" "Sign in first"
        cause "Permintaan tidak membawa token."
              "The request has no token."
        remedy "Masuk, lalu kirim token sebagai Authorization: Bearer. Di Swagger UI: tekan Masuk."
             "Sign in, then send the token as Authorization: Bearer. In Swagger UI: press Sign in.";
    InvalidToken "invalid_token" 401
        "Token tidak berlaku" "The token is not valid"
        cause "Token sudah lewat 15 menit, sesinya sudah diakhiri, akunnya berubah, kunci penandatangannya ditarik, atau token berasal dari layanan lain."
              "The token is older than 15 minutes, its session was ended, the account changed, the signing key was withdrawn, or the token belongs to another service."
        remedy "Minta token baru (refresh_token atau client_credentials), lalu ulangi sekali. Bila tetap ditolak, masuk kembali."
             "Get a new token (refresh_token or client_credentials) and try once more. If it still fails, sign in again.";
    InsufficientUserAuthentication "insufficient_user_authentication" 401
        "Masuk sekali lagi" "Sign in again"
        cause "Kata sandi atau rahasia milik orang lain hanya dapat diganti dalam 15 menit sesudah Anda memasukkan kata sandi."
              "The password or secret of someone else can be changed only within 15 minutes after you entered your password."
        remedy "Masuk lagi dengan kata sandi (bukan dengan refresh token), lalu ulangi dengan token yang baru."
             "Sign in with your password again (not with a refresh token), then repeat the request with the new token.";
    InsufficientScope "insufficient_scope" 403
        "Tidak berwenang untuk tindakan ini" "Not allowed to do this"
        cause "Peran akun, atau cakupan yang diminta saat masuk, tidak mencakup tindakan ini."
              "The role of the account, or the scope requested at sign-in, does not include this action."
        remedy "Minta orang yang berwenang melakukannya, atau minta administrator mengubah peran. Klien: minta token dengan cakupan yang disebut di detail."
             "Ask a person with the permission, or ask an administrator to change the role. Clients: request a token with the scope named in the detail.";
    CrossSite "cross_site" 403
        "Halaman web lain tidak boleh masuk ke layanan ini" "Pages of other sites may not sign in to this service"
        cause "Peramban mengirim permintaan ini dari halaman situs lain, yang tidak terdaftar."
              "A browser sent this request from a page of another site, which is not listed."
        remedy "Masuklah dari halaman layanan ini sendiri. Pengelola: sebut asal halaman di IKU_CORS_ORIGINS, dan alamat layanan di IKU_PUBLIC_URL."
             "Sign in from a page of this service. Operators: name the origin of the page in IKU_CORS_ORIGINS, and the address of the service in IKU_PUBLIC_URL.";
    WrongSection "wrong_section" 403
        "Catatan ini milik seksi lain" "This record belongs to another section"
        cause "Setiap catatan diubah oleh seksi yang membidanginya, dan akun ini bukan dari seksi itu."
              "Only the section in charge of a record can change it, and this account belongs to another section."
        remedy "Minta seksi yang disebut di detail, atau minta administrator menambahkan seksi itu pada akun."
             "Ask the section named in the detail, or ask an administrator to add that section to the account.";
    NotFound "not_found" 404
        "Tidak ditemukan" "Not found"
        cause "Alamat atau id salah tulis, catatannya sudah dihapus, atau milik kecamatan lain."
              "The address or id is misspelt, the record was deleted, or it belongs to another district."
        remedy "Cari lagi lewat daftarnya. Riwayat catatan yang dihapus tetap ada di alamatnya dengan akhiran /versions."
             "Look for it in its list. The history of a deleted record remains at its address followed by /versions.";
    IndicatorNotInForce "indicator_not_in_force" 404
        "Indikator tidak berlaku pada periode ini" "The indicator is not in force in this period"
        cause "Tidak ada keputusan yang memberlakukan indikator ini pada tahun yang diminta."
              "No decree puts this indicator in force in the requested year."
        remedy "Pilih tahun lain, atau catat keputusan dan indikator untuk tahun itu."
             "Choose another year, or record the decree and the indicator for that year.";
    MethodNotAllowed "method_not_allowed" 405
        "Metode tidak tersedia di alamat ini" "The method is not available here"
        cause "Alamatnya ada, tetapi tidak mengenal metode HTTP ini."
              "The address exists, but does not support this HTTP method."
        remedy "Pakai salah satu metode di header Allow."
             "Use one of the methods in the Allow header.";
    NotAcceptable "not_acceptable" 406
        "Bentuk yang diminta tidak tersedia" "The requested form is not available"
        cause "Accept atau Accept-Encoding menolak semua bentuk yang dapat dikirim layanan ini."
              "Accept or Accept-Encoding excludes every form that this service can send."
        remedy "Terima application/json tanpa kompresi atau dengan gzip, atau hilangkan kedua header itu."
             "Accept application/json, plain or with gzip, or leave out both headers.";
    Conflict "conflict" 409
        "Bertentangan dengan data yang sudah ada" "Conflicts with stored data"
        cause "Permintaan ini tidak dapat berlaku bersama keadaan data sekarang; detail menyebut apa."
              "The request conflicts with the current data; the detail says how."
        remedy "Baca keadaan sekarang, ubah yang bertentangan, lalu kirim lagi."
             "Read the current data, resolve the conflict, then send the request again.";
    IdConflict "id_conflict" 409
        "Id sudah dipakai untuk isi lain" "The id is already used for other content"
        cause "Id buatan klien ini sudah dipakai untuk catatan dengan isi lain."
              "The client used this id before, for a record with other content."
        remedy "Catatan baru memerlukan UUID baru. Untuk mengubah yang tersimpan, pakai PATCH."
             "A new record needs a new UUID. To change the stored record, use PATCH.";
    Deleted "deleted" 409
        "Catatan dengan id ini sudah dihapus" "The record with this id has been deleted"
        cause "Catatan ini pernah dikirim, lalu dihapus orang. Kiriman ulang tidak menghidupkannya kembali."
              "The record was sent earlier and has since been deleted. Sending it again does not restore it."
        remedy "Bila memang harus ada, pulihkan dengan POST .../restorations. Bila tidak, hapus dari antrean."
             "If it is still needed, restore it with POST .../restorations. If not, remove it from the queue.";
    NotDeleted "not_deleted" 409
        "Catatan ini tidak sedang dihapus" "The record is not deleted"
        cause "Hanya catatan yang sudah dihapus yang dapat dipulihkan; yang ini masih berlaku, atau sudah dipulihkan orang."
              "Only a deleted record can be restored; this one still exists, or somebody has restored it already."
        remedy "Tidak perlu apa-apa. Lihat siapa yang memulihkannya di /versions."
             "There is nothing to do. /versions shows who restored it.";
    DuplicateReport "duplicate_report" 409
        "Laporan ini sudah dicatat" "This report is already recorded"
        cause "Desa ini sudah punya laporan jenis ini untuk tahun anggaran yang sama."
              "The village already has a report of this kind for the same fiscal year."
        remedy "Buka laporan yang id-nya disebut di detail dan perbaiki dengan PATCH bila perlu."
             "Open the report whose id is in the detail, and correct it with PATCH if necessary.";
    DuplicateInstitution "duplicate_institution" 409
        "Lembaga ini sudah dicatat" "This institution is already recorded"
        cause "Desa ini sudah punya lembaga sejenis dengan nama yang sama. RT 01, RT.001 dan Rukun Tetangga 1 adalah satu nama."
              "The village already has an institution of this kind with the same name. RT 01, RT.001 and Rukun Tetangga 1 are one name."
        remedy "Buka lembaga yang id-nya disebut di detail, dan tambahkan keputusannya di sana."
             "Open the institution whose id is in the detail, and add the decree there.";
    TransferRequired "transfer_required" 409
        "Lembaga ini harus dipindahkan sejak suatu hari" "The institution must be transferred from a day on"
        cause "Lembaga ini sudah pernah dihitung di desanya. Mengganti desanya akan mengubah nilai tahun yang sudah lewat."
              "The institution has counted in its village. Another village would change values of years that are over."
        remedy "Pindahkan dengan POST /v1/institutions/{id}/transfers: sebut desa yang baru, hari pertamanya, dan alasannya."
             "Transfer it with POST /v1/institutions/{id}/transfers: name the new village, its first day and the reason.";
    DuplicateDecree "duplicate_decree" 409
        "Keputusan ini sudah dicatat" "This decree is already recorded"
        cause "Kecamatan ini sudah punya keputusan dengan nomor yang sama."
              "The district already has a decree with the same number."
        remedy "Periksa nomornya, atau perbaiki keputusan yang id-nya disebut di detail."
             "Check the number, or correct the decree whose id is in the detail.";
    DuplicateAgreement "duplicate_agreement" 409
        "Perjanjian kinerja ini sudah dicatat" "This performance agreement is already recorded"
        cause "Kecamatan ini sudah punya perjanjian kinerja dengan nomor yang sama untuk tahun itu."
              "The district already has a performance agreement with the same number for the year."
        remedy "Periksa nomornya, atau perbaiki perjanjian yang id-nya disebut di detail."
             "Check the number, or correct the agreement whose id is in the detail.";
    AgreementInUse "agreement_in_use" 409
        "Perjanjian kinerja ini masih dipakai" "The performance agreement is in use"
        cause "Sebuah target berdasar padanya, atau perjanjian lain mengubahnya."
              "A target belongs to it, or another agreement revises it."
        remedy "Tetapkan target itu menurut perjanjian yang benar, atau hapus perjanjian yang mengubahnya lebih dahulu. Nomor, tanggal dan para pihak dapat diperbaiki dengan PATCH."
             "Set the target by the right agreement, or delete the revising agreement first. Number, day and parties can be corrected with PATCH.";
    DuplicateCode "duplicate_code" 409
        "Kode sudah dipakai" "The code is already used"
        cause "Kode ini sudah menjadi milik hal lain; kode tidak dipakai dua kali."
              "The code already belongs to another record; a code is never used twice."
        remedy "Pilih kode lain, atau ubah yang sudah ada dengan PATCH."
             "Choose another code, or change the existing record with PATCH.";
    VillageHasFacts "village_has_facts" 409
        "Desa ini sudah dipakai dalam catatan" "Facts name this village"
        cause "Laporan, lembaga, gangguan, atau jawaban menyebut desa ini, atau pernah menyebutnya. Jenisnya tidak dapat diubah dan desanya tidak dapat dihapus, karena nilai tahun-tahun yang lalu akan ikut berubah."
              "A report, an institution, a case or an answer names the village, or once named it. Its kind cannot change and it cannot be deleted, because values of past years would change."
        remedy "Akhiri desa ini pada hari terakhirnya (PATCH valid_to), tambahkan penggantinya dengan kode baru dan hari pertamanya (POST /v1/villages), lalu pindahkan lembaganya (POST /v1/institutions/{id}/transfers)."
             "End the village on its last day (PATCH valid_to), add its successor with the new code and its first day (POST /v1/villages), then transfer its institutions (POST /v1/institutions/{id}/transfers).";
    ShippedCode "shipped_code" 409
        "Kode bawaan tidak dapat diakhiri" "A shipped code cannot end"
        cause "Kode ini datang bersama layanan, dan laporan atau aturan memakainya."
              "The code came with the service, and reports or rules use it."
        remedy "Ubah namanya bila perlu, atau biarkan tidak dipakai."
             "Change its name if necessary, or leave it unused.";
    DuplicateUsername "duplicate_username" 409
        "Nama pengguna sudah pernah dipakai" "The username is or was already used"
        cause "Nama ini milik akun lain, atau milik akun yang sudah dihapus: riwayat harus tetap menunjuk satu orang."
              "The name belongs to another account or to a deleted account: in the history, a name must always mean the same person."
        remedy "Pilih nama pengguna lain."
             "Choose another username.";
    LastAdministrator "last_administrator" 409
        "Harus selalu ada administrator yang aktif" "There must always be an active administrator"
        cause "Perubahan ini akan menyingkirkan administrator terakhir, dan tidak ada lagi yang dapat mengelola akun."
              "The change would remove the last administrator who can manage accounts."
        remedy "Jadikan orang lain administrator lebih dahulu, lalu ulangi."
             "Make another person an administrator first, then try again.";
    SurveyNotOpen "survey_not_open" 409
        "Survei tidak sedang dibuka" "The survey is not open"
        cause "Survei masih draf, atau sudah ditutup."
              "The survey is still a draft, or is already closed."
        remedy "Minta seksi yang membidangi membuka survei, lalu kirim jawaban yang sama lagi. Jangan hapus jawaban dari ponsel."
             "Ask the section in charge to open the survey, then send the same answer again. Do not delete the answer from the phone.";
    PeriodNotOver "period_not_over" 409
        "Periode belum berakhir" "The period is not over"
        cause "Hanya periode yang hari terakhirnya sudah lewat yang dapat ditutup."
              "Only a period whose last day has passed can be closed."
        remedy "Tutup periode ini sesudah hari terakhirnya, atau tutup periode yang lebih awal."
             "Close the period after its last day, or close an earlier period.";
    AlreadyClosed "already_closed" 409
        "Periode ini sudah ditutup" "The period is already closed"
        cause "Periode yang setara sudah ditutup. Menutupnya lagi membuat versi berikutnya, dan versi itu perlu alasan."
              "An equivalent period is closed. To close it again makes the next version, and that version needs a reason."
        remedy "Bila nilainya memang harus ditutup lagi, kirim lagi dengan reason. Bila tidak, baca penutupan yang ada di daftarnya."
             "If the values must be closed again, send the request again with reason. If not, read the existing closing in the list.";
    SurveyStillOpen "survey_still_open" 409
        "Ada survei yang masih dibuka" "A survey is still open"
        cause "Survei yang ikut menentukan nilai periode ini masih menerima jawaban, sehingga nilainya dapat berubah."
              "A survey that counts in the period still accepts answers, so the value can change."
        remedy "Tutup survei yang disebut di detail (PATCH status), lalu tutup periodenya."
             "Close the survey that the detail names (PATCH status), then close the period.";
    FourEyes "four_eyes" 409
        "Penutup juga mencatat" "The same person recorded and closes"
        cause "Akun ini mencatat fakta di kecamatan ini sesudah penutupan sebelumnya, dan layanan ini mewajibkan dua orang (IKU_CLOSING_FOUR_EYES)."
              "The account recorded facts of the district since the closing before, and this service requires two people (IKU_CLOSING_FOUR_EYES)."
        remedy "Minta orang lain yang berwenang untuk menutup periode ini."
             "Ask another person with the permission to close the period.";
    AlreadyDecided "already_decided" 409
        "Sudah diputuskan" "Already decided"
        cause "Petugas lain sudah melepas atau membuang jawaban ini."
              "Another officer has released or discarded this answer."
        remedy "Muat ulang daftar. Jawaban yang terlanjur dilepas dapat dibatalkan; yang dibuang dapat dipulihkan."
             "Reload the list. A released answer can be voided; a discarded answer can be restored.";
    ImpossibleTransition "impossible_transition" 409
        "Perubahan status tidak mungkin" "The status cannot change like this"
        cause "Dari status sekarang tidak ada jalan ke status yang diminta."
              "The current status cannot change to the requested status."
        remedy "Baca status sekarang. Detail menyebut langkah yang mungkin."
             "Read the current status. The detail lists the possible steps.";
    PreconditionFailed "precondition_failed" 412
        "Data sudah berubah sejak dibaca" "Changed since it was read"
        cause "Seseorang mengubah data ini sesudah Anda membacanya; If-Match menyebut versi yang lama."
              "Someone changed the data after you read them; If-Match names the older version."
        remedy "Baca lagi, lihat apa yang berubah, putuskan ulang, dan kirim dengan ETag yang baru."
             "Read the data again, check what changed, decide again, and send the request with the new ETag.";
    RequestTimeout "request_timeout" 408
        "Isi permintaan terlalu lama datang" "The body arrives too slowly"
        cause "Selama 20 detik tidak ada yang datang, atau rata-rata kurang dari 500 byte per detik."
              "Nothing arrived for 20 seconds, or less than 500 bytes a second on average."
        remedy "Kirim lagi, dalam bagian yang lebih kecil bila sinyal lemah; kiriman dengan id yang sama aman diulang."
             "Send the request again, in smaller parts if the signal is weak; a retry with the same id is safe.";
    UriTooLong "uri_too_long" 414
        "Alamat terlalu panjang" "The address is too long"
        cause "Alamat dengan kuerinya melebihi 8 KiB."
              "The path with its query has more than 8 KiB."
        remedy "Persempit kueri, atau bagi menjadi beberapa permintaan. Pakailah cursor apa adanya."
             "Make the query narrower, or divide it into several requests. Use cursors exactly as they were received.";
    BodyTooLarge "body_too_large" 413
        "Isi permintaan terlalu besar" "The body is too large"
        cause "Isi melebihi 1 MiB (dihitung sesudah gzip dibuka); untuk masuk dan pendaftaran, 16 KiB."
              "The body is larger than 1 MiB (after decompression); for sign-in and enrolment, 16 KiB."
        remedy "Bagi menjadi beberapa kiriman; aman diulang dengan id yang sama."
             "Split it into several requests; each can be retried safely with the same ids.";
    UnsupportedMediaType "unsupported_media_type" 415
        "Jenis isi tidak didukung" "The content type is not supported"
        cause "Content-Type tidak ada, atau bukan yang diterima alamat ini."
              "Content-Type is missing, or this address does not accept it."
        remedy "Kirim dengan Content-Type yang disebut di detail."
             "Send the body with the Content-Type named in the detail.";
    UnsupportedContentEncoding "unsupported_content_encoding" 415
        "Kompresi isi tidak didukung" "The content encoding is not supported"
        cause "Isi dikirim dengan kompresi selain gzip, atau dengan kompresi untuk masuk dan pendaftaran."
              "The body is compressed with something other than gzip, or a body for sign-in or enrolment is compressed."
        remedy "Kirim dengan Content-Encoding: gzip, atau tanpa kompresi."
             "Send the body with Content-Encoding: gzip, or uncompressed.";
    UnknownReference "unknown_reference" 422
        "Merujuk pada kode yang tidak ada" "Refers to a code that does not exist"
        cause "Kode atau id yang dirujuk tidak ada, atau milik kecamatan lain."
              "The code or id does not exist, or belongs to another district."
        remedy "Pilih dari daftar kodenya (desa, jenis, kategori, keputusan), lalu kirim lagi."
             "Choose a value from the matching list (villages, kinds, categories, decrees), then send the request again.";
    KelurahanNotAllowed "kelurahan_not_allowed" 422
        "Tidak berlaku untuk kelurahan" "Does not apply to a kelurahan"
        cause "Laporan dan lembaga ini hanya ada di desa; kelurahan tidak mempunyainya."
              "Only a desa has these reports and institutions; a kelurahan does not."
        remedy "Pilih desa. Bila kelurahan ini menjadi desa: isi hari terakhirnya (valid_to), tambahkan desanya dengan kode sendiri dan hari pertamanya (valid_from), lalu pakai kode desa itu."
             "Choose a desa. If this kelurahan becomes a desa: set its last day (valid_to), add the desa with its own code and its first day (valid_from), then use the code of that desa.";
    FutureInstant "future_instant" 422
        "Waktu berada di masa depan" "The time is in the future"
        cause "Hanya kejadian yang sudah berlangsung yang dapat dicatat, dan waktu ini belum tiba menurut jam layanan (WITA)."
              "Only past events can be recorded, and this time is in the future by the service's clock (WITA)."
        remedy "Perbaiki tanggal atau jamnya; periksa juga jam dan zona waktu perangkat."
             "Correct the date or time; also check the clock and the time zone of the device.";
    RuleBroken "rule_broken" 422
        "Melanggar aturan data" "Breaks a data rule"
        cause "Setiap isian benar bentuknya, tetapi bersama-sama atau terhadap data lain tidak mungkin."
              "Each field is valid alone, but the fields contradict each other or other data."
        remedy "Baca detail pada setiap isian di errors dan perbaiki isinya."
             "Read the detail of each field in errors and correct the values.";
    ReasonRequired "reason_required" 422
        "Perubahan ini butuh alasan" "The change needs a reason"
        cause "Perubahan ini berlaku sejak hari dalam tahun yang sudah berakhir, sehingga nilai yang sudah dilaporkan dapat berubah."
              "The change takes effect on a day of a year that is over, so values that were reported can change."
        remedy "Isi reason dengan alasannya; alasan itu tersimpan dan dapat dibaca di /versions. Atau pilih hari dalam tahun ini."
             "Give the reason in reason; it is kept and can be read in /versions. Or choose a day of this year.";
    WeakPassword "weak_password" 422
        "Kata sandi mudah ditebak" "The password is easy to guess"
        cause "Kata sandi ini termasuk yang paling sering dipakai, sama dengan nama pengguna, atau hanya satu karakter yang diulang."
              "The password is one of the commonest, is the user name, or is one repeated character."
        remedy "Pilih beberapa kata yang hanya Anda yang menyusunnya begitu, sedikitnya 10 karakter."
             "Choose several words that only you would put together, at least 10 characters.";
    WeakSecret "weak_secret" 422
        "Rahasia perangkat tidak acak" "The device's secret is not random"
        cause "Rahasia harus 32 bait acak sebagai base64url; yang ini memakai kurang dari 16 karakter yang berbeda."
              "The secret must be 32 random bytes as base64url; this one has fewer than 16 different characters."
        remedy "Buat rahasia dengan pembangkit acak sistem (SecureRandom, getRandomValues), simpan, lalu kirim lagi."
             "Make the secret with the random generator of the system (SecureRandom, getRandomValues), store it, then send it again.";
    WrongPassword "wrong_password" 422
        "Kata sandi sekarang tidak benar" "The current password is wrong"
        cause "Untuk mengganti kata sandi, kata sandi yang sekarang harus benar."
              "To change the password, the current password must be correct."
        remedy "Ketik lagi dengan teliti. Bila lupa, minta administrator memberi kata sandi baru."
             "Type it again carefully. If you have forgotten it, ask an administrator for a new password.";
    TooFewAnswers "too_few_answers" 422
        "Jawaban terlalu sedikit" "Too few answers"
        cause "Jawaban atas unsur yang dipakai survei ini kurang dari yang diperlukan agar dihitung."
              "The response answers fewer elements of this survey than are needed to count it."
        remedy "Lengkapi jawabannya bersama responden sampai jumlah yang disebut di detail."
             "Complete the answers with the respondent, to at least the number in the detail.";
    TooExpensive "too_expensive" 422
        "Permintaan ini memerlukan terlalu banyak data" "The request needs too much data"
        cause "Basis data memerlukan waktu lebih lama daripada yang diizinkan bagi satu permintaan."
              "The database takes longer than one request is allowed to take."
        remedy "Persempit permintaan: periode yang lebih pendek, satu kecamatan, atau halaman yang lebih kecil. Pengelola: lihat IKU_READ_SECONDS."
             "Ask for less: a shorter period, one district, or a smaller page. Operators: see IKU_READ_SECONDS.";
    PreconditionRequired "precondition_required" 428
        "Header If-Match diperlukan" "If-Match is required"
        cause "Perubahan harus menyebut versi yang dibaca, supaya tidak menimpa perubahan orang lain."
              "A change must name the version that you read, so that it does not overwrite another person's change."
        remedy "Baca datanya, lalu kirim ETag-nya sebagai If-Match."
             "Read the record, then send its ETag as If-Match.";
    TooManyRequests "too_many_requests" 429
        "Terlalu banyak permintaan" "Too many requests"
        cause "Terlalu banyak permintaan, atau terlalu banyak percobaan masuk yang gagal, dalam waktu singkat."
              "There were too many requests, or too many failed sign-ins, in a short time."
        remedy "Tunggu sebanyak detik di Retry-After, lalu lanjutkan lebih pelan."
             "Wait for the number of seconds in Retry-After, then continue more slowly.";
    DeviceQuota "device_quota" 429
        "Kuota ponsel ini habis" "The quota of this phone is used up"
        cause "Ponsel ini sudah mengirim jawaban sebanyak yang dihitung dalam sehari, atau terlalu banyak jawabannya menunggu keputusan petugas."
              "The phone has sent as many answers as count in one day, or too many of its answers wait for an officer's decision."
        remedy "Simpan jawaban di ponsel dan kirim lagi nanti. Petugas: putuskan jawaban yang ditahan. Pengelola: lihat IKU_DEVICE_DAILY_QUOTA dan IKU_DEVICE_HELD_QUOTA."
             "Keep the answers on the phone and send them again later. Officers: decide on the held answers. Operators: see IKU_DEVICE_DAILY_QUOTA and IKU_DEVICE_HELD_QUOTA.";
    NotImplemented "not_implemented" 501
        "Metode HTTP ini tidak dikenal" "This HTTP method is unknown"
        cause "Layanan ini tidak mengenal metode yang dikirim, di alamat mana pun. Huruf besar dan kecil dibedakan."
              "The service does not know the method of the request, at any address. Upper and lower case differ."
        remedy "Pakai metode yang disebut dokumen OpenAPI; OPTIONS menyebut metode setiap alamat."
             "Use the methods in the OpenAPI document; OPTIONS names the methods of each address.";
    Internal "internal" 500
        "Kesalahan pada layanan" "The service failed"
        cause "Ada yang salah pada layanan, bukan pada permintaan ini."
              "The error is in the service, not in the request."
        remedy "Coba lagi nanti. Bila berulang, sampaikan request_id kepada pengelola; log memuat sebabnya di bawah id itu."
             "Try again later. If it happens again, give the request_id to the operators; the log contains the cause under that id.";
    Unavailable "unavailable" 503
        "Layanan sementara tidak tersedia" "The service is temporarily unavailable"
        cause "Basis data sedang sibuk, penuh, atau tidak terjangkau, atau layanan baru dimulai."
              "The database is busy, full or unreachable, or the service is still starting."
        remedy "Kirim lagi sesudah Retry-After; kiriman dengan id yang sama aman diulang. Pengelola: lihat /health/ready dan log."
             "Send the request again after Retry-After; a retry with the same id is safe. Operators: see /health/ready and the log.";
}
