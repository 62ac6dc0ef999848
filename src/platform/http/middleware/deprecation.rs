//! Operations that will be removed. An entry in [`TABLE`] is all it takes: the document then says so, and every answer of
//! the operation has the headers `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link`.

use actix_web::HttpRequest;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use chrono::{NaiveDate, NaiveTime};
use serde_json::{Map, Value, json};

/// The operations that will be removed. Today there are none.
pub const TABLE: &[Deprecated] = &[];

/// An operation that will be removed. A day begins at midnight UTC.
#[derive(Clone, Copy, Debug)]
pub struct Deprecated {
    pub method: &'static str,
    /// As in the document: `/reports/{id}/versions`.
    pub path: &'static str,
    /// The first day on which no new client should use it.
    pub since: NaiveDate,
    /// The first day on which it may be gone.
    pub sunset: NaiveDate,
    /// The path to use instead.
    pub successor: &'static str,
    /// Where people read about it: `/swagger-ui/#/reports/listReportVersions`.
    pub about: &'static str,
}

/// Writes a table into a finished document.
pub fn mark(document: &mut Value, table: &[Deprecated]) {
    for entry in table {
        let operation = &mut document["paths"][entry.path][entry.method.to_lowercase()];
        let Deprecated {
            since,
            sunset,
            successor,
            ..
        } = entry;
        let before = operation["description"].as_str().unwrap_or_default();
        let notice = format!("Deprecated since {since}; may be gone from {sunset} on. Use `{successor}` instead.");
        operation["description"] = format!("{before}\n\n{notice}").trim().into();
        operation["deprecated"] = true.into();
        let responses = operation["responses"].as_object_mut();
        for response in responses.into_iter().flat_map(Map::values_mut) {
            for (name, description, example) in [
                ("Deprecation", "Deprecated since (RFC 9745)", "@1782864000"),
                (
                    "Sunset",
                    "May be gone from then on (RFC 8594)",
                    "Fri, 01 Jan 2027 00:00:00 GMT",
                ),
                (
                    "Link",
                    "`successor-version`: what to use instead",
                    "</v1/reports>; rel=\"successor-version\"",
                ),
            ] {
                let schema = json!({"type": "string", "maxLength": 1000, "example": example});
                response["headers"][name] = json!({"description": description, "required": true, "schema": schema});
            }
        }
    }
}

/// Adds the headers to the answers of such operations, to problems as well.
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
    let pattern = if table.is_empty() {
        None
    } else {
        res.request().match_pattern()
    };
    let is_meant = |entry: &&Deprecated| {
        let path = pattern.as_deref().and_then(|p| p.strip_prefix("/v1"));
        path == Some(entry.path) && res.request().method() == entry.method
    };
    if let Some(entry) = table.iter().find(is_meant) {
        let links = entry.links(res.request());
        entry.apply_headers(links, res.headers_mut());
    }
    Ok(res)
}

impl Deprecated {
    fn apply_headers(&self, links: impl IntoIterator<Item = String>, headers: &mut HeaderMap) {
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        let since = format!("@{}", midnight(self.since).timestamp());
        let sunset = midnight(self.sunset).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let dates = [("deprecation", since), ("sunset", sunset)];
        for (name, value) in dates.into_iter().chain(links.into_iter().map(|link| ("link", link))) {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.append(HeaderName::from_static(name), value);
            }
        }
    }

    /// To the explanation, and to the successor if the request's own path has all its parameters.
    fn links(&self, req: &HttpRequest) -> Vec<String> {
        let fill = |path: String, (name, value): (&str, &str)| path.replace(&format!("{{{name}}}"), value);
        let path = req.match_info().iter().fold(self.successor.to_owned(), fill);
        let about = format!("<{}>; rel=\"deprecation sunset\"; type=\"text/html\"", self.about);
        let successor = format!("</v1{path}>; rel=\"successor-version\"");
        [about]
            .into_iter()
            .chain((!path.contains('{')).then_some(successor))
            .collect()
    }
}
