//! One error for the whole service. The tables of all codes, with cause and remedy: [`codes`], [`fields`].
//!
//! An [`Error`] has its message in both languages. It becomes `application/problem+json` (RFC 9457) in
//! [`crate::platform::http::problem`], where the caller's language is known, and is logged there.

use std::error::Error as StdError;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sea_orm::{DbErr, RuntimeErr, SqlErr};

use super::text::Text;
use crate::core::closed_list::UnknownWord;

pub mod codes;
mod field_errors;
pub mod fields;

pub use codes::Code;
pub use field_errors::FieldErrors;
pub use fields::{FieldCode, FieldError, FieldErrorCode};

/// The error of a request.
#[derive(Clone, Debug)]
pub struct Error {
    pub code: Code,
    pub detail: Option<Text>,
    pub errors: Vec<FieldError>,
    /// Seconds after which to try again (429, 503).
    pub retry_after: Option<u64>,
    /// Methods for the `Allow` header (405).
    pub allow: Option<Box<str>>,
    /// For the log, never for the caller.
    pub cause: Option<Arc<Cause>>,
}

/// The cause of a failure of the service, and its place in the code.
#[derive(Debug)]
pub struct Cause {
    source: Box<dyn StdError + Send + Sync>,
    /// `None` where only the standard library called: `map_err(Error::internal)`.
    location: Option<&'static Location<'static>>,
    is_logged: AtomicBool,
}

impl Error {
    pub fn new(code: Code) -> Self {
        Self {
            code,
            detail: None,
            errors: Vec::new(),
            retry_after: None,
            allow: None,
            cause: None,
        }
    }

    #[track_caller]
    fn caused_by(self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let cause = Cause {
            source: source.into(),
            location: Some(Location::caller()).filter(|l| !l.file().starts_with("/rustc/")),
            is_logged: AtomicBool::new(false),
        };
        Self {
            cause: Some(Arc::new(cause)),
            ..self
        }
    }

    /// Adds a sentence about the cause and the remedy.
    pub fn detail(
        mut self,
        id: impl Into<std::borrow::Cow<'static, str>>,
        en: impl Into<std::borrow::Cow<'static, str>>,
    ) -> Self {
        self.detail = Some(Text::new(id, en));
        self
    }

    /// Adds the wrong field, with the code and the detail of the error, or else its remedy.
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        let detail = self.detail.clone().unwrap_or_else(|| self.code.remedy());
        self.errors.push(FieldError {
            pointer: pointer.into(),
            code: FieldErrorCode::Problem(self.code),
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

    /// 405 with the methods that the path has.
    pub fn method_not_allowed(allow: impl Into<Box<str>>) -> Self {
        Self {
            allow: Some(allow.into()),
            ..Self::new(Code::MethodNotAllowed)
        }
    }

    /// 503: the database is unavailable or busy; the caller may try again soon.
    pub fn unavailable() -> Self {
        Self {
            retry_after: Some(1),
            ..Self::new(Code::Unavailable)
        }
    }

    /// 500 for an unexpected error.
    #[track_caller]
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Code::Internal).caused_by(source)
    }

    /// Logs the cause. Several clones of the error are logged once.
    pub fn log(&self) {
        let Some(cause) = &self.cause else { return };
        if cause.is_logged.swap(true, Ordering::Relaxed) {
            return;
        }
        match self.code {
            Code::Unavailable => tracing::warn!(%cause, "database unavailable or busy"),
            _ => tracing::error!(%cause, "internal error"),
        }
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

    /// 422: a rule that the schema cannot express.
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
            write!(f, " [{} {}: {}]", e.pointer, e.code.as_str(), e.detail.en)?;
        }
        match &self.cause {
            Some(cause) => write!(f, ": {cause}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Cause {
    /// Writes the error, all its causes, and the place.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.source.to_string();
        let mut next = self.source.source();
        while let Some(source) = next {
            // Many errors repeat the text of their source.
            let more = source.to_string();
            if !text.contains(&more) {
                text = format!("{text}: {more}");
            }
            next = source.source();
        }
        match self.location {
            Some(location) => write!(f, "{text} (at {location})"),
            None => f.write_str(&text),
        }
    }
}

/// Like `map_err(Error::internal)`, with the place in the code.
pub trait OrInternal<T> {
    fn or_internal(self) -> Result<T, Error>;
}

impl<T, E: Into<Box<dyn StdError + Send + Sync>>> OrInternal<T> for Result<T, E> {
    #[track_caller]
    fn or_internal(self) -> Result<T, Error> {
        match self {
            Ok(value) => Ok(value),
            Err(error) => Err(Error::internal(error)),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause
            .as_ref()
            .map(|cause| &*cause.source as &(dyn StdError + 'static))
    }
}

impl From<UnknownWord> for Error {
    /// A column has a word outside its closed list. CHECK constraints exclude this.
    fn from(e: UnknownWord) -> Self {
        Self::internal(e)
    }
}

impl From<DbErr> for Error {
    /// Classifies all database errors; their text never leaves the service.
    #[track_caller]
    fn from(e: DbErr) -> Self {
        match e.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => return Self::new(Code::Conflict),
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => return Self::new(Code::UnknownReference),
            _ => {}
        }
        if is_transient(&e) {
            return Self::unavailable().caused_by(e);
        }
        if driver_error(&e).is_some_and(is_out_of_time) {
            return Self::new(Code::TooExpensive);
        }
        Self::internal(e)
    }
}

/// Returns whether the status is 503 and not 500: the database is unavailable, busy, full, or asks to try again.
fn is_transient(e: &DbErr) -> bool {
    use sqlx::Error as X;
    match driver_error(e) {
        None => matches!(e, DbErr::ConnectionAcquire(_)),
        Some(X::Io(_) | X::PoolTimedOut | X::PoolClosed | X::WorkerCrashed | X::Tls(_)) => true,
        Some(X::Database(d)) => d.code().is_some_and(|code| is_transient_code(&code)),
        Some(_) => false,
    }
}

/// Returns whether a statement was ended because it took too long: on SQLite interrupted, on PostgreSQL cancelled.
fn is_out_of_time(e: &sqlx::Error) -> bool {
    let code = e.as_database_error().and_then(|d| d.code());
    matches!(code.as_deref(), Some("9" | "57014"))
}

fn driver_error(e: &DbErr) -> Option<&sqlx::Error> {
    match e {
        DbErr::Conn(RuntimeErr::SqlxError(x))
        | DbErr::Exec(RuntimeErr::SqlxError(x))
        | DbErr::Query(RuntimeErr::SqlxError(x)) => Some(x),
        _ => None,
    }
}

fn is_transient_code(code: &str) -> bool {
    const POSTGRES: [&str; 8] = ["40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53300", "53100"];
    if POSTGRES.contains(&code) || code.starts_with("08") {
        return true;
    }
    // SQLite: the low byte of an extended code is the primary code: 5 busy, 6 locked, 10 the disk fails (also by a
    // quota), 13 full.
    let primary = code.parse::<u32>().map(|n| n & 0xff);
    code.len() < 5 && matches!(primary, Ok(5 | 6 | 10 | 13))
}
