//! The users of the demonstration: one for each role, all with one public password.

use sea_orm::EntityTrait;

use ::entity::account;

use crate::access::auth::{hash_queue, password};
use crate::access::users::dto::NewUser;
use crate::access::users::service;
use crate::access::{Actor, Role, Section};
use crate::platform::db::WriteTx;
use crate::platform::error::Error;
use crate::platform::http::DistrictCode;

use super::script::id_of;

/// The public password of all these users.
pub const PASSWORD: &str = "paringin-demo";

/// User name, name, role, section.
pub const PEOPLE: &[(&str, &str, Role, Option<Section>)] = &[
    ("camat", "Camat Paringin", Role::Head, None),
    ("sekretaris", "Sekretaris Kecamatan Paringin", Role::Secretary, None),
    (
        "kasi.pelayanan",
        "Kasi Pelayanan dan Kessos",
        Role::Officer,
        Some(Section::PelayananKessos),
    ),
    ("kasi.pmd", "Kasi PMD", Role::Officer, Some(Section::Pmd)),
    (
        "kasi.trantibum",
        "Kasi Ketentraman dan Ketertiban Umum",
        Role::Officer,
        Some(Section::Trantibum),
    ),
    (
        "kasi.pemerintahan",
        "Kasi Penyelenggaraan Pemerintahan",
        Role::Officer,
        Some(Section::Pemerintahan),
    ),
    (
        "kasi.pembinaan",
        "Kasi Pembinaan dan Pengawasan Desa",
        Role::Officer,
        Some(Section::PembinaanPengawasan),
    ),
    ("surveyor", "Petugas survei", Role::Surveyor, None),
    ("sakip", "Sistem SAKIP kabupaten", Role::Integrator, None),
    ("inspektorat", "Inspektorat Kabupaten Balangan", Role::Auditor, None),
    ("administrator", "Administrator contoh", Role::Administrator, None),
];

/// Returns the users, each with the hash of the password. Hashing is slow, so it runs before the transaction.
pub async fn hashed() -> Result<Vec<(NewUser, String)>, Error> {
    let district = DistrictCode::try_from(crate::shipped::decree().district_code.clone()).map_err(Error::internal)?;
    let hash = password::hash(PASSWORD, hash_queue::OPERATOR).await?;
    let user = |(username, name, role, section): &(&str, &str, Role, Option<Section>)| NewUser {
        id: Some(id_of(username)),
        username: (*username).to_owned(),
        name: (*name).to_owned(),
        role: *role,
        district_code: (*role != Role::Administrator).then(|| district.clone()),
        sections: section.iter().copied().collect(),
        active: true,
        password: String::new(),
    };
    Ok(PEOPLE.iter().map(|person| (user(person), hash.clone())).collect())
}

/// Adds the users whose name is not taken.
pub async fn settle(tx: &WriteTx, people: Vec<(NewUser, String)>) -> Result<(), Error> {
    for (user, hash) in people {
        if account::Entity::find_by_id(id_of(&user.username))
            .one(tx)
            .await?
            .is_none()
        {
            service::create(tx, &Actor::operator(), user, hash).await?;
        }
    }
    Ok(())
}
