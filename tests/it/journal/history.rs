//! What was recorded before the journal existed.

use entity::journal::{Column as C, Entity as Journal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{disarm, findings, sql};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};

#[apply(both_databases)]
async fn records_from_before_the_journal_are_proved_from_its_beginning_on(backend: Backend) {
    let world = demonstration(backend).await;
    let db = &world.service.db;
    disarm(db, backend).await;
    sql(db, "DELETE FROM journal").await;
    for _ in 0..2 {
        iku::startup::prepare(db, None).await.unwrap();
        assert_eq!(findings(db).await, [""; 0]);
    }
    let recorded = Journal::find().filter(C::Action.eq("recorded"));
    let recorded = recorded.all(db.connection()).await.unwrap();
    assert!(recorded.len() > 300, "{}", recorded.len());
    let of_answers = recorded.iter().filter(|event| event.resource == "response");
    assert_eq!(of_answers.clone().count(), 4);
    assert!(of_answers.clone().all(|event| event.count.unwrap() > 0));
    let author = |resource: &str| recorded.iter().find(|e| e.resource == resource).unwrap().actor.clone();
    assert_eq!(author("institution"), "kasi.pmd");

    sql(db, "UPDATE response SET waktu = 1 WHERE waktu > 1").await;
    let found = findings(db).await;
    assert!(
        !found.is_empty() && found.iter().all(|line| line.contains("answers of survey")),
        "{found:#?}"
    );
}
