//! The records that can have evidence. Who may write the record may link files to it.

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use ::entity::institution_decree::{Column as D, Entity as Decrees};
use ::entity::target::{Column as T, Entity as Targets};
use ::entity::{evidence_link, institution, public_case, report, survey};

use crate::access::permissions::{
    CasesWrite, InstitutionsWrite, Permission, Permissions, ReportsWrite, SurveysWrite, TargetsWrite,
};
use crate::access::{Actor, Section};
use crate::core::closed_list::closed_list;
use crate::core::period::Period;
use crate::facts::reports;
use crate::platform::db::{Versioned, versions};
use crate::platform::error::{Error, OrInternal};

/// The kind of a record that has evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EvidenceRecordType)]
pub enum RecordType {
    Report,
    InstitutionDecree,
    Case,
    Survey,
    Target,
}
closed_list!(RecordType {
    Report "report",
    InstitutionDecree "institution_decree",
    Case "case",
    Survey "survey",
    Target "target",
});

impl RecordType {
    /// Returns the scope that writes such records.
    pub fn scope(self) -> &'static str {
        match self {
            Self::Report => ReportsWrite::SCOPE,
            Self::InstitutionDecree => InstitutionsWrite::SCOPE,
            Self::Case => CasesWrite::SCOPE,
            Self::Survey => SurveysWrite::SCOPE,
            Self::Target => TargetsWrite::SCOPE,
        }
    }
}

/// The scopes that write records that can have evidence.
#[derive(Debug)]
pub enum AnyWrite {}

impl Permissions for AnyWrite {
    const SCOPES: &'static [&'static str] = &[
        ReportsWrite::SCOPE,
        InstitutionsWrite::SCOPE,
        CasesWrite::SCOPE,
        SurveysWrite::SCOPE,
        TargetsWrite::SCOPE,
    ];
}

/// The address of a record that can have evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    Report(Uuid),
    InstitutionDecree {
        institution: Uuid,
        decree: Uuid,
    },
    Case(Uuid),
    Survey(Uuid),
    Target {
        indicator: String,
        /// Canonical.
        period: Period,
    },
}

/// A record as it was last recorded.
#[derive(Debug)]
pub struct Owner {
    pub district: String,
    /// Whether it was not deleted since.
    pub exists: bool,
    writer: Writer,
}

/// Who may write a record, beside the scope.
#[derive(Debug)]
enum Writer {
    Anyone,
    Section(Section),
    SectionOfReport(Box<report::Model>),
}

impl Owner {
    /// 403 unless the actor works for the section of the record.
    pub async fn ensure_may_write(&self, conn: &impl ConnectionTrait, actor: &Actor) -> Result<(), Error> {
        let section = match &self.writer {
            Writer::Anyone => None,
            Writer::Section(section) => Some(*section),
            Writer::SectionOfReport(row) => reports::service::section(conn, (**row).clone()).await?,
        };
        section.map_or(Ok(()), |section| actor.ensure_section(section))
    }
}

impl Record {
    /// Returns the record of a stored link.
    pub fn of(row: &evidence_link::Model) -> Result<Self, Error> {
        let id = |text: &str| text.parse::<Uuid>().or_internal();
        Ok(match row.record_type.parse()? {
            RecordType::Report => Self::Report(id(&row.record_key)?),
            RecordType::InstitutionDecree => Self::InstitutionDecree {
                institution: id(&row.record_key)?,
                decree: id(&row.part_key)?,
            },
            RecordType::Case => Self::Case(id(&row.record_key)?),
            RecordType::Survey => Self::Survey(id(&row.record_key)?),
            RecordType::Target => Self::Target {
                indicator: row.record_key.clone(),
                period: row.part_key.parse().or_internal()?,
            },
        })
    }

    pub fn record_type(&self) -> RecordType {
        match self {
            Self::Report(_) => RecordType::Report,
            Self::InstitutionDecree { .. } => RecordType::InstitutionDecree,
            Self::Case(_) => RecordType::Case,
            Self::Survey(_) => RecordType::Survey,
            Self::Target { .. } => RecordType::Target,
        }
    }

    /// Returns the two parts of the key under which links are stored.
    pub fn key(&self) -> (String, String) {
        match self {
            Self::Report(id) | Self::Case(id) | Self::Survey(id) => (id.to_string(), String::new()),
            Self::InstitutionDecree { institution, decree } => (institution.to_string(), decree.to_string()),
            Self::Target { indicator, period } => (indicator.clone(), period.to_string()),
        }
    }

    /// Returns the path of the record; of a decree that of its institution.
    pub fn href(&self) -> String {
        match self {
            Self::Report(id) => format!("/v1/reports/{id}"),
            Self::InstitutionDecree { institution, .. } => format!("/v1/institutions/{institution}"),
            Self::Case(id) => format!("/v1/cases/{id}"),
            Self::Survey(id) => format!("/v1/surveys/{id}"),
            Self::Target { indicator, period } => format!("/v1/indicators/{indicator}/targets/{period}"),
        }
    }

    /// Returns the record if it exists; 404 unless the actor sees it.
    pub async fn owner(&self, conn: &impl ConnectionTrait, actor: &Actor) -> Result<Owner, Error> {
        let owner = self.last_owner(conn, actor).await?;
        if owner.exists {
            Ok(owner)
        } else {
            Err(Error::not_found())
        }
    }

    /// Returns the record as it was last recorded, deleted or not; 404 unless the actor sees it.
    pub async fn last_owner(&self, conn: &impl ConnectionTrait, actor: &Actor) -> Result<Owner, Error> {
        let owner = match self {
            Self::Report(id) => {
                let row = last::<report::Entity>(conn, versions::key::<report::Entity>(*id)).await?;
                Owner {
                    district: row.district_code.clone(),
                    exists: !row.deleted,
                    writer: Writer::SectionOfReport(Box::new(row)),
                }
            }
            Self::InstitutionDecree { institution, decree } => {
                let key = versions::key::<institution::Entity>(*institution);
                let row = last::<institution::Entity>(conn, key).await?;
                let has_decree = Decrees::find()
                    .filter(D::InstitutionId.eq(row.id))
                    .filter(D::Version.eq(row.version))
                    .filter(D::Id.eq(*decree));
                Owner {
                    exists: !row.deleted && has_decree.one(conn).await?.is_some(),
                    district: row.district_code,
                    writer: Writer::Section(Section::Pmd),
                }
            }
            Self::Case(id) => {
                let row = last::<public_case::Entity>(conn, versions::key::<public_case::Entity>(*id)).await?;
                Owner {
                    district: row.district_code,
                    exists: !row.deleted,
                    writer: Writer::Section(Section::Trantibum),
                }
            }
            Self::Survey(id) => {
                let row = last::<survey::Entity>(conn, versions::key::<survey::Entity>(*id)).await?;
                Owner {
                    writer: Writer::Section(row.section.parse()?),
                    district: row.district_code,
                    exists: !row.deleted,
                }
            }
            Self::Target { indicator, period } => {
                let key = Condition::all()
                    .add(T::IndicatorCode.eq(indicator))
                    .add(T::Period.eq(period.to_string()));
                let row = last::<Targets>(conn, key).await?;
                Owner {
                    district: row.district_code,
                    exists: !row.deleted,
                    writer: Writer::Anyone,
                }
            }
        };
        actor.ensure_can_see(&owner.district)?;
        Ok(owner)
    }
}

async fn last<E: Versioned>(conn: &impl ConnectionTrait, key: Condition) -> Result<E::Model, Error> {
    versions::last::<E>(conn, key).await?.ok_or_else(Error::not_found)
}
