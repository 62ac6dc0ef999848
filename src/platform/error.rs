//! One error for the whole service, and the table code -> status -> title.
//!
//! An [`Error`] carries words in both languages; it becomes `application/problem+json` (RFC 9457) in
//! [`crate::platform::http::problem`], where the caller's language is known.

use std::fmt;

use actix_web::http::StatusCode;
use sea_orm::{DbErr, RuntimeErr, SqlErr};

use super::text::Text;

/// One row per problem: Rust name, stable code, status, Indonesian title, English title.
macro_rules! codes {
    ($($name:ident $code:literal $status:literal $id:literal $en:literal;)*) => {
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
                match self { $(Code::$name => Text::fixed($id, $en)),* }
            }
        }
    };
}

codes! {
    InvalidJson "invalid_json" 400 "Isi permintaan bukan JSON yang sah" "The body is not valid JSON";
    InvalidBody "invalid_body" 400 "Isi permintaan tidak sesuai kontrak" "The body breaks the contract";
    InvalidQuery "invalid_query" 400 "Parameter kueri tidak sesuai kontrak" "The query breaks the contract";
    InvalidPath "invalid_path" 400 "Alamat memuat nilai yang tidak sah" "The path holds an invalid value";
    InvalidHeader "invalid_header" 400 "Header tidak sah" "A header is invalid";
    InvalidCursor "invalid_cursor" 400 "Cursor tidak berlaku untuk kueri ini" "The cursor does not belong to this query";
    BadRequest "bad_request" 400 "Permintaan tidak dapat dipahami" "The request cannot be understood";
    InvalidGrant "invalid_grant" 400 "Nama pengguna, kata sandi, token, atau kode tidak berlaku" "Username, password, token or code is not valid";
    UnsupportedGrantType "unsupported_grant_type" 400 "Jenis grant tidak didukung" "The grant type is not supported";
    InvalidScope "invalid_scope" 400 "Cakupan yang diminta tidak dikenal" "The requested scope is unknown";
    InvalidClient "invalid_client" 401 "Klien tidak dikenal atau rahasianya salah" "Unknown client or wrong secret";
    Unauthenticated "unauthenticated" 401 "Perlu masuk terlebih dahulu" "Sign in first";
    InvalidToken "invalid_token" 401 "Token tidak berlaku" "The token is not valid";
    InsufficientScope "insufficient_scope" 403 "Tidak berwenang untuk tindakan ini" "Not allowed to do this";
    WrongSection "wrong_section" 403 "Catatan ini milik seksi lain" "This record belongs to another section";
    NotFound "not_found" 404 "Tidak ditemukan" "Not found";
    IndicatorNotInForce "indicator_not_in_force" 404 "Indikator tidak berlaku pada periode ini" "The indicator is not in force in this period";
    MethodNotAllowed "method_not_allowed" 405 "Metode tidak tersedia di alamat ini" "The method is not available here";
    NotAcceptable "not_acceptable" 406 "Bentuk yang diminta tidak tersedia" "The requested form is not available";
    Conflict "conflict" 409 "Bertentangan dengan data yang sudah ada" "Conflicts with what is stored";
    IdConflict "id_conflict" 409 "Id sudah dipakai untuk isi lain" "The id is taken by other content";
    Deleted "deleted" 409 "Catatan dengan id ini sudah dihapus" "The record with this id has been deleted";
    DuplicateReport "duplicate_report" 409 "Laporan ini sudah dicatat" "This report is already recorded";
    DuplicateInstitution "duplicate_institution" 409 "Lembaga ini sudah dicatat" "This institution is already recorded";
    DuplicateDecree "duplicate_decree" 409 "Keputusan ini sudah dicatat" "This decree is already recorded";
    DuplicateCode "duplicate_code" 409 "Kode sudah dipakai" "The code is taken";
    DuplicateUsername "duplicate_username" 409 "Nama pengguna sudah pernah dipakai" "The username is or was taken";
    LastAdministrator "last_administrator" 409 "Harus selalu ada administrator yang aktif" "There must always be an active administrator";
    SurveyNotOpen "survey_not_open" 409 "Survei tidak sedang dibuka" "The survey is not open";
    AlreadyDecided "already_decided" 409 "Sudah diputuskan" "Already decided";
    ImpossibleTransition "impossible_transition" 409 "Perubahan status tidak mungkin" "The status cannot change like this";
    PreconditionFailed "precondition_failed" 412 "Data sudah berubah sejak dibaca" "Changed since it was read";
    BodyTooLarge "body_too_large" 413 "Isi permintaan terlalu besar" "The body is too large";
    UnsupportedMediaType "unsupported_media_type" 415 "Jenis isi tidak didukung" "The content type is not supported";
    UnsupportedContentEncoding "unsupported_content_encoding" 415 "Kompresi isi tidak didukung" "The content encoding is not supported";
    UnknownReference "unknown_reference" 422 "Merujuk pada kode yang tidak ada" "Refers to a code that does not exist";
    KelurahanNotAllowed "kelurahan_not_allowed" 422 "Tidak berlaku untuk kelurahan" "Does not apply to a kelurahan";
    FutureInstant "future_instant" 422 "Waktu berada di masa depan" "The time lies in the future";
    RuleBroken "rule_broken" 422 "Melanggar aturan data" "Breaks a rule of the data";
    WrongPassword "wrong_password" 422 "Kata sandi sekarang tidak benar" "The current password is wrong";
    TooFewAnswers "too_few_answers" 422 "Jawaban terlalu sedikit" "Too few answers";
    PreconditionRequired "precondition_required" 428 "Header If-Match diperlukan" "If-Match is required";
    TooManyRequests "too_many_requests" 429 "Terlalu banyak permintaan" "Too many requests";
    Internal "internal" 500 "Kesalahan pada layanan" "The service failed";
    Unavailable "unavailable" 503 "Layanan sementara tidak tersedia" "The service is not available for the moment";
}

/// One fault of one field. `pointer` is a JSON pointer into the body (`#/delivered_on`), or names where
/// else the value stood: `query:limit`, `path:id`, `header:If-Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub pointer: String,
    pub code: &'static str,
    pub detail: Text,
}

/// What a request can end with instead of its answer.
#[derive(Clone, Debug)]
pub struct Error {
    pub code: Code,
    pub detail: Option<Text>,
    pub errors: Vec<FieldError>,
    /// Seconds after which to try again (429, 503).
    pub retry_after: Option<u64>,
    /// Methods for the `Allow` header (405).
    pub allow: Option<String>,
}

impl Error {
    pub fn new(code: Code) -> Self {
        Self {
            code,
            detail: None,
            errors: Vec::new(),
            retry_after: None,
            allow: None,
        }
    }

    /// The same with a sentence that says what happened and what to do.
    pub fn detail(
        mut self,
        id: impl Into<std::borrow::Cow<'static, str>>,
        en: impl Into<std::borrow::Cow<'static, str>>,
    ) -> Self {
        self.detail = Some(Text::new(id, en));
        self
    }

    /// The same, pointing at the field at fault; the field repeats the problem's code and detail.
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        let detail = self.detail.clone().unwrap_or_else(|| self.code.title());
        self.errors.push(FieldError {
            pointer: pointer.into(),
            code: self.code.as_str(),
            detail,
        });
        self
    }

    pub fn fields(code: Code, errors: Vec<FieldError>) -> Self {
        Self {
            errors,
            ..Self::new(code)
        }
    }

    pub fn not_found() -> Self {
        Self::new(Code::NotFound)
    }

    /// 503: the database is away or busy; the caller may try again soon.
    pub fn unavailable() -> Self {
        Self {
            retry_after: Some(1),
            ..Self::new(Code::Unavailable)
        }
    }

    /// 500 for what cannot happen; the cause goes to the log, never to the caller.
    pub fn internal(cause: impl fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(Code::Internal)
    }

    /// 422: a reference in a body to something that does not exist (or is another district's).
    pub fn unknown_reference(pointer: &str, value: impl fmt::Display) -> Self {
        Self::new(Code::UnknownReference)
            .detail(
                format!("\"{value}\" tidak dikenal."),
                format!("\"{value}\" is not known."),
            )
            .at(pointer)
    }

    /// 422: a rule that the schema cannot say.
    pub fn rule(pointer: &str, id: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(Code::RuleBroken).detail(id.into(), en.into()).at(pointer)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code.as_str())?;
        if let Some(detail) = &self.detail {
            write!(f, ": {}", detail.en)?;
        }
        for e in &self.errors {
            write!(f, " [{} {}: {}]", e.pointer, e.code, e.detail.en)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl From<DbErr> for Error {
    /// The one place where database errors are judged; their text never leaves the service.
    fn from(e: DbErr) -> Self {
        match e.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => return Self::new(Code::Conflict),
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => return Self::new(Code::UnknownReference),
            _ => {}
        }
        if transient(&e) {
            tracing::warn!(error = %e, "database away or busy");
            return Self::unavailable();
        }
        Self::internal(e)
    }
}

/// 503 rather than 500: the database is away, busy, full, or asks to try again.
fn transient(e: &DbErr) -> bool {
    use sqlx::Error as X;
    let x = match e {
        DbErr::ConnectionAcquire(_) => return true,
        DbErr::Conn(RuntimeErr::SqlxError(x))
        | DbErr::Exec(RuntimeErr::SqlxError(x))
        | DbErr::Query(RuntimeErr::SqlxError(x)) => x,
        _ => return false,
    };
    match &**x {
        X::Io(_) | X::PoolTimedOut | X::PoolClosed | X::WorkerCrashed | X::Tls(_) => true,
        X::Database(d) => d.code().is_some_and(|code| transient_code(&code)),
        _ => false,
    }
}

fn transient_code(code: &str) -> bool {
    const POSTGRES: [&str; 8] = ["40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53300", "53100"];
    if POSTGRES.contains(&code) || code.starts_with("08") {
        return true;
    }
    // SQLite: extended codes carry the primary one in the low byte: 5 busy, 6 locked, 13 full.
    let primary = code.parse::<u32>().map(|n| n & 0xff);
    code.len() < 5 && matches!(primary, Ok(5 | 6 | 13))
}
