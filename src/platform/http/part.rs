//! Parts of the service, whose paths the router tries only where one of them matches.
//!
//! actix tries the paths of an application one after the other. With 200 of them that takes a third of the time of a small
//! request.

use std::collections::BTreeSet;
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
    prefix: String,
    /// The first segments after the prefix: `surveys`. Most requests are of another part, and these tell it fast.
    segments: BTreeSet<String>,
    one_of_them: ResourceDef,
}

impl Part {
    /// `prefix`: the path of the scope in which the part is mounted.
    pub fn new(prefix: &str, configure: Configure) -> Self {
        let app = App::new().into_utoipa_app();
        let (_, document) = app.service(scope(prefix).configure(configure)).split_for_parts();
        let paths: Vec<String> = document.paths.paths.into_keys().collect();
        let prefix = format!("{prefix}/");
        Self {
            configure,
            segments: paths
                .iter()
                .filter_map(|path| first(path, &prefix))
                .map(str::to_owned)
                .collect(),
            one_of_them: ResourceDef::new(paths.clone()),
            prefix,
            paths,
        }
    }

    pub fn mount(&'static self, c: &mut ServiceConfig) {
        let is_its = |context: &GuardContext| self.has(context);
        c.service(scope("").guard(fn_guard(is_its)).configure(self.configure));
    }

    /// Returns whether a path of the part matches. The router decodes a path first, and so does this.
    pub fn has(&self, context: &GuardContext) -> bool {
        let uri = &context.head().uri;
        match uri.path().contains('%') {
            true => self.matches(Url::new(uri.clone()).path()),
            false => self.matches(uri.path()),
        }
    }

    fn matches(&self, path: &str) -> bool {
        first(path, &self.prefix).is_some_and(|segment| self.segments.contains(segment))
            && self.one_of_them.is_match(path)
    }
}

/// Returns the first segment of a path after a prefix. The name of a file ends at its dot: its format may be a parameter.
fn first<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    path.strip_prefix(prefix)?.split(['/', '.']).next()
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.paths).finish()
    }
}
