//! The names of states in Indonesian sentences. The code follows the name, because a client's developer needs it.

use crate::core::case::{CaseStatus, EventKind};
use crate::core::formula::survey_index::SurveyStatus;

pub fn case_status(status: CaseStatus) -> &'static str {
    match status {
        CaseStatus::Reported => "dilaporkan (reported)",
        CaseStatus::Verified => "diverifikasi (verified)",
        CaseStatus::Handling => "ditangani (handling)",
        CaseStatus::Resolved => "selesai (resolved)",
        CaseStatus::Referred => "dilimpahkan (referred)",
        CaseStatus::Rejected => "ditolak (rejected)",
    }
}

pub fn event(kind: EventKind) -> &'static str {
    case_status(match kind {
        EventKind::Verified => CaseStatus::Verified,
        EventKind::Handling => CaseStatus::Handling,
        EventKind::Resolved => CaseStatus::Resolved,
        EventKind::Referred => CaseStatus::Referred,
        EventKind::Rejected => CaseStatus::Rejected,
    })
}

pub fn survey_status(status: SurveyStatus) -> &'static str {
    match status {
        SurveyStatus::Draft => "draf (draft)",
        SurveyStatus::Open => "dibuka (open)",
        SurveyStatus::Closed => "ditutup (closed)",
    }
}
