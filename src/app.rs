//! The one `configure` that the server, the tests and `iku openapi` share.

use std::sync::{Arc, OnceLock};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, Error as ActixError, web};
use utoipa::OpenApi;
use utoipa::openapi::security::{ClientCredentials, Flow, OAuth2, Password, Scopes, SecurityScheme};
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_actix_web::{AppExt, scope};

use crate::access::auth::TokenService;
use crate::access::auth::revocation::{RevocationTask, refresh_unknown_keys};
use crate::access::guard::authenticate;
use crate::access::permissions::SCOPES;
use crate::facts::responses::WriteQueue;
use crate::ops::metrics::MetricsToken;
use crate::platform::db::Db;
use crate::platform::http::client::TrustedProxies;
use crate::platform::http::limits::RateLimiter;
use crate::platform::http::middleware::access_log::access_log;
use crate::platform::http::middleware::compression::{skip_small_bodies, suffix_etags};
use crate::platform::http::middleware::cors::cors;
use crate::platform::http::middleware::deprecation::{self, Deprecated, deprecation};
use crate::platform::http::middleware::methods::{fallback, methods};
use crate::platform::http::middleware::problems::{catch_panics, problems};
use crate::platform::http::middleware::rate_limit::rate_limit;
use crate::platform::http::middleware::request_context::request_context;
use crate::platform::http::middleware::security_headers::security_headers;
use crate::platform::http::problem::Problem;
use crate::platform::http::public_url::PublicUrl;
use crate::platform::http::{Contract, DistrictCode, Slug, VillageCode, document};
use crate::results::response_cache::ResponseCache;
use crate::{access, facts, ops, places, plan, results};

/// The text at the top of Swagger UI.
const DESCRIPTION: &str = "\
Indikator Kinerja Utama (IKU) Kecamatan Paringin: lima indikator, dihitung dari catatan dan dijelaskan sampai ke catatannya.

**Mulai:** tekan *Authorize*, isi nama pengguna dan kata sandi, biarkan kolom client kosong, tekan *Authorize* lagi. Lalu buka \
sebuah operasi dan tekan *Execute*; contohnya dapat langsung dijalankan.

The key performance indicators of the sub-district of Paringin, computed from the records and explained down to the record.

**Start:** press *Authorize*, fill in user name and password, leave the client fields empty, press *Authorize* again. Then open \
an operation and press *Execute*; the examples run without changes.

- Errors are `application/problem+json`; every field at fault is listed. `Accept-Language: id` or `en` chooses the language.
- Lists answer `{items, next_cursor}`; send the cursor with the same filters to get the next page.
- Changes need `If-Match` with the `ETag` that was read. Nothing is overwritten: `/versions` shows who changed what, when and why.
- A creating POST with an `id` of your own can be sent again safely.
- A body has at most 1 MiB; it may be sent with `Content-Encoding: gzip`.
- `as_of` returns the results as they were known at an earlier instant. Dates are WITA; instants are UTC.
";

/// What handlers reach through `web::Data`; shared by all workers.
#[derive(Clone, Debug)]
pub struct Service {
    pub db: web::Data<Db>,
    pub write_queue: web::Data<WriteQueue>,
    pub token_service: web::Data<TokenService>,
    pub public_url: web::Data<PublicUrl>,
    pub metrics_token: web::Data<MetricsToken>,
    pub trusted_proxies: web::Data<TrustedProxies>,
    pub rate_limiter: web::Data<RateLimiter>,
    /// Origins whose web pages may use the service.
    pub cors_origins: Vec<String>,
    /// People reach the service by https.
    pub https: bool,
    pub deprecated: &'static [Deprecated],
    pub response_cache: web::Data<ResponseCache>,
    /// Keeps the token service up to date until the service is dropped.
    pub revocation_task: Arc<RevocationTask>,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "iku",
        description = DESCRIPTION,
        contact(name = "Kecamatan Paringin", url = "https://balangankab.go.id", email = "paringin@balangankab.go.id"),
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    servers((url = "/v1")),
    // In the order in which a person gets to know the service: sign-in, results, facts, everything else.
    tags(
        (name = "auth", description = "Masuk dan keluar: token OAuth 2.0.\n\nSigning in and out: OAuth 2.0 tokens."),
        (name = "me", description = "Pengguna yang sedang masuk.\n\nThe user who is signed in."),
        (name = "realisations", description = "Nilai indikator per periode dan penjelasannya sampai ke catatan.\n\nThe indicators' values by period, explained down to the record."),
        (name = "indicators", description = "Indikator kinerja utama dan rumusnya.\n\nThe key performance indicators and their formulas."),
        (name = "targets", description = "Target per periode.\n\nTargets by period."),
        (name = "decrees", description = "Keputusan Camat yang menetapkan IKU.\n\nThe decrees that set the indicators."),
        (name = "surveys", description = "Survei kepuasan masyarakat (IKU 1).\n\nSatisfaction surveys (IKU 1)."),
        (name = "responses", description = "Jawaban survei; aman dikirim ulang.\n\nSurvey answers; safe to send again."),
        (name = "held-responses", description = "Jawaban yang ditahan sampai petugas memutuskan.\n\nAnswers that are held until an officer decides."),
        (name = "reports", description = "Laporan desa yang disampaikan (IKU 4 dan 5).\n\nVillage reports that were delivered (IKU 4 and 5)."),
        (name = "report-kinds", description = "Jenis laporan yang wajib disampaikan desa.\n\nThe kinds of reports that a village owes."),
        (name = "institutions", description = "Lembaga kemasyarakatan desa dan keputusannya (IKU 2).\n\nVillage institutions and their decrees (IKU 2)."),
        (name = "cases", description = "Gangguan ketenteraman dan ketertiban umum (IKU 3).\n\nPublic-order cases (IKU 3)."),
        (name = "districts", description = "Kecamatan.\n\nDistricts."),
        (name = "villages", description = "Desa dan kelurahan.\n\nVillages: desa and kelurahan."),
        (name = "references", description = "Daftar kode: kuesioner, seksi, jenis lembaga, kategori gangguan.\n\nCode lists: questionnaires, sections, kinds of institutions, categories of cases."),
        (name = "users", description = "Orang yang memakai layanan.\n\nThe people who use the service."),
        (name = "clients", description = "Sistem dan gawai yang memakai layanan.\n\nThe systems and devices that use the service."),
        (name = "contract", description = "Kontrak ini dan arti kode masalah.\n\nThis contract, and what the problem codes mean."),
        (name = "health", description = "Keadaan layanan, untuk pengelola.\n\nHow the service is, for its operators.")
    ),
    // Types that only parameters use are not collected from the operations.
    components(schemas(Problem, DistrictCode, VillageCode, Slug)),
    modifiers(&Security)
)]
struct Frame;

struct Security;

impl utoipa::Modify for Security {
    fn modify(&self, doc: &mut utoipa::openapi::OpenApi) {
        let scopes = || Scopes::from_iter(SCOPES.iter().copied());
        let token = "/v1/auth/token";
        // Two schemes, so that the form for people comes first and whole in Swagger UI.
        let people =
            "Orang / people: nama pengguna dan kata sandi; kolom client dikosongkan / leave the client fields empty.";
        let clients =
            "Sistem dan ponsel / systems and phones: id dan rahasia dari / id and secret from POST /v1/clients.";
        let password = OAuth2::with_description([Flow::Password(Password::new(token, scopes()))], people);
        let credentials = Flow::ClientCredentials(ClientCredentials::new(token, scopes()));
        let components = doc.components.get_or_insert_default();
        components.add_security_scheme("oauth2", SecurityScheme::OAuth2(password));
        let credentials = OAuth2::with_description([credentials], clients);
        components.add_security_scheme("oauth2_clients", SecurityScheme::OAuth2(credentials));
    }
}

/// Everything under `/v1`.
fn v1(c: &mut ServiceConfig) {
    // Results first: `/reports/completeness` must be found before `/reports/{id}`. Paths are tried one after the other, so
    // the most frequent requests come first.
    c.configure(results::configure)
        .configure(facts::configure)
        .configure(places::configure)
        .configure(plan::configure)
        .configure(access::configure);
}

/// Operations under `/v1` beside those of the API. The service has none; the benchmarks mount what they compare with.
pub type Beside = fn(&mut ServiceConfig);

fn nothing_beside(_: &mut ServiceConfig) {}

/// The routes and the document they make. Needs no database: handlers look theirs up per request.
fn mount<T>(app: App<T>, beside: Beside) -> (App<T>, utoipa::openapi::OpenApi)
where
    T: ServiceFactory<ServiceRequest, Config = (), Error = ActixError, InitError = ()>,
{
    let (app, doc) = app
        .into_utoipa_app()
        .openapi(Frame::openapi())
        // `scope("/v1")` would put the prefix into the paths of the document; `servers` has it.
        .service(scope(web::scope("/v1")).configure(v1).configure(beside))
        .service(access::auth::handlers::jwks)
        .service(access::auth::metadata::metadata)
        .configure(ops::configure)
        .split_for_parts();
    (app.configure(ops::swagger::configure), doc)
}

/// The finished OpenAPI document.
pub fn openapi() -> serde_json::Value {
    openapi_with(nothing_beside)
}

fn openapi_with(beside: Beside) -> serde_json::Value {
    let doc = mount(App::new(), beside).1;
    let mut value = serde_json::to_value(doc).unwrap_or_default();
    document::finish(&mut value);
    deprecation::mark(&mut value, deprecation::TABLE);
    value
}

/// The document, compiled once per process.
pub fn contract() -> Result<web::Data<Contract>, String> {
    static CONTRACT: OnceLock<Result<web::Data<Contract>, String>> = OnceLock::new();
    CONTRACT
        .get_or_init(|| Contract::compile(openapi()).map(web::Data::new))
        .clone()
}

/// The same with operations beside the API, compiled anew.
pub fn contract_with(beside: Beside) -> Result<web::Data<Contract>, String> {
    Contract::compile(openapi_with(beside)).map(web::Data::new)
}

/// The whole application with operations beside the API; `contract` must know them.
pub fn build(
    service: Service,
    contract: web::Data<Contract>,
    beside: Beside,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = ActixError,
        InitError = (),
    >,
> {
    let app = App::new()
        .app_data(service.db)
        .app_data(service.write_queue)
        .app_data(service.token_service)
        .app_data(service.public_url)
        .app_data(service.metrics_token)
        .app_data(service.trusted_proxies)
        .app_data(service.rate_limiter)
        .app_data(service.deprecated)
        .app_data(service.response_cache)
        .app_data(contract)
        // The last `wrap` is the outermost. Read this list from the bottom up: that is the order in which a request meets them.
        // Its answer passes them from the top down.
        .wrap(from_fn(catch_panics))
        .wrap(from_fn(methods))
        .wrap(from_fn(skip_small_bodies))
        .wrap(Compress::default())
        .wrap(from_fn(suffix_etags))
        .wrap(from_fn(deprecation))
        .wrap(from_fn(rate_limit))
        .wrap(from_fn(authenticate))
        .wrap(from_fn(refresh_unknown_keys))
        .wrap(cors(&service.cors_origins))
        .wrap(from_fn(problems))
        .wrap(security_headers(service.https))
        .wrap(from_fn(access_log))
        .wrap(from_fn(request_context));
    mount(app, beside).0.default_service(web::to(fallback))
}
