//! The settings, read once at the top; `cli` and `server` hand them down as plain values.
//!
//! Each field of [`Settings`] and [`Secrets`] is a setting: its name in the environment, its default, its rule and its
//! help. The README's table is tested against them.

use std::error::Error as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::Resettable;
use clap::error::{ContextKind, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory, Parser};
use ipnet::IpNet;

use crate::closings::FourEyes;
use crate::facts::responses::Quotas;
use crate::platform::http::limits::Class;
use crate::platform::sealing::SealingKey;
use crate::platform::secret::Secret;

mod values;

pub use values::{AtWork, Limit, LogFormat};
use values::{
    address, admin_password, at_work, database_url, filter, four_eyes, limit, log_format, mebibytes, not_empty, origin,
    proxy, public_url, quota, room, seconds, some_seconds, switch, truth, workers,
};

/// Settings in the environment that `iku serve` takes as flags too.
#[derive(Clone, Debug, Parser)]
pub struct Settings {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, env = "IKU_HTTP_ADDR", value_name = "HOST:PORT", default_value = "127.0.0.1:8080", value_parser = address)]
    pub http_addr: String,

    /// Log level: `error`, `warn`, `info`, `debug`, or a filter such as `info,iku=debug`. The audit is logged at every level,
    /// unless the filter names it (`info,iku::audit=off`)
    #[arg(long, env = "IKU_LOG", value_name = "FILTER", default_value = "info", value_parser = filter)]
    pub log: String,

    /// `text`, `json`, or `auto`: text on a terminal, else JSON
    #[arg(long, env = "IKU_LOG_FORMAT", value_name = "FORMAT", default_value = "auto", value_parser = log_format)]
    pub log_format: LogFormat,

    /// `on` or `off`: one line per request
    #[arg(long, env = "IKU_ACCESS_LOG", value_name = "SWITCH", default_value = "on", action = ArgAction::Set, value_parser = switch)]
    pub access_log: bool,

    /// The public address of the service (`https://iku.example.go.id`, without a path): the server in the document, the
    /// issuer of its tokens, and the address that phones scan. Caches may then keep
    /// `/.well-known/oauth-authorization-server`. With `https`, browsers never use plain HTTP again (HSTS) [default: none: the address that each request was sent to]
    #[arg(long, env = "IKU_PUBLIC_URL", value_name = "URL", value_parser = public_url)]
    pub public_url: Option<String>,

    /// Threads that handle requests [default: one per core]
    #[arg(long, env = "IKU_WORKERS", value_name = "N", value_parser = workers)]
    pub workers: Option<usize>,

    /// Memory for computed responses that are still valid, in MiB; `0`: none
    #[arg(long = "realisation-cache-mib", env = "IKU_REALISATION_CACHE_MIB", value_name = "MIB", default_value = "4", value_parser = mebibytes)]
    pub realisation_cache: u64,

    /// Address and port where `/metrics` asks for no token [default: none]
    #[arg(long, env = "IKU_OPS_ADDR", value_name = "HOST:PORT", value_parser = address)]
    pub ops_addr: Option<String>,

    /// Addresses or networks (`172.16.0.0/12`) of proxies whose `X-Forwarded-For` is trusted, separated by commas [default: none]
    #[arg(long, env = "IKU_TRUSTED_PROXIES", value_name = "ADDRESSES", value_delimiter = ',', value_parser = proxy)]
    pub trusted_proxies: Vec<IpNet>,

    /// Origins whose pages may send requests (`https://dasbor.example.go.id`), separated by commas [default: none]
    #[arg(long, env = "IKU_CORS_ORIGINS", value_name = "ORIGINS", value_delimiter = ',', value_parser = origin)]
    pub cors_origins: Vec<String>,

    /// Sign-ins and enrolments from one address, as REQUESTS/SECONDS: the burst, and the seconds that restore it;
    /// `off`: no limit
    #[arg(long, env = "IKU_LIMIT_SIGN_IN", value_name = "LIMIT", default_value = "300/60", value_parser = limit)]
    pub limit_sign_in: Limit,

    /// Revocations of tokens, from one address
    #[arg(long, env = "IKU_LIMIT_SIGN_OUT", value_name = "LIMIT", default_value = "300/60", value_parser = limit)]
    pub limit_sign_out: Limit,

    /// Requests that send survey answers, with one token
    #[arg(long, env = "IKU_LIMIT_SYNC", value_name = "LIMIT", default_value = "300/15", value_parser = limit)]
    pub limit_sync: Limit,

    /// Requests of a phone that was switched off or deleted, with one token
    #[arg(long, env = "IKU_LIMIT_QUARANTINE", value_name = "LIMIT", default_value = "10/60", value_parser = limit)]
    pub limit_quarantine: Limit,

    /// Requests that read, with one token
    #[arg(long, env = "IKU_LIMIT_READS", value_name = "LIMIT", default_value = "300/15", value_parser = limit)]
    pub limit_reads: Limit,

    /// Requests that read with `If-None-Match`, with one token; each that is not a 304 counts among the reads too
    #[arg(long, env = "IKU_LIMIT_REVALIDATIONS", value_name = "LIMIT", default_value = "3000/15", value_parser = limit)]
    pub limit_revalidations: Limit,

    /// Requests that change something, with one token
    #[arg(long, env = "IKU_LIMIT_WRITES", value_name = "LIMIT", default_value = "300/15", value_parser = limit)]
    pub limit_writes: Limit,

    /// All other requests without a valid token, and those for public pages, from one address
    #[arg(long, env = "IKU_LIMIT_ANONYMOUS", value_name = "LIMIT", default_value = "300/60", value_parser = limit)]
    pub limit_anonymous: Limit,

    /// Requests for pages, from one address
    #[arg(long, env = "IKU_LIMIT_PAGES", value_name = "LIMIT", default_value = "1200/60", value_parser = limit)]
    pub limit_pages: Limit,

    /// Requests for the forms of survey links and for the files of pages, from one address
    #[arg(long, env = "IKU_LIMIT_COUNTER", value_name = "LIMIT", default_value = "6000/60", value_parser = limit)]
    pub limit_counter: Limit,

    /// `true`: the pages' cookie is sent over plain HTTP too, for an office network without TLS, where others can read it
    #[arg(long = "pages-insecure-cookie", env = "IKU_PAGES_INSECURE_COOKIE", value_name = "TRUE", default_value = "false", action = ArgAction::Set, value_parser = truth)]
    pub pages_insecure_cookie: bool,

    /// `true`: everybody can read the closed values at `/publik`, and download the documents and statements of closings. These name
    /// the accounts that closed and that set targets, and the files of evidence
    #[arg(long = "public-page", env = "IKU_PUBLIC_PAGE", value_name = "TRUE", default_value = "false", action = ArgAction::Set, value_parser = truth)]
    pub public_page: bool,

    /// Answers of one phone that may wait for an officer's decision; it keeps further ones and sends them again later
    #[arg(long, env = "IKU_DEVICE_HELD_QUOTA", value_name = "N", default_value = "2000", value_parser = quota)]
    pub device_held_quota: u32,

    /// Answers of one phone that count in one day (WITA); it keeps further ones and sends them again the next day
    #[arg(long, env = "IKU_DEVICE_DAILY_QUOTA", value_name = "N", default_value = "5000", value_parser = quota)]
    pub device_daily_quota: u32,

    /// Reads with one token (without a valid token: from one network) that are at work at the same time; 64 more wait, and
    /// further ones get a 429; `off`: no limit
    #[arg(long, env = "IKU_LIMIT_AT_WORK", value_name = "N", default_value = "4", value_parser = at_work)]
    pub limit_at_work: AtWork,

    /// Folder of the files of evidence; all instances share it [default: beside the SQLite file, `FILE.evidence`; on PostgreSQL
    /// `iku-evidence` in the working folder]
    #[arg(long, env = "IKU_EVIDENCE_DIR", value_name = "FOLDER")]
    pub evidence_dir: Option<PathBuf>,

    /// Room for the files of evidence of one district, in MiB; each file takes 4 KiB more than it has
    #[arg(long = "evidence-mib", env = "IKU_EVIDENCE_MIB", value_name = "MIB", default_value = "2048", value_parser = room)]
    pub evidence_bytes: u64,

    /// `noted` or `required`: whether an account that recorded facts of a district since the last closing may close a period
    /// there. `noted`: it may, and the statement says so
    #[arg(long = "closing-four-eyes", env = "IKU_CLOSING_FOUR_EYES", value_name = "RULE", default_value = "noted", value_parser = four_eyes)]
    pub four_eyes: FourEyes,

    /// The time for one statement of a read; a read that needs more is refused as `too_expensive`
    #[arg(long = "read-seconds", env = "IKU_READ_SECONDS", value_name = "SECONDS", default_value = "10", value_parser = some_seconds)]
    pub read_limit: Duration,

    /// The time for running requests to finish after SIGTERM or SIGINT
    #[arg(long = "shutdown-seconds", env = "IKU_SHUTDOWN_SECONDS", value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub shutdown: Duration,
}

/// Settings without a flag, because every user of a machine can read its command lines.
#[derive(Clone, Debug, Parser)]
pub struct Secrets {
    /// `sqlite://FILE?mode=rwc` or `postgres://USER:PASSWORD@HOST/NAME`
    #[arg(env = "IKU_DATABASE_URL", hide_env_values = true, default_value = "sqlite://iku.db?mode=rwc", value_parser = database_url)]
    pub database_url: Secret,

    /// First password of the user `admin`; read at the first start only [default: a random one, printed once]
    #[arg(env = "IKU_ADMIN_PASSWORD", hide_env_values = true, value_parser = admin_password)]
    pub admin_password: Option<Secret>,

    /// Bearer token with which monitoring may read `/metrics` [default: none: only at `IKU_OPS_ADDR`]
    #[arg(env = "IKU_METRICS_TOKEN", hide_env_values = true)]
    pub metrics_token: Option<Secret>,

    /// File with `IKU_DATABASE_URL`, in place of that setting [default: none]
    #[arg(env = "IKU_DATABASE_URL_FILE", hide_env_values = true, value_name = "FILE")]
    pub database_url_file: Option<PathBuf>,

    /// File with `IKU_ADMIN_PASSWORD`, in place of that setting [default: none]
    #[arg(env = "IKU_ADMIN_PASSWORD_FILE", hide_env_values = true, value_name = "FILE")]
    pub admin_password_file: Option<PathBuf>,

    /// File with `IKU_METRICS_TOKEN`, in place of that setting [default: none]
    #[arg(env = "IKU_METRICS_TOKEN_FILE", hide_env_values = true, value_name = "FILE")]
    pub metrics_token_file: Option<PathBuf>,

    /// File with 32 random bytes, raw or as base64, that encrypt the private keys in the database; kept elsewhere, so that a
    /// copy of the database signs nothing [default: none: the keys are plain]
    #[arg(env = "IKU_KEY_FILE", hide_env_values = true, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
}

impl Settings {
    /// Reads the environment. The error is a sentence that names the setting.
    pub fn from_env() -> Result<Self, String> {
        from_env()
    }

    pub fn limit(&self, class: Class) -> Limit {
        match class {
            Class::SignIn => self.limit_sign_in,
            Class::SignOut => self.limit_sign_out,
            Class::Sync => self.limit_sync,
            Class::Quarantine => self.limit_quarantine,
            Class::Reads => self.limit_reads,
            Class::Revalidations => self.limit_revalidations,
            Class::Writes => self.limit_writes,
            Class::Anonymous => self.limit_anonymous,
            Class::Pages => self.limit_pages,
            Class::Counter => self.limit_counter,
        }
    }

    pub fn quotas(&self) -> Quotas {
        Quotas {
            held: self.device_held_quota,
            daily: self.device_daily_quota,
        }
    }

    /// Returns whether people reach the service by https.
    pub fn is_https(&self) -> bool {
        let url = self.public_url.as_deref();
        url.is_some_and(|url| url.starts_with("https://"))
    }
}

impl Secrets {
    /// Reads the environment and the files that it names. The error is a sentence that names the setting.
    pub fn from_env() -> Result<Self, String> {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        from_env::<Self>()?.with_files(is_set)
    }

    /// Reads the secrets that are in files. A secret must not be set twice.
    pub fn with_files(mut self, is_set: impl Fn(&str) -> bool) -> Result<Self, String> {
        let read = |name: &str, file: &Option<PathBuf>, value: fn(&str) -> Result<Secret, String>| {
            let Some(file) = file else { return Ok(None) };
            if is_set(name) {
                return Err(format!("{name} and {name}_FILE are both set; set one of them."));
            }
            let text = std::fs::read_to_string(file)
                .map_err(|e| format!("{name}_FILE cannot be read: {}: {e}.", file.display()))?;
            let found = value(text.trim_end_matches(['\r', '\n']));
            found
                .map(Some)
                .map_err(|rule| format!("The content of {name}_FILE {rule}."))
        };
        if let Some(url) = read("IKU_DATABASE_URL", &self.database_url_file, database_url)? {
            self.database_url = url;
        }
        let password = read("IKU_ADMIN_PASSWORD", &self.admin_password_file, admin_password)?;
        self.admin_password = password.or(self.admin_password);
        let token = read("IKU_METRICS_TOKEN", &self.metrics_token_file, not_empty)?;
        self.metrics_token = token.or(self.metrics_token);
        Ok(self)
    }

    /// Reads the key that encrypts private keys in the database.
    pub fn sealing_key(&self) -> Result<Option<SealingKey>, String> {
        self.key_file.as_deref().map(SealingKey::from_file).transpose()
    }

    /// Returns the address of the database, without its secrets.
    pub fn redacted_database(&self) -> String {
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

fn from_env<T: Parser>() -> Result<T, String> {
    let matches = without_empty(T::command()).try_get_matches_from(["iku"]);
    let read = matches.and_then(|matches| T::from_arg_matches(&matches));
    read.map_err(|error| wrong_setting(&error).unwrap_or_else(|| error.to_string()))
}

/// Treats an empty value as absent, because compose passes a setting without a value as empty.
pub fn without_empty(command: Command) -> Command {
    command.mut_args(|arg| match arg.get_env().and_then(std::env::var_os) {
        Some(value) if value.is_empty() => arg.env(Resettable::<clap::builder::OsStr>::Reset),
        _ => arg,
    })
}

/// Returns a sentence about the setting whose value is wrong; `None`: the error is not about a setting. The sentence
/// does not repeat the value of a secret.
pub fn wrong_setting(error: &clap::Error) -> Option<String> {
    if error.kind() == ErrorKind::InvalidUtf8 {
        let (name, _) = std::env::vars_os().find(|(name, value)| is_ours(name) && value.to_str().is_none())?;
        return Some(format!("{} is not UTF-8.", name.display()));
    }
    let shown = error.get(ContextKind::InvalidArg)?.to_string();
    let arg = arguments().find(|arg| arg.to_string() == shown)?;
    let (name, rule) = (arg.get_env()?.display(), error.source()?);
    Some(match error.get(ContextKind::InvalidValue) {
        Some(value) if !arg.is_hide_env_values_set() => format!("{name} {rule}, not \"{value}\"."),
        _ => format!("{name} {rule}."),
    })
}

/// Returns a warning for every `IKU_*` name in the environment that is not a setting.
pub fn warnings() -> Vec<String> {
    let names = std::env::vars_os().filter(|(name, value)| is_ours(name) && !value.is_empty());
    let mut unknown: Vec<_> = names.filter_map(|(name, _)| unknown_name(name.to_str()?)).collect();
    unknown.sort();
    unknown
}

pub fn is_ours(name: &std::ffi::OsStr) -> bool {
    // The tests have their own settings.
    let name = name.to_string_lossy();
    name.starts_with("IKU_") && !name.starts_with("IKU_TEST_")
}

pub fn unknown_name(name: &str) -> Option<String> {
    let known = names();
    let nearest = known.iter().min_by_key(|known| strsim::levenshtein(known, name))?;
    (nearest != name).then(|| format!("{name} is not a setting and is ignored. Did you mean {nearest}?"))
}

/// The name of every setting in the environment.
pub fn names() -> Vec<String> {
    let names = arguments().filter_map(|arg| arg.get_env().map(|name| name.to_string_lossy().into_owned()));
    names.collect()
}

pub fn arguments() -> impl Iterator<Item = Arg> {
    let all = [Settings::command(), Secrets::command()].into_iter();
    all.flat_map(|mut command| {
        // clap can print the arguments of a built command only.
        command.build();
        command.get_arguments().cloned().collect::<Vec<_>>()
    })
}

/// Returns the end of `iku serve --help`.
pub fn help_of_secrets() -> String {
    let mut text = "Only in the environment, because every user of a machine can read its command lines:\n".to_owned();
    for arg in Secrets::command().get_arguments() {
        let name = arg.get_env().unwrap_or_default().display();
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let default = arg.get_default_values().first();
        let default = default.map_or(String::new(), |value| format!(" [default: {}]", value.display()));
        text.push_str(&format!("  {name}\n          {help}{default}\n"));
    }
    text
}

/// Returns the end of `iku --help`.
pub fn help() -> String {
    format!(
        "Settings, which `iku serve --help` explains:\n  {}",
        names().join("\n  ")
    )
}
