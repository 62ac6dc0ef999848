//! The data that ships with the program: the decree and its indicators, the places of Kabupaten Balangan, the report
//! kinds, the questionnaire and the code lists.
//!
//! Readable files, embedded at build time and parsed at first use into plain structs. The first start writes these
//! values into the empty database; a later correction is a new version in the database. `README.md` beside this file
//! names the source of each.

mod lists;
pub mod loader;
mod places;
mod plan;

use std::{fmt::Display, sync::LazyLock};

use serde::{Deserialize, de::DeserializeOwned};

pub use lists::{Element, NamedCode, Profile, Questionnaire, ReportKind};
pub use places::{District, Village};
pub use plan::{Decree, Dictum, Indicator, Signatory};

/// An embedded file, parsed once, as the value of a `fn() -> &'static _`.
macro_rules! embedded {
    ($parse:ident, $file:literal, $t:ty) => {{
        static PARSED: LazyLock<$t> = LazyLock::new(|| $parse($file, include_str!($file)));
        &PARSED
    }};
}

/// The full text of Keputusan Camat Paringin Nomor 139/CPAR/2023, byte for byte as transcribed.
pub fn decree_text() -> &'static str {
    include_str!("decree-139-cpar-2023.txt")
}

/// The decree whose annex is [`indicators`].
pub fn decree() -> &'static Decree {
    embedded!(toml_file, "decree.toml", Decree)
}

/// The five indicators, in the decree's order and words.
pub fn indicators() -> &'static [Indicator] {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        indicators: Vec<Indicator>,
    }
    &embedded!(toml_file, "indicators.toml", File).indicators
}

/// The 8 kecamatan of Kabupaten Balangan, by code.
pub fn districts() -> &'static [District] {
    embedded!(csv_file, "districts.csv", Vec<District>)
}

/// The 157 desa and kelurahan of Kabupaten Balangan, by code.
pub fn villages() -> &'static [Village] {
    embedded!(csv_file, "villages.csv", Vec<Village>)
}

/// The villages of one district, by code; none for a district that does not ship.
pub fn villages_of(district_code: &str) -> impl Iterator<Item = &'static Village> {
    villages().iter().filter(move |v| v.district_code == district_code)
}

/// The nine reports that a desa owes each year (two of administration, seven of finance).
pub fn report_kinds() -> &'static [ReportKind] {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        report_kinds: Vec<ReportKind>,
    }
    &embedded!(toml_file, "report-kinds.toml", File).report_kinds
}

/// The six kinds of Lembaga Kemasyarakatan Desa of Permendagri 18/2018.
pub fn institution_kinds() -> &'static [NamedCode] {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        institution_kinds: Vec<NamedCode>,
    }
    &embedded!(toml_file, "institution-kinds.toml", File).institution_kinds
}

/// The 13 categories of public-order cases of Permendagri 26/2020.
pub fn case_categories() -> &'static [NamedCode] {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        case_categories: Vec<NamedCode>,
    }
    &embedded!(toml_file, "case-categories.toml", File).case_categories
}

/// The services of a kecamatan office.
pub fn services() -> &'static [NamedCode] {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        services: Vec<NamedCode>,
    }
    &embedded!(toml_file, "services.toml", File).services
}

/// The five sections of the kecamatan office that own the facts.
pub fn sections() -> &'static [NamedCode] {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        sections: Vec<NamedCode>,
    }
    &embedded!(toml_file, "sections.toml", File).sections
}

/// The questionnaires; today only `skm-9`, with nine elements.
pub fn questionnaires() -> &'static [Questionnaire] {
    std::slice::from_ref(embedded!(toml_file, "questionnaire-skm-9.toml", Questionnaire))
}

fn toml_file<T: DeserializeOwned>(name: &str, text: &str) -> T {
    sound(name, toml::from_str(text))
}

fn csv_file<T: DeserializeOwned>(name: &str, text: &str) -> Vec<T> {
    sound(
        name,
        csv::Reader::from_reader(text.as_bytes())
            .into_deserialize()
            .collect::<Result<_, _>>(),
    )
}

/// The files are part of the program, so a file that does not parse is an error of the build. The unit tests parse
/// every one of them.
#[expect(clippy::panic, reason = "embedded at build time; each file is parsed by a test")]
fn sound<T>(name: &str, parsed: Result<T, impl Display>) -> T {
    parsed.unwrap_or_else(|e| panic!("src/shipped/{name}: {e}"))
}
