//! Who may: roles, scopes, sections and districts; sign-in; users and clients.
//!
//! Every handler's first argument is a guard ([`Requires`] or [`Public`]); it hands out the [`Actor`] that the
//! services demand, so an operation without one does not compile into anything useful.

pub mod accounts;
pub mod actor;
pub mod assignment;
pub mod auth;
pub mod clients;
pub mod enrolments;
pub mod guard;
pub mod me;
pub mod permissions;
pub mod records;
pub mod role;
pub mod users;

pub use actor::Actor;
pub use guard::{Public, Requires, RequiresAny};
pub use role::{Role, Section};

use utoipa_actix_web::service_config::ServiceConfig;

/// Everything under `/v1`.
pub fn configure(c: &mut ServiceConfig) {
    c.configure(auth::configure)
        .configure(me::configure)
        .configure(users::configure)
        .configure(clients::configure)
        .configure(enrolments::configure);
}
