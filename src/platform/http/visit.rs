//! One request on its way through the service.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;

use actix_web::{HttpMessage, HttpRequest};

use super::limits::Standing;

/// What is known of a request from its first moment to its answer.
#[derive(Debug)]
pub struct Visit {
    /// The id of the request, as in the log and in `X-Request-Id`.
    pub request_id: String,
    pub started: Instant,
    counted: Cell<bool>,
    standing: Cell<Option<Standing>>,
}

impl Visit {
    pub fn new(request_id: String, started: Instant) -> Rc<Self> {
        Rc::new(Self {
            request_id,
            started,
            counted: Cell::new(false),
            standing: Cell::new(None),
        })
    }

    /// That of a request.
    pub fn of(req: &HttpRequest) -> Option<Rc<Self>> {
        req.extensions().get::<Rc<Self>>().cloned()
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
