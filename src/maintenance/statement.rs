//! Compares a database with a statement that was kept elsewhere. An older backup lacks the closing, or the journal before it.

use sea_orm::EntityTrait;

use ::entity::closing::Entity as Closings;
use ::entity::journal::Entity as Journal;

use super::schema::{self, Schema};
use super::{sentence, sqlite};
use crate::closings::keys;
use crate::closings::verification::{self, JournalHead, Statement};
use crate::platform::db::{ReadTx, Reader, journal};
use crate::platform::error::{Error, OrInternal};
use crate::platform::fingerprint::to_hex;

/// What was found, or the difference; both are sentences.
pub type Comparison = Result<String, String>;

pub async fn compare(url: &str, statement: &str) -> Result<Comparison, String> {
    sqlite::ensure_exists(url)?;
    let reader = Reader::open(url)
        .await
        .map_err(|e| format!("The database cannot be opened: {}.", sqlite::cause(&e)))?;
    let compared = reader.read(async |tx| with_database(tx, statement).await).await;
    reader.close().await;
    compared.map_err(sentence)?
}

async fn with_database(tx: &ReadTx, text: &str) -> Result<Result<Comparison, String>, Error> {
    match schema::of(tx).await? {
        Schema::Current => {}
        other => {
            return Ok(Err(format!(
                "The database cannot be checked: {}.",
                schema::text(&other)
            )));
        }
    }
    let published = serde_json::to_string(&keys::published(tx).await?).or_internal()?;
    let published = verification::keys(&published).map_err(Error::internal)?;
    let said = match verification::statement(text, &published) {
        Ok((said, _)) => said,
        Err(fault) => return Ok(Ok(Err(fault))),
    };
    if let Some(head) = &said.journal
        && let Err(difference) = journal_reaches(tx, head).await?
    {
        return Ok(Ok(Err(difference)));
    }
    Ok(Ok(has_closing(tx, text, &said).await?))
}

async fn journal_reaches(tx: &ReadTx, named: &JournalHead) -> Result<Result<(), String>, Error> {
    let JournalHead { chain, seq, hash } = named;
    let event = Journal::find_by_id((chain.clone(), *seq)).one(tx).await?;
    Ok(match event.map(|event| to_hex(&event.hash)) {
        Some(found) if found == *hash => Ok(()),
        Some(_) => Err(format!(
            "Event {seq} of the journal of {chain} is not the one that the statement names: the journal was changed, or the database went another way."
        )),
        None => {
            let last = journal::head(tx, chain).await?.map_or(0, |head| head.seq);
            Err(format!(
                "The journal of {chain} ends with event {last}, and the statement names event {seq}: the database is older than the statement."
            ))
        }
    })
}

async fn has_closing(tx: &ReadTx, text: &str, said: &Statement) -> Result<Comparison, Error> {
    let Statement {
        jti,
        district,
        period,
        version,
        ..
    } = said;
    Ok(match Closings::find_by_id(*jti).one(tx).await? {
        Some(row) if row.statement == text => Ok(format!(
            "The database has the closing {jti}, version {version} of {district} {period}, and the journal before it."
        )),
        Some(_) => Err(format!("The database has another statement of the closing {jti}.")),
        None => Err(format!(
            "The database does not have the closing {jti}: it is older than the statement, or the closing was removed."
        )),
    })
}
