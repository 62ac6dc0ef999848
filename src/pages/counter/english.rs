//! The questions in English, for guests. The questionnaire is Indonesian; this is a reading aid for its first wording.

use crate::core::element::Element;

/// The wording that these texts translate.
pub const VERSION: i32 = 1;

/// Returns the question about an element, and its four answers.
pub fn question(element: Element) -> (&'static str, [&'static str; 4]) {
    match element {
        Element::Persyaratan => (
            "Did the requirements suit the kind of service?",
            ["Not suitable", "Less suitable", "Suitable", "Very suitable"],
        ),
        Element::Prosedur => (
            "How easy was the procedure in this office?",
            ["Not easy", "Less easy", "Easy", "Very easy"],
        ),
        Element::Waktu => (
            "How fast was the service?",
            ["Not fast", "Less fast", "Fast", "Very fast"],
        ),
        Element::Biaya => (
            "How fair was the cost of the service?",
            ["Very expensive", "Rather expensive", "Cheap", "Free"],
        ),
        Element::Produk => (
            "Did you get what the service standard promises?",
            ["Did not match", "Matched less", "Matched", "Matched very well"],
        ),
        Element::Kompetensi => (
            "How capable were the staff?",
            ["Not capable", "Less capable", "Capable", "Very capable"],
        ),
        Element::Perilaku => (
            "How polite and friendly were the staff?",
            [
                "Not polite",
                "Less polite",
                "Polite and friendly",
                "Very polite and friendly",
            ],
        ),
        Element::Sarana => ("How good were the facilities?", ["Bad", "Fair", "Good", "Very good"]),
        Element::Pengaduan => (
            "How are complaints handled here?",
            [
                "Not at all",
                "There is a way, but it does not work",
                "It works, not at its best",
                "Well managed",
            ],
        ),
    }
}
