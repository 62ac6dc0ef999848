//! One step of the script: the record, its author and its time.

use std::sync::Arc;

use actix_web::web;
use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Actor, Role, Section};
use crate::core::civil;
use crate::core::period::Period;
use crate::facts::responses::{Acceptance, Outcome, Quotas, Submission, receive};
use crate::facts::{cases, institutions, reports, surveys};
use crate::plan::{agreements, targets};
use crate::platform::db::WriteTx;
use crate::platform::error::Error;
use crate::platform::http::Patch;
use crate::platform::http::body::typed;
use crate::platform::http::{Contract, IfMatch, PutConditions};

/// A record to make. The values are request bodies, which the contract validates.
pub enum Action {
    Target {
        indicator: String,
        period: Period,
        body: Value,
    },
    Agreement(Value),
    Survey(Value),
    SurveyStatus {
        id: Uuid,
        status: &'static str,
    },
    Link(Value, &'static str),
    Answer {
        survey: Uuid,
        id: Uuid,
        body: Value,
    },
    Report(Value),
    Institution(Value),
    Renewal {
        institution: Uuid,
        body: Value,
    },
    Case(Value),
    CaseEvent {
        case: Uuid,
        body: Value,
    },
}

pub struct Step {
    pub at: DateTime<Utc>,
    pub action: Action,
}

impl Step {
    /// Records the step at its time.
    pub async fn record(self, tx: &WriteTx, contract: &web::Data<Contract>) -> Result<(), Error> {
        tx.clock().set(self.at);
        match self.action {
            Action::Target {
                indicator,
                period,
                body,
            } => {
                let actor = actor("camat", Role::Head, &[]);
                targets::service::put(
                    tx,
                    &actor,
                    &indicator,
                    period,
                    PutConditions::default(),
                    read(contract, body)?,
                )
                .await?;
            }
            Action::Agreement(body) => {
                let actor = actor("sekretaris", Role::Secretary, &[]);
                agreements::service::create(tx, &actor, read(contract, body)?).await?;
            }
            Action::Survey(body) => {
                surveys::service::create(tx, &officer(Section::PelayananKessos), read(contract, body)?).await?;
            }
            Action::SurveyStatus { id, status } => {
                let patch = Patch::of(serde_json::json!({ "status": status }), contract.clone())?;
                let actor = officer(Section::PelayananKessos);
                surveys::service::patch(tx, &actor, id, &IfMatch::any(), patch).await?;
            }
            Action::Link(body, code) => {
                let actor = officer(Section::PelayananKessos);
                let new = read(contract, body)?;
                surveys::links::service::create_with_code(tx, &actor, new, code.to_owned()).await?;
            }
            Action::Answer { survey, id, body } => {
                let sender = Arc::new(actor("surveyor", Role::Surveyor, &[]));
                let content = read(contract, body)?;
                let item = Submission::new(survey, id, content, sender, Acceptance::OnlyOpen)?;
                for outcome in receive(tx, Quotas::default(), &[item]).await? {
                    if let Outcome::Refused(error) = outcome {
                        return Err(error);
                    }
                }
            }
            Action::Report(body) => {
                let is_administration = ["lppd", "bpd-kinerja"].iter().any(|kind| body["kind"] == *kind);
                let section = match is_administration {
                    true => Section::Pemerintahan,
                    false => Section::PembinaanPengawasan,
                };
                reports::service::create(tx, &officer(section), read(contract, body)?).await?;
            }
            Action::Institution(body) => {
                institutions::service::create(tx, &officer(Section::Pmd), read(contract, body)?).await?;
            }
            Action::Renewal { institution, body } => {
                let actor = officer(Section::Pmd);
                institutions::decree_service::renew(tx, &actor, institution, read(contract, body)?).await?;
            }
            Action::Case(body) => {
                cases::service::create(tx, &officer(Section::Trantibum), read(contract, body)?).await?;
            }
            Action::CaseEvent { case, body } => {
                let actor = officer(Section::Trantibum);
                cases::service::add_event(tx, &actor, case, read(contract, body)?).await?;
            }
        }
        Ok(())
    }
}

fn read<T: DeserializeOwned + ToSchema>(contract: &Contract, body: Value) -> Result<T, Error> {
    contract.check_body(&T::name(), &body)?;
    typed(body)
}

fn officer(section: Section) -> Actor {
    let name = match section {
        Section::PelayananKessos => "kasi.pelayanan",
        Section::Pmd => "kasi.pmd",
        Section::Trantibum => "kasi.trantibum",
        Section::Pemerintahan => "kasi.pemerintahan",
        Section::PembinaanPengawasan => "kasi.pembinaan",
    };
    actor(name, Role::Officer, &[section])
}

fn actor(username: &str, role: Role, sections: &[Section]) -> Actor {
    Actor {
        id: id_of(username),
        username: username.to_owned(),
        role,
        district: Some(crate::shipped::decree().district_code.clone()),
        sections: sections.to_vec(),
        village: None,
        scopes: role.scopes(),
        session: None,
        token_id: None,
        client_id: None,
        authenticated_at: chrono::DateTime::UNIX_EPOCH,
    }
}

/// Returns the id of a name. It is the same at every run, so that links to the demonstration work.
pub fn id_of(name: &str) -> Uuid {
    let hash = digest(&SHA256, name.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// Returns the instant at a WITA time of a day.
pub fn at(day: NaiveDate, hour: i64, minute: i64) -> DateTime<Utc> {
    civil::start_of_day(day) + TimeDelta::hours(hour) + TimeDelta::minutes(minute)
}

pub fn plus(day: NaiveDate, days: usize) -> NaiveDate {
    day.checked_add_days(Days::new(days as u64)).unwrap_or(day)
}

/// Returns the codes of the 14 desa, then of the 2 kelurahan.
pub fn villages() -> Vec<&'static str> {
    use crate::core::place::VillageKind;
    let district = &crate::shipped::decree().district_code;
    let of = |kind| {
        crate::shipped::villages_of(district)
            .filter(move |v| v.kind == kind)
            .map(|v| v.code.as_str())
    };
    of(VillageKind::Desa).chain(of(VillageKind::Kelurahan)).collect()
}

/// The number of desa at the head of [`villages`].
pub const DESA: usize = 14;
