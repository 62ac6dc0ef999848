//! Reading links, and the codes of links and slips.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait};
use uuid::Uuid;

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

/// The bits of a UUID that its code has: those of ten characters.
const CODE_BITS: u32 = 5 * CODE_LENGTH as u32;

/// Returns the code of a slip: the first 50 bits of its id, of which 48 are random.
pub fn code_of(id: Uuid) -> String {
    let first = id.as_u128() >> (u128::BITS - CODE_BITS);
    let character = |place: u32| {
        let five = (first >> (5 * place)) & 31;
        usize::try_from(five).map_or('0', |at| char::from(code::ALPHABET[at]))
    };
    (0..CODE_LENGTH as u32).rev().map(character).collect()
}

/// Returns the first and the last id of a slip with a typed code.
pub fn ids_of(typed: &str) -> Option<(Uuid, Uuid)> {
    let meant = code::meant(typed);
    if meant.chars().count() != CODE_LENGTH {
        return None;
    }
    let mut bits: u128 = 0;
    for byte in meant.bytes() {
        let value = code::ALPHABET.iter().position(|known| *known == byte)?;
        bits = bits << 5 | u128::try_from(value).ok()?;
    }
    let free = u128::BITS - CODE_BITS;
    let first = bits << free;
    Some((Uuid::from_u128(first), Uuid::from_u128(first | ((1 << free) - 1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_names_the_ids_that_begin_with_its_bits() {
        for _ in 0..100 {
            let id = Uuid::new_v4();
            let code = code_of(id);
            assert_eq!(code.len(), CODE_LENGTH);
            let (first, last) = ids_of(&code.to_lowercase()).unwrap();
            assert!(first <= id && id <= last, "{id} {code}");
            assert_eq!((code_of(first), code_of(last)), (code.clone(), code));
        }
        for wrong in ["", "0123456789A", "UUUUUUUUUU", "012345678é"] {
            assert_eq!(ids_of(wrong), None, "{wrong}");
        }
    }
}
