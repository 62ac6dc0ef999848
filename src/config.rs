//! The settings: `IKU_*` names from the environment, read once into one typed [`Config`].
//!
//! [`SETTINGS`] is the one list of them: `iku serve --help`, the README's table and the warning about names that
//! are not known all come from it.

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;
use std::time::Duration;

use crate::platform::clock::Clock;
use crate::platform::http::limits::{Class, Quota, RateLimiter};

#[cfg(test)]
mod tests;
mod values;

use values::{
    address, admin_password, database_url, filter, log_format, mebibytes, origins, proxies, public_url, quota, seconds,
    switch, workers,
};

const MIB: u64 = 1024 * 1024;

/// Memory for computed answers, in bytes, where nothing is set.
pub const DEFAULT_CACHE: u64 = 4 * MIB;

/// One setting: its name, what holds when it is absent, and what it does.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    pub name: &'static str,
    pub default: &'static str,
    pub about: &'static str,
}

/// One row per setting: field, environment name, default, what it does.
macro_rules! settings {
    ($($field:ident $name:literal $default:literal $about:literal;)*) => {
        /// Every setting, in the order in which people meet them.
        pub const SETTINGS: &[Setting] = &[$(Setting { name: $name, default: $default, about: $about }),*];

        /// The values as text, before they are read.
        #[derive(Default)]
        struct Given { $($field: Option<String>),* }

        impl Given {
            /// Takes one; false when there is no such setting.
            fn take(&mut self, name: &str, value: String) -> bool {
                match name {
                    $($name => self.$field = Some(value),)*
                    _ => return false,
                }
                true
            }
        }
    };
}

settings! {
    http_addr "IKU_HTTP_ADDR" "127.0.0.1:8080" "Address and port to listen on; port 0 takes a free one";
    database_url "IKU_DATABASE_URL" "sqlite://iku.db?mode=rwc" "`sqlite://FILE?mode=rwc` or `postgres://USER:PASSWORD@HOST/NAME`";
    admin_password "IKU_ADMIN_PASSWORD" "a random one, printed once" "First password of the user `admin`; read at the first start only";
    log "IKU_LOG" "info" "What is logged: `error`, `warn`, `info`, `debug`, or a filter such as `info,iku=debug`";
    log_format "IKU_LOG_FORMAT" "auto" "`text`, `json`, or `auto`: text on a terminal, else JSON";
    access_log "IKU_ACCESS_LOG" "on" "`on` or `off`: one line per request";
    public_url "IKU_PUBLIC_URL" "none: tokens name `iku`" "Where people reach the service (`https://iku.example.go.id`); the issuer in its tokens, and what phones scan. With `https`, browsers are told to keep to it (HSTS)";
    workers "IKU_WORKERS" "one per core" "Threads that answer requests";
    realisation_cache_mib "IKU_REALISATION_CACHE_MIB" "4" "Memory for realisations that were computed and still hold, in MiB; `0` keeps none";
    metrics_token "IKU_METRICS_TOKEN" "none: this machine only" "Bearer token with which other machines may read `/metrics`";
    trusted_proxies "IKU_TRUSTED_PROXIES" "none" "Addresses of proxies whose `X-Forwarded-For` is believed, separated by commas";
    cors_origins "IKU_CORS_ORIGINS" "none" "Origins whose pages may ask (`https://dasbor.example.go.id`), separated by commas";
    limit_sign_in "IKU_LIMIT_SIGN_IN" "300/60" "Sign-ins and enrolments from one address: at most so many at once, and as many again in so many seconds; `off`: any number";
    limit_sync "IKU_LIMIT_SYNC" "300/15" "Requests with which one token sends survey answers, in the same words";
    limit_reads "IKU_LIMIT_READS" "300/15" "Reading requests with one token";
    limit_writes "IKU_LIMIT_WRITES" "300/15" "Changing requests with one token";
    limit_anonymous "IKU_LIMIT_ANONYMOUS" "300/60" "All other requests without a valid token, from one address";
    shutdown_seconds "IKU_SHUTDOWN_SECONDS" "30" "How long running requests may take to finish after SIGTERM or SIGINT";
}

/// A text that must not be seen: `Debug` hides it, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// The settings, read and found good.
#[derive(Clone, Debug)]
pub struct Config {
    /// `host:port`.
    pub http_addr: String,
    /// May hold a password, hence a secret; [`Config::database`] is what may be shown.
    pub database_url: Secret,
    pub admin_password: Option<Secret>,
    /// An `EnvFilter`.
    pub log: String,
    pub log_format: LogFormat,
    pub access_log: bool,
    pub public_url: Option<String>,
    pub workers: usize,
    /// Bytes; 0 keeps no computed answer.
    pub realisation_cache: u64,
    pub metrics_token: Option<Secret>,
    pub trusted_proxies: Vec<IpAddr>,
    /// As browsers write them.
    pub cors_origins: Vec<String>,
    pub limits: Quotas,
    pub shutdown: Duration,
}

/// How much one caller may ask; `None`: any number.
#[derive(Clone, Copy, Debug)]
pub struct Quotas {
    sign_in: Option<Quota>,
    sync: Option<Quota>,
    reads: Option<Quota>,
    writes: Option<Quota>,
    anonymous: Option<Quota>,
}

impl Quotas {
    fn of(self, class: Class) -> Option<Quota> {
        match class {
            Class::SignIn => self.sign_in,
            Class::Sync => self.sync,
            Class::Reads => self.reads,
            Class::Writes => self.writes,
            Class::Anonymous => self.anonymous,
        }
    }
}

/// What the settings say about who stands at the door.
#[derive(Clone, Debug, Default)]
pub struct Doors {
    /// With it other machines may read `/metrics`.
    pub metrics_token: Option<Secret>,
    /// Where people reach the service; without it, what they asked for says so.
    pub public_url: Option<String>,
}

impl Config {
    /// Reads the environment. The second part names what is there but not known, ready to be shown.
    pub fn from_env() -> Result<(Self, Vec<String>), String> {
        let texts = std::env::vars_os().filter_map(|(n, v)| Some((n.into_string().ok()?, v)));
        let ours = texts.filter(|(name, _)| name.starts_with("IKU_"));
        let mut read = Vec::new();
        for (name, value) in ours {
            let value = value.into_string().map_err(|_| format!("{name} is not UTF-8."))?;
            read.push((name, value));
        }
        read.sort();
        Self::read(read)
    }

    /// Reads names and values; an empty value counts as absent.
    pub fn read(vars: impl IntoIterator<Item = (String, String)>) -> Result<(Self, Vec<String>), String> {
        let mut given = Given::default();
        let mut unknown = Vec::new();
        for (name, value) in vars {
            // The tests have settings of their own.
            if value.is_empty() || name.starts_with("IKU_TEST_") {
                continue;
            }
            if !given.take(&name, value) {
                let nearest = nearest(&name);
                unknown.push(format!(
                    "{name} is not a setting and is ignored. Did you mean {nearest}?"
                ));
            }
        }
        Ok((Self::typed(given)?, unknown))
    }

    fn typed(given: Given) -> Result<Self, String> {
        Ok(Self {
            http_addr: or(given.http_addr, "127.0.0.1:8080", address)?,
            database_url: or(given.database_url, "sqlite://iku.db?mode=rwc", database_url)?,
            admin_password: given.admin_password.map(admin_password).transpose()?,
            log: or(given.log, "info", filter)?,
            log_format: or(given.log_format, "auto", log_format)?,
            access_log: or(given.access_log, "on", switch)?,
            public_url: given.public_url.map(public_url).transpose()?,
            workers: given.workers.map_or_else(|| Ok(cores()), workers)?,
            realisation_cache: given.realisation_cache_mib.map_or(Ok(DEFAULT_CACHE), mebibytes)?,
            metrics_token: given.metrics_token.map(Secret),
            trusted_proxies: or(given.trusted_proxies, "", proxies)?,
            cors_origins: or(given.cors_origins, "", origins)?,
            limits: Quotas {
                sign_in: quota("IKU_LIMIT_SIGN_IN", given.limit_sign_in, "300/60")?,
                sync: quota("IKU_LIMIT_SYNC", given.limit_sync, "300/15")?,
                reads: quota("IKU_LIMIT_READS", given.limit_reads, "300/15")?,
                writes: quota("IKU_LIMIT_WRITES", given.limit_writes, "300/15")?,
                anonymous: quota("IKU_LIMIT_ANONYMOUS", given.limit_anonymous, "300/60")?,
            },
            shutdown: or(given.shutdown_seconds, "30", seconds)?,
        })
    }

    pub fn doors(&self) -> Doors {
        Doors {
            metrics_token: self.metrics_token.clone(),
            public_url: self.public_url.clone(),
        }
    }

    pub fn rate_limiter(&self) -> RateLimiter {
        RateLimiter::new(|class| self.limits.of(class), &Clock::System)
    }

    /// People reach the service by https.
    pub fn https(&self) -> bool {
        let url = self.public_url.as_deref();
        url.is_some_and(|url| url.starts_with("https://"))
    }

    /// The issuer in access tokens.
    pub fn issuer(&self) -> &str {
        self.public_url.as_deref().unwrap_or("iku")
    }

    /// The database's address without what is secret in it.
    pub fn database(&self) -> String {
        let url = self.database_url.expose();
        match (url.split_once("://"), url.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, place))) if !scheme.starts_with("sqlite") => {
                let place = place.split('?').next().unwrap_or_default();
                format!("{scheme}://{place}")
            }
            _ => url.split('?').next().unwrap_or_default().to_owned(),
        }
    }
}

fn or<T>(given: Option<String>, default: &str, read: fn(String) -> Result<T, String>) -> Result<T, String> {
    read(given.unwrap_or_else(|| default.to_owned()))
}

fn cores() -> usize {
    available_parallelism().map_or(2, NonZeroUsize::get)
}

/// The known name with the fewest differences.
fn nearest(name: &str) -> &'static str {
    SETTINGS
        .iter()
        .map(|s| s.name)
        .min_by_key(|known| distance(name, known))
        .unwrap_or_default()
}

/// Levenshtein.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// The settings as `--help` shows them.
pub fn help() -> String {
    let mut text = "Settings, from the environment:\n".to_owned();
    for s in SETTINGS {
        let about = s.about.replace('`', "");
        let default = s.default.replace('`', "");
        text.push_str(&format!("  {}\n      {about}\n      [default: {default}]\n", s.name));
    }
    text
}
