//! One institution, one name: other spellings of a name are refused, and likely doubles are listed.

use entity::institution::{self, Column as C};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use super::{INSTITUTIONS, NOW, recorded, rt, term};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::World;

/// The ways in which a register writes one RT, with and without its RW.
const SPELLINGS: [&str; 11] = [
    "RT 01",
    "RT01",
    "RT.01",
    "RT 1",
    "RT 001",
    "RT. 01",
    "RT-01",
    "Rukun Tetangga 01",
    "RT 01 RW 01",
    "RT 01/RW 01",
    "RT.001/RW.001",
];

#[apply(both_databases)]
async fn eleven_spellings_are_two_names_and_a_suspected_double(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pmd"]);
    for (i, name) in SPELLINGS.into_iter().enumerate() {
        let made = kasi.post(INSTITUTIONS, rt(name, json!([term("2023-01-01")]))).await;
        match i {
            0 | 8 => drop(made.status(201)),
            _ => drop(made.problem(409, "duplicate_institution")),
        }
    }
    let value = kasi.get("/v1/indicators/paringin-iku-2/realisations/2025-Q2").await;
    assert_eq!(value.status(200).json["value"], 2);
    let suspected = kasi.all("/v1/institutions?suspected=true").await;
    let pairs: Vec<_> = suspected
        .iter()
        .map(|i| (i["name"].as_str().unwrap(), &i["suspected_double_of"]))
        .collect();
    let [(one, of_one), (other, of_other)] = pairs[..] else {
        panic!("{pairs:?}")
    };
    assert_eq!((one, other), ("RT 01", "RT 01 RW 01"));
    assert_eq!((of_one, of_other), (&suspected[1]["id"], &suspected[0]["id"]));
    assert_eq!(kasi.all("/v1/institutions?suspected=false").await, [] as [Value; 0]);
    // Only the list of suspects names the other.
    let all = kasi.all(INSTITUTIONS).await;
    assert!(all.iter().all(|i| i.get("suspected_double_of").is_none()));

    // A rename of one ends the suspicion.
    let path = format!("/v1/institutions/{}", suspected[0]["id"].as_str().unwrap());
    let rename = json!({"name": "RT 02", "reason": "Salah nomor"});
    kasi.patch(&path, "*", rename).await.status(200);
    assert!(kasi.all("/v1/institutions?suspected=true").await.is_empty());
    let taken = json!({"name": "RT.001 RW-1", "reason": "Salah nomor"});
    kasi.patch(&path, "*", taken)
        .await
        .problem(409, "duplicate_institution");
}

#[apply(both_databases)]
async fn likely_doubles_are_listed_page_by_page(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pmd"]);
    let named = async |kind: &str, name: &str| {
        let mut body = rt(name, json!([]));
        body["kind"] = json!(kind);
        recorded(&kasi, body).await
    };
    for (kind, name) in [
        ("rt", "RT 4"),
        ("rt", "RT IV"),
        ("rt", "RT 5 RW 1"),
        ("rt", "RT 5 RW 2"),
        ("rt", "RT 6A"),
        ("rt", "RT 6B"),
        ("posyandu", "Posyandu Melati"),
        ("posyandu", "Posyandu Mellati"),
        ("posyandu", "Posyandu Mawar"),
        ("karang-taruna", "Mekar Sari"),
        ("rw", "RW 4"),
    ] {
        named(kind, name).await;
    }
    let mut elsewhere = rt("RT 5", json!([]));
    elsewhere["village_code"] = json!("63.11.06.2006");
    recorded(&kasi, elsewhere).await;
    let names = async |query: &str| -> Vec<String> {
        let rows = kasi.all(&format!("/v1/institutions?limit=2&{query}")).await;
        rows.iter().map(|i| i["name"].as_str().unwrap().to_owned()).collect()
    };
    let doubles = ["Posyandu Mellati", "Posyandu Melati", "RT IV", "RT 4"];
    let listed = names("suspected=true&sort=name").await;
    let mut expected = doubles.map(str::to_owned);
    expected.sort();
    let mut sorted = listed.clone();
    sorted.sort();
    assert_eq!(sorted, expected);
    assert_eq!(names("suspected=true&kind=rt&sort=-name").await, ["RT IV", "RT 4"]);
    assert_eq!(names("suspected=false").await.len(), 8);

    let path = named("karang-taruna", "Karang Taruna Mekarsari").await;
    assert_eq!(names("suspected=true&kind=karang-taruna").await.len(), 2);
    kasi.delete(&path, "*").await.status(204);
    assert!(names("suspected=true&kind=karang-taruna").await.is_empty());
}

/// A database of an earlier version can have doubles. They stay, and are listed.
#[apply(both_databases)]
async fn doubles_of_an_earlier_version_stay_and_are_listed(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pmd"]);
    let one = recorded(&kasi, rt("RT 01", json!([term("2023-01-01")]))).await;
    let other = recorded(&kasi, rt("RT 02", json!([term("2023-01-01")]))).await;
    let db = world.service.db.connection();
    // As the earlier version would have recorded it.
    let rename = institution::Entity::update_many()
        .col_expr(C::Name, sea_orm::sea_query::Expr::value("RT.001"))
        .filter(C::Name.eq("RT 02"));
    rename.exec(db).await.unwrap();
    let later = u32::try_from(Migrator::migrations().len()).unwrap() - migrations_before();
    Migrator::down(db, Some(later)).await.unwrap();
    Migrator::up(db, None).await.unwrap();

    let forms = institution::Entity::find().order_by_asc(C::Name).all(db).await.unwrap();
    let forms: Vec<_> = forms.iter().map(|row| (row.name.as_str(), row.form.as_str())).collect();
    assert_eq!(forms, [("RT 01", "rt=1"), ("RT.001", "rt=1")]);
    let suspected = kasi.all("/v1/institutions?suspected=true").await;
    assert_eq!(suspected.len(), 2);
    assert_eq!(suspected[0]["suspected_double_of"], suspected[1]["id"]);
    // Each can still be corrected, and a third is refused.
    kasi.post(&format!("{other}/decrees"), term("2025-01-01"))
        .await
        .status(201);
    kasi.patch(&one, "*", json!({"decrees": []})).await.status(200);
    kasi.post(INSTITUTIONS, rt("RT 1", json!([])))
        .await
        .problem(409, "duplicate_institution");
}

/// Returns the position of the migration that adds the forms of names, which is the number of those before it.
fn migrations_before() -> u32 {
    let all = Migrator::migrations();
    let place = all.iter().position(|m| m.name() == "m20261127_000017_institutions");
    u32::try_from(place.unwrap()).unwrap()
}
