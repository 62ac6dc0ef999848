//! Checks that the versions of a record are a chain: each begins when the previous version ends, and only the last is
//! current.

use sea_orm::{ColumnTrait, ConnectionTrait, Iden, ModelTrait, Statement};

use super::{Findings, SHOWN};
use crate::platform::db::versions::{EveryTable, for_every_table};
use crate::platform::db::{ReadTx, Versioned};
use crate::platform::error::Error;
use crate::platform::text::quantity;

pub async fn check(tx: &ReadTx, findings: &mut Findings) -> Result<(), Error> {
    let mut chains = Chains {
        tx,
        findings,
        tables: 0,
    };
    for_every_table(&mut chains).await?;
    let line = format!("versions: {}", quantity(chains.tables, "table"));
    findings.checked.push(line);
    Ok(())
}

struct Chains<'a> {
    tx: &'a ReadTx,
    findings: &'a mut Findings,
    tables: usize,
}

impl EveryTable for Chains<'_> {
    async fn table<E: Versioned>(&mut self) -> Result<(), Error> {
        self.tables += 1;
        broken_chains::<E>(self.tx, self.findings).await
    }
}

/// Finds versions that do not end when the next begins, lack a neighbour, or end without a successor.
async fn broken_chains<E: Versioned>(tx: &ReadTx, findings: &mut Findings) -> Result<(), Error> {
    let entity = E::default();
    let table = entity.table_name();
    let same: Vec<String> = E::KEY.iter().map(|k| format!("o.{0} = v.{0}", column(k))).collect();
    let same = same.join(" AND ");
    // A deletion is superseded from the start, and a new record with the same key may follow it.
    let sql = format!(
        "SELECT v.* FROM {table} v LEFT JOIN {table} o ON {same} AND o.version = v.version + 1 \
         WHERE (NOT v.deleted AND v.superseded_at IS DISTINCT FROM o.recorded_at) \
         OR o.recorded_at < v.recorded_at \
         OR (v.version > 1 AND NOT EXISTS (SELECT 1 FROM {table} o WHERE {same} AND o.version = v.version - 1)) \
         ORDER BY v.recorded_at LIMIT {SHOWN}"
    );
    let statement = Statement::from_string(tx.get_database_backend(), sql);
    for row in E::find().from_raw_sql(statement).all(tx).await? {
        let key: Vec<String> = E::KEY
            .iter()
            .map(|k| row.get(*k).to_string().replace('\'', ""))
            .collect();
        let version = E::version_info(&row).version;
        let line = format!(
            "versions: {table} {} version {version} does not fit its neighbours",
            key.join(" ")
        );
        findings.errors.push(line);
    }
    Ok(())
}

fn column(column: &impl ColumnTrait) -> String {
    Iden::to_string(column)
}
