//! From an address to a service that can be asked: open, migrate, load, make keys.

use actix_web::web;
use chrono::Utc;
use migration::{Migrator, MigratorTrait};

use crate::access::auth::{Authority, keys};
use crate::app::Service;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::shipped::loader::{self, Extent};

/// Applies what is missing of the schema.
pub async fn migrate(db: &Db) -> Result<(), Error> {
    Migrator::up(db.connection(), None).await.map_err(Error::from)
}

/// Makes an empty database ready, and leaves a ready one as it is.
pub async fn prepare(db: &Db) -> Result<(), Error> {
    migrate(db).await?;
    db.write(async |tx| {
        loader::load(tx, Extent::Paringin).await?;
        keys::ensure(tx, Utc::now()).await
    })
    .await
}

/// The service on a prepared database.
pub async fn service(db: Db, issuer: &str) -> Result<Service, Error> {
    let keys = db.read(async |tx| keys::load(tx).await).await?;
    let authority = Authority::new(issuer, keys);
    Ok(Service {
        db: web::Data::new(db),
        authority: web::Data::new(authority),
        doors: web::Data::default(),
    })
}
