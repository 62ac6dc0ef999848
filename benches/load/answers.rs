//! Writes millions of invented survey answers with SQL, without the service, together with their tallies.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;
use sea_orm::sqlx::{AssertSqlSafe, Connection as _, PgConnection, raw_sql};
use uuid::Uuid;

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
/// The other columns of an answer.
const OTHERS: &str = "id, survey_id, fingerprint, service, village_code, gender, age, education, occupation, answered_at, \
                      received_at, flags, counted_from, recorded_by";

/// The sums of the answers of a survey: the respondents, and for each element the number and the sum.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sums {
    pub respondents: i64,
    pub elements: [(i64, i64); 9],
}

struct Answer {
    id: Uuid,
    fingerprint: [u8; 32],
    scores: [Option<i64>; 9],
    age: i64,
    received_at: DateTime<Utc>,
}

impl Answer {
    /// Returns answer `n` of a survey. Elements and surveys have different scores, and some answers leave an element out.
    fn of(survey: usize, n: usize) -> Self {
        let scores = std::array::from_fn(|element| {
            let draw = (n * 7 + element * 13 + survey * 3) % 100;
            let good = 40 + element * 5 + survey % 10;
            match draw {
                _ if element == 3 && n % 97 == 5 => None,
                0 => Some(1),
                d if d < 8 => Some(2),
                d if d < good => Some(4),
                _ => Some(3),
            }
        });
        // One answer a second from the first day of 2021 on: ids and receipts ascend, as in a real database.
        let received_at =
            DateTime::UNIX_EPOCH + TimeDelta::days(18_628 + 30 * survey as i64) + TimeDelta::seconds(n as i64);
        let mut random = [0; 10];
        random[..8].copy_from_slice(&((survey as u64) << 40 | n as u64).to_be_bytes());
        let millis = u64::try_from(received_at.timestamp_millis()).unwrap_or_default();
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        let mut fingerprint = [0; 32];
        fingerprint[..16].copy_from_slice(id.as_bytes());
        Self {
            id,
            fingerprint,
            scores,
            age: 17 + (n % 60) as i64,
            received_at,
        }
    }

    fn add_to(&self, sums: &mut Sums) {
        sums.respondents += 1;
        for ((n, sum), score) in sums.elements.iter_mut().zip(self.scores) {
            *n += i64::from(score.is_some());
            *sum += score.unwrap_or_default();
        }
    }
}

/// Returns each survey with its position and its number of answers.
fn shares(surveys: &[Uuid], answers: usize) -> impl Iterator<Item = (usize, Uuid, usize)> {
    let count = surveys.len();
    let share = move |s: usize| answers / count + usize::from(s < answers % count);
    surveys.iter().enumerate().map(move |(s, id)| (s, *id, share(s)))
}

fn update_tally(id: &str, at: &str, sums: &Sums) -> String {
    let elements = sums.elements.map(|(n, sum)| format!("[{n},{sum}]"));
    format!(
        "UPDATE survey_tally SET changed_at = {at}, respondents = {}, elements = '[{}]' WHERE survey_id = {id}",
        sums.respondents,
        elements.join(",")
    )
}

/// Writes in one transaction, with a prepared insert.
pub fn into_sqlite(file: &Path, surveys: &[Uuid], answers: usize) -> Result<(), String> {
    let filled = || -> rusqlite::Result<()> {
        let mut db = Connection::open(file)?;
        db.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; PRAGMA wal_autocheckpoint = 0")?;
        db.pragma_update(None, "journal_mode", "OFF")?;
        let tx = db.transaction()?;
        {
            let columns = ELEMENTS.join(", ");
            let mut insert = tx.prepare(&format!(
                "INSERT INTO response ({columns}, {OTHERS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, \
                 'ktp', '63.11.06.2005', 'perempuan', ?13, 'sma', 'wirausaha', ?14, ?14, 0, ?14, 'surveyor')"
            ))?;
            for (s, survey, count) in shares(surveys, answers) {
                let mut sums = Sums::default();
                let mut last = String::new();
                for n in 0..count {
                    let answer = Answer::of(s, n);
                    answer.add_to(&mut sums);
                    last = answer.received_at.to_rfc3339();
                    for (at, score) in answer.scores.iter().enumerate() {
                        insert.raw_bind_parameter(at + 1, score)?;
                    }
                    insert.raw_bind_parameter(10, &answer.id.as_bytes()[..])?;
                    insert.raw_bind_parameter(11, &survey.as_bytes()[..])?;
                    insert.raw_bind_parameter(12, &answer.fingerprint[..])?;
                    insert.raw_bind_parameter(13, answer.age)?;
                    insert.raw_bind_parameter(14, &last)?;
                    insert.raw_execute()?;
                }
                let id = format!("x'{}'", survey.simple());
                tx.execute(&update_tally(&id, &format!("'{last}'"), &sums), [])?;
            }
        }
        tx.commit()?;
        db.pragma_update(None, "journal_mode", "WAL")
    };
    filled().map_err(|e| format!("{}: {e}", file.display()))
}

/// Writes with COPY.
pub fn into_postgres(url: &str, surveys: &[Uuid], answers: usize) -> Result<(), String> {
    let filled = async || -> Result<(), sea_orm::sqlx::Error> {
        let mut db = PgConnection::connect(url).await?;
        for (s, survey, count) in shares(surveys, answers) {
            let columns = ELEMENTS.join(", ");
            let copy = format!("COPY response ({columns}, {OTHERS}) FROM STDIN (FORMAT csv)");
            let mut writer = db.copy_in_raw(&copy).await?;
            let (mut sums, mut last) = (Sums::default(), String::new());
            let mut lines = String::new();
            for n in 0..count {
                let answer = Answer::of(s, n);
                answer.add_to(&mut sums);
                last = answer.received_at.to_rfc3339();
                for score in answer.scores {
                    lines.push_str(&score.map(|s| s.to_string()).unwrap_or_default());
                    lines.push(',');
                }
                let Answer {
                    id, fingerprint, age, ..
                } = answer;
                let fingerprint: String = fingerprint.iter().map(|b| format!("{b:02x}")).collect();
                writeln!(
                    lines,
                    "{id},{survey},\\x{fingerprint},ktp,63.11.06.2005,perempuan,{age},sma,wirausaha,{last},{last},0,{last},surveyor"
                )
                .ok();
                if lines.len() > 1 << 20 || n + 1 == count {
                    writer.send(lines.as_bytes()).await?;
                    lines.clear();
                }
            }
            writer.finish().await?;
            let update = update_tally(&format!("'{survey}'"), &format!("'{last}'"), &sums);
            raw_sql(AssertSqlSafe(update)).execute(&mut db).await?;
        }
        raw_sql("ANALYZE").execute(&mut db).await?;
        db.close().await
    };
    let system = actix_web::rt::System::new();
    system.block_on(filled()).map_err(|e| format!("{url}: {e}"))
}

/// Returns the sums of the surveys that end in a year, counted from the stored answers.
pub fn sums_of_year(file: &Path, year: i32) -> Result<BTreeMap<Uuid, Sums>, String> {
    let counted = || -> rusqlite::Result<BTreeMap<Uuid, Sums>> {
        let db = Connection::open_with_flags(file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let pairs: Vec<String> = ELEMENTS.iter().map(|e| format!("count({e}), sum({e})")).collect();
        let mut query = db.prepare(&format!(
            "SELECT survey_id, count(*), {} FROM response WHERE survey_id IN (SELECT id FROM survey WHERE superseded_at \
             IS NULL AND ends_on BETWEEN '{year}-01-01' AND '{year}-12-31') GROUP BY survey_id",
            pairs.join(", ")
        ))?;
        let rows = query.query_map([], |row| {
            let id: Vec<u8> = row.get(0)?;
            let mut sums = Sums {
                respondents: row.get(1)?,
                ..Sums::default()
            };
            for (at, element) in sums.elements.iter_mut().enumerate() {
                *element = (row.get(2 + 2 * at)?, row.get(3 + 2 * at)?);
            }
            Ok((Uuid::from_slice(&id).unwrap_or_default(), sums))
        })?;
        rows.collect()
    };
    counted().map_err(|e| format!("{}: {e}", file.display()))
}
