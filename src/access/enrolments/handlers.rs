//! HTTP operations.

use actix_web::{HttpRequest, post, web};
use uuid::Uuid;

use super::dto::{EnrolledDevice, Enrolment, EnrolmentExchange};
use super::{exchange, service};
use crate::access::auth::TokenService;
use crate::access::auth::handlers::network;
use crate::access::permissions::{ClientsWrite, Permission};
use crate::access::{Public, Requires, audit};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::public_url::PublicUrl;
use crate::platform::http::{Json, NewSecret, Path, PublicBody};

/// Create an enrolment code
///
/// For a client of kind `device`: show the QR code, or the code itself, to the phone that becomes this device. The 201
/// shows them this once. A code is valid for 24 hours and one phone; a new code replaces an unused older code. Nothing
/// changes for the device until a phone exchanges the code. The token needs every scope of the device's role; if the device
/// has been in use, the sign-in must be within the last 15 minutes (else 401 `insufficient_user_authentication`).
///
/// The link names `IKU_PUBLIC_URL`, or the address of this request if that setting is absent.
#[utoipa::path(
    tag = "clients", operation_id = "createEnrolment",
    params(("id" = Uuid, Path, description = "Id of the device")),
    security(("oauth2" = [ClientsWrite::SCOPE])),
    responses(
        NewSecret<Enrolment>,
        (status = 409, description = "Not a device, or inactive"),
    )
)]
#[post("/clients/{id}/enrolments")]
pub async fn create(
    actor: Requires<ClientsWrite>,
    req: HttpRequest,
    db: web::Data<Db>,
    public_url: web::Data<PublicUrl>,
    id: Path<Uuid>,
) -> Result<NewSecret<Enrolment>, Error> {
    let server = public_url.for_caller(&req);
    let content = db
        .write(async |tx| service::create(tx, &actor, id.0, &server).await)
        .await?;
    audit::event("enrolment code made", &actor.source(), &id.0.to_string());
    let location = format!("/v1/clients/{}", id.0);
    Ok(NewSecret { location, content })
}

/// Enrol a phone
///
/// The phone makes a secret of 256 random bits, stores it, and then sends it here with the code. From then on the phone
/// signs in with `client_id` and that secret (`grant_type=client_credentials`); the earlier secret and sessions of the
/// device end. A secret with fewer than 16 different characters is refused: 422 `weak_secret`. If the response is lost, send the same request again: it has the same result as long as the device has this
/// secret. A code that is unknown, expired or used with another secret is a 400 `invalid_grant`. Ten failures in a minute
/// with one code from one address are followed by 429.
#[utoipa::path(
    tag = "auth", operation_id = "enrolDevice", request_body = EnrolmentExchange,
    security(()),
    responses(
        Json<EnrolledDevice>,
        (status = 422, description = "The secret is not random"),
    )
)]
#[post("/auth/enrolments")]
pub async fn enrol(
    _public: Public,
    req: HttpRequest,
    db: web::Data<Db>,
    token_service: web::Data<TokenService>,
    body: PublicBody<EnrolmentExchange>,
) -> Result<Json<EnrolledDevice>, Error> {
    exchange::exchange(&db, &token_service, body.0, &network(&req)?)
        .await
        .map(Json)
}
