//! The program and the version that the tables of a database belong to.

use std::collections::BTreeSet;

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::platform::error::Error;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schema {
    /// It has none of the migrations of this program.
    Foreign,
    /// Made by an earlier version.
    Older,
    Current,
    /// It has a migration that this version does not know.
    Newer(String),
}

/// Returns the reason why a database with this schema cannot be used.
pub fn text(schema: &Schema) -> String {
    match schema {
        Schema::Foreign => "it is not a database of iku".to_owned(),
        Schema::Older => "it has the schema of an earlier version; run `iku migrate` first".to_owned(),
        Schema::Current => "it has the schema of this version".to_owned(),
        Schema::Newer(migration) => {
            format!("it was made by a newer version of iku (this one does not know {migration}); update iku first")
        }
    }
}

pub async fn of(conn: &impl ConnectionTrait) -> Result<Schema, Error> {
    let backend = conn.get_database_backend();
    let has = match backend {
        DbBackend::Postgres => "SELECT 1 WHERE to_regclass('seaql_migrations') IS NOT NULL",
        _ => "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'seaql_migrations'",
    };
    if conn
        .query_one_raw(Statement::from_string(backend, has))
        .await?
        .is_none()
    {
        return Ok(Schema::Foreign);
    }
    let applied = Statement::from_string(backend, "SELECT version FROM seaql_migrations ORDER BY version");
    let rows = conn.query_all_raw(applied).await?;
    let applied: Vec<String> = rows
        .iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<Result<_, _>>()?;
    Ok(judge(
        &applied,
        Migrator::migrations().iter().map(|m| m.name().to_owned()).collect(),
    ))
}

fn judge(applied: &[String], known: BTreeSet<String>) -> Schema {
    if !applied.iter().any(|name| known.contains(name)) {
        return Schema::Foreign;
    }
    match applied.iter().find(|name| !known.contains(*name)) {
        Some(unknown) => Schema::Newer(unknown.clone()),
        None if applied.len() < known.len() => Schema::Older,
        None => Schema::Current,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_tell_whose_database_it_is() {
        let names = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let known = || BTreeSet::from_iter(names("m1 m2"));
        assert_eq!(judge(&[], known()), Schema::Foreign);
        assert_eq!(judge(&names("x1"), known()), Schema::Foreign);
        assert_eq!(judge(&names("m1"), known()), Schema::Older);
        assert_eq!(judge(&names("m1 m2"), known()), Schema::Current);
        assert_eq!(judge(&names("m1 m2 m3"), known()), Schema::Newer("m3".to_owned()));
    }
}
