//! Checks that every closing is whole: its document and its statement have their digests, a published key signed the statement, the
//! columns say what the statement says, and the closings of a district are one chain.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use ::entity::closing::{Column as C, Entity as Closings, Model};
use ::entity::closing_document::{self, Entity as Documents};
use ::entity::journal::{Column as J, Entity as Journal};

use super::{Findings, SHOWN};
use crate::closings::keys;
use crate::closings::verification::{self, PublishedKey, Reference, Statement};
use crate::platform::db::ReadTx;
use crate::platform::db::journal::Resource;
use crate::platform::db::journal::content::digest_of;
use crate::platform::error::{Error, OrInternal};
use crate::platform::fingerprint::{sha256_hex, to_hex};

/// The closings that are read at once.
const STEP: u64 = 100;

pub async fn check(tx: &ReadTx, findings: &mut Findings) -> Result<(), Error> {
    let published = serde_json::to_string(&keys::published(tx).await?).or_internal()?;
    let published = verification::keys(&published).map_err(Error::internal)?;
    let (mut checked, mut shown) = (0, 0);
    // The newest versions of the district, oldest first.
    let mut before: Vec<Model> = Vec::new();
    loop {
        let next = Closings::find()
            .order_by_asc(C::DistrictCode)
            .order_by_asc(C::ClosedAt)
            .order_by_asc(C::Id)
            .offset(checked)
            .limit(STEP)
            .all(tx)
            .await?;
        if next.is_empty() {
            break;
        }
        for row in next {
            checked += 1;
            if before
                .first()
                .is_some_and(|first| first.district_code != row.district_code)
            {
                before.clear();
            }
            let document = Documents::find()
                .filter(closing_document::Column::ClosingId.eq(row.id))
                .one(tx)
                .await?;
            let document = document.map(|stored| stored.document);
            let said = said(&row, document.as_deref(), &before, &published);
            let fault = match said {
                Ok(said) => in_journal(tx, &row, &said).await?.err(),
                Err(fault) => Some(fault),
            };
            if let Some(fault) = fault
                && shown < SHOWN
            {
                shown += 1;
                findings.errors.push(format!("closings: {} {fault}", row.id));
            }
            before.retain(|earlier| earlier.period != row.period);
            before.push(row);
        }
    }
    findings.checked.push(format!("closings: {checked}"));
    Ok(())
}

/// Returns what the statement of a closing says. The error is what is wrong with the closing, as the end of a sentence. `before`
/// are the earlier closings of the district, the last version of each period.
fn said(row: &Model, document: Option<&[u8]>, before: &[Model], keys: &[PublishedKey]) -> Result<Statement, String> {
    let holds = |is_good: bool, fault: &str| if is_good { Ok(()) } else { Err(fault.to_owned()) };
    holds(
        sha256_hex(row.statement.as_bytes()) == row.statement_sha256,
        "has another statement than it had",
    )?;
    let (said, key) =
        verification::statement(&row.statement, keys).map_err(|fault| format!("is not valid: {fault}"))?;
    let document = document.ok_or("has no document")?;
    verification::document(document, &said).map_err(|fault| format!("is not valid: {fault}"))?;
    let own = (
        row.id,
        &row.district_code,
        &row.period,
        row.version,
        row.closed_at,
        &row.kid,
    );
    let told = (
        said.jti,
        &said.district,
        &said.period,
        said.version,
        said.as_of,
        &key.kid,
    );
    holds(own == told, "has other columns than its statement")?;
    holds(
        said.document.sha256 == row.document_sha256 && i64::try_from(said.document.bytes) == Ok(row.document_bytes),
        "has another digest of its document than its statement",
    )?;
    let reference = |row: &Model| Reference {
        jti: row.id,
        sha256: row.statement_sha256.clone(),
    };
    let (previous, replaced) = (
        before.last(),
        before.iter().find(|earlier| earlier.period == row.period),
    );
    holds(
        said.previous == previous.map(reference) && row.previous_id == previous.map(|row| row.id),
        "does not follow the closing of the district before it",
    )?;
    holds(
        said.replaces == replaced.map(reference)
            && row.replaces_id == replaced.map(|row| row.id)
            && row.version == replaced.map_or(0, |row| row.version) + 1,
        "does not follow the version before it",
    )?;
    Ok(said)
}

/// Compares a closing with the journal: the statement names the event before its own, and its own event names the statement.
async fn in_journal(tx: &ReadTx, row: &Model, said: &Statement) -> Result<Result<(), String>, Error> {
    let own = Journal::find()
        .filter(J::Chain.eq(row.district_code.as_str()))
        .filter(J::Resource.eq(Resource::Closing.as_str()))
        .filter(J::Key.eq(row.id.to_string()))
        .one(tx)
        .await?;
    let Some(own) = own else {
        return Ok(Err("has no event in the journal".to_owned()));
    };
    let before = Journal::find_by_id((row.district_code.clone(), own.seq - 1))
        .one(tx)
        .await?;
    let known = before.map(|event| (event.chain, event.seq, to_hex(&event.hash)));
    let named = said
        .journal
        .as_ref()
        .map(|head| (head.chain.clone(), head.seq, head.hash.clone()));
    Ok(
        match (known == named, own.content == Some(digest_of([&row.statement]))) {
            (true, true) => Ok(()),
            (false, _) => Err("names another event before its own than the journal".to_owned()),
            (true, false) => Err("has an event of another statement".to_owned()),
        },
    )
}
