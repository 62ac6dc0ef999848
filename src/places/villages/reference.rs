//! The village that another record names.

use chrono::NaiveDate;

use ::entity::village;

use super::query;
use crate::access::Actor;
use crate::core::place::VillageKind;
use crate::places::districts::service::stamp_in;
use crate::platform::db::{Stamp, Stream, WriteTx};
use crate::platform::error::{Code, Error, FieldErrors};
use crate::platform::http::VillageCode;
use crate::platform::text::Text;

const POINTER: &str = "#/village_code";

/// Stamps the stream of the village's district, then reads the village. Every creation of a fact of a village begins
/// with this. Returns `None` for a village that does not exist or whose district the actor cannot see.
pub async fn stamp_at(
    tx: &WriteTx,
    actor: &Actor,
    code: &VillageCode,
    stream: Stream,
) -> Result<Option<(Stamp, village::Model)>, Error> {
    let Some(stamp) = stamp_in(tx, actor, code.district(), stream).await? else {
        return Ok(None);
    };
    let village = query::find(tx, code, None).await?;
    Ok(village.map(|village| (stamp, village)))
}

/// Returns the village that a corrected fact names, if it lies in the fact's district.
pub async fn village_in(tx: &WriteTx, district: &str, code: &VillageCode) -> Result<Option<village::Model>, Error> {
    let village = query::find(tx, code, None).await?;
    Ok(village.filter(|v| v.district_code == district))
}

/// The village must exist.
pub fn require_village(errors: &mut FieldErrors, village: Option<&village::Model>, code: &VillageCode) {
    errors.check(village.is_some(), || Error::unknown_reference(POINTER, code));
}

/// The day of a fact must lie within the life of its village.
pub fn require_life(errors: &mut FieldErrors, village: Option<&village::Model>, day: NaiveDate, pointer: &str) {
    let Some(village) = village else { return };
    let has_begun = village.valid_from.is_none_or(|first| first <= day);
    let goes_on = village.valid_to.is_none_or(|last| day <= last);
    errors.check(has_begun && goes_on, || {
        let (code, name, Text { id, en }) = (&village.code, &village.name, words_of_life(village));
        Error::rule(
            pointer,
            format!("{code} ({name}) ada {id}; tanggal ini di luarnya. Sebut desa yang ada pada tanggal ini."),
            format!("{code} ({name}) exists {en}; this day is outside. Name the village that existed on this day."),
        )
    });
}

/// Returns the words for the days on which a village exists.
pub fn words_of_life(village: &village::Model) -> Text {
    match (village.valid_from, village.valid_to) {
        (Some(first), Some(last)) => {
            Text::new(format!("dari {first} sampai {last}"), format!("from {first} to {last}"))
        }
        (Some(first), None) => Text::new(format!("sejak {first}"), format!("since {first}")),
        (None, Some(last)) => Text::new(format!("sampai {last}"), format!("until {last}")),
        (None, None) => Text::new("selalu", "always"),
    }
}

/// The village must exist and be a desa: a kelurahan has no LPPD, no BPD, no APB Desa and no Keputusan Kepala Desa
/// (DOMAIN section 2).
pub fn require_desa(errors: &mut FieldErrors, village: Option<&village::Model>, code: &VillageCode) {
    require_village(errors, village, code);
    let Some(village) = village else { return };
    errors.check(village.kind.parse() == Ok(VillageKind::Desa), || {
        let name = &village.name;
        Error::new(Code::KelurahanNotAllowed)
            .detail(
                format!("{name} adalah kelurahan; pilih desa."),
                format!("{name} is a kelurahan; choose a desa."),
            )
            .at(POINTER)
    });
}
