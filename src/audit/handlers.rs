//! HTTP operations.

use actix_web::{get, web};

use super::dto::{AuditEventFilter, AuditEventPage};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{AuditRead, Permission};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{Paging, Query};

/// List the audit events
///
/// Every change with its author, time and reason; newest first. Each district has a chain of events, and what belongs to all has
/// one: each event has the hash of the one before it, so that none can be changed or removed unseen. One sees the events of the
/// resources that one may read; those of accounts: administrators and auditors.
#[utoipa::path(
    tag = "audit", operation_id = "listAuditEvents", params(AuditEventFilter, Paging),
    security(("oauth2" = [AuditRead::SCOPE])),
    responses(AuditEventPage)
)]
#[get("/audit-events")]
pub async fn list(
    actor: Requires<AuditRead>,
    db: web::Data<Db>,
    filter: Query<AuditEventFilter>,
    paging: Paging,
) -> Result<AuditEventPage, Error> {
    db.read(async |tx| service::list(tx, &actor, &filter.0, &paging).await)
        .await
}
