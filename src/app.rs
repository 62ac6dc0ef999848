//! Builds the application for the server, the tests and `iku openapi`.

use std::sync::{Arc, LazyLock, OnceLock};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{App, Error as ActixError, web};
use utoipa::OpenApi;
use utoipa::openapi::security::{
    ClientCredentials, Flow, Http, HttpAuthScheme, OAuth2, Password, Scopes, SecurityScheme,
};
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_actix_web::{AppExt, scope};

use crate::access::auth::TokenService;
use crate::access::auth::origin::AllowedOrigins;
use crate::access::auth::revocation::{RevocationTask, refresh_unknown_keys};
use crate::access::guard::{authenticate, authenticate_system};
use crate::access::permissions::SCOPES;
use crate::closings::FourEyes;
use crate::evidence::EvidenceStore;
use crate::facts::responses::WriteQueue;
use crate::ops::health::Readiness;
use crate::ops::metrics::MetricsToken;
use crate::pages::public::PublicPage;
use crate::pages::session::SessionCookie;
use crate::platform::db::Db;
use crate::platform::http::client::TrustedProxies;
use crate::platform::http::cursor::CursorKey;
use crate::platform::http::limits::RateLimiter;
use crate::platform::http::limits::at_work::ReadQueues;
use crate::platform::http::middleware::access_log::access_log;
use crate::platform::http::middleware::at_work::at_work;
use crate::platform::http::middleware::compression::compression;
use crate::platform::http::middleware::connections::connections;
use crate::platform::http::middleware::cors::cors;
use crate::platform::http::middleware::deprecation::{self, Deprecated, deprecation};
use crate::platform::http::middleware::methods::{fallback, methods};
use crate::platform::http::middleware::preconditions::preconditions;
use crate::platform::http::middleware::problems::{catch_panics, problems};
use crate::platform::http::middleware::rate_limit::rate_limit;
use crate::platform::http::middleware::request_context::request_context;
use crate::platform::http::middleware::security_headers::security_headers;
use crate::platform::http::page::PageCache;
use crate::platform::http::part::{Configure, Part};
use crate::platform::http::problem::{OAuthProblem, Problem};
use crate::platform::http::public_url::PublicUrl;
use crate::platform::http::refusals::RefusalLog;
use crate::platform::http::upload::BodyPatience;
use crate::platform::http::{Contract, DistrictCode, Slug, VillageCode, document};
use crate::results::response_cache::ResponseCache;
use crate::{access, audit, closings, evidence, exports, facts, imports, ops, pages, places, plan, results};

/// The text at the top of Swagger UI.
const DESCRIPTION: &str = "\
Indikator Kinerja Utama (IKU) Kecamatan Paringin: lima indikator, dihitung dari catatan dan dijelaskan sampai ke catatannya. \
**Mulai:** tekan *Masuk*, isi nama dan kata sandi, buka sebuah operasi, tekan *Execute*; contohnya dapat langsung dijalankan.

The key performance indicators of the sub-district of Paringin, computed from the records and explained down to the record. \
**Start:** press *Sign in*, fill in name and password, open an operation, press *Execute*; the examples run without changes.

- Errors are `application/problem+json`; every wrong field is listed. `Accept-Language: id` or `en` chooses the language.
- A list is `{items, next_cursor}`; send the cursor with the same filters to get the next page.
- Changes need `If-Match` with the `ETag` that was read. Nothing is overwritten: `/versions` lists all changes with author, time and reason.
- A creating POST with an `id` of your own can be sent again safely.
- A body has at most 1 MiB; it may be sent with `Content-Encoding: gzip`.
- Names, numbers and reasons are one legible line (`x-text: line`), notes legible text (`x-text: lines`); `x-max-decimals` bounds decimals.
- `as_of` returns the results as they were known at an earlier instant. Dates are WITA; instants are UTC.
";

/// The state that handlers get through `web::Data`. All workers share it.
#[derive(Clone, Debug)]
pub struct Service {
    pub db: web::Data<Db>,
    pub write_queue: web::Data<WriteQueue>,
    pub token_service: web::Data<TokenService>,
    pub public_url: web::Data<PublicUrl>,
    pub cursor_key: web::Data<CursorKey>,
    pub page_cache: web::Data<PageCache>,
    pub metrics_token: web::Data<MetricsToken>,
    pub trusted_proxies: web::Data<TrustedProxies>,
    pub rate_limiter: web::Data<RateLimiter>,
    pub read_queues: web::Data<ReadQueues>,
    /// Whether who recorded facts may close a period.
    pub four_eyes: web::Data<FourEyes>,
    /// The files of evidence.
    pub evidence: web::Data<EvidenceStore>,
    pub readiness: web::Data<Readiness>,
    pub refusals: web::Data<RefusalLog>,
    pub body_patience: web::Data<BodyPatience>,
    /// Origins whose web pages may use the service.
    pub cors_origins: Vec<String>,
    /// Whether people reach the service by https.
    pub https: bool,
    /// How browsers keep the sessions of the pages.
    pub session_cookie: SessionCookie,
    /// Whether everybody may read the closed values.
    pub public_page: PublicPage,
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
    servers((url = "/")),
    // Sorted by who comes: who pulls the values, who posts answers, who enters records, who administers.
    tags(
        (name = "realisations", description = "*Penarik data*: nilai indikator per periode, dijelaskan sampai ke catatan.\n\n*Who pulls*: the indicators' values by period, explained down to the record."),
        (name = "closings", description = "*Camat dan Inspektorat*: penutupan periode, dokumen dan pernyataan yang ditandatangani.\n\n*Head and auditors*: the closings of periods, with a document and a signed statement."),
        (name = "indicators", description = "*Penarik data*: indikator kinerja utama dan rumusnya.\n\n*Who pulls*: the key performance indicators and their formulas."),
        (name = "agreements", description = "*Camat dan Sekretaris*: perjanjian kinerja, murni dan perubahan.\n\n*Head and secretary*: performance agreements and their revisions."),
        (name = "targets", description = "*Penarik data*: target per periode.\n\n*Who pulls*: targets by period."),
        (name = "notes", description = "*Petugas kecamatan*: kendala dan tindak lanjut per periode.\n\n*Officers*: obstacles and follow-ups by period."),
        (name = "past-values", description = "*Petugas kecamatan*: nilai tahun-tahun sebelum layanan ini dipakai.\n\n*Officers*: values of the years before the service was in use."),
        (name = "exports", description = "*Penarik data*: tabel untuk lembar kerja dan SAKIP, sebagai CSV atau XLSX.\n\n*Who pulls*: tables for spreadsheets and for SAKIP, as CSV or XLSX."),
        (name = "imports", description = "*Petugas kecamatan*: lembar kerja yang dicatat sekaligus, dengan uji coba lebih dahulu.\n\n*Officers*: sheets that are recorded at once, after a dry run."),
        (name = "auth", description = "*Setiap program*: token OAuth 2.0; ponsel menjadi gawai.\n\n*Every program*: OAuth 2.0 tokens; a phone becomes a device."),
        (name = "responses", description = "*Ponsel dan petugas survei*: jawaban survei; aman dikirim ulang.\n\n*Phones and surveyors*: survey answers; safe to send again."),
        (name = "surveys", description = "*Petugas kecamatan*: survei kepuasan masyarakat (IKU 1).\n\n*Officers*: satisfaction surveys (IKU 1)."),
        (name = "held-responses", description = "*Petugas kecamatan*: jawaban yang ditahan sampai petugas memutuskan.\n\n*Officers*: answers that are held until an officer decides."),
        (name = "reports", description = "*Petugas kecamatan*: laporan desa yang disampaikan (IKU 4 dan 5).\n\n*Officers*: village reports that were delivered (IKU 4 and 5)."),
        (name = "institutions", description = "*Petugas kecamatan*: lembaga kemasyarakatan desa dan keputusannya (IKU 2).\n\n*Officers*: village institutions and their decrees (IKU 2)."),
        (name = "cases", description = "*Petugas kecamatan*: gangguan ketenteraman dan ketertiban umum (IKU 3).\n\n*Officers*: public-order cases (IKU 3)."),
        (name = "evidence", description = "*Petugas kecamatan dan pemeriksa*: bukti dukung: berkas yang ditautkan pada catatan.\n\n*Officers and auditors*: evidence: files that are linked to records."),
        (name = "references", description = "*Petugas kecamatan*: daftar kode: kuesioner, seksi, jenis lembaga, kategori gangguan.\n\n*Officers*: code lists: questionnaires, sections, kinds of institutions, categories of cases."),
        (name = "decrees", description = "*Administrator*: keputusan Camat yang menetapkan IKU.\n\n*Administrators*: the decrees that set the indicators."),
        (name = "report-kinds", description = "*Administrator*: jenis laporan yang wajib disampaikan desa.\n\n*Administrators*: the kinds of reports that a village owes."),
        (name = "districts", description = "*Administrator*: kecamatan.\n\n*Administrators*: districts."),
        (name = "villages", description = "*Administrator*: desa dan kelurahan.\n\n*Administrators*: villages: desa and kelurahan."),
        (name = "users", description = "*Administrator*: orang yang memakai layanan.\n\n*Administrators*: the people who use the service."),
        (name = "clients", description = "*Administrator*: sistem dan gawai yang memakai layanan.\n\n*Administrators*: the systems and devices that use the service."),
        (name = "audit", description = "*Pemeriksa*: jejak audit: siapa mengubah apa, kapan, dan mengapa.\n\n*Auditors*: the audit trail: who changed what, when and why."),
        (name = "me", description = "*Setiap orang*: akun sendiri: kata sandi dan sesi.\n\n*Everyone*: one's own account: password and sessions."),
        (name = "contract", description = "*Pembuat program*: kontrak ini dan arti kode masalah.\n\n*Programmers*: this contract, and the meaning of the problem codes."),
        (name = "health", description = "*Pengelola server*: keadaan layanan.\n\n*Operators*: the state of the service.")
    ),
    // utoipa does not collect types that only parameters use.
    components(schemas(Problem, OAuthProblem, DistrictCode, VillageCode, Slug)),
    modifiers(&Security)
)]
struct ApiDoc;

struct Security;

impl utoipa::Modify for Security {
    fn modify(&self, doc: &mut utoipa::openapi::OpenApi) {
        let scopes = || Scopes::from_iter(SCOPES.iter().copied());
        let token = "/v1/auth/token";
        // Two schemes, because generators and tools show one form for each. The form for people is the first.
        let people = "Orang / people: nama pengguna dan kata sandi / user name and password.";
        let clients =
            "Sistem dan ponsel / systems and phones: id dan rahasia dari / id and secret from POST /v1/clients.";
        let password = OAuth2::with_description(
            [Flow::Password(Password::with_refresh_url(token, scopes(), token))],
            people,
        );
        let credentials = Flow::ClientCredentials(ClientCredentials::new(token, scopes()));
        let components = doc.components.get_or_insert_default();
        components.add_security_scheme("oauth2", SecurityScheme::OAuth2(password));
        let credentials = OAuth2::with_description([credentials], clients);
        components.add_security_scheme("oauth2_clients", SecurityScheme::OAuth2(credentials));
        let mut basic = Http::new(HttpAuthScheme::Basic);
        basic.description = Some(
            "Sistem, hanya untuk ekspor / systems, for exports only: id and secret from POST /v1/clients.".to_owned(),
        );
        components.add_security_scheme("basic", SecurityScheme::Http(basic));
    }
}

/// The operations under `/v1`, the most frequent first. `/reports/completeness` must be found before `/reports/{id}`.
static PARTS: LazyLock<Vec<Part>> = LazyLock::new(|| {
    let parts: [Configure; 14] = [
        facts::responses::configure,
        results::configure,
        facts::reports::configure,
        facts::institutions::configure,
        facts::cases::configure,
        facts::surveys::configure,
        places::configure,
        plan::configure,
        closings::configure,
        evidence::configure,
        exports::configure,
        imports::configure,
        access::configure,
        audit::configure,
    ];
    parts.map(|configure| Part::new("/v1", configure)).into()
});

fn v1(c: &mut ServiceConfig) {
    PARTS.iter().for_each(|part| part.mount(c));
}

/// Additional operations under `/v1`. The service has none. The benchmarks mount operations to compare with.
pub type ExtraRoutes = Configure;

fn no_extra_routes(_: &mut ServiceConfig) {}

/// Returns the application with its routes, and the document of these routes. Needs no database: handlers get it from
/// the request.
fn mount<T>(app: App<T>, extra: ExtraRoutes) -> (App<T>, utoipa::openapi::OpenApi)
where
    T: ServiceFactory<ServiceRequest, Config = (), Error = ActixError, InitError = ()>,
{
    let (app, doc) = app
        .service(ops::swagger::only_read("/v1/", web::get().to(ops::index::with_slash)))
        .into_utoipa_app()
        .openapi(ApiDoc::openapi())
        // Before the scope, which would take them.
        .service(ops::index::index)
        .service(scope("/v1").configure(v1).configure(extra))
        .service(access::auth::handlers::jwks)
        .service(access::auth::metadata::metadata)
        .configure(ops::configure)
        .split_for_parts();
    (app.configure(ops::swagger::configure).configure(pages::configure), doc)
}

/// Returns the OpenAPI document with all operations whole, by which requests are validated.
pub fn openapi() -> serde_json::Value {
    openapi_with(no_extra_routes)
}

/// Returns the document as it is published: `openapi/openapi.json`.
pub fn published() -> serde_json::Value {
    let mut value = openapi();
    document::publish(&mut value);
    value
}

fn openapi_with(extra: ExtraRoutes) -> serde_json::Value {
    let doc = mount(App::new(), extra).1;
    let mut value = serde_json::to_value(doc).unwrap_or_default();
    document::finish(&mut value);
    deprecation::mark(&mut value, deprecation::TABLE);
    value
}

/// Returns the compiled document. It is compiled once per process.
pub fn contract() -> Result<web::Data<Contract>, String> {
    static CONTRACT: OnceLock<Result<web::Data<Contract>, String>> = OnceLock::new();
    CONTRACT
        .get_or_init(|| Contract::compile(openapi).map(web::Data::new))
        .clone()
}

/// Compiles the document with additional operations.
pub fn contract_with(extra: ExtraRoutes) -> Result<web::Data<Contract>, String> {
    Contract::compile(|| openapi_with(extra)).map(web::Data::new)
}

/// Returns the whole application with additional operations; `contract` must include them.
pub fn build(
    service: Service,
    contract: web::Data<Contract>,
    extra: ExtraRoutes,
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
        .app_data(service.cursor_key)
        .app_data(service.page_cache)
        .app_data(web::Data::new(AllowedOrigins(service.cors_origins.clone())))
        .app_data(service.metrics_token)
        .app_data(service.trusted_proxies)
        .app_data(service.rate_limiter)
        .app_data(service.read_queues)
        .app_data(service.four_eyes)
        .app_data(service.evidence)
        .app_data(service.readiness)
        .app_data(service.refusals)
        .app_data(service.body_patience)
        .app_data(service.deprecated)
        .app_data(service.response_cache)
        .app_data(service.session_cookie)
        .app_data(service.public_page)
        .app_data(pages::PAGES)
        .app_data(contract)
        // The last `wrap` is the outermost. A request passes this list from the bottom up, its response from the top
        // down.
        .wrap(from_fn(catch_panics))
        .wrap(from_fn(methods))
        .wrap(from_fn(preconditions))
        .wrap(from_fn(compression))
        .wrap(from_fn(deprecation))
        .wrap(from_fn(authenticate_system))
        .wrap(from_fn(at_work))
        .wrap(from_fn(rate_limit))
        .wrap(from_fn(authenticate))
        .wrap(from_fn(refresh_unknown_keys))
        .wrap(cors(&service.cors_origins))
        .wrap(from_fn(problems))
        .wrap(from_fn(connections))
        .wrap(security_headers(service.https))
        .wrap(from_fn(access_log))
        .wrap(from_fn(request_context));
    mount(app, extra).0.default_service(web::to(fallback))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_path_belongs_to_one_part() {
        let paths: Vec<&String> = PARTS.iter().flat_map(|part| &part.paths).collect();
        let different: HashSet<_> = paths.iter().collect();
        assert_eq!(paths.len(), different.len(), "{paths:#?}");
        assert!(paths.len() > 100 && paths.iter().all(|path| path.starts_with("/v1/")));
        for path in paths {
            let segments = path.split('/').filter(|segment| segment.matches('{').count() > 1);
            assert_eq!(
                segments.count(),
                0,
                "{path}: the router expects one parameter in a segment"
            );
            let names = path.split(['{', '}']).enumerate();
            let asked: String = names.map(|(n, text)| if n % 2 == 1 { "a-1.b" } else { text }).collect();
            let request = TestRequest::with_uri(&asked).to_srv_request();
            // `/v1/reports/completeness` also has the form of `/v1/reports/{id}`, which comes later.
            let owner = PARTS.iter().find(|part| part.has(&request.guard_ctx()));
            assert!(
                owner.is_some_and(|part| part.paths.contains(path)),
                "{asked}: {owner:#?}"
            );
        }
    }

    #[test]
    fn a_part_has_its_paths_however_they_are_encoded() {
        let places = Part::new("/v1", places::configure);
        for (path, has) in [
            ("/v1/villages", true),
            ("/v1/v%69llages/63.11.06.2005", true),
            ("/v1/villages/63%2E11", true),
            ("/v1/villages%2F63", false),
            ("/v1/villages/63/nothing", false),
            ("/v1/reports", false),
            ("/villages", false),
        ] {
            let request = TestRequest::with_uri(path).to_srv_request();
            assert_eq!(places.has(&request.guard_ctx()), has, "{path}");
        }
    }
}
