//! SQLite's own checks of its file. PostgreSQL has its own tools (checksums, `pg_amcheck`).

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

use super::{Depth, Findings, SHOWN};
use crate::maintenance::sqlite;
use crate::platform::db::ReadTx;
use crate::platform::error::Error;
use crate::platform::text::quantity;

pub async fn check(tx: &ReadTx, depth: Depth, findings: &mut Findings) -> Result<(), Error> {
    let backend = tx.get_database_backend();
    if backend != DbBackend::Sqlite {
        let line = "database: not checked here, use PostgreSQL's pg_amcheck";
        findings.checked.push(line.to_owned());
        return Ok(());
    }
    let pragma = match depth {
        Depth::Full => "integrity_check",
        Depth::Quick => "quick_check",
    };
    for row in ask(tx, &format!("PRAGMA {pragma}({SHOWN})"), findings).await? {
        let report: String = row.try_get_by_index(0)?;
        let lines = report
            .lines()
            .filter(|line| !matches!(*line, "ok" | "*** in database main ***"));
        findings.errors.extend(lines.map(|line| format!("database: {line}")));
    }
    let keys = "SELECT \"table\", \"parent\", count(*) FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2";
    for row in ask(tx, keys, findings).await? {
        let (table, parent): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let rows: i64 = row.try_get_by_index(2)?;
        let refer = if rows == 1 { "refers" } else { "refer" };
        let rows = quantity(rows, "row");
        let line = format!("database: {rows} of {table} {refer} to a row of {parent} that does not exist");
        findings.errors.push(line);
    }
    findings.checked.push(format!("database: {pragma}, foreign_key_check"));
    Ok(())
}

/// Returns the rows of a check. If damage prevents SQLite from running the check, its error is the finding.
async fn ask(tx: &ReadTx, sql: &str, findings: &mut Findings) -> Result<Vec<QueryResult>, Error> {
    match tx.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await {
        Err(error) if sqlite::is_damage(&error) => {
            findings.errors.push(format!("database: {}", sqlite::cause(&error)));
            Ok(Vec::new())
        }
        rows => Ok(rows?),
    }
}
