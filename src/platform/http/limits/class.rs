//! What is counted together.

use actix_web::http::Method;

/// A class of requests with a quota of its own; one caller's classes do not take from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Tokens and enrolments, by address.
    SignIn,
    /// Phones that send answers, by token.
    Sync,
    /// GET and HEAD, by token.
    Reads,
    /// All else that changes something, by token.
    Writes,
    /// Whatever is asked without a valid token, by address.
    Anonymous,
}

/// What signs in. The failures of these are counted once more, by `access::auth::throttle`.
pub const SIGN_IN: [&str; 3] = ["/v1/auth/token", "/v1/auth/revoke", "/v1/auth/enrolments"];
/// What phones send many of after a day without a network.
pub const SYNC: [&str; 2] = ["/v1/responses/batch", "/v1/responses/status"];

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

    /// The class of a request, if its token (where it needs one) is valid. `None`: whoever watches over the service
    /// must never be told to wait.
    pub fn of(method: &Method, path: &str) -> Option<Class> {
        if path.starts_with("/health/") {
            return None;
        }
        Some(match *method {
            Method::GET | Method::HEAD => Class::Reads,
            Method::POST if SIGN_IN.contains(&path) => Class::SignIn,
            Method::POST if SYNC.contains(&path) || is_single_answer(path) => Class::Sync,
            _ => Class::Writes,
        })
    }
}

/// `/v1/surveys/{id}/responses`
fn is_single_answer(path: &str) -> bool {
    let id = path
        .strip_prefix("/v1/surveys/")
        .and_then(|p| p.strip_suffix("/responses"));
    id.is_some_and(|id| !id.contains('/'))
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
