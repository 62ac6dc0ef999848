//! The fields of a case, as the form of a new case and the correction of an old one have them.

use super::Words as Cases;
use crate::pages::field::{Field, Kind};
use crate::pages::form::Posted;
use crate::pages::names::{self, Named};
use crate::pages::reader::Reader;
use crate::pages::words::{Common, words};
use crate::platform::error::Error;
use crate::platform::text::Lang;
use crate::results::response_cache::ResponseCache;

words! {
    struct Words {
        village: "Desa/kelurahan" / "Village",
        category: "Kategori" / "Category",
        occurred_on: "Tanggal terjadi" / "Day on which it occurred",
        occurred_time: "Jam" / "Time",
        occurred_hint: "Jam WITA; kosongkan bila tidak diketahui." / "In WITA; leave it empty if it is not known.",
        summary: "Uraian" / "Description",
        summary_hint: "Tanpa nama orang." / "Without names of people.",
    }
}

/// The members of a case that its forms have. `occurred_at` is made of a day and a time.
pub(super) const NAMES: [&str; 5] = ["village_code", "category", "occurred_on", "occurred_time", "summary"];

/// Returns the fields of a case, empty.
pub(super) fn fields(villages: Vec<Named>, categories: Vec<Named>, lang: Lang) -> Vec<Field> {
    let (t, common) = (Words::of(lang), Common::of(lang));
    let village = names::choices(Cases::of(lang).no_village, villages);
    vec![
        Field::new("village_code", t.village, Kind::Choice(village)),
        Field::new(
            "category",
            t.category,
            Kind::Choice(names::choices(common.choose, categories)),
        )
        .required(),
        Field::new("occurred_on", t.occurred_on, Kind::Date).required(),
        Field::new("occurred_time", t.occurred_time, Kind::Time).hint(t.occurred_hint),
        Field::new("summary", t.summary, Kind::Lines)
            .hint(t.summary_hint)
            .required()
            .longest(2000),
    ]
}

/// Returns the villages of the district, by name.
pub(super) async fn villages(reader: &Reader, cache: &ResponseCache) -> Result<Vec<Named>, Error> {
    let mut villages: Vec<Named> = names::villages(reader, cache).await?.into_iter().collect();
    villages.sort_by(|one, other| one.1.cmp(&other.1));
    Ok(villages)
}

/// Joins the day and the time to the member `occurred_at`.
pub(super) fn join_time(posted: &mut Posted) {
    let (day, time) = (
        posted.text("occurred_on").to_owned(),
        posted.text("occurred_time").to_owned(),
    );
    let at = match time.is_empty() {
        true => day,
        false => format!("{day}T{time}:00+08:00"),
    };
    posted.set("occurred_at", at);
}

/// Names the field of a fault as the form does.
pub(super) fn in_form(mut error: Error) -> Error {
    for field in &mut error.errors {
        if field.pointer == "#/occurred_at" {
            field.pointer = "#/occurred_on".to_owned();
        }
    }
    error
}
