//! The transfer of an institution to another village of its district, from a day on (DOMAIN section 2).

use std::cmp::{max, min};

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use ::entity::{former_village, institution};

use super::decrees::YEARS;
use super::dto::Institution;
use super::query::Whole;
use super::rules::{has_counted, require_village_on};
use super::service::{append, begin_change, ensure_unique, references_of};
use crate::access::Actor;
use crate::core::civil;
use crate::core::institution::{self as rules, Belonging, TransferFault, village_on};
use crate::places::structure::{self, Effect};
use crate::places::villages::reference::{require_desa, require_life};
use crate::platform::db::WriteTx;
use crate::platform::error::{Error, FieldErrors};
use crate::platform::http::VillageCode;

/// The most transfers of one institution.
const MOST_TRANSFERS: usize = 20;

/// An institution passes to another village.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(example = json!({"village_code": "63.11.06.2006", "from": "2025-07-01", "reason": "Desa dimekarkan"}))]
pub struct InstitutionTransfer {
    /// A desa of the same district.
    pub village_code: VillageCode,
    /// The first day on which it belongs to that village. Before it the old village counts.
    #[schema(example = "2025-07-01")]
    pub from: NaiveDate,
    /// The reason; stored with the new version.
    #[schema(min_length = 1, max_length = 300, example = "Desa dimekarkan")]
    pub reason: String,
}

/// Transfers an institution. The same transfer sent again returns the institution as it is now.
pub async fn transfer(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    transfer: InstitutionTransfer,
) -> Result<Institution, Error> {
    let InstitutionTransfer {
        village_code: to,
        from,
        reason,
    } = transfer;
    let (stamp, seen) = begin_change(tx, actor, id).await?;
    let before = seen.villages();
    let new = Belonging {
        village_code: to.as_str().to_owned(),
        from: Some(from),
    };
    if before.contains(&new) {
        return seen.try_into();
    }
    let found = references_of(tx, stamp, &seen, &[new]).await?;
    let mut errors = FieldErrors::default();
    let village = found.village(to.as_str());
    require_desa(&mut errors, village, &to);
    require_life(&mut errors, village, from, "#/from");
    errors.check(YEARS.contains(&from.year()), || {
        Error::rule(
            "#/from",
            "Tahun harus antara 1900 dan 2200.",
            "The year must lie between 1900 and 2200.",
        )
    });
    let after = match rules::transfer(&before, to.as_str(), from) {
        Ok(after) => after,
        Err(fault) => {
            errors.add(impossible(fault, &to));
            return Err(errors.into_error());
        }
    };
    errors.check(after.len() <= MOST_TRANSFERS + 1, || {
        Error::rule(
            "#",
            format!("Paling banyak {MOST_TRANSFERS} pemindahan per lembaga."),
            format!("At most {MOST_TRANSFERS} transfers per institution."),
        )
    });
    let starts = seen.decrees.iter().map(|decree| decree.starts_on);
    for day in starts.filter(|day| village_on(&before, *day) != village_on(&after, *day)) {
        require_village_on(&mut errors, &found, &after, day, "#/from");
    }
    errors.into_result()?;
    let next = belonging_to(&seen, &after);
    ensure_unique(tx, &next.row).await?;
    let warning = match has_counted(&seen, civil::date_of(stamp.at)) {
        true => {
            let district = Some(seen.row.district_code.as_str());
            structure::check(tx, stamp, district, effect(&before, &after, from), Some(&reason)).await?
        }
        false => None,
    };
    let transferred = append(tx, actor, stamp, &seen.row, next, Some(reason)).await?;
    Ok(Institution {
        warnings: warning.into_iter().collect(),
        ..transferred.try_into()?
    })
}

/// Returns the days on which the village differs. `from` is the day of the transfer.
fn effect(before: &[Belonging], after: &[Belonging], from: NaiveDate) -> Effect {
    let last = before.last();
    let same_village = last.map(|last| &last.village_code) == after.last().map(|last| &last.village_code);
    // A transfer to the village of the last one corrects the day.
    match last.and_then(|last| last.from).filter(|_| same_village) {
        Some(day) => Effect {
            from: Some(min(day, from)),
            until: Some(max(day, from)),
        },
        None => Effect::from_day(from),
    }
}

fn impossible(fault: TransferFault, to: &VillageCode) -> Error {
    match fault {
        TransferFault::SameVillage => Error::rule(
            "#/village_code",
            format!("Lembaga ini sudah berada di {to}."),
            format!("The institution already belongs to {to}."),
        ),
        TransferFault::NotAfter(day) => Error::rule(
            "#/from",
            format!("Pemindahan sebelumnya berlaku sejak {day}; sebut hari sesudahnya."),
            format!("An earlier transfer took effect on {day}; name a later day."),
        ),
    }
}

/// Returns an institution with these villages.
fn belonging_to(seen: &Whole, villages: &[Belonging]) -> Whole {
    let mut next = seen.clone();
    let Some((last, former)) = villages.split_last() else {
        return next;
    };
    let institution::Model {
        village_code,
        village_from,
        ..
    } = &mut next.row;
    (*village_code, *village_from) = (last.village_code.clone(), last.from);
    let id = next.row.id;
    let former = (0..).zip(former).map(|(position, village)| former_village::Model {
        institution_id: id,
        version: 0,
        position,
        village_code: village.village_code.clone(),
        from_day: village.from,
    });
    next.former = former.collect();
    next
}
