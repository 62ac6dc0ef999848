//! A changed client with all that follows: earlier tokens end, and the log says who did it.

use uuid::Uuid;

use super::dto::{Client, ClientPatch};
use super::service;
use crate::access::Actor;
use crate::access::audit::Source;
use crate::access::auth::TokenService;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{IfMatch, Patch};

/// Changes a client.
pub async fn change(
    db: &Db,
    tokens: &TokenService,
    (actor, source): (&Actor, &Source<'_>),
    id: Uuid,
    if_match: &IfMatch,
    patch: Patch<ClientPatch>,
) -> Result<Client, Error> {
    let reason = patch.reason.clone();
    let change = db
        .write(async |tx| service::patch(tx, actor, id, if_match, patch).await)
        .await?;
    tokens.revoke_tokens_before([(change.after.id, change.after.generation)]);
    change.audit("client changed", source, reason.as_deref());
    Client::try_from(change.after)
}
