//! Reading links.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait};

use ::entity::survey_link::{Column as C, Entity as Links, Model};

use crate::access::enrolments::code;
use crate::platform::db::versions;
use crate::platform::error::Error;

/// The characters of a code: 50 random bits.
pub const CODE_LENGTH: usize = 10;

/// Returns the link with a typed code.
pub async fn by_code(conn: &impl ConnectionTrait, typed: &str) -> Result<Option<Model>, Error> {
    let code = code::meant(typed);
    if code.len() != CODE_LENGTH || !code.bytes().all(|b| code::ALPHABET.contains(&b)) {
        return Ok(None);
    }
    versions::find::<Links>(conn, Condition::all().add(C::Code.eq(code)), None).await
}

/// Returns whether a link takes answers at an instant.
pub fn is_open(link: &Model, now: DateTime<Utc>) -> bool {
    link.active && link.expires_at.is_none_or(|end| now < end)
}
