//! Operations that will be removed. An entry in [`TABLE`] marks the operation in the document, and gives every response
//! of the operation the headers `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link`.

use actix_web::HttpRequest;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use chrono::{NaiveDate, NaiveTime};
use serde_json::{Map, Value, json};

/// The operations that will be removed. Today there are none.
pub const TABLE: &[Deprecated] = &[];

/// An operation that will be removed. A day begins at midnight UTC.
#[derive(Clone, Copy, Debug)]
pub struct Deprecated {
    pub method: &'static str,
    /// As in the document: `/v1/reports/{id}/versions`.
    pub path: &'static str,
    /// The first day on which no new client should use it.
    pub since: NaiveDate,
    /// The first day on which it may be removed.
    pub sunset: NaiveDate,
    /// The path to use instead.
    pub successor: &'static str,
    /// The page that explains it: `/swagger-ui/#/reports/listReportVersions`.
    pub about: &'static str,
}

/// Writes a table into a finished document.
pub fn mark(document: &mut Value, table: &[Deprecated]) {
    let header = |description: &str, example: &str| {
        let schema = json!({"type": "string", "maxLength": 1000, "example": example});
        json!({"description": description, "required": true, "schema": schema})
    };
    let successor = "</v1/reports>; rel=\"successor-version\"";
    let headers = [
        ("Deprecation", header("Deprecated since (RFC 9745)", "@1782864000")),
        (
            "Sunset",
            header("May be gone from then on (RFC 8594)", "Fri, 01 Jan 2027 00:00:00 GMT"),
        ),
        ("Link", header("`successor-version`: what to use instead", successor)),
    ];
    for entry in table {
        let operation = &mut document["paths"][entry.path][entry.method.to_lowercase()];
        let (since, sunset, successor) = (entry.since, entry.sunset, entry.successor);
        let before = operation["description"].as_str().unwrap_or_default();
        let notice = format!("Deprecated since {since}; may be gone from {sunset} on. Use `{successor}` instead.");
        operation["description"] = format!("{before}\n\n{notice}").trim().into();
        operation["deprecated"] = true.into();
        let responses = operation["responses"].as_object_mut();
        for response in responses.into_iter().flat_map(Map::values_mut) {
            for (name, header) in &headers {
                response["headers"][name] = header.clone();
            }
        }
    }
}

/// Adds the headers to the responses of such operations, also to problems.
pub async fn deprecation(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut res = next.call(req).await?;
    let table = res
        .request()
        .app_data::<&'static [Deprecated]>()
        .copied()
        .unwrap_or_default();
    if let Some(entry) = table.iter().find(|entry| entry.is_operation_of(res.request())) {
        for (name, value) in entry.headers(res.request()) {
            if let Ok(value) = HeaderValue::try_from(value) {
                res.headers_mut().append(HeaderName::from_static(name), value);
            }
        }
    }
    Ok(res)
}

impl Deprecated {
    fn is_operation_of(&self, req: &HttpRequest) -> bool {
        req.match_pattern().as_deref() == Some(self.path) && req.method() == self.method
    }

    /// Returns the two days, a link to the explanation, and a link to the successor if the request has all parameters
    /// of its path.
    fn headers(&self, req: &HttpRequest) -> Vec<(&'static str, String)> {
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        let fill = |path: String, (name, value): (&str, &str)| path.replace(&format!("{{{name}}}"), value);
        let path = req.match_info().iter().fold(self.successor.to_owned(), fill);
        let about = format!("<{}>; rel=\"deprecation sunset\"; type=\"text/html\"", self.about);
        let mut headers = vec![
            ("deprecation", format!("@{}", midnight(self.since).timestamp())),
            (
                "sunset",
                midnight(self.sunset).format("%a, %d %b %Y %H:%M:%S GMT").to_string(),
            ),
            ("link", about),
        ];
        if !path.contains('{') {
            headers.push(("link", format!("<{path}>; rel=\"successor-version\"")));
        }
        headers
    }
}
