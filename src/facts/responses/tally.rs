//! Tallies: the counted answers of a survey, added up.
//!
//! `survey_tally` has the current sums; the transaction of every answer changes it. For a past instant the database
//! adds up the answers themselves. [`super::recounting`] compares the two.
//!
//! An answer counts in spans of time. The last one is in its row, `counted_from` to `counted_until`. A restored answer has
//! earlier ones in `response_count_span`. The present needs the row only.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr, UnionType};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use ::entity::{held_response, response, response_count_span, survey_tally};

use response_count_span::{Column as Span, Entity as Spans};

use super::dto::ResponseMode;
use super::profile::{self, Profile, ProfileCodes};
use super::quarantine::query::waited_at;
use crate::core::element::Element;
use crate::core::formula::survey_index::SurveyFact;
use crate::core::skm::{Answers, ElementTallies, Tally};
use crate::facts::surveys::dto::active_elements;
use crate::platform::db::{Stamp, WriteTx};
use crate::platform::error::{Error, OrInternal};

/// The value of a tally, or a change of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub respondents: i64,
    /// The number of answers and their sum, of each element in the order of the questionnaire.
    pub elements: [(i64, i64); 9],
    pub profile: Profile,
    /// The number of respondents by the mode of their answers, in the order of [`ResponseMode::ALL`].
    pub modes: [i64; MODES],
}

const MODES: usize = ResponseMode::ALL.len();

impl Totals {
    /// Returns the totals without a profile and without modes.
    pub fn new(respondents: i64, elements: &str) -> Result<Self, Error> {
        Ok(Self {
            respondents,
            elements: serde_json::from_str(elements).or_internal()?,
            profile: Profile::default(),
            modes: [0; MODES],
        })
    }

    pub fn of(row: &survey_tally::Model) -> Result<Self, Error> {
        let profile: Profile = serde_json::from_str(&row.profile).or_internal()?;
        Ok(Self {
            profile: profile.without_zeros(),
            modes: serde_json::from_str(&row.modes).or_internal()?,
            ..Self::new(row.respondents, &row.elements)?
        })
    }

    pub fn to_row(self, survey_id: Uuid, changed_at: DateTime<Utc>) -> Result<survey_tally::Model, Error> {
        Ok(survey_tally::Model {
            survey_id,
            changed_at,
            respondents: self.respondents,
            elements: serde_json::to_string(&self.elements).or_internal()?,
            profile: serde_json::to_string(&self.profile).or_internal()?,
            modes: serde_json::to_string(&self.modes).or_internal()?,
        })
    }

    /// Counts an answer.
    pub fn count(&mut self, row: &response::Model) {
        self.respondents += 1;
        for ((n, sum), element) in self.elements.iter_mut().zip(Element::ALL) {
            if let Some(score) = score(row, element) {
                *n += 1;
                *sum += i64::from(score);
            }
        }
        self.profile.count(row);
        for (count, mode) in self.modes.iter_mut().zip(ResponseMode::ALL) {
            *count += i64::from(row.mode.as_deref().unwrap_or(ResponseMode::Device.as_str()) == mode.as_str());
        }
    }

    pub fn plus(mut self, other: &Self) -> Self {
        self.respondents += other.respondents;
        for (own, more) in self.elements.iter_mut().zip(other.elements) {
            *own = (own.0 + more.0, own.1 + more.1);
        }
        self.profile = self.profile.plus(&other.profile);
        for (own, more) in self.modes.iter_mut().zip(other.modes) {
            *own += more;
        }
        self
    }

    pub fn negated(self) -> Self {
        Self {
            respondents: -self.respondents,
            elements: self.elements.map(|(n, sum)| (-n, -sum)),
            profile: self.profile.negated(),
            modes: self.modes.map(|n| -n),
        }
    }
}

pub fn score(row: &response::Model, element: Element) -> Option<i16> {
    match element {
        Element::Persyaratan => row.persyaratan,
        Element::Prosedur => row.prosedur,
        Element::Waktu => row.waktu,
        Element::Biaya => row.biaya,
        Element::Produk => row.produk,
        Element::Kompetensi => row.kompetensi,
        Element::Perilaku => row.perilaku,
        Element::Sarana => row.sarana,
        Element::Pengaduan => row.pengaduan,
    }
}

/// The counted answers of a survey to all nine elements, inactive ones too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub respondents: u64,
    pub tallies: ElementTallies,
    pub profile: Profile,
    /// By mode, in the order of [`ResponseMode::ALL`].
    pub modes: [u64; MODES],
    /// The instant of the last counted or voided answer (in the past: counted). `None`: there is no answer.
    pub changed_at: Option<DateTime<Utc>>,
}

impl Counted {
    pub fn new(totals: Totals, changed_at: DateTime<Utc>) -> Result<Self, Error> {
        let whole = |n: i64| u64::try_from(n).or_internal();
        let mut tallies = ElementTallies::default();
        for (element, (n, sum)) in Element::ALL.into_iter().zip(totals.elements) {
            let tally = Tally::new(whole(n)?, whole(sum)?)
                .ok_or_else(|| Error::internal(format!("{n} answers cannot add up to {sum}")))?;
            tallies.set(element, tally);
        }
        let mut modes = [0; MODES];
        for (count, n) in modes.iter_mut().zip(totals.modes) {
            *count = whole(n)?;
        }
        Ok(Self {
            modes,
            respondents: whole(totals.respondents)?,
            tallies,
            profile: totals.profile,
            changed_at: Some(changed_at),
        })
    }

    /// Returns the survey with its answers for the core.
    pub fn fact(&self, id: Uuid, status: &str, ends_on: NaiveDate, inactive: &str) -> Result<SurveyFact, Error> {
        Ok(SurveyFact {
            id,
            status: status.parse()?,
            ends_on,
            answers: Answers {
                respondents: self.respondents,
                active: active_elements(inactive)?,
                tallies: self.tallies,
            },
            deleted: false,
        })
    }
}

/// The answers that counted at an instant (`None`: now).
pub fn counted_at(at: Option<DateTime<Utc>>) -> Condition {
    use response::Column::{CountedFrom, CountedUntil, ReceivedAt};
    match at {
        None => Condition::all()
            .add(CountedFrom.is_not_null())
            .add(CountedUntil.is_null()),
        Some(t) => {
            let last = Condition::all()
                .add(CountedFrom.lte(t))
                .add(Condition::any().add(CountedUntil.is_null()).add(CountedUntil.gt(t)));
            // No span begins before the receipt. So the earlier spans of most answers need no look.
            Condition::all()
                .add(ReceivedAt.lte(t))
                .add(Condition::any().add(last).add(Expr::exists(earlier_span(|span| {
                    span.and_where(Span::CountedFrom.lte(t))
                        .and_where(Span::CountedUntil.gt(t));
                }))))
        }
    }
}

/// The answers of a survey that were void at an instant: those of its few answers that were void at some time.
pub fn voided_at(survey_id: Uuid, at: DateTime<Utc>) -> Condition {
    use response::Column::{CountedUntil, Id, SurveyId};
    let mut candidates = response::Entity::find()
        .select_only()
        .column(Id)
        .filter(SurveyId.eq(survey_id))
        .filter(CountedUntil.is_not_null())
        .into_query();
    let restored = Spans::find()
        .select_only()
        .column(Span::ResponseId)
        .filter(Span::SurveyId.eq(survey_id))
        .filter(Span::RestoredAt.gt(at))
        .into_query();
    candidates.union(UnionType::All, restored);
    let earlier = earlier_span(|span| {
        span.and_where(Span::CountedUntil.lte(at))
            .and_where(Span::RestoredAt.gt(at));
    });
    Condition::all()
        .add(Id.in_subquery(candidates))
        .add(Condition::any().add(CountedUntil.lte(at)).add(Expr::exists(earlier)))
}

/// The ids of the answers of a survey that were restored by an instant.
pub fn restored_ids(survey_id: Uuid, at: DateTime<Utc>) -> SelectStatement {
    Spans::find()
        .select_only()
        .column(Span::ResponseId)
        .filter(Span::SurveyId.eq(survey_id))
        .filter(Span::RestoredAt.lte(at))
        .into_query()
}

/// Returns of each survey how many answers were void, and how many waited for an officer's decision, at an instant (`None`:
/// now). Each count reads an index of few rows.
pub async fn aside(
    conn: &impl ConnectionTrait,
    survey_ids: &[Uuid],
    at: Option<DateTime<Utc>>,
) -> Result<HashMap<Uuid, (u64, u64)>, Error> {
    use held_response::Column as Held;
    use survey_tally::Column as Tally;
    let is_own = |column: SimpleExpr| column.equals((survey_tally::Entity, Tally::SurveyId));
    let mut void = response::Entity::find()
        .select_only()
        .column_as(response::Column::Id.count(), "answers")
        .filter(is_own(Expr::col((response::Entity, response::Column::SurveyId))))
        .filter(response::Column::CountedUntil.is_not_null());
    let mut restored = Spans::find()
        .select_only()
        .column_as(Span::ResponseId.count(), "answers")
        .filter(is_own(Expr::col((Spans, Span::SurveyId))));
    let mut held = held_response::Entity::find()
        .select_only()
        .column_as(Held::Id.count(), "answers")
        .filter(is_own(Expr::col((held_response::Entity, Held::SurveyId))));
    match at {
        None => {
            restored = restored.filter(Expr::cust("FALSE"));
            held = held.filter(Held::Decision.is_null());
        }
        Some(t) => {
            void = void.filter(response::Column::CountedUntil.lte(t));
            restored = restored
                .filter(Span::CountedUntil.lte(t))
                .filter(Span::RestoredAt.gt(t));
            held = held.filter(Held::ReceivedAt.lte(t)).filter(waited_at(t));
        }
    }
    let one = |count: SelectStatement| SimpleExpr::SubQuery(None, Box::new(count.into()));
    let counts = survey_tally::Entity::find()
        .select_only()
        .column(Tally::SurveyId)
        .column_as(one(void.into_query()), "void")
        .column_as(one(restored.into_query()), "restored")
        .column_as(one(held.into_query()), "held")
        .filter(Tally::SurveyId.is_in(survey_ids.iter().copied()));
    let rows: Vec<(Uuid, i64, i64, i64)> = counts.into_tuple().all(conn).await?;
    let whole = |n: i64| u64::try_from(n).or_internal();
    let rows = rows.into_iter();
    rows.map(|(id, void, restored, held)| Ok((id, (whole(void + restored)?, whole(held)?))))
        .collect()
}

/// The answers of a survey that began and that ceased to count in a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub counted: u64,
    pub voided: u64,
}

/// Returns of each survey the answers that began and that ceased to count after an instant and up to another.
pub async fn changes(
    conn: &impl ConnectionTrait,
    survey_ids: &[Uuid],
    after: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<HashMap<Uuid, Change>, Error> {
    use response::Column as R;
    let within = |column: SimpleExpr| column.clone().gt(after).and(column.lte(until));
    let number = |column: SimpleExpr| Func::count(Expr::case(within(column), 1)).into();
    let col = |column: R| Expr::col((response::Entity, column));
    let span = |column: Span| Expr::col((Spans, column));
    let ids = || survey_ids.iter().copied();
    let last: Vec<(Uuid, i64, i64)> = response::Entity::find()
        .select_only()
        .column(R::SurveyId)
        .column_as::<SimpleExpr, _>(number(col(R::CountedFrom)), "counted")
        .column_as::<SimpleExpr, _>(number(col(R::CountedUntil)), "voided")
        .filter(R::SurveyId.is_in(ids()))
        .filter(within(col(R::CountedFrom)).or(within(col(R::CountedUntil))))
        .group_by(R::SurveyId)
        .into_tuple()
        .all(conn)
        .await?;
    let earlier: Vec<(Uuid, i64, i64)> = Spans::find()
        .select_only()
        .column(Span::SurveyId)
        .column_as::<SimpleExpr, _>(number(span(Span::CountedFrom)), "counted")
        .column_as::<SimpleExpr, _>(number(span(Span::CountedUntil)), "voided")
        .filter(Span::SurveyId.is_in(ids()))
        .group_by(Span::SurveyId)
        .into_tuple()
        .all(conn)
        .await?;
    let mut changes = HashMap::<Uuid, Change>::new();
    for (survey, counted, voided) in last.into_iter().chain(earlier) {
        let change = changes.entry(survey).or_default();
        change.counted += u64::try_from(counted).or_internal()?;
        change.voided += u64::try_from(voided).or_internal()?;
    }
    Ok(changes)
}

/// Selects earlier spans of the answer of the outer query.
fn earlier_span(narrow: impl FnOnce(&mut SelectStatement)) -> SelectStatement {
    let own = Expr::col((Spans, Span::ResponseId)).equals((response::Entity, response::Column::Id));
    let mut span = Query::select();
    span.expr(Expr::cust("1")).from(Spans).and_where(own);
    narrow(&mut span);
    span
}

/// Returns the counted answers of each survey at an instant: now (`None`) from the tallies, earlier from the answers.
/// One statement in both cases.
pub async fn tallies(
    conn: &impl ConnectionTrait,
    survey_ids: &[Uuid],
    at: Option<DateTime<Utc>>,
) -> Result<HashMap<Uuid, Counted>, Error> {
    let ids = survey_ids.iter().copied();
    let rows = match at {
        None => {
            let tallies = survey_tally::Entity::find().filter(survey_tally::Column::SurveyId.is_in(ids));
            tallies.all(conn).await?
        }
        Some(_) => {
            let codes = ProfileCodes::load(conn).await?;
            let these = response::Column::SurveyId.is_in(ids);
            sum_with_profile(&codes, at, these).into_model().all(conn).await?
        }
    };
    let mut all: HashMap<Uuid, Counted> = survey_ids.iter().map(|id| (*id, Counted::default())).collect();
    for row in rows {
        all.insert(row.survey_id, Counted::new(Totals::of(&row)?, row.changed_at)?);
    }
    Ok(all)
}

/// Selects the answers that counted at an instant, added up by survey, with all columns of `survey_tally`.
pub fn sum_with_profile(
    codes: &ProfileCodes,
    at: Option<DateTime<Utc>>,
    among: SimpleExpr,
) -> Select<response::Entity> {
    let modes = ResponseMode::ALL.map(|mode| match mode {
        ResponseMode::Device => "COUNT(CASE WHEN mode IS NULL THEN 1 END)".to_owned(),
        other => format!("COUNT(CASE WHEN mode = '{other}' THEN 1 END)"),
    });
    sum_responses(at, among)
        .column_as(Expr::cust(profile::sum_sql(codes)), "profile")
        .column_as(
            Expr::cust(format!("'[' || {} || ']'", modes.join(" || ',' || "))),
            "modes",
        )
}

/// Selects the answers that counted at an instant, added up by survey, with the columns of `survey_tally` except the
/// profile and the modes. The columns of `response` are named by the codes of the elements.
pub fn sum_responses(at: Option<DateTime<Utc>>, among: SimpleExpr) -> Select<response::Entity> {
    let totals = Element::ALL.map(|element| {
        let code = element.code();
        format!("COUNT({code}) || ',' || COALESCE(SUM({code}), 0)")
    });
    let elements = format!("'[[' || {} || ']]'", totals.join(" || '],[' || "));
    response::Entity::find()
        .select_only()
        .column(response::Column::SurveyId)
        .column_as(last_counted(at), "changed_at")
        .column_as(response::Column::Id.count(), "respondents")
        .column_as(Expr::cust(elements), "elements")
        .filter(counted_at(at).add(among))
        .group_by(response::Column::SurveyId)
}

/// The instant at which the last of the answers began to count.
fn last_counted(at: Option<DateTime<Utc>>) -> SimpleExpr {
    use response::Column::CountedFrom;
    let Some(t) = at else {
        return CountedFrom.max();
    };
    let mut earlier = earlier_span(|span| {
        span.and_where(Span::CountedFrom.lte(t));
    });
    earlier.clear_selects().expr(Span::CountedFrom.max());
    let from = Expr::case(CountedFrom.lte(t), Expr::col((response::Entity, CountedFrom)))
        .finally(SimpleExpr::SubQuery(None, Box::new(earlier.into())));
    Func::max(Expr::Case(Box::new(from))).into()
}

/// Changes the tallies. The transaction has the stamps of the surveys' districts, so no other transaction changes them
/// between the SELECT and the UPDATEs. The UPDATEs run in the order of the ids, which is the lock order.
pub async fn apply(tx: &WriteTx, stamp: Stamp, changes: &BTreeMap<Uuid, Totals>) -> Result<(), Error> {
    if changes.is_empty() {
        return Ok(());
    }
    let ids = survey_tally::Column::SurveyId.is_in(changes.keys().copied());
    let rows = survey_tally::Entity::find().filter(ids).all(tx).await?;
    let rows: HashMap<Uuid, survey_tally::Model> = rows.into_iter().map(|row| (row.survey_id, row)).collect();
    for (survey, change) in changes {
        let row = rows
            .get(survey)
            .ok_or_else(|| Error::internal(format!("survey {survey} has no tally")))?;
        let row = Totals::of(row)?.plus(change).to_row(*survey, stamp.at)?;
        survey_tally::Entity::update_many()
            .col_expr(survey_tally::Column::ChangedAt, Expr::value(row.changed_at))
            .col_expr(survey_tally::Column::Respondents, Expr::value(row.respondents))
            .col_expr(survey_tally::Column::Elements, Expr::value(row.elements))
            .col_expr(survey_tally::Column::Profile, Expr::value(row.profile))
            .col_expr(survey_tally::Column::Modes, Expr::value(row.modes))
            .filter(survey_tally::Column::SurveyId.eq(*survey))
            .exec(tx)
            .await?;
    }
    Ok(())
}
