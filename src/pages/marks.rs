//! Marks: a word with a sign and a colour. The sign is for who sees no colours, and for paper.

use super::words::words;
use crate::core::achievement::Category;
use crate::core::obligation::Punctuality;
use crate::platform::text::Lang;

/// A word, its sign, and the class that has its colour.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    pub class: &'static str,
    pub sign: &'static str,
    pub word: &'static str,
}

words! {
    struct Words {
        very_high: "Sangat tinggi" / "Very high",
        high: "Tinggi" / "High",
        middle: "Sedang" / "Medium",
        low: "Rendah" / "Low",
        very_low: "Sangat rendah" / "Very low",
        on_time: "Tepat waktu" / "On time",
        late: "Terlambat" / "Late",
        late_sign: "T" / "L",
        missing: "Belum masuk" / "Missing",
        not_due: "Belum jatuh tempo" / "Not due yet",
        returned: "Dikembalikan" / "Returned",
    }
}

/// The class of an achievement (Permendagri 86/2017).
pub fn achievement(category: Category, lang: Lang) -> Mark {
    let t = Words::of(lang);
    let (class, sign, word) = match category {
        Category::SangatTinggi => ("good", "▲", t.very_high),
        Category::Tinggi => ("good", "△", t.high),
        Category::Sedang => ("warn", "◆", t.middle),
        Category::Rendah => ("bad", "▽", t.low),
        Category::SangatRendah => ("bad", "▼", t.very_low),
    };
    Mark { class, sign, word }
}

/// The state of an owed report. A returned report is missing too, and says why.
pub fn punctuality(state: Punctuality, is_returned: bool, lang: Lang) -> Mark {
    let t = Words::of(lang);
    let (class, sign, word) = match state {
        _ if is_returned => ("warn", "↩", t.returned),
        Punctuality::OnTime => ("good", "✓", t.on_time),
        Punctuality::Late => ("late", t.late_sign, t.late),
        Punctuality::Missing => ("bad", "!", t.missing),
        Punctuality::NotDue => ("idle", "–", t.not_due),
    };
    Mark { class, sign, word }
}
