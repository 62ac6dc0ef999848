//! Access: roles, scopes, sections and districts; sessions and tokens; users and clients.
//!
//! Every handler's first argument is a guard ([`Requires`] or [`Public`]). It makes the [`Actor`] that the services take
//! as an argument, so a handler without a guard cannot call them.

pub mod accounts;
pub mod actor;
pub mod assignment;
pub mod audit;
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
pub use guard::{Public, Requires, RequiresAny, RequiresOneOf};
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
