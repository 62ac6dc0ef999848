//! HTTP in, HTTP out.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, post, web};
use uuid::Uuid;

use super::dto::{EnrolledDevice, Enrolment, EnrolmentExchange};
use super::{exchange, service};
use crate::access::auth::TokenService;
use crate::access::auth::handlers::address;
use crate::access::permissions::{ClientsWrite, Permission};
use crate::access::{Public, Requires};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::public_url::PublicUrl;
use crate::platform::http::{Body, Path, reply};

/// Make an enrolment code
///
/// For a client of kind `device`: show the QR code, or the code itself, to the one phone that is to be it. The answer
/// holds them this once. A code is good for 24 hours and one phone; a new one replaces an unused older one. Until a
/// phone exchanges it nothing changes for the device.
///
/// The link names `IKU_PUBLIC_URL`, or without that setting the address under which this request came.
#[utoipa::path(
    tag = "clients", operation_id = "createEnrolment",
    params(("id" = Uuid, Path, description = "Id of the device")),
    security(("oauth2" = [ClientsWrite::SCOPE])),
    responses(
        (status = 201, description = "The code", body = Enrolment),
        (status = 409, description = "Not a device, or switched off"),
    )
)]
#[post("/clients/{id}/enrolments")]
pub async fn create(
    actor: Requires<ClientsWrite>,
    req: HttpRequest,
    db: web::Data<Db>,
    public_url: web::Data<PublicUrl>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Error> {
    let server = public_url.for_caller(&req);
    let made: Enrolment = db
        .write(async |tx| service::create(tx, &actor, id.0, &server).await)
        .await?;
    let place = format!("/v1/clients/{}", id.0);
    let answer = HttpResponse::Created().insert_header((LOCATION, place)).json(made);
    Ok(reply::secret(answer))
}

/// Enrol a phone
///
/// The phone makes a secret of 256 random bits, stores it, and only then sends it here with the code. From then on it
/// signs in with `client_id` and that secret (`grant_type=client_credentials`); the device's earlier secret and
/// sign-ins end. When the answer is lost, send the same again: code and secret together are answered the same for as
/// long as the secret is the device's. A code that is unknown, expired or was used with another secret: 400
/// `invalid_grant`. After ten failures in a minute from one address: 429.
#[utoipa::path(
    tag = "auth", operation_id = "enrolDevice", request_body = EnrolmentExchange,
    security(()),
    responses((status = 200, description = "Enrolled", body = EnrolledDevice))
)]
#[post("/auth/enrolments")]
pub async fn enrol(
    _public: Public,
    req: HttpRequest,
    db: web::Data<Db>,
    authority: web::Data<TokenService>,
    body: Body<EnrolmentExchange>,
) -> Result<HttpResponse, Error> {
    let device: EnrolledDevice = exchange::exchange(&db, &authority, body.0, address(&req)?).await?;
    Ok(HttpResponse::Ok().json(device))
}
