//! Who did what to which account, from where, and with which outcome: one line of the target `iku::audit` each. A line
//! never has a password, a secret, a token or a code.

use std::borrow::Cow;

use ::entity::account;

use crate::platform::error::{Code, Error};

/// The name in place of a user name that no account has. What was typed may be a password, so it is not logged.
pub const UNKNOWN: &str = "(unknown)";

/// The holder of a token, or the operator, and the network of the request.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    pub by: &'a str,
    pub network: String,
}

impl<'a> Source<'a> {
    /// The account itself, without a token.
    pub fn own(account: &'a str, network: &str) -> Self {
        Self {
            by: account,
            network: network.to_owned(),
        }
    }

    /// The command line.
    pub fn operator() -> Self {
        Self {
            by: "iku",
            network: String::new(),
        }
    }
}

/// Logs an attempt to sign in or to use a credential.
pub fn attempt<T>(what: &str, account: &str, network: &str, result: &Result<T, Error>) {
    let outcome = match result {
        Ok(_) => "ok",
        Err(error) => match error.code {
            Code::TooManyRequests => "throttled",
            Code::Unavailable | Code::Internal => "failed",
            _ => "refused",
        },
    };
    let reason = result.as_ref().err().map(|error| error.code.as_str());
    tracing::info!(target: "iku::audit", what, outcome, account, network, reason);
}

/// Logs something that happened to an account without a change of its rights.
pub fn event(what: &str, source: &Source<'_>, account: &str) {
    let Source { by, network } = source;
    tracing::info!(target: "iku::audit", what, outcome = "ok", by, account, network);
}

/// Logs a new, changed or deleted account. A value that changed is shown as `before -> after`.
pub fn account(
    what: &str,
    source: &Source<'_>,
    before: Option<&account::Model>,
    after: &account::Model,
    reason: Option<&str>,
) {
    let Source { by, network } = source;
    let change = |value: fn(&account::Model) -> Cow<'_, str>| {
        let new = value(after);
        match before.map(value).filter(|old| *old != new) {
            Some(old) => format!("{old} -> {new}"),
            None => new.into_owned(),
        }
    };
    tracing::info!(
        target: "iku::audit",
        what,
        outcome = "ok",
        by,
        account = %after.username,
        network,
        kind = %after.kind,
        name = change(|a| Cow::Borrowed(&a.name)),
        role = change(|a| Cow::Borrowed(&a.role)),
        district = change(|a| Cow::Borrowed(a.district_code.as_deref().unwrap_or("-"))),
        sections = change(|a| Cow::Borrowed(&a.sections)),
        village = after.village_code,
        active = change(|a| a.active.to_string().into()),
        reason,
    );
}
