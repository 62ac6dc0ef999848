//! The district in which an account works, and the village of a reporter.

use sea_orm::{ConnectionTrait, EntityTrait};

use ::entity::{district, village};

use super::actor::Actor;
use super::role::Role;
use crate::core::place::VillageKind;
use crate::platform::db::versions;
use crate::platform::error::{Error, FieldErrors};
use crate::platform::http::{DistrictCode, VillageCode};

/// Returns whether the district that an account names exists. An account of the whole regency names none.
pub async fn is_known(conn: &impl ConnectionTrait, district: Option<&DistrictCode>) -> Result<bool, Error> {
    let Some(district) = district else { return Ok(true) };
    let row = district::Entity::find_by_id(district.as_str()).one(conn).await?;
    Ok(row.is_some())
}

/// The rules of an account's district: it exists, the actor may name it, and it suits the role.
pub fn validate(actor: &Actor, role: Role, district: Option<&DistrictCode>, is_known: bool) -> FieldErrors {
    const POINTER: &str = "#/district_code";
    let mut errors = FieldErrors::default();
    if let Some(district) = district {
        let found = is_known && actor.can_see(district.as_str());
        errors.check(found, || Error::unknown_reference(POINTER, district));
    } else if matches!(
        role,
        Role::Head | Role::Secretary | Role::Officer | Role::Surveyor | Role::Reporter
    ) {
        errors.add(Error::rule(
            POINTER,
            "Peran ini bekerja di satu kecamatan.",
            "This role works in one district.",
        ));
    } else if actor.district.is_some() {
        errors.add(Error::rule(
            POINTER,
            "Anda hanya mengelola akun kecamatan sendiri.",
            "You manage the accounts of your own district only.",
        ));
    }
    errors
}

/// The rules of a client's village: a reporter has one, a desa of its district, and nobody else has one.
pub async fn validate_village(
    conn: &impl ConnectionTrait,
    errors: &mut FieldErrors,
    role: Role,
    district: Option<&DistrictCode>,
    village: Option<&VillageCode>,
) -> Result<(), Error> {
    const POINTER: &str = "#/village_code";
    let (Role::Reporter, Some(code)) = (role, village) else {
        errors.check((role == Role::Reporter) == village.is_some(), || {
            Error::rule(
                POINTER,
                "Hanya peran reporter yang bekerja untuk satu desa, dan desanya harus disebut.",
                "Only the role reporter works for one village, and its village must be named.",
            )
        });
        return Ok(());
    };
    let row = versions::find::<village::Entity>(conn, versions::key::<village::Entity>(code.as_str()), None).await?;
    let row = row.filter(|row| district.is_some_and(|district| district.as_str() == row.district_code));
    match row.map(|row| row.kind.parse()) {
        None => errors.add(Error::unknown_reference(POINTER, code)),
        Some(Ok(VillageKind::Desa)) => {}
        Some(_) => errors.add(Error::rule(
            POINTER,
            "Kelurahan tidak menyerahkan laporan desa; pilih desa.",
            "A kelurahan hands in no village reports; choose a desa.",
        )),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_works_where_its_role_and_its_maker_allow() {
        let regency = Actor::operator();
        let local = Actor {
            district: Some("63.11.06".to_owned()),
            ..Actor::operator()
        };
        let code = |text: &str| DistrictCode::try_from(text.to_owned()).unwrap();
        let (own, other) = (code("63.11.06"), code("63.11.01"));
        for (actor, role, district, is_known, faults) in [
            (&regency, Role::Auditor, None, true, &[][..]),
            (&regency, Role::Officer, None, true, &["#/district_code rule_broken"]),
            (&regency, Role::Secretary, None, true, &["#/district_code rule_broken"]),
            (&local, Role::Auditor, None, true, &["#/district_code rule_broken"]),
            (&local, Role::Officer, Some(&own), true, &[]),
            (
                &local,
                Role::Officer,
                Some(&other),
                true,
                &["#/district_code unknown_reference"],
            ),
            (
                &regency,
                Role::Officer,
                Some(&other),
                false,
                &["#/district_code unknown_reference"],
            ),
        ] {
            assert_eq!(
                validate(actor, role, district, is_known).fields(),
                faults,
                "{role} {district:?}"
            );
        }
    }
}
