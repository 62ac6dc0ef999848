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

/// What happens to a case, after "dapat".
pub fn event(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Verified => "diverifikasi (verified)",
        EventKind::Handling => "ditangani (handling)",
        EventKind::Resolved => "diselesaikan (resolved)",
        EventKind::Referred => "dilimpahkan (referred)",
        EventKind::ReceiptAdded => "diberi tanda terima (receipt_added)",
        EventKind::Returned => "dikembalikan (returned)",
        EventKind::Rejected => "ditolak (rejected)",
        EventKind::Reopened => "dibuka kembali (reopened)",
        EventKind::Withdrawn => "ditarik tindak lanjut terakhirnya (withdrawn)",
    }
}

pub fn survey_status(status: SurveyStatus) -> &'static str {
    match status {
        SurveyStatus::Draft => "draf (draft)",
        SurveyStatus::Open => "dibuka (open)",
        SurveyStatus::Closed => "ditutup (closed)",
    }
}
