//! The roles, and the scopes that follow from them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::permissions::{self as p, Permission};
use crate::core::closed_list::closed_list;

pub use crate::core::section::Section;

/// The role of a person, a system or a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Does everything.
    Administrator,
    /// The Camat: reads all, sets targets, closes periods, says from which year the office records.
    Head,
    /// The Sekretaris: reads all of the district, enters decrees and targets, checks reports.
    Secretary,
    /// Writes the facts of their sections, reads the district.
    Officer,
    /// A phone: reads open surveys, sends answers.
    Surveyor,
    /// The system of a village (OpenSID, Siskeudes): hands in the reports of its own village and reads them.
    Reporter,
    /// A regency system: plans and values; no raw answers, comments or case texts.
    Integrator,
    /// The Inspektorat: reads everything, writes nothing.
    Auditor,
}
closed_list!(Role {
    Administrator "administrator",
    Head "head",
    Secretary "secretary",
    Officer "officer",
    Surveyor "surveyor",
    Reporter "reporter",
    Integrator "integrator",
    Auditor "auditor",
});

impl Role {
    /// All scopes that a token of this role may carry: the scopes of a session, and for a phone also the scope that a
    /// revoked phone has.
    pub fn may_hold(self) -> Vec<&'static str> {
        let mut scopes = self.scopes();
        if self == Role::Surveyor {
            scopes.push(p::ResponsesQuarantine::SCOPE);
        }
        scopes
    }

    /// All scopes of a session of this role.
    pub fn scopes(self) -> Vec<&'static str> {
        let all = p::SCOPES.iter().map(|(scope, _)| *scope);
        let all = all.filter(|scope| *scope != p::ResponsesQuarantine::SCOPE);
        let reads = |scope: &&str| scope.ends_with(":read");
        let own_account = [p::MeRead::SCOPE, p::MeWrite::SCOPE];
        match self {
            Role::Administrator => all.collect(),
            Role::Auditor => all.filter(reads).chain([p::MeWrite::SCOPE]).collect(),
            Role::Head => all
                .filter(|s| reads(s) && ![p::UsersRead::SCOPE, p::ClientsRead::SCOPE].contains(s))
                .chain([
                    p::MeWrite::SCOPE,
                    p::DistrictsWrite::SCOPE,
                    p::TargetsWrite::SCOPE,
                    p::NotesWrite::SCOPE,
                    p::ClosingsWrite::SCOPE,
                ])
                .collect(),
            Role::Secretary => all
                .filter(|s| reads(s) && ![p::UsersRead::SCOPE, p::ClientsRead::SCOPE].contains(s))
                .chain([
                    p::MeWrite::SCOPE,
                    p::DecreesWrite::SCOPE,
                    p::TargetsWrite::SCOPE,
                    p::NotesWrite::SCOPE,
                    p::ReportsCheck::SCOPE,
                ])
                .collect(),
            Role::Officer => all
                .filter(|s| reads(s) && ![p::UsersRead::SCOPE, p::ClientsRead::SCOPE, p::AuditRead::SCOPE].contains(s))
                .chain([
                    p::MeWrite::SCOPE,
                    p::NotesWrite::SCOPE,
                    p::ReportsWrite::SCOPE,
                    p::InstitutionsWrite::SCOPE,
                    p::CasesWrite::SCOPE,
                    p::SurveysWrite::SCOPE,
                    p::ResponsesWrite::SCOPE,
                    p::HeldResponsesWrite::SCOPE,
                ])
                .collect(),
            Role::Surveyor => [
                p::ReferencesRead::SCOPE,
                p::DistrictsRead::SCOPE,
                p::VillagesRead::SCOPE,
                p::SurveysRead::SCOPE,
                p::ResponsesWrite::SCOPE,
            ]
            .into_iter()
            .chain(own_account)
            .collect(),
            Role::Reporter => vec![p::ReportKindsRead::SCOPE, p::ReportsDeliver::SCOPE, p::MeRead::SCOPE],
            Role::Integrator => [
                p::ReferencesRead::SCOPE,
                p::DistrictsRead::SCOPE,
                p::VillagesRead::SCOPE,
                p::DecreesRead::SCOPE,
                p::IndicatorsRead::SCOPE,
                p::TargetsRead::SCOPE,
                p::ReportKindsRead::SCOPE,
                p::RealisationsRead::SCOPE,
                p::CompletenessRead::SCOPE,
                p::SurveyIndexRead::SCOPE,
            ]
            .into_iter()
            .chain(own_account)
            .collect(),
        }
    }
}
