//! Answers that can be voided and restored: the spans in which they counted. What is doubtful about an answer is a set of
//! flags, an answer may come from paper, and the codes of the profile are data, no longer a CHECK.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement};
use sea_orm_migration::{prelude::*, schema::*};
use serde_json::Value as Json;

use crate::shapes::{create_indexes, drop_tables, index, one_of};

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
const GENDERS: [&str; 2] = ["laki_laki", "perempuan"];
const EDUCATIONS: [&str; 7] = ["sd", "smp", "sma", "d3", "s1", "s2", "s3"];
const OCCUPATIONS: [&str; 6] = ["pns", "tni", "polri", "swasta", "wirausaha", "lainnya"];
const EMPTY: &str =
    r#"{"gender":[0,0,0],"age_group":[0,0,0,0,0,0,0],"education":[0,0,0,0,0,0,0,0],"occupation":[0,0,0,0,0,0,0]}"#;

/// The lists of a profile with their codes in the order of the former arrays. The last is of those without a statement.
const LISTS: [(&str, &[&str]); 4] = [
    ("gender", &["laki_laki", "perempuan", "unknown"]),
    (
        "age_group",
        &["under_20", "20_29", "30_39", "40_49", "50_59", "60_plus", "unknown"],
    ),
    ("education", &["sd", "smp", "sma", "d3", "s1", "s2", "s3", "unknown"]),
    (
        "occupation",
        &["pns", "tni", "polri", "swasta", "wirausaha", "lainnya", "unknown"],
    ),
];

const NO_COUNTS: &str = r#"{"gender":{},"age_group":{},"education":{},"occupation":{}}"#;

const RESTORED: [&str; 4] = ["restored_at", "restored_by", "restore_reason", "restored_answers"];

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        let run = async |sql: &str| manager.get_connection().execute_unprepared(sql).await;
        if sqlite {
            rebuild(manager, true).await?;
        } else {
            run(
                "ALTER TABLE response DROP CONSTRAINT response_gender_check, DROP CONSTRAINT response_education_check, \
                 DROP CONSTRAINT response_occupation_check, ALTER COLUMN service DROP NOT NULL, \
                 ADD COLUMN mode varchar, ADD COLUMN flags smallint NOT NULL DEFAULT 0",
            )
            .await?;
            run("ALTER TABLE response ADD CONSTRAINT response_mode_check CHECK (mode IN ('paper'))").await?;
            run("UPDATE response SET flags = 1 WHERE clock_flag").await?;
            run("ALTER TABLE response DROP COLUMN clock_flag").await?;
        }
        let marked = |name: &'static str, condition: Expr| {
            index(name, "response", ["survey_id", "received_at", "id"])
                .and_where(condition)
                .take()
        };
        create_indexes(
            manager,
            [
                marked("response_voided", Expr::col("counted_until").is_not_null()),
                marked("response_flagged", Expr::cust("flags <> 0")),
            ],
        )
        .await?;

        manager
            .create_table(
                Table::create()
                    .table("response_count_span")
                    .col(uuid("response_id"))
                    .col(timestamp_with_time_zone("counted_from"))
                    .col(uuid("survey_id"))
                    .col(timestamp_with_time_zone("counted_until"))
                    .col(string("void_reason"))
                    .col(string("voided_by"))
                    .col(timestamp_with_time_zone("restored_at"))
                    .col(string("restore_reason"))
                    .col(string("restored_by"))
                    .primary_key(Index::create().col("response_id").col("counted_from"))
                    .check(Expr::cust(
                        "counted_from <= counted_until AND counted_until <= restored_at",
                    ))
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [index(
                "response_count_span_survey",
                "response_count_span",
                ["survey_id", "restored_at"],
            )],
        )
        .await?;

        replace_held_flag(
            manager,
            small_integer("flags").default(0).take(),
            "flags = 1 WHERE clock_flag",
            "clock_flag",
        )
        .await?;
        for column in [
            timestamp_with_time_zone_null("restored_at"),
            string_null("restored_by"),
            string_null("restore_reason"),
            big_integer_null("restored_answers"),
        ] {
            add_column(manager, "bulk_decision", column).await?;
        }
        add_column(manager, "device_quota", blob_null("recent")).await?;
        change_profiles(manager, NO_COUNTS, by_code).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        let run = async |sql: &str| manager.get_connection().execute_unprepared(sql).await;
        change_profiles(manager, EMPTY, by_place).await?;
        drop_column(manager, "device_quota", "recent").await?;
        for column in RESTORED {
            drop_column(manager, "bulk_decision", column).await?;
        }
        let clock_flag = boolean("clock_flag").default(false).take();
        replace_held_flag(manager, clock_flag, "clock_flag = TRUE WHERE flags & 1 = 1", "flags").await?;
        drop_tables(manager, ["response_count_span"]).await?;
        for name in ["response_flagged", "response_voided"] {
            let index = Index::drop().name(name).table("response").to_owned();
            manager.drop_index(index).await?;
        }
        if sqlite {
            return rebuild(manager, false).await;
        }
        for (column, codes) in [
            ("gender", &GENDERS[..]),
            ("education", &EDUCATIONS[..]),
            ("occupation", &OCCUPATIONS[..]),
        ] {
            let codes = listed(codes);
            run(&format!(
                "UPDATE response SET {column} = NULL WHERE {column} NOT IN ({codes})"
            ))
            .await?;
            run(&format!(
                "ALTER TABLE response ADD CONSTRAINT response_{column}_check CHECK ({column} IN ({codes}))"
            ))
            .await?;
        }
        run("UPDATE response SET service = 'lainnya' WHERE service IS NULL").await?;
        run("ALTER TABLE response ADD COLUMN clock_flag boolean NOT NULL DEFAULT FALSE").await?;
        run("UPDATE response SET clock_flag = TRUE WHERE flags & 1 = 1").await?;
        run(
            "ALTER TABLE response ALTER COLUMN clock_flag DROP DEFAULT, ALTER COLUMN service SET NOT NULL, \
             DROP COLUMN flags, DROP COLUMN mode",
        )
        .await?;
        Ok(())
    }
}

/// SQLite cannot change a CHECK, so the table is made again and the answers are copied.
async fn rebuild(manager: &SchemaManager<'_>, is_new: bool) -> Result<(), DbErr> {
    let mut response = Table::create()
        .table("response_rebuilt")
        .col(uuid("id").primary_key())
        .col(uuid("survey_id"))
        .col(blob("fingerprint"))
        .take();
    for element in ELEMENTS {
        response
            .col(small_integer_null(element))
            .check(Expr::col(element).between(1, 4));
    }
    response
        .col(if is_new {
            string_null("service")
        } else {
            string("service")
        })
        .col(string_null("village_code"))
        .col(string_null("gender"))
        .col(small_integer_null("age"))
        .col(string_null("education"))
        .col(string_null("occupation"))
        .col(text_null("comment"))
        .col(timestamp_with_time_zone("answered_at"))
        .col(timestamp_with_time_zone("received_at"));
    if is_new {
        response
            .col(string_null("mode"))
            .col(small_integer("flags").default(0))
            .check(one_of("mode", ["paper"]));
    } else {
        response
            .col(boolean("clock_flag"))
            .check(one_of("gender", GENDERS))
            .check(one_of("education", EDUCATIONS))
            .check(one_of("occupation", OCCUPATIONS));
    }
    response
        .col(timestamp_with_time_zone_null("counted_from"))
        .col(timestamp_with_time_zone_null("counted_until"))
        .col(string_null("void_reason"))
        .col(string_null("voided_by"))
        .col(uuid_null("device_id"))
        .col(string("recorded_by"))
        .check(Expr::cust("length(fingerprint) = 32"));
    manager.create_table(response).await?;

    let same = format!(
        "id, survey_id, fingerprint, {}, village_code, age, comment, answered_at, received_at, counted_from, \
         counted_until, void_reason, voided_by, device_id, recorded_by",
        ELEMENTS.join(", ")
    );
    let (columns, values) = if is_new {
        let columns = "service, gender, education, occupation, flags";
        (columns, "service, gender, education, occupation, clock_flag".to_owned())
    } else {
        let known =
            |column: &str, codes: &[&str]| format!("CASE WHEN {column} IN ({}) THEN {column} END", listed(codes));
        let values = [
            "COALESCE(service, 'lainnya')".to_owned(),
            known("gender", &GENDERS),
            known("education", &EDUCATIONS),
            known("occupation", &OCCUPATIONS),
            "flags & 1".to_owned(),
        ];
        ("service, gender, education, occupation, clock_flag", values.join(", "))
    };
    let db = manager.get_connection();
    db.execute_unprepared(&format!(
        "INSERT INTO response_rebuilt ({same}, {columns}) SELECT {same}, {values} FROM response"
    ))
    .await?;
    drop_tables(manager, ["response"]).await?;
    db.execute_unprepared("ALTER TABLE response_rebuilt RENAME TO response")
        .await?;
    create_indexes(
        manager,
        [
            index("response_received", "response", ["survey_id", "received_at", "id"]),
            index("response_device", "response", ["device_id"])
                .and_where(Expr::col("device_id").is_not_null())
                .take(),
        ],
    )
    .await
}

fn listed(codes: &[&str]) -> String {
    let quoted = codes.iter().map(|code| format!("'{code}'"));
    quoted.collect::<Vec<_>>().join(", ")
}

async fn add_column(manager: &SchemaManager<'_>, table: &'static str, column: ColumnDef) -> Result<(), DbErr> {
    let add = Table::alter().table(table).add_column(column).take();
    manager.alter_table(add).await
}

async fn drop_column(manager: &SchemaManager<'_>, table: &'static str, column: &'static str) -> Result<(), DbErr> {
    let drop = Table::alter().table(table).drop_column(column).take();
    manager.alter_table(drop).await
}

async fn replace_held_flag(
    manager: &SchemaManager<'_>,
    column: ColumnDef,
    set: &str,
    former: &'static str,
) -> Result<(), DbErr> {
    add_column(manager, "held_response", column).await?;
    let carry = format!("UPDATE held_response SET {set}");
    manager.get_connection().execute_unprepared(&carry).await?;
    drop_column(manager, "held_response", former).await
}

/// Replaces the column of profiles by one with another default.
async fn change_profiles(
    manager: &SchemaManager<'_>,
    default: &'static str,
    change: fn(&Json) -> String,
) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let backend = manager.get_database_backend();
    add_column(manager, "survey_tally", text("profile_changed").default(default).take()).await?;
    let rows = db
        .query_all_raw(Statement::from_string(
            backend,
            "SELECT DISTINCT profile FROM survey_tally",
        ))
        .await?;
    for row in rows {
        let before: String = row.try_get("", "profile")?;
        let parsed: Json = before.parse().map_err(|e| DbErr::Custom(format!("a profile: {e}")))?;
        let (set, where_) = match backend {
            DbBackend::Postgres => ("$1", "$2"),
            _ => ("?", "?"),
        };
        let sql = format!("UPDATE survey_tally SET profile_changed = {set} WHERE profile = {where_}");
        let values = [change(&parsed).into(), before.into()];
        db.execute_raw(Statement::from_sql_and_values(backend, sql, values))
            .await?;
    }
    drop_column(manager, "survey_tally", "profile").await?;
    let rename = Table::alter()
        .table("survey_tally")
        .rename_column("profile_changed", "profile")
        .take();
    manager.alter_table(rename).await
}

/// Arrays become objects with the counts that are not zero, sorted by code.
fn by_code(arrays: &Json) -> String {
    let list = |(name, codes): (&str, &[&str])| {
        let mut counts: Vec<(&str, i64)> = codes
            .iter()
            .enumerate()
            .map(|(place, code)| (*code, arrays[name][place].as_i64().unwrap_or(0)))
            .filter(|(_, count)| *count != 0)
            .collect();
        counts.sort_unstable();
        let counts: Vec<String> = counts.iter().map(|(code, n)| format!("\"{code}\":{n}")).collect();
        format!("\"{name}\":{{{}}}", counts.join(","))
    };
    format!("{{{}}}", LISTS.map(list).join(","))
}

/// Objects become arrays. Codes that the arrays do not have count as no statement.
fn by_place(objects: &Json) -> String {
    let list = |(name, codes): (&str, &[&str])| {
        let all = objects[name].as_object();
        let total: i64 = all.iter().flat_map(|all| all.values()).filter_map(Json::as_i64).sum();
        let mut counts: Vec<i64> = codes
            .iter()
            .map(|code| objects[name][*code].as_i64().unwrap_or(0))
            .collect();
        let known: i64 = counts.iter().take(codes.len() - 1).sum();
        if let Some(unknown) = counts.last_mut() {
            *unknown = total - known;
        }
        let counts: Vec<String> = counts.iter().map(i64::to_string).collect();
        format!("\"{name}\":[{}]", counts.join(","))
    };
    format!("{{{}}}", LISTS.map(list).join(","))
}
