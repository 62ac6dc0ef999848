//! One request on its way through the service.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap, HeaderValue, ORIGIN};
use actix_web::http::{Method, Uri};
use actix_web::{HttpMessage, HttpRequest};

use super::limits::Standing;
use super::problem::Asked;
use crate::platform::text::Lang;
use crate::platform::trace::Ids;

/// What is known of a request from its first moment to its answer, also when it itself was lost in a panic.
#[derive(Debug)]
pub struct Visit {
    pub started: Instant,
    pub ids: Arc<Ids>,
    pub method: Method,
    pub origin: Option<HeaderValue>,
    uri: Uri,
    language: Option<HeaderValue>,
    counted: Cell<bool>,
    standing: Cell<Option<Standing>>,
}

impl Visit {
    /// Begins with a request, which keeps it at hand.
    pub fn begin(req: &ServiceRequest) -> Rc<Self> {
        let headers = req.headers();
        let visit = Rc::new(Self {
            started: Instant::now(),
            ids: Ids::of(headers),
            method: req.method().clone(),
            origin: headers.get(ORIGIN).cloned(),
            uri: req.uri().clone(),
            language: headers.get(ACCEPT_LANGUAGE).cloned(),
            counted: Cell::new(false),
            standing: Cell::new(None),
        });
        req.extensions_mut().insert(Rc::clone(&visit));
        visit
    }

    /// That of a request.
    pub fn of(req: &HttpRequest) -> Option<Rc<Self>> {
        req.extensions().get::<Rc<Self>>().cloned()
    }

    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// What a problem repeats of the request.
    pub fn asked(&self) -> Asked {
        let mut headers = HeaderMap::new();
        if let Some(language) = &self.language {
            headers.insert(ACCEPT_LANGUAGE, language.clone());
        }
        Asked {
            lang: Lang::of(&headers),
            method: self.method.clone(),
            path: self.path().to_owned(),
            request_id: self.ids.request_id.clone(),
        }
    }

    /// Has it been counted for the limits, in whichever class?
    pub fn is_counted(&self) -> bool {
        self.counted.get()
    }

    /// Where its caller stands in the class it was counted in; `None`: that class has no limit.
    pub fn standing(&self) -> Option<Standing> {
        self.standing.get()
    }

    pub fn count(&self, standing: Option<Standing>) {
        self.counted.set(true);
        self.standing.set(standing);
    }
}
