//! Reading the audit trail.

use std::collections::HashMap;

use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};

use ::entity::journal::{Column as C, Entity as Journal, Model};

use super::dto::{AuditEvent, AuditEventFilter, AuditEventPage};
use crate::access::Actor;
use crate::access::permissions::{self as p, Permission};
use crate::platform::db::ReadTx;
use crate::platform::db::journal::{Resource, SERVICE};
use crate::platform::error::Error;
use crate::platform::http::Paging;
use crate::platform::http::page::Keyset;

pub async fn list(
    conn: &ReadTx,
    actor: &Actor,
    filter: &AuditEventFilter,
    paging: &Paging,
) -> Result<AuditEventPage, Error> {
    let district = actor.scope_district(filter.district_code.as_ref().map(|d| d.as_str()))?;
    let request = paging.open(&("audit events", filter, &district))?;
    let at = request.at(conn.latest(district.as_deref()).await?);
    let chains = match (&filter.district_code, &district) {
        // Of all districts and of the service.
        (None, None) => Condition::all(),
        (Some(code), _) => Condition::all().add(C::Chain.eq(code.as_str())),
        (None, Some(own)) => Condition::any().add(C::Chain.eq(own.as_str())).add(of_service()),
    };
    let matching = Condition::all()
        .add(chains)
        .add(C::Resource.is_in(readable(actor).map(Resource::as_str)))
        .add_option(filter.actor.as_deref().map(|actor| C::Actor.eq(actor)))
        .add_option(filter.action.map(|action| C::Action.eq(action.as_str())))
        .add_option(filter.resource.map(|resource| C::Resource.eq(resource.as_str())))
        .add_option(filter.key.as_deref().map(|key| C::Key.eq(key)))
        .add_option(filter.recorded_from.map(|from| C::At.gte(from)))
        .add_option(filter.recorded_to.map(|to| C::At.lte(to)));
    let keyset = Keyset::descending(vec![C::At, C::Chain, C::Seq]);
    let page = request
        .fetch(conn, Journal::find().filter(matching), &keyset, at)
        .await?;
    let before = hashes_before(conn, &page.rows).await?;
    page.try_map(|row| {
        let previous = before.get(&(row.chain.clone(), row.seq - 1));
        AuditEvent::new(row, previous.map(Vec::as_slice))
    })
}

/// The events that all districts share, without those of accounts and keys of the regency.
fn of_service() -> Condition {
    let shared = [Resource::ReportKind, Resource::ListedCode, Resource::Database];
    Condition::all()
        .add(C::Chain.eq(SERVICE))
        .add(C::Resource.is_in(shared.map(Resource::as_str)))
}

/// Returns the resources whose records the actor may read.
fn readable(actor: &Actor) -> impl Iterator<Item = Resource> {
    let may_read = |resource: &Resource| actor.scopes.contains(&scope_of(*resource));
    Resource::ALL.into_iter().filter(may_read)
}

fn scope_of(resource: Resource) -> &'static str {
    match resource {
        Resource::Village => p::VillagesRead::SCOPE,
        Resource::RecordStart | Resource::Database => p::DistrictsRead::SCOPE,
        Resource::Decree => p::DecreesRead::SCOPE,
        Resource::Indicator => p::IndicatorsRead::SCOPE,
        Resource::Agreement | Resource::Target | Resource::PastValue => p::TargetsRead::SCOPE,
        Resource::ReportKind => p::ReportKindsRead::SCOPE,
        Resource::ListedCode => p::ReferencesRead::SCOPE,
        Resource::Report => p::ReportsRead::SCOPE,
        Resource::Institution => p::InstitutionsRead::SCOPE,
        Resource::Case => p::CasesRead::SCOPE,
        Resource::Survey | Resource::SurveyLink | Resource::SurveySlip => p::SurveysRead::SCOPE,
        Resource::Evidence | Resource::EvidenceLink => p::EvidenceRead::SCOPE,
        Resource::Response => p::ResponsesRead::SCOPE,
        Resource::HeldResponse => p::HeldResponsesRead::SCOPE,
        Resource::User | Resource::Key => p::UsersRead::SCOPE,
        Resource::Client | Resource::Enrolment => p::ClientsRead::SCOPE,
        Resource::Closing | Resource::Note => p::RealisationsRead::SCOPE,
    }
}

/// Returns the hashes of the events before these, by chain and number.
async fn hashes_before(conn: &ReadTx, rows: &[Model]) -> Result<HashMap<(String, i64), Vec<u8>>, Error> {
    let mut numbers: HashMap<&str, Vec<i64>> = HashMap::new();
    for row in rows {
        numbers.entry(&row.chain).or_default().push(row.seq - 1);
    }
    let mut wanted = Condition::any();
    for (chain, numbers) in numbers {
        wanted = wanted.add(C::Chain.eq(chain).and(C::Seq.is_in(numbers)));
    }
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let hashes: Vec<(String, i64, Vec<u8>)> = Journal::find()
        .select_only()
        .columns([C::Chain, C::Seq, C::Hash])
        .filter(wanted)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(hashes
        .into_iter()
        .map(|(chain, seq, hash)| ((chain, seq), hash))
        .collect())
}
