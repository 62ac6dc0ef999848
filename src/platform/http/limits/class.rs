//! Classes of requests that are counted together.

use std::sync::LazyLock;

use actix_web::dev::ResourceDef;
use actix_web::http::Method;

/// A class of requests with a quota of its own; one caller's classes do not take from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Tokens and enrolments, by address.
    SignIn,
    /// Phones that send answers, by account.
    Sync,
    /// GET and HEAD, by account.
    Reads,
    /// All other requests that change something, by account.
    Writes,
    /// All other requests without a valid token, by address.
    Anonymous,
}

/// The POST operations with a class of their own. Sign-ins that fail are counted once more, by `access::auth::throttle`;
/// phones send many answers after a day without a network.
pub const CLASSES: [(&str, Class); 6] = [
    ("/v1/auth/token", Class::SignIn),
    ("/v1/auth/revoke", Class::SignIn),
    ("/v1/auth/enrolments", Class::SignIn),
    ("/v1/responses/batch", Class::Sync),
    ("/v1/responses/status", Class::Sync),
    ("/v1/surveys/{id}/responses", Class::Sync),
];

static PATTERNS: LazyLock<Vec<(ResourceDef, Class)>> =
    LazyLock::new(|| CLASSES.map(|(path, class)| (ResourceDef::new(path), class)).into());

impl Class {
    pub const ALL: [Class; 5] = [
        Class::SignIn,
        Class::Sync,
        Class::Reads,
        Class::Writes,
        Class::Anonymous,
    ];

    /// As the headers call it.
    pub fn name(self) -> &'static str {
        match self {
            Class::SignIn => "sign-in",
            Class::Sync => "sync",
            Class::Reads => "reads",
            Class::Writes => "writes",
            Class::Anonymous => "anonymous",
        }
    }

    /// The class of a request with a valid token. `None`: a monitor that watches the service is never limited.
    pub fn of(method: &Method, path: &str) -> Option<Class> {
        if path.starts_with("/health/") {
            return None;
        }
        let own = || PATTERNS.iter().find(|(pattern, _)| pattern.is_match(path));
        Some(match *method {
            Method::GET | Method::HEAD => Class::Reads,
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
            (Method::GET, "/v1/auth/token", Some(Class::Reads)),
            (Method::POST, "/v1/auth/token", Some(Class::SignIn)),
            (Method::POST, "/v1/responses/batch", Some(Class::Sync)),
            (Method::POST, "/v1/surveys/7/responses", Some(Class::Sync)),
            (Method::POST, "/v1/surveys/7/8/responses", Some(Class::Writes)),
            (Method::GET, "/v1/surveys/7/responses", Some(Class::Reads)),
        ] {
            assert_eq!(Class::of(&method, path), class, "{method} {path}");
        }
    }
}
