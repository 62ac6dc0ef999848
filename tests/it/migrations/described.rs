//! Reads the schema of a database.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

/// The predicate of an index of current versions.
pub const CURRENT: &str = "superseded_at IS NULL";

/// The schema of a database, in one form for both.
#[derive(Debug, PartialEq)]
pub struct Described {
    /// (table, column) -> (type as the database names it, nullable)
    pub columns: BTreeMap<(String, String), (String, bool)>,
    pub primary_keys: BTreeMap<String, String>,
    pub indexes: BTreeSet<Index>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Index {
    pub table: String,
    pub name: String,
    pub unique: bool,
    pub columns: String,
    pub predicate: String,
}

impl Described {
    pub async fn read(db: &DatabaseConnection) -> Described {
        let sqlite = db.get_database_backend() == DbBackend::Sqlite;
        let [columns, primary_keys, indexes] = if sqlite { SQLITE } else { POSTGRES };
        let rows = async |sql| {
            db.query_all_raw(Statement::from_string(db.get_database_backend(), sql))
                .await
                .unwrap()
        };
        let mut described = Described {
            columns: BTreeMap::new(),
            primary_keys: BTreeMap::new(),
            indexes: BTreeSet::new(),
        };
        for row in rows(columns).await {
            let (table, column, kind, null) = row.try_get_many_by_index().unwrap();
            described.columns.insert((table, column), (kind, null));
        }
        for row in rows(primary_keys).await {
            let (table, columns) = row.try_get_many_by_index().unwrap();
            described.primary_keys.insert(table, columns);
        }
        for row in rows(indexes).await {
            let (table, name, unique, columns, predicate): (_, _, _, _, String) = row.try_get_many_by_index().unwrap();
            let predicate = predicate.replace(['"', '(', ')'], "");
            described.indexes.insert(Index {
                table,
                name,
                unique,
                columns,
                predicate,
            });
        }
        described
    }

    pub fn tables(&self) -> BTreeSet<&str> {
        self.columns.keys().map(|(table, _)| table.as_str()).collect()
    }
}

/// Columns, primary keys, and indexes that belong to no constraint.
const SQLITE: [&str; 3] = [
    r#"SELECT t.name, c.name, c.type, NOT c."notnull" FROM sqlite_schema t, pragma_table_info(t.name) c
       WHERE t.type = 'table'"#,
    r#"SELECT t.name, group_concat(c.name, ',' ORDER BY c.pk) FROM sqlite_schema t, pragma_table_info(t.name) c
       WHERE t.type = 'table' AND c.pk > 0 GROUP BY t.name"#,
    r#"SELECT t.name, i.name, i."unique",
              (SELECT group_concat(c.name, ',' ORDER BY c.seqno) FROM pragma_index_info(i.name) c),
              CASE WHEN i.partial THEN substr(s.sql, instr(s.sql, ' WHERE ') + 7) ELSE '' END
       FROM sqlite_schema t, pragma_index_list(t.name) i, sqlite_schema s
       WHERE t.type = 'table' AND s.name = i.name AND i.origin = 'c'"#,
];

const POSTGRES: [&str; 3] = [
    "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' FROM information_schema.columns
     WHERE table_schema = 'public'",
    "SELECT indrelid::regclass::text,
            (SELECT string_agg(attname, ',' ORDER BY n) FROM unnest(indkey) WITH ORDINALITY k (attnum, n)
             JOIN pg_attribute a ON a.attrelid = indrelid AND a.attnum = k.attnum)
     FROM pg_index WHERE indisprimary AND indrelid::regclass::text IN (SELECT tablename FROM pg_tables WHERE schemaname = 'public')",
    "SELECT indrelid::regclass::text, indexrelid::regclass::text, indisunique,
            (SELECT string_agg(attname, ',' ORDER BY n) FROM unnest(indkey) WITH ORDINALITY k (attnum, n)
             JOIN pg_attribute a ON a.attrelid = indrelid AND a.attnum = k.attnum),
            coalesce(pg_get_expr(indpred, indrelid), '')
     FROM pg_index WHERE indrelid::regclass::text IN (SELECT tablename FROM pg_tables WHERE schemaname = 'public')
     AND indexrelid NOT IN (SELECT conindid FROM pg_constraint)",
];
