//! Operations that will go: said in the document, and in every answer of theirs (RFC 9745, RFC 8594).
//!
//! An entry in [`TABLE`] is all it takes. The document then says `deprecated: true`, since when, until when and what to
//! use instead, and every answer of the operation has the headers `Deprecation`, `Sunset` and `Link`.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde_json::{Map, Value, json};

use super::document::{each_operation, operations};

/// The operations that will go. None does today.
pub const TABLE: &[Deprecated] = &[];

/// An operation that will go. A day begins at midnight UTC.
#[derive(Clone, Copy, Debug)]
pub struct Deprecated {
    /// Its `operationId`.
    pub operation: &'static str,
    /// Since when nothing new should use it: `2026-07-01`.
    pub since: &'static str,
    /// From when on it may be gone.
    pub sunset: &'static str,
    /// The `operationId` of what to use instead.
    pub successor: &'static str,
}

/// Writes a table into a finished document; `x-deprecation` is what [`Notices`] reads back.
pub fn mark(document: &mut Value, table: &[Deprecated]) {
    each_operation(document, |_, _, operation| {
        if let Some(entry) = table.iter().find(|entry| operation["operationId"] == entry.operation) {
            describe(operation, entry);
        }
    });
}

fn describe(operation: &mut Value, entry: &Deprecated) {
    let Deprecated {
        operation: _,
        since,
        sunset,
        successor,
    } = entry;
    let said = operation["description"].as_str().unwrap_or_default();
    let notice = format!("Deprecated since {since}; may be gone from {sunset} on. Use `{successor}` instead.");
    operation["description"] = format!("{said}\n\n{notice}").trim().into();
    operation["deprecated"] = true.into();
    operation["x-deprecation"] = json!({"since": since, "sunset": sunset, "successor": successor});
    let headers = [
        (
            "Deprecation",
            "Since when nothing new should use it (RFC 9745)",
            "@1782864000",
        ),
        (
            "Sunset",
            "From when on it may be gone (RFC 8594)",
            "Fri, 01 Jan 2027 00:00:00 GMT",
        ),
        (
            "Link",
            "`deprecation`, `sunset`: more about it; `successor-version`: what to use instead; `next`: the next page, if any",
            "</swagger-ui/#/reports/listReports>; rel=\"deprecation sunset\"",
        ),
    ];
    let responses = operation["responses"].as_object_mut();
    for response in responses.into_iter().flat_map(Map::values_mut) {
        for (name, description, example) in headers {
            let schema = json!({"type": "string", "maxLength": 1000, "example": example});
            response["headers"][name] = json!({"description": description, "required": true, "schema": schema});
        }
    }
}

/// What the answers of such operations say, by method and path pattern.
#[derive(Debug, Default)]
pub struct Notices(HashMap<(String, String), Notice>);

#[derive(Debug)]
struct Notice {
    deprecation: HeaderValue,
    sunset: HeaderValue,
    about: HeaderValue,
    /// Path pattern of what to use instead: `/v1/reports/{id}`.
    successor: String,
}

impl Notices {
    /// Reads a document; an error names the operation whose entry cannot be meant.
    pub fn of(document: &Value) -> Result<Self, String> {
        let path_of = |id: &str| {
            let (path, _, operation) = operations(document).find(|(_, _, o)| o["operationId"] == id)?;
            Some(full_path(path, operation))
        };
        let mut notices = HashMap::new();
        for (path, verb, operation) in operations(document) {
            let Some(said) = operation.get("x-deprecation") else {
                continue;
            };
            let day = |member: &str| said[member].as_str().and_then(|day| day.parse::<NaiveDate>().ok());
            let successor = said["successor"].as_str().and_then(path_of);
            let made = match (day("since"), day("sunset"), successor) {
                (Some(since), Some(sunset), Some(successor)) if since < sunset => {
                    Notice::new(operation, since, sunset, successor)
                }
                _ => None,
            };
            let (method, path) = (verb.to_uppercase(), full_path(path, operation));
            let notice = made.ok_or_else(|| format!("{method} {path}: cannot be deprecated like this: {said}"))?;
            notices.insert((method, path), notice);
        }
        Ok(Self(notices))
    }

    /// The headers that the answer to a request has beside its own; none unless its operation will go.
    pub fn headers(&self, request: &HttpRequest) -> Vec<(HeaderName, HeaderValue)> {
        let notice = match self.0.is_empty() {
            true => None,
            false => {
                let pattern = request.match_pattern().unwrap_or_default();
                self.0.get(&(request.method().to_string(), pattern))
            }
        };
        notice.map_or_else(Vec::new, |notice| notice.headers(request))
    }
}

impl Notice {
    fn new(operation: &Value, since: NaiveDate, sunset: NaiveDate, successor: String) -> Option<Self> {
        let sunset = midnight(sunset).format("%a, %d %b %Y %H:%M:%S GMT");
        let shown_at = format!(
            "/swagger-ui/#/{}/{}",
            operation["tags"][0].as_str()?,
            operation["operationId"].as_str()?
        );
        Some(Self {
            deprecation: HeaderValue::try_from(format!("@{}", midnight(since).timestamp())).ok()?,
            sunset: HeaderValue::try_from(sunset.to_string()).ok()?,
            about: HeaderValue::try_from(format!("<{shown_at}>; rel=\"deprecation sunset\"; type=\"text/html\""))
                .ok()?,
            successor,
        })
    }

    fn headers(&self, request: &HttpRequest) -> Vec<(HeaderName, HeaderValue)> {
        let mut headers = vec![
            (HeaderName::from_static("deprecation"), self.deprecation.clone()),
            (HeaderName::from_static("sunset"), self.sunset.clone()),
            (header::LINK, self.about.clone()),
        ];
        headers.extend(self.successor_link(request).map(|link| (header::LINK, link)));
        headers
    }

    /// With the parameters of the request's own path; none if it lacks one.
    fn successor_link(&self, request: &HttpRequest) -> Option<HeaderValue> {
        let mut path = self.successor.clone();
        for (name, value) in request.match_info().iter() {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        let link = format!("<{path}>; rel=\"successor-version\"");
        (!path.contains('{'))
            .then(|| HeaderValue::try_from(link).ok())
            .flatten()
    }
}

/// The path pattern of an operation: those with a server of their own stand beside `/v1`.
pub fn full_path(path: &str, operation: &Value) -> String {
    match operation.get("servers") {
        Some(_) => path.to_owned(),
        None => format!("/v1{path}"),
    }
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}
