//! Checks, recounts and dumps on both databases.

use std::process::Command;

use actix_web::rt::task::spawn_blocking;
use futures_util::future::join;
use iku::facts::responses::verify_tallies;
use iku::maintenance::checks::{Depth, Findings};
use iku::maintenance::recount::recount;
use iku::maintenance::{backup, restore, verify::verify};
use iku::platform::db::{Db, stamps};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::postgres;
use crate::support::world::{Client, World};

const ELEMENTS: [&str; 9] = [
    "persyaratan",
    "prosedur",
    "waktu",
    "biaya",
    "produk",
    "kompetensi",
    "perilaku",
    "sarana",
    "pengaduan",
];

/// Returns SQL for the elements of a tally without its answers to `waktu`.
fn without_waktu(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => "json_set(elements, '$[2]', json('[0,0]'))",
        Backend::Postgres => "CAST(jsonb_set(CAST(elements AS jsonb), '{2}', '[0,0]') AS text)",
    }
}

/// Returns an answer with an id of its own.
pub fn answer() -> Value {
    let id = Uuid::new_v4();
    let answers: serde_json::Map<_, _> = ELEMENTS
        .iter()
        .zip(id.as_bytes())
        .map(|(element, byte)| ((*element).to_owned(), json!(1 + byte % 4)))
        .collect();
    json!({"id": id, "answers": answers, "answered_at": "2025-03-14T10:15:00+08:00", "service": "ktp"})
}

/// Returns the paths of every value and explanation of the years of the demonstration.
pub fn questions() -> Vec<String> {
    let mut periods = Vec::new();
    for year in [2024, 2025] {
        periods.push(year.to_string());
        periods.extend((1..=2).map(|n| format!("{year}-S{n}")));
        periods.extend((1..=4).map(|n| format!("{year}-Q{n}")));
        periods.extend((1..=12).map(|n| format!("{year}-{n:02}")));
    }
    let mut all = Vec::new();
    for number in 1..=5 {
        for period in &periods {
            let path = format!("/v1/indicators/paringin-iku-{number}/realisations/{period}");
            all.push(format!("{path}/explanation"));
            all.push(path);
        }
    }
    all
}

/// Removes `as_of`, also from links, so that the present can be compared with the past.
pub fn bare(mut answer: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.remove("as_of");
                if let Some(Value::String(link)) = members.get_mut("records") {
                    link.truncate(link.find("?as_of=").unwrap_or(link.len()));
                }
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut answer);
    answer
}

async fn sql(db: &Db, statement: &str) {
    db.connection().execute_unprepared(statement).await.unwrap();
}

async fn findings(world: &World) -> Findings {
    verify(&world.database.url, &world.database.evidence(), Depth::Full)
        .await
        .unwrap()
}

/// Opens a survey of 2025 again; returns its id and the path of its answers.
async fn open_survey(admin: &Client) -> (String, String) {
    let surveys = admin.all("/v1/surveys").await;
    let survey = surveys
        .iter()
        .find(|s| s["ends_on"].as_str().unwrap().starts_with("2025"))
        .unwrap();
    let path = format!("/v1/surveys/{}", survey["id"].as_str().unwrap());
    let again = json!({"status": "open", "reason": "Uji"});
    admin.patch(&path, "*", again).await.status(200);
    (survey["id"].as_str().unwrap().to_owned(), format!("{path}/responses"))
}

#[apply(both_databases)]
async fn verify_finds_wrong_tallies_stamps_and_versions(backend: Backend) {
    let world = demonstration(backend).await;
    let db = &world.service.db;
    let sound = findings(&world).await;
    assert_eq!(sound.errors, [] as [String; 0]);
    assert_eq!(sound.checked.len(), 8, "{:?}", sound.checked);

    let (survey, _) = open_survey(&world.admin()).await;
    let stray = Uuid::new_v4();
    sql(
        db,
        &format!("UPDATE survey_tally SET elements = {}", without_waktu(backend)),
    )
    .await;
    sql(db, "UPDATE stamp SET cases = 0").await;
    let report = "SELECT min(delivered_on) FROM report WHERE superseded_at IS NULL";
    sql(
        db,
        &format!("UPDATE report SET superseded_at = recorded_at WHERE delivered_on = ({report})"),
    )
    .await;
    let id = if backend == Backend::Sqlite {
        format!("x'{}'", stray.simple())
    } else {
        format!("'{stray}'")
    };
    let columns = "survey_id, changed_at, respondents";
    let insert = format!("INSERT INTO survey_tally ({columns}) SELECT {id}, min(changed_at), 3 FROM survey_tally");
    sql(db, &insert).await;
    let columns =
        "held_response_id, discarded_at, discard_reason, discarded_by, restored_at, restore_reason, restored_by";
    let discard = "min(changed_at), 'x', 'x', min(changed_at), 'x', 'x'";
    let insert = format!("INSERT INTO held_discard_span ({columns}) SELECT {id}, {discard} FROM survey_tally");
    sql(db, &insert).await;

    let differences = findings(&world).await.errors;
    let has = |part: &str| differences.iter().any(|line| line.contains(part));
    assert!(
        has(&format!("tallies: survey {survey}, waktu: tally says ")),
        "{differences:#?}"
    );
    assert!(
        has(&format!("survey {stray}, respondents: tally says 3, answers say 0")),
        "{differences:#?}"
    );
    assert!(
        has(&format!("survey {stray} has answers or a tally, but does not exist")),
        "{differences:#?}"
    );
    assert!(has(&format!("discards: held answer {stray}: ")), "{differences:#?}");
    assert!(has("a record in public_case is of "), "{differences:#?}");
    assert!(has("versions: report "), "{differences:#?}");
}

#[apply(both_databases)]
async fn recount_corrects_wrong_tallies_and_nothing_else(backend: Backend) {
    let world = demonstration(backend).await;
    let (admin, db) = (world.admin(), &world.service.db);
    let (survey, _) = open_survey(&admin).await;
    let value = "/v1/indicators/paringin-iku-1/realisations/2025";
    let before = admin.get(value).await.status(200);
    let done = recount(db).await.unwrap();
    assert_eq!((done.surveys, done.corrected.len()), (5, 0));
    assert_eq!(admin.get(value).await.etag(), before.etag(), "nothing changed");

    // Rows that the service did not write have empty tallies or none.
    let id = if backend == Backend::Sqlite {
        format!("x'{}'", survey.replace('-', ""))
    } else {
        format!("'{survey}'")
    };
    let emptied = format!(
        "UPDATE survey_tally SET respondents = 0, elements = {}",
        without_waktu(backend)
    );
    sql(db, &emptied).await;
    sql(db, &format!("DELETE FROM survey_tally WHERE survey_id = {id}")).await;
    let done = recount(db).await.unwrap();
    assert_eq!(done.corrected.len(), 4);
    let after = admin.get(value).await.status(200);
    assert_eq!(after.json["exact"], before.json["exact"]);
    assert_ne!(after.etag(), before.etag(), "cached copies are no longer valid");
    assert_eq!(findings(&world).await.errors, [] as [String; 0]);
}

#[apply(both_databases)]
async fn wrong_count_of_held_answers_is_found_and_corrected(backend: Backend) {
    let world = demonstration(backend).await;
    let (survey, _) = open_survey(&world.admin()).await;
    let phone = Uuid::new_v4();
    let mut item = answer();
    item["survey_id"] = json!(survey);
    let batch = json!({"sent_at": world.clock.now(), "items": [item]});
    world
        .revoked(phone)
        .post("/v1/responses/batch", batch)
        .await
        .status(207);
    assert_eq!(findings(&world).await.errors, [] as [String; 0]);
    sql(&world.service.db, "UPDATE device_quota SET held = 2000 WHERE held = 1").await;
    let line = format!("quotas: phone {phone}: the count of held answers says 2000, the answers say 1");
    assert_eq!(findings(&world).await.errors, [line]);
    assert_eq!(recount(&world.service.db).await.unwrap().held.len(), 1);
    assert_eq!(findings(&world).await.errors, [] as [String; 0]);
}

#[apply(both_databases)]
async fn recount_is_right_while_answers_come_in(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    let (_, responses) = open_survey(&admin).await;
    let posts = async {
        for _ in 0..8 {
            let at_once = (0..8).map(|_| admin.post(&responses, answer()));
            for reply in futures_util::future::join_all(at_once).await {
                reply.status(201);
            }
        }
    };
    // The second instance has its own connections, like another process.
    let second = world.second_instance().await;
    let without_waktu = without_waktu(backend);
    let recounts = async {
        let mut corrected = 0;
        for round in 0..5 {
            let wrong =
                format!("UPDATE survey_tally SET elements = {without_waktu}, respondents = respondents + {round} + 1");
            let broken = async |tx: &iku::platform::db::WriteTx| {
                stamps::lock(tx, "63.11.06").await?;
                tx.execute_unprepared(&wrong).await?;
                Ok(())
            };
            second.service.db.write(broken).await.unwrap();
            corrected += recount(&second.service.db).await.unwrap().corrected.len();
        }
        corrected
    };
    let ((), corrected) = join(posts, recounts).await;
    assert_eq!(corrected, 25);
    let db = &world.service.db;
    assert_eq!(db.read(async |tx| verify_tallies(tx).await).await.unwrap(), []);
    assert_eq!(findings(&world).await.errors, [] as [String; 0]);
}

#[actix_web::test]
async fn backup_and_restore_name_the_tools_of_postgres() {
    let database = Backend::Postgres.fresh().await;
    for error in [
        backup::backup(&database.url, &database.evidence(), "iku.backup".as_ref(), false)
            .await
            .unwrap_err(),
        restore::restore(&database.url, &database.evidence(), "iku.backup".as_ref(), true)
            .await
            .unwrap_err(),
    ] {
        assert!(error.starts_with("PostgreSQL ") && error.contains("pg_"), "{error}");
    }
}

#[actix_web::test]
async fn pg_dump_during_writes_holds_every_value() {
    let world = demonstration(Backend::Postgres).await;
    let url = world.database.url.clone();
    let admin = world.admin();
    let (_, responses) = open_survey(&admin).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("iku.dump");
    let dump = {
        let (file, url) = (file.clone(), url.clone());
        spawn_blocking(move || {
            let mut dump = Command::new(postgres::tool("pg_dump"));
            dump.args(["--format=custom", "--file"]).arg(file).arg(url).status()
        })
    };
    let mut dump = std::pin::pin!(dump);
    // Answers arrive before, during and after the dump.
    let dumped = loop {
        let post = admin.post(&responses, answer());
        match futures_util::future::select(dump.as_mut(), Box::pin(post)).await {
            futures_util::future::Either::Left((dumped, post)) => {
                post.await.status(201);
                break dumped;
            }
            futures_util::future::Either::Right((reply, _)) => {
                reply.status(201);
            }
        }
    };
    assert!(dumped.unwrap().unwrap().success());
    for _ in 0..5 {
        admin.post(&responses, answer()).await.status(201);
    }

    let target = Backend::Postgres.fresh_empty().await;
    let mut put_back = Command::new(postgres::tool("pg_restore"));
    put_back
        .args(["--no-owner", "--exit-on-error", "--dbname", &target.url])
        .arg(&file);
    assert!(put_back.status().unwrap().success());
    let restored = World::on(target).await;
    assert_eq!(findings(&restored).await.errors, [] as [String; 0]);
    let newest = restored
        .service
        .db
        .read(async |tx| stamps::latest(tx, None).await)
        .await
        .unwrap();
    let as_of = format!("?as_of={}", newest.to_rfc3339_opts(chrono::SecondsFormat::Micros, true));
    // The explanations of months are left out here: the restore of a SQLite file compares them.
    let of_month = |path: &String| path.ends_with("/explanation") && (path.contains("-0") || path.contains("-1"));
    for path in questions().into_iter().filter(|path| !of_month(path)) {
        let then = admin.get(&format!("{path}{as_of}")).await.status(200).json;
        let now = restored.admin().get(&path).await.status(200).json;
        assert_eq!(bare(now), bare(then), "{path}");
    }
}
