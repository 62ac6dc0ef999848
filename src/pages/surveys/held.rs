//! Why an answer is held.

use crate::facts::responses::flags::ResponseFlag;
use crate::facts::responses::quarantine::dto::{HeldReason, HeldResponse};
use crate::pages::words::words;
use crate::platform::text::Lang;

words! {
    struct Words {
        late: "Datang setelah survei ditutup" / "Arrived after the survey was closed",
        revoked: "Dari gawai yang dicabut" / "From a revoked device",
        conflict: "Nomornya sudah dipakai jawaban lain" / "Another answer has its id",
        doubtful: "Meragukan" / "Doubtful",
        equal: "salah satu dari banyak jawaban yang sama" / "one of many equal answers",
        over_budget: "melebihi jatah jam atau hari tautannya" / "over the link's budget of the hour or the day",
        fast: "diisi dalam kurang dari 15 detik" / "filled in within 15 seconds",
        repeated: "sama dengan jawaban sebelumnya dalam satu menit" / "the same as the answer before it within a minute",
        no_slip: "tanpa kupon" / "without a slip",
        link_ended: "tautannya sudah berakhir" / "its link had ended",
    }
}

/// Returns why an answer is held, with what is doubtful about it.
pub fn why(held: &HeldResponse, lang: Lang) -> String {
    let t = Words::of(lang);
    let reason = match held.reason {
        HeldReason::SurveyClosed => t.late,
        HeldReason::DeviceRevoked => t.revoked,
        HeldReason::IdConflict => t.conflict,
        HeldReason::Doubtful => t.doubtful,
    };
    let doubts = held.flags.iter().filter_map(|flag| {
        Some(match flag {
            ResponseFlag::EqualAnswers => t.equal,
            ResponseFlag::OverBudget => t.over_budget,
            ResponseFlag::FilledFast => t.fast,
            ResponseFlag::SameAsBefore => t.repeated,
            ResponseFlag::NoSlip => t.no_slip,
            ResponseFlag::LinkEnded => t.link_ended,
            _ => return None,
        })
    });
    let doubts: Vec<&str> = doubts.collect();
    match doubts.is_empty() {
        true => reason.to_owned(),
        false => format!("{reason}: {}", doubts.join(", ")),
    }
}
