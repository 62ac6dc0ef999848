//! The quotas of phones: a stolen phone can neither fill the disk nor move a survey without end.
//!
//! `device_quota` counts for each phone and changes in the transaction of every answer. Its row is locked after the
//! stamps, so transactions of several instances count one after the other. People have no quota.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, DurationRound, NaiveDate, TimeDelta, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use ::entity::device_quota::{Column as C, Entity as DeviceQuotas, Model};
use ::entity::{held_response, response};

use crate::core::civil;
use crate::platform::db::WriteTx;
use crate::platform::error::{Code, Error};
use crate::platform::metrics::METRICS;

/// Seconds after which a phone with a used-up quota may try again: a new day may have begun, or an officer decided.
const RETRY_AFTER: u64 = 3600;
/// Rows of one statement.
const ROWS_PER_STATEMENT: usize = 1000;

/// The most answers of one phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// Held answers that no officer has decided on.
    pub held: u32,
    /// Answers that count from their receipt, in one WITA day.
    pub daily: u32,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            held: 2000,
            daily: 5000,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quota {
    Held,
    Daily,
}

/// Returns the quota that a new answer takes from.
pub fn quota_of(row: &response::Model) -> Quota {
    match row.counted_from {
        Some(_) => Quota::Daily,
        None => Quota::Held,
    }
}

/// What some phones have used. Their rows are locked until the transaction ends.
#[derive(Debug)]
pub struct Usage {
    quotas: Quotas,
    today: NaiveDate,
    rows: BTreeMap<Uuid, Model>,
    changed: BTreeSet<Uuid>,
}

impl Usage {
    /// Locks the rows of these phones. The transaction has its stamps.
    pub async fn lock(
        tx: &WriteTx,
        quotas: Quotas,
        now: DateTime<Utc>,
        devices: impl IntoIterator<Item = Uuid>,
    ) -> Result<Self, Error> {
        let devices: BTreeSet<Uuid> = devices.into_iter().collect();
        let mut rows = locked(tx, &devices).await?;
        if rows.len() < devices.len() {
            let missing = devices.iter().filter(|id| !rows.contains_key(id));
            let missing = missing.map(|id| Model {
                device_id: *id,
                ..Model::default()
            });
            // Another instance may insert the same row at the same moment.
            let new: Vec<Model> = missing.collect();
            insert(tx, &new, OnConflict::column(C::DeviceId).do_nothing().to_owned()).await?;
            rows = locked(tx, &devices).await?;
        }
        let today = civil::date_of(now);
        for row in rows.values_mut().filter(|row| row.counted_on != Some(today)) {
            (row.counted_on, row.counted) = (Some(today), 0);
        }
        Ok(Self {
            quotas,
            today,
            rows,
            changed: BTreeSet::new(),
        })
    }

    /// Counts an answer of a phone (`None`: of a person); 429 when the quota is used up.
    pub fn take(&mut self, device: Option<Uuid>, quota: Quota) -> Result<(), Error> {
        let Some(row) = device.and_then(|id| self.rows.get_mut(&id)) else {
            return Ok(());
        };
        let (used, most, reported_on) = match quota {
            Quota::Held => (&mut row.held, self.quotas.held, &mut row.held_reported_on),
            Quota::Daily => (&mut row.counted, self.quotas.daily, &mut row.counted_reported_on),
        };
        if *used < i64::from(most) {
            *used += 1;
            self.changed.insert(row.device_id);
            return Ok(());
        }
        if *reported_on != Some(self.today) {
            *reported_on = Some(self.today);
            self.changed.insert(row.device_id);
            report(row.device_id, quota, most);
        }
        Err(used_up(quota, most))
    }

    /// Takes an answer out of the count again: it was not stored, or an officer has decided on it.
    pub fn give_back(&mut self, device: Option<Uuid>, quota: Quota) {
        if let Some(row) = device.and_then(|id| self.rows.get_mut(&id)) {
            let used = match quota {
                Quota::Held => &mut row.held,
                Quota::Daily => &mut row.counted,
            };
            *used = (*used - 1).max(0);
            self.changed.insert(row.device_id);
        }
    }

    /// Counts a held answer again. It was counted before, so no quota refuses it.
    fn hold_again(&mut self, device: Uuid) {
        if let Some(row) = self.rows.get_mut(&device) {
            row.held += 1;
            self.changed.insert(device);
        }
    }

    /// Returns what is remembered of the last answers of a phone.
    pub fn memory_of(&self, device: Uuid) -> Option<&[u8]> {
        self.rows
            .get(&device)
            .map(|row| row.recent.as_deref().unwrap_or_default())
    }

    pub fn remember(&mut self, device: Uuid, recent: Vec<u8>) {
        if let Some(row) = self.rows.get_mut(&device) {
            row.recent = Some(recent);
            self.changed.insert(device);
        }
    }

    /// Counts a new answer of a survey link in the clock hour, and returns how many there are with it.
    pub fn count_in_hour(&mut self, link: Uuid, now: DateTime<Utc>) -> i64 {
        let Some(row) = self.rows.get_mut(&link) else {
            return 0;
        };
        let hour = now.duration_trunc(TimeDelta::hours(1)).ok();
        if row.hour != hour {
            (row.hour, row.in_hour) = (hour, 0);
        }
        row.in_hour += 1;
        self.changed.insert(link);
        row.in_hour
    }

    /// Stores what has changed.
    pub async fn save(self, tx: &WriteTx) -> Result<(), Error> {
        let changed = self
            .rows
            .into_values()
            .filter(|row| self.changed.contains(&row.device_id));
        let columns = [
            C::Held,
            C::CountedOn,
            C::Counted,
            C::HeldReportedOn,
            C::CountedReportedOn,
            C::Recent,
            C::Hour,
            C::InHour,
        ];
        let replace = OnConflict::column(C::DeviceId).update_columns(columns).to_owned();
        insert(tx, &changed.collect::<Vec<_>>(), replace).await
    }
}

/// Takes held answers of these phones (`None`: of a person) out of the count, since an officer has decided on them.
pub async fn give_back_held(
    tx: &WriteTx,
    now: DateTime<Utc>,
    devices: impl IntoIterator<Item = Option<Uuid>>,
) -> Result<(), Error> {
    change_held(tx, now, devices, |usage, device| {
        usage.give_back(Some(device), Quota::Held)
    })
    .await
}

/// Counts held answers of these phones again, since an officer has restored them. More than the quota may wait then.
pub async fn hold_again(
    tx: &WriteTx,
    now: DateTime<Utc>,
    devices: impl IntoIterator<Item = Option<Uuid>>,
) -> Result<(), Error> {
    change_held(tx, now, devices, Usage::hold_again).await
}

async fn change_held(
    tx: &WriteTx,
    now: DateTime<Utc>,
    devices: impl IntoIterator<Item = Option<Uuid>>,
    change: impl Fn(&mut Usage, Uuid),
) -> Result<(), Error> {
    let devices: Vec<Uuid> = devices.into_iter().flatten().collect();
    let mut usage = Usage::lock(tx, Quotas::default(), now, devices.iter().copied()).await?;
    for device in devices {
        change(&mut usage, device);
    }
    usage.save(tx).await
}

/// A phone whose count of held answers is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldDifference {
    pub device_id: Uuid,
    pub counted: i64,
    pub held: i64,
}

/// Compares the counts of held answers with the answers; returns the wrong ones by phone.
pub async fn verify_held(conn: &impl ConnectionTrait) -> Result<Vec<HeldDifference>, Error> {
    use held_response::Column as Held;
    let held: Vec<(Uuid, i64)> = held_response::Entity::find()
        .select_only()
        .column(Held::DeviceId)
        .column_as(Held::Id.count(), "held")
        .filter(Held::Decision.is_null())
        .filter(Held::DeviceId.is_not_null())
        .group_by(Held::DeviceId)
        .into_tuple()
        .all(conn)
        .await?;
    let rows = DeviceQuotas::find().all(conn).await?;
    let mut all: BTreeMap<Uuid, (i64, i64)> = rows.into_iter().map(|row| (row.device_id, (row.held, 0))).collect();
    for (device, held) in held {
        all.entry(device).or_default().1 = held;
    }
    let differences = all.into_iter().map(|(device_id, (counted, held))| HeldDifference {
        device_id,
        counted,
        held,
    });
    Ok(differences.filter(|d| d.counted != d.held).collect())
}

/// Corrects the wrong counts of held answers, and returns what they were.
pub async fn recount_held(tx: &WriteTx) -> Result<Vec<HeldDifference>, Error> {
    let suspects = verify_held(tx).await?.into_iter().map(|d| d.device_id);
    let mut usage = Usage::lock(tx, Quotas::default(), tx.clock().now(), suspects).await?;
    // Read again: a phone may have sent answers before its row was locked.
    let mut wrong = verify_held(tx).await?;
    wrong.retain(|difference| usage.rows.contains_key(&difference.device_id));
    for difference in &wrong {
        if let Some(row) = usage.rows.get_mut(&difference.device_id) {
            row.held = difference.held;
            usage.changed.insert(row.device_id);
        }
    }
    usage.save(tx).await?;
    Ok(wrong)
}

async fn locked(tx: &WriteTx, devices: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, Model>, Error> {
    if devices.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = DeviceQuotas::find()
        .filter(C::DeviceId.is_in(devices.iter().copied()))
        .order_by_asc(C::DeviceId)
        .lock_exclusive()
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|row| (row.device_id, row)).collect())
}

async fn insert(tx: &WriteTx, rows: &[Model], on_conflict: OnConflict) -> Result<(), Error> {
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        let active = chunk.iter().map(|row| row.clone().into_active_model().reset_all());
        let insert = DeviceQuotas::insert_many(active).on_conflict(on_conflict.clone());
        insert.exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Tells the operators, once per phone, quota and day.
fn report(device: Uuid, quota: Quota, most: u32) {
    let name = match quota {
        Quota::Held => "held",
        Quota::Daily => "daily",
    };
    METRICS.device_quota_reached(name);
    tracing::warn!(client = %device, quota = name, most, "a phone has used up its quota; its further answers are deferred");
}

fn used_up(quota: Quota, most: u32) -> Error {
    let error = Error::new(Code::DeviceQuota);
    let error = match quota {
        Quota::Held => error.detail(
            format!(
                "{most} jawaban ponsel ini masih menunggu keputusan petugas. Simpan jawaban ini dan kirim lagi nanti."
            ),
            format!(
                "{most} answers of this phone wait for an officer's decision. Keep this answer and send it again later."
            ),
        ),
        Quota::Daily => error.detail(
            format!(
                "Hari ini sudah {most} jawaban dari ponsel ini yang dihitung. Simpan jawaban ini dan kirim lagi besok."
            ),
            format!("{most} answers of this phone count today already. Keep this answer and send it again tomorrow."),
        ),
    };
    Error {
        retry_after: Some(RETRY_AFTER),
        ..error
    }
}
