//! `iku demo`: two years of made-up records of Kecamatan Paringin, to look around in.
//!
//! The records go the way all records go (services, rules, stamps), only by a clock that walks through 2024 and 2025;
//! so `as_of` can be tried on them as well. The figures they make are known ([`answers`]) and asserted in a test.
//! All of it is one transaction: a database is either untouched or filled.

pub mod answers;
mod cases;
mod institutions;
mod people;
mod reports;
mod story;
mod surveys;
mod targets;

use actix_web::web;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};

use ::entity::{institution, public_case, report, survey};

use crate::platform::Error;
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::error::Code;
use crate::platform::http::Contract;

pub use people::{PASSWORD, PEOPLE};

/// The years that the records tell of.
const YEARS: [i32; 2] = [2024, 2025];

/// Fills a prepared database that holds no records yet.
pub async fn fill(db: &Db, contract: web::Data<Contract>) -> Result<(), Error> {
    let mut story = Vec::new();
    targets::tell(&mut story);
    surveys::tell(&mut story);
    reports::tell(&mut story);
    institutions::tell(&mut story);
    cases::tell(&mut story);
    // A stable sort: what happens at the same instant keeps its order.
    story.sort_by_key(|step| step.at);
    let people = people::hashed().await?;

    let walking = db.clone().with_clock(Clock::fixed(chrono::DateTime::UNIX_EPOCH));
    walking
        .write(async |tx| {
            must_be_empty(tx).await?;
            people::settle(tx, people).await?;
            for step in story {
                step.happen(tx, &contract).await?;
            }
            Ok(())
        })
        .await
}

/// What `iku demo` says when it is done: loudly, that nothing of it is true.
pub fn proclamation() -> String {
    let mut said = format!(
        "*** DATA CONTOH / DEMONSTRATION DATA ***\n\
         Semua catatan di basis data ini dikarang. Jangan dipakai untuk laporan, dan jangan dibuka ke jaringan.\n\
         Every record in this database is made up. Never report from it, and never open it to a network.\n\n\
         Semua pengguna contoh memakai kata sandi / every demonstration user has the password: {PASSWORD}\n\n"
    );
    for (username, name, role, _) in PEOPLE {
        said.push_str(&format!("  {username:<20} {role:<15} {name}\n"));
    }
    said.push_str("\nNilai yang dihasilkan / the values it makes:\n\n");
    for (indicator, period, value) in answers::ANSWERS {
        said.push_str(&format!("  {indicator}  {period:<8} {value}\n"));
    }
    said.push_str("\nMulai dengan / go on with: iku serve\n");
    said
}

/// Made-up records beside real ones would be a disaster.
async fn must_be_empty(conn: &impl ConnectionTrait) -> Result<(), Error> {
    let records = report::Entity::find().count(conn).await?
        + institution::Entity::find().count(conn).await?
        + public_case::Entity::find().count(conn).await?
        + survey::Entity::find().count(conn).await?;
    if records == 0 {
        return Ok(());
    }
    Err(Error::new(Code::Conflict).detail(
        "Basis data sudah berisi catatan; data contoh hanya untuk basis data kosong.",
        "the database holds records already; the demonstration is for an empty one",
    ))
}
