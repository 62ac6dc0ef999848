//! Rules about villages that other resources ask for.

use ::entity::village;

use super::query;
use crate::access::Actor;
use crate::platform::db::{Stamp, Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error};
use crate::platform::http::VillageCode;

/// Stamps the stream of the village's district, then reads the village: how every write of a fact that happened
/// in a village begins. 422 for a village that does not exist or is another district's.
pub async fn stamp_at(
    tx: &WriteTx,
    who: &Actor,
    code: &VillageCode,
    stream: Stream,
) -> Result<(Stamp, village::Model), Error> {
    const POINTER: &str = "#/village_code";
    let district = code.district();
    who.may_refer_to(district, POINTER, code.as_str())?;
    if stamps::of(tx, district).await?.is_none() {
        return Err(Error::unknown_reference(POINTER, code));
    }
    let stamp = stamps::take(tx, &[district], stream).await?;
    let village = query::find(tx, code, None).await?;
    Ok((stamp, village.ok_or_else(|| Error::unknown_reference(POINTER, code))?))
}

/// The village a corrected fact names: it stays in its district. 422 otherwise.
pub async fn village_in(tx: &WriteTx, district: &str, code: &VillageCode) -> Result<village::Model, Error> {
    let village = query::find(tx, code, None)
        .await?
        .filter(|v| v.district_code == district);
    village.ok_or_else(|| Error::unknown_reference("#/village_code", code))
}

/// 422 for a kelurahan: it has no LPPD, no BPD, no APB Desa and no Keputusan Kepala Desa (DOMAIN section 2).
pub fn must_be_desa(village: &village::Model) -> Result<(), Error> {
    if village.kind == "desa" {
        return Ok(());
    }
    let name = &village.name;
    Err(Error::new(Code::KelurahanNotAllowed)
        .detail(
            format!("{name} adalah kelurahan; hanya desa."),
            format!("{name} is a kelurahan; only a desa will do."),
        )
        .at("#/village_code"))
}
