//! `iku demo`: two years of made-up records of Kecamatan Paringin.
//!
//! The records take the way of all records (services, rules, stamps), with a clock that walks through 2024 and 2025, so
//! `as_of` works on them too. A test asserts the values that they give ([`answers`]).
//! All of it is one transaction: a database is either untouched or filled.

pub mod answers;
mod cases;
mod clients;
mod institutions;
mod people;
mod reports;
mod script;
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

pub use clients::{CLIENTS, DemoClient};
pub use people::{PASSWORD, PEOPLE};
pub use surveys::{LINK, open_survey};

/// The years of the records.
const YEARS: [i32; 2] = [2024, 2025];

/// Fills a prepared database that holds no records yet.
pub async fn fill(db: &Db, contract: web::Data<Contract>) -> Result<(), Error> {
    let mut script = Vec::new();
    targets::add_steps(&mut script);
    surveys::add_steps(&mut script, db.clock().now());
    reports::add_steps(&mut script);
    institutions::add_steps(&mut script);
    cases::add_steps(&mut script);
    // A stable sort: steps of the same instant keep their order.
    script.sort_by_key(|step| step.at);
    let people = people::hashed().await?;

    let walking = db.clone().with_clock(Clock::fixed(db.clock().now()));
    walking
        .write(async |tx| {
            must_be_empty(tx).await?;
            people::settle(tx, people).await?;
            clients::settle(tx).await?;
            for step in script {
                step.record(tx, &contract).await?;
            }
            Ok(())
        })
        .await
}

/// Returns what `iku demo` prints at the end: that none of the records is real.
pub fn proclamation() -> String {
    let mut text = format!(
        "*** DATA CONTOH / DEMONSTRATION DATA ***\n\
         Semua catatan di basis data ini dikarang. Jangan dipakai untuk laporan, dan jangan dibuka ke jaringan.\n\
         Every record in this database is made up. Never report from it, and never open it to a network.\n\n\
         Semua pengguna contoh memakai kata sandi / every demonstration user has the password: {PASSWORD}\n\n"
    );
    for (username, name, role, _) in PEOPLE {
        text.push_str(&format!("  {username:<20} {role:<15} {name}\n"));
    }
    text.push_str("\nProgram contoh / demonstration programs (client_id, client_secret):\n\n");
    for client in CLIENTS {
        text.push_str(&format!(
            "  {}  {:<20}  {} ({})\n",
            client.id(),
            client.secret,
            client.name,
            client.kind
        ));
    }
    text.push_str(&format!("\nSurvei yang dibuka / the open survey: {}\n", open_survey()));
    text.push_str(&format!(
        "Formulir warga / the citizens' form: http://127.0.0.1:8080/s/{LINK}\n"
    ));
    text.push_str("\nNilai yang dihasilkan / the values it makes:\n\n");
    for (indicator, period, value) in answers::ANSWERS {
        text.push_str(&format!("  {indicator}  {period:<8} {value}\n"));
    }
    text.push_str("\nMulai dengan / go on with: iku serve\n");
    text
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
