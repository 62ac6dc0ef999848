//! The rules of the values. An error completes a sentence that begins with the name of the setting.

use std::io::IsTerminal;
use std::net::{IpAddr, ToSocketAddrs};
use std::time::Duration;

use actix_web::http::uri::Authority;
use ipnet::IpNet;
use tracing_subscriber::EnvFilter;

use crate::closings::FourEyes;
use crate::platform::http::limits::Quota;
use crate::platform::secret::Secret;

const MIB: u64 = 1024 * 1024;

/// `None`: no limit.
pub type Limit = Option<Quota>;

/// How many; `None`: any number.
pub type AtWork = Option<usize>;

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

pub fn address(text: &str) -> Result<String, String> {
    match text.to_socket_addrs().is_ok_and(|mut found| found.next().is_some()) {
        true => Ok(text.to_owned()),
        false => Err("must be an address and a port such as 127.0.0.1:8080".to_owned()),
    }
}

pub fn database_url(text: &str) -> Result<Secret, String> {
    let file = text.strip_prefix("sqlite:").map(|rest| rest.trim_start_matches("//"));
    let is_good = match file {
        Some(file) => !file.is_empty() && !file.starts_with('?') && !file.contains(":memory:"),
        None => text.starts_with("postgres://") || text.starts_with("postgresql://"),
    };
    match is_good {
        true => Ok(Secret::from(text)),
        false => Err("must be sqlite://FILE?mode=rwc or postgres://USER:PASSWORD@HOST/NAME".to_owned()),
    }
}

pub fn admin_password(text: &str) -> Result<Secret, String> {
    match text.chars().count() {
        1..=200 => Ok(Secret::from(text)),
        _ => Err("must have at most 200 characters".to_owned()),
    }
}

pub fn not_empty(text: &str) -> Result<Secret, String> {
    match text.is_empty() {
        false => Ok(Secret::from(text)),
        true => Err("must not be empty".to_owned()),
    }
}

pub fn filter(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("must be error, warn, info, debug, trace or a filter such as info,iku=debug".to_owned()),
    }
}

pub fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        "auto" if std::io::stderr().is_terminal() => Ok(LogFormat::Text),
        "auto" => Ok(LogFormat::Json),
        _ => Err("must be auto, text or json".to_owned()),
    }
}

pub fn switch(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("must be on or off".to_owned()),
    }
}

pub fn truth(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "must be true or false".to_owned())
}

pub fn four_eyes(text: &str) -> Result<FourEyes, String> {
    text.parse().map_err(|_| "must be noted or required".to_owned())
}

pub fn public_url(text: &str) -> Result<String, String> {
    let origin = text.trim_end_matches('/');
    let host = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    // It must fit into a QR code. A path is refused, because the paths of the document begin at the host.
    let is_host =
        |host: &&str| (1..=500).contains(&host.len()) && !host.contains('@') && host.parse::<Authority>().is_ok();
    match host.filter(is_host) {
        Some(_) => Ok(origin.to_owned()),
        None => Err("must be an address without a path, such as https://iku.example.go.id".to_owned()),
    }
}

pub fn workers(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n @ 1..=1024) => Ok(n),
        _ => Err("must be a number from 1 to 1024".to_owned()),
    }
}

pub fn mebibytes(text: &str) -> Result<u64, String> {
    match text.parse::<u64>() {
        Ok(n @ 0..=4096) => Ok(n * MIB),
        _ => Err("must be a number from 0 to 4096".to_owned()),
    }
}

/// A terabyte at most.
pub fn room(text: &str) -> Result<u64, String> {
    match text.parse::<u64>() {
        Ok(n @ 1..=1_048_576) => Ok(n * MIB),
        _ => Err("must be a number from 1 to 1048576".to_owned()),
    }
}

pub fn proxy(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.map_err(|_| "must be IP addresses or networks (172.16.0.0/12) separated by commas".to_owned())
}

/// Browsers send only this spelling, so no other spelling would ever match.
pub fn origin(text: &str) -> Result<String, String> {
    let text = text.trim();
    match is_origin(text) {
        true => Ok(text.to_owned()),
        false => Err(
            "must be origins as browsers write them, separated by commas: https://dasbor.example.go.id or \
                      http://localhost:5173, in lower case, without a path, a `*` or the scheme's own port"
                .to_owned(),
        ),
    }
}

fn is_origin(text: &str) -> bool {
    let parts = [("https://", 443), ("http://", 80)]
        .into_iter()
        .find_map(|(scheme, port)| Some((text.strip_prefix(scheme)?, port)));
    let Some((rest, own_port)) = parts else { return false };
    let Ok(authority) = rest.parse::<Authority>() else {
        return false;
    };
    let is_plain = rest
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-:[]".contains(&b));
    is_plain && !authority.host().is_empty() && authority.as_str() == rest && authority.port_u16() != Some(own_port)
}

/// `300/15`: a burst of 300 requests, which 15 seconds restore. `off`: no limit.
pub fn limit(text: &str) -> Result<Limit, String> {
    if text == "off" {
        return Ok(None);
    }
    let parts = text
        .split_once('/')
        .and_then(|(r, s)| Some((r.parse().ok()?, s.parse().ok()?)));
    match parts {
        Some((requests @ 1..=1_000_000, seconds @ 1..=3600)) => Ok(Some(Quota {
            requests,
            window: Duration::from_secs(seconds),
        })),
        _ => Err("must be off or REQUESTS/SECONDS such as 300/15 (at most 1000000 and 3600)".to_owned()),
    }
}

pub fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(n @ 0..=3600) => Ok(Duration::from_secs(n)),
        _ => Err("must be a number of seconds from 0 to 3600".to_owned()),
    }
}

pub fn quota(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(n @ 1..) => Ok(n),
        _ => Err("must be a number from 1".to_owned()),
    }
}

pub fn some_seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(n @ 1..=3600) => Ok(Duration::from_secs(n)),
        _ => Err("must be a number of seconds from 1 to 3600".to_owned()),
    }
}

pub fn at_work(text: &str) -> Result<AtWork, String> {
    match text.parse() {
        Ok(n @ 1..=1024) => Ok(Some(n)),
        Err(_) if text == "off" => Ok(None),
        _ => Err("must be off or a number from 1 to 1024".to_owned()),
    }
}
