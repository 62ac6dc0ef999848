//! Parts of the service, whose paths the router tries only where one of them matches.
//!
//! actix tries the paths of an application one after the other. With 200 of them that takes a third of the time of a small
//! request.

use std::collections::BTreeMap;
use std::fmt;

use actix_web::App;
use actix_web::dev::Url;
use actix_web::guard::{GuardContext, fn_guard};
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_actix_web::{AppExt, scope};

use super::path_template::fits;

/// Mounts operations.
pub type Configure = fn(&mut ServiceConfig);

/// Operations that are mounted together.
pub struct Part {
    configure: Configure,
    pub paths: Vec<String>,
    prefix: String,
    /// The paths by their first segment after the prefix: `surveys`.
    by_segment: BTreeMap<String, Vec<String>>,
}

impl Part {
    /// `prefix`: the path of the scope in which the part is mounted.
    pub fn new(prefix: &str, configure: Configure) -> Self {
        let app = App::new().into_utoipa_app();
        let (_, document) = app.service(scope(prefix).configure(configure)).split_for_parts();
        let paths: Vec<String> = document.paths.paths.into_keys().collect();
        let prefix = format!("{prefix}/");
        let mut by_segment: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for path in &paths {
            if let Some(segment) = first(path, &prefix) {
                by_segment.entry(segment.to_owned()).or_default().push(path.clone());
            }
        }
        Self {
            configure,
            paths,
            prefix,
            by_segment,
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
        let paths = first(path, &self.prefix).and_then(|segment| self.by_segment.get(segment));
        paths.is_some_and(|paths| paths.iter().any(|template| fits(template, path)))
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
