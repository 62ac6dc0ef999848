//! IKU 1: the surveys that end in the years, each with its tallies. A current value reads them in one statement however
//! many answers there are.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde::Deserialize;
use uuid::Uuid;

use super::{Recorded, Scope};
use crate::core::element::Element;
use crate::core::formula::survey_index::{SurveyFact, SurveyStatus};
use crate::core::skm::{Answers, ElementTallies, Tally};
use crate::facts::surveys::dto::active_elements;
use crate::facts::{responses, surveys};
use crate::platform::error::Error;

/// A survey and the section it belongs to.
#[derive(Clone, Debug)]
pub struct SectionSurvey {
    pub section: String,
    pub fact: SurveyFact,
}

pub async fn load(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<SectionSurvey>>, Error> {
    match scope.as_of {
        None => now(conn, scope).await,
        Some(_) => then(conn, scope).await,
    }
}

/// A survey and its tally as the statement of [`now`] writes them down.
#[derive(Debug, Deserialize)]
struct Line(
    Uuid,
    String, // district
    String, // section
    SurveyStatus,
    NaiveDate,             // ends on
    String,                // inactive elements, JSON in the JSON
    DateTime<Utc>,         // recorded
    Option<DateTime<Utc>>, // last change of the tally
    u64,                   // respondents
    [u64; 18],             // of each element the answers and their sum
);

/// The words for a list in JSON, for a list of one member a row (before and after it), for an id as text, and for the
/// members of a list.
struct Dialect {
    list: &'static str,
    rows: (&'static str, &'static str),
    id: &'static str,
    members: &'static str,
}

const SQLITE: Dialect = Dialect {
    list: "json_array",
    rows: ("json_group_array(", ")"),
    id: "hex(s.id)",
    members: "SELECT value FROM json_each($1)",
};

const POSTGRES: Dialect = Dialect {
    list: "json_build_array",
    rows: ("CAST(COALESCE(json_agg(", "), '[]') AS text)"),
    id: "s.id",
    members: "SELECT json_array_elements_text(CAST($1 AS json))",
};

impl Dialect {
    /// All surveys in one row with one text: a value that goes through the driver and the mapper for itself costs more
    /// than everything else about it, and a survey has two dozen (docs/adr/0007).
    fn statement(&self) -> String {
        let Self {
            list,
            rows: (before, after),
            id,
            members,
        } = self;
        let totals = Element::ALL.map(|element| {
            let code = element.code();
            format!("COALESCE(t.n_{code}, 0), COALESCE(t.sum_{code}, 0)")
        });
        let totals = totals.join(", ");
        format!(
            "SELECT {before}{list}({id}, s.district_code, s.section, s.status, s.ends_on, s.inactive_elements, \
             s.recorded_at, t.changed_at, COALESCE(t.respondents, 0), {list}({totals})) \
             ORDER BY s.ends_on, s.id{after} AS surveys \
             FROM survey s LEFT JOIN survey_tally t ON t.survey_id = s.id \
             WHERE s.district_code IN ({members}) AND s.ends_on BETWEEN $2 AND $3 AND s.superseded_at IS NULL"
        )
    }
}

async fn now(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<SectionSurvey>>, Error> {
    static ON_SQLITE: LazyLock<String> = LazyLock::new(|| SQLITE.statement());
    static ON_POSTGRES: LazyLock<String> = LazyLock::new(|| POSTGRES.statement());
    let backend = conn.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => &ON_POSTGRES,
        _ => &ON_SQLITE,
    };
    let districts = serde_json::to_string(&scope.districts).map_err(Error::internal)?;
    let values = [districts.into(), scope.first_day().into(), scope.last_day().into()];
    let row = conn
        .query_one_raw(Statement::from_sql_and_values(backend, sql.as_str(), values))
        .await?;
    let text: String = row.ok_or_else(Error::unavailable)?.try_get("", "surveys")?;
    let lines: Vec<Line> = serde_json::from_str(&text).map_err(Error::internal)?;
    lines.into_iter().map(recorded).collect()
}

fn recorded(line: Line) -> Result<Recorded<SectionSurvey>, Error> {
    let Line(id, district, section, status, ends_on, inactive, recorded_at, changed_at, respondents, totals) = line;
    let mut tallies = ElementTallies::default();
    for (element, total) in Element::ALL.into_iter().zip(totals.chunks_exact(2)) {
        let tally = match *total {
            [n, sum] => Tally::new(n, sum),
            _ => None,
        };
        tallies.set(
            element,
            tally.ok_or_else(|| Error::internal(format!("survey {id}: the tally {total:?}")))?,
        );
    }
    let answers = Answers {
        respondents,
        active: active_elements(&inactive)?,
        tallies,
    };
    let fact = SurveyFact {
        id,
        status,
        ends_on,
        answers,
    };
    Ok(Recorded {
        district,
        at: changed_at.map_or(recorded_at, |t| recorded_at.max(t)),
        fact: SectionSurvey { section, fact },
    })
}

/// The past is added up from the answers themselves.
async fn then(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<SectionSurvey>>, Error> {
    let (first, last) = (scope.first_day(), scope.last_day());
    let rows = surveys::query::ending_in(conn, &scope.districts, first, last, scope.as_of).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let counted = responses::tallies(conn, &ids, scope.as_of).await?;
    rows.into_iter()
        .map(|row| {
            let answers = counted.get(&row.id).copied().unwrap_or_default();
            Ok(Recorded {
                fact: SectionSurvey {
                    fact: answers.fact(&row)?,
                    section: row.section,
                },
                district: row.district_code,
                at: answers.changed_at.map_or(row.recorded_at, |t| row.recorded_at.max(t)),
            })
        })
        .collect()
}
