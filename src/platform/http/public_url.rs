//! The public address of the service.

use actix_web::{HttpRequest, web};

use super::client::TrustedProxies;

/// The address that the operator has set, if any.
#[derive(Clone, Debug, Default)]
pub struct PublicUrl(pub Option<String>);

impl PublicUrl {
    /// Returns the address of the service for the caller: the setting, else the address that the request was sent to.
    pub fn for_caller(&self, req: &HttpRequest) -> String {
        let peer = req.peer_addr().map(|a| a.ip());
        let proxies = req.app_data::<web::Data<TrustedProxies>>();
        let called = || proxies?.base_url(peer, req.headers());
        let listens = || format!("http://{}", req.app_config().host());
        self.0.clone().or_else(called).unwrap_or_else(listens)
    }
}
