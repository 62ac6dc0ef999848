//! Classes of requests that are counted together.

use std::sync::LazyLock;

use actix_web::dev::ResourceDef;
use actix_web::http::Method;

/// A class of requests. A caller has a separate quota in each class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Tokens and enrolments, by address.
    SignIn,
    /// Revocations, by address: who signs out often must not keep others from signing in.
    SignOut,
    /// Phones that send answers, by account.
    Sync,
    /// All requests of a revoked phone, by account.
    Quarantine,
    /// GET, HEAD and OPTIONS, by account.
    Reads,
    /// Reads with `If-None-Match`, by account. Each that is not a 304 counts among the reads too.
    Revalidations,
    /// All other requests that change something, by account.
    Writes,
    /// All other requests without a valid token, by address; public pages too.
    Anonymous,
    /// Pages for browsers, by address: who is signed in is read after the request was counted.
    Pages,
    /// The forms of survey links and the files of pages, by address: a whole office may share one, so there is much room.
    Counter,
}

/// The POST operations with a class of their own. Sign-ins that fail are counted once more, by `access::auth::throttle`;
/// phones send many answers after a day without a network.
pub const CLASSES: [(&str, Class); 7] = [
    ("/v1/auth/token", Class::SignIn),
    ("/v1/auth/revoke", Class::SignOut),
    ("/v1/auth/enrolments", Class::SignIn),
    ("/v1/responses/batch", Class::Sync),
    ("/v1/responses/status", Class::Sync),
    ("/v1/surveys/{id}/responses", Class::Sync),
    ("/masuk", Class::SignIn),
];

/// Returns whether a path belongs to the pages for everybody. Their requests do not count against the limit of the office's pages.
pub fn is_public(path: &str) -> bool {
    let rest = path.strip_prefix("/publik");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

static PATTERNS: LazyLock<Vec<(ResourceDef, Class)>> =
    LazyLock::new(|| CLASSES.map(|(path, class)| (ResourceDef::new(path), class)).into());

impl Class {
    pub const ALL: [Class; 10] = [
        Class::SignIn,
        Class::SignOut,
        Class::Sync,
        Class::Quarantine,
        Class::Reads,
        Class::Revalidations,
        Class::Writes,
        Class::Anonymous,
        Class::Pages,
        Class::Counter,
    ];

    /// Returns the name in the headers.
    pub fn name(self) -> &'static str {
        match self {
            Class::SignIn => "sign-in",
            Class::SignOut => "sign-out",
            Class::Sync => "sync",
            Class::Quarantine => "quarantine",
            Class::Reads => "reads",
            Class::Revalidations => "revalidations",
            Class::Writes => "writes",
            Class::Anonymous => "anonymous",
            Class::Pages => "pages",
            Class::Counter => "counter",
        }
    }

    /// Returns the class of a request with a valid token; `None` for health checks and metrics, which are never
    /// limited.
    pub fn of(method: &Method, path: &str) -> Option<Class> {
        if path.starts_with("/health/") {
            return None;
        }
        if path.starts_with("/s/") || path.starts_with("/aset/") {
            return Some(Class::Counter);
        }
        let own = || PATTERNS.iter().find(|(pattern, _)| pattern.is_match(path));
        Some(match *method {
            Method::GET | Method::HEAD | Method::OPTIONS => Class::Reads,
            Method::POST => own().map_or(Class::Writes, |(_, class)| *class),
            _ => Class::Writes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_has_its_class() {
        for (method, path, class) in [
            (Method::GET, "/health/live", None),
            (Method::GET, "/v1/reports", Some(Class::Reads)),
            (Method::POST, "/v1/reports", Some(Class::Writes)),
            (Method::OPTIONS, "/v1/reports", Some(Class::Reads)),
            (Method::GET, "/v1/auth/token", Some(Class::Reads)),
            (Method::POST, "/v1/auth/token", Some(Class::SignIn)),
            (Method::POST, "/v1/auth/revoke", Some(Class::SignOut)),
            (Method::POST, "/v1/responses/batch", Some(Class::Sync)),
            (Method::POST, "/v1/surveys/7/responses", Some(Class::Sync)),
            (Method::POST, "/v1/surveys/7/8/responses", Some(Class::Writes)),
            (Method::GET, "/v1/surveys/7/responses", Some(Class::Reads)),
            (Method::GET, "/s/4T9X0M7CQK", Some(Class::Counter)),
            (Method::POST, "/s/4T9X0M7CQK/jawaban", Some(Class::Counter)),
            (Method::GET, "/survei", Some(Class::Reads)),
        ] {
            assert_eq!(Class::of(&method, path), class, "{method} {path}");
        }
    }
}
