//! Write transactions when the disk is full: the write fails, and later writes are stored.

use entity::village;
use iku::platform::Error;
use iku::platform::db::Db;
use iku::platform::error::Code;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};

use crate::support::backend::Backend;

const TAKE_ROOM: &str = "CREATE TABLE ballast AS SELECT zeroblob(1000000) AS b";

#[actix_web::test]
async fn write_after_a_full_disk_is_committed() {
    let database = Backend::Sqlite.fresh().await;
    let db = Db::open(&database.url).await.unwrap();
    // The limit of the one writing connection acts as a full disk.
    db.connection()
        .execute_unprepared("PRAGMA max_page_count = 1")
        .await
        .unwrap();
    let ballast = db.write(async |tx| Ok(tx.execute_unprepared(TAKE_ROOM).await?)).await;
    let error = ballast.unwrap_err();
    assert_eq!((error.code, error.retry_after), (Code::Unavailable, Some(1)));
    // A write that a rule refuses, then a write that is accepted.
    let refused: Result<(), Error> = db.write(async |_| Err(Error::not_found())).await;
    assert_eq!(refused.unwrap_err().code, Code::NotFound);
    let delete = async |db: &Db| {
        db.write(async |tx| Ok(tx.execute_unprepared("DELETE FROM village").await?))
            .await
    };
    let deleted = delete(&db).await.unwrap();
    assert!(deleted.rows_affected() > 0);
    // Another connection sees the write.
    let other = Db::open(&database.url).await.unwrap();
    let seen = other
        .read(async |tx| Ok(village::Entity::find().count(tx).await?))
        .await;
    assert_eq!(seen.unwrap(), 0);
    assert_eq!(
        delete(&other).await.unwrap().rows_affected(),
        0,
        "no lock is left behind"
    );
}
