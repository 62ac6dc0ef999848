//! SQLite's own checks of its file. PostgreSQL looks after its own (checksums, `pg_amcheck`).

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::{Depth, Findings, SHOWN};
use crate::platform::db::ReadTx;
use crate::platform::error::Error;

pub async fn check(tx: &ReadTx, depth: Depth, findings: &mut Findings) -> Result<(), Error> {
    let backend = tx.get_database_backend();
    if backend != DbBackend::Sqlite {
        let line = "database: not checked here, PostgreSQL has pg_amcheck for it";
        findings.checked.push(line.to_owned());
        return Ok(());
    }
    let pragma = match depth {
        Depth::Full => "integrity_check",
        Depth::Quick => "quick_check",
    };
    let pages = Statement::from_string(backend, format!("PRAGMA {pragma}({SHOWN})"));
    for row in tx.query_all_raw(pages).await? {
        let said: String = row.try_get_by_index(0)?;
        let lines = said
            .lines()
            .filter(|line| !matches!(*line, "ok" | "*** in database main ***"));
        findings.faults.extend(lines.map(|line| format!("database: {line}")));
    }
    let keys = "SELECT \"table\", \"parent\", count(*) FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2";
    for row in tx.query_all_raw(Statement::from_string(backend, keys)).await? {
        let (table, parent): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let rows: i64 = row.try_get_by_index(2)?;
        let line = format!("database: {rows} rows of {table} refer to a row of {parent} that is not there");
        findings.faults.push(line);
    }
    findings.checked.push(format!("database: {pragma}, foreign_key_check"));
    Ok(())
}
