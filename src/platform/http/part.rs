//! Parts of the service, each of whose paths the router tries in one step.
//!
//! actix tries the paths of an application one after the other. With 200 of them that is a seventh of the time of a request.

use std::fmt;

use actix_web::App;
use actix_web::dev::{ResourceDef, Url};
use actix_web::guard::{GuardContext, fn_guard};
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_actix_web::{AppExt, scope};

/// Mounts operations.
pub type Configure = fn(&mut ServiceConfig);

/// Operations that are mounted together.
pub struct Part {
    configure: Configure,
    pub paths: Vec<String>,
    one_of_them: ResourceDef,
}

impl Part {
    /// `prefix`: the path of the scope in which the part is mounted.
    pub fn new(prefix: &str, configure: Configure) -> Self {
        let app = App::new().into_utoipa_app();
        let (_, document) = app.service(scope(prefix).configure(configure)).split_for_parts();
        let paths: Vec<String> = document.paths.paths.into_keys().collect();
        Self {
            configure,
            one_of_them: ResourceDef::new(paths.clone()),
            paths,
        }
    }

    pub fn mount(&'static self, c: &mut ServiceConfig) {
        let is_its = |context: &GuardContext| self.has(context);
        c.service(scope("").guard(fn_guard(is_its)).configure(self.configure));
    }

    fn has(&self, context: &GuardContext) -> bool {
        let uri = &context.head().uri;
        match uri.path().contains('%') {
            true => self.one_of_them.is_match(Url::new(uri.clone()).path()),
            false => self.one_of_them.is_match(uri.path()),
        }
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.paths).finish()
    }
}
