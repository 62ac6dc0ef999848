//! What the middleware knows of the pages for browsers: which paths they have, their language, and how an error looks there.

use std::fmt;

use actix_web::HttpResponse;
use actix_web::http::header::HeaderMap;

use super::request_context::RequestContext;
use crate::platform::error::Error;
use crate::platform::text::Lang;

/// The pages of the application, in its data. Without them every path belongs to the API.
#[derive(Clone, Copy)]
pub struct BrowserPages {
    /// Whether a path, as it is routed, belongs to a page.
    pub has: fn(&str) -> bool,
    /// The language that a browser asks for.
    pub lang: fn(&HeaderMap) -> Lang,
    /// The page that shows an error.
    pub problem: fn(&Error, &RequestContext) -> HttpResponse,
}

impl fmt::Debug for BrowserPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BrowserPages")
    }
}
