//! One error for the whole service. The tables of all codes, with cause and cure: [`codes`], [`fields`].
//!
//! An [`Error`] carries words in both languages; it becomes `application/problem+json` (RFC 9457) in
//! [`crate::platform::http::problem`], where the caller's language is known.

use std::fmt;

use sea_orm::{DbErr, RuntimeErr, SqlErr};

use super::text::Text;
use crate::core::closed_list::UnknownWord;

pub mod codes;
mod field_errors;
pub mod fields;

pub use codes::Code;
pub use field_errors::FieldErrors;
pub use fields::{Fault, FieldCode, FieldError};

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
            code: FieldCode::Problem(self.code),
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
            write!(f, " [{} {}: {}]", e.pointer, e.code.as_str(), e.detail.en)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl From<UnknownWord> for Error {
    /// A column with a word that its closed list does not have: CHECK constraints exclude it.
    fn from(e: UnknownWord) -> Self {
        Self::internal(e)
    }
}

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
    // SQLite: extended codes carry the primary one in the low byte: 5 busy, 6 locked, 10 the disk fails (a quota is
    // such a failure), 13 full.
    let primary = code.parse::<u32>().map(|n| n & 0xff);
    code.len() < 5 && matches!(primary, Ok(5 | 6 | 10 | 13))
}
