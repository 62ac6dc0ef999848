//! The values of the settings: each read from its text, or refused in a sentence that says what it must be.

use std::io::IsTerminal;
use std::net::{IpAddr, ToSocketAddrs};
use std::time::Duration;

use actix_web::http::uri::Authority;
use tracing_subscriber::EnvFilter;

use super::{LogFormat, MIB, Secret};
use crate::platform::http::limits::Quota;

pub fn address(text: String) -> Result<String, String> {
    let found = text.to_socket_addrs().is_ok_and(|mut found| found.next().is_some());
    found.then_some(()).ok_or_else(|| {
        format!("IKU_HTTP_ADDR must be an address and a port such as 127.0.0.1:8080, not \"{text}\".")
    })?;
    Ok(text)
}

pub fn database_url(text: String) -> Result<Secret, String> {
    let file = text.strip_prefix("sqlite:").map(|rest| rest.trim_start_matches("//"));
    let good = match file {
        Some(file) => !file.is_empty() && !file.starts_with('?') && !file.contains(":memory:"),
        None => text.starts_with("postgres://") || text.starts_with("postgresql://"),
    };
    // The value is not repeated: it may hold a password.
    good.then_some(Secret(text)).ok_or_else(|| {
        "IKU_DATABASE_URL must be sqlite://FILE?mode=rwc or postgres://USER:PASSWORD@HOST/NAME.".to_owned()
    })
}

pub fn admin_password(text: String) -> Result<Secret, String> {
    match text.chars().count() {
        1..=200 => Ok(Secret(text)),
        _ => Err("IKU_ADMIN_PASSWORD must have at most 200 characters.".to_owned()),
    }
}

pub fn filter(text: String) -> Result<String, String> {
    match EnvFilter::try_new(&text) {
        Ok(_) => Ok(text),
        Err(_) => Err(format!(
            "IKU_LOG must be error, warn, info, debug, trace or a filter such as info,iku=debug, not \"{text}\"."
        )),
    }
}

pub fn log_format(text: String) -> Result<LogFormat, String> {
    match text.as_str() {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        "auto" if std::io::stderr().is_terminal() => Ok(LogFormat::Text),
        "auto" => Ok(LogFormat::Json),
        _ => Err(format!("IKU_LOG_FORMAT must be auto, text or json, not \"{text}\".")),
    }
}

pub fn switch(text: String) -> Result<bool, String> {
    match text.as_str() {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("IKU_ACCESS_LOG must be on or off, not \"{text}\".")),
    }
}

pub fn public_url(text: String) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match rest {
        // A QR code must hold it.
        Some(rest) if (1..=500).contains(&rest.len()) && !text.contains([' ', '?', '#']) => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err(format!(
            "IKU_PUBLIC_URL must be an address such as https://iku.example.go.id, not \"{text}\"."
        )),
    }
}

pub fn workers(text: String) -> Result<usize, String> {
    match text.parse() {
        Ok(n @ 1..=1024) => Ok(n),
        _ => Err(format!("IKU_WORKERS must be a number from 1 to 1024, not \"{text}\".")),
    }
}

pub fn mebibytes(text: String) -> Result<u64, String> {
    match text.parse::<u64>() {
        Ok(n @ 0..=4096) => Ok(n * MIB),
        _ => Err(format!(
            "IKU_REALISATION_CACHE_MIB must be a number from 0 to 4096, not \"{text}\"."
        )),
    }
}

pub fn proxies(text: String) -> Result<Vec<IpAddr>, String> {
    let parts = text.split(',').map(str::trim).filter(|p| !p.is_empty());
    parts
        .map(|p| {
            p.parse().map_err(|_| {
                format!("IKU_TRUSTED_PROXIES must be IP addresses separated by commas; \"{p}\" is not one.")
            })
        })
        .collect()
}

pub fn origins(text: String) -> Result<Vec<String>, String> {
    let parts = text.split(',').map(str::trim).filter(|p| !p.is_empty());
    parts
        .map(|p| {
            is_origin(p).then(|| p.to_owned()).ok_or_else(|| {
                format!(
                    "IKU_CORS_ORIGINS must be origins as browsers write them, separated by commas: \
                     https://dasbor.example.go.id or http://localhost:5173, in small letters, without a path, a `*` or \
                     the scheme's own port; \"{p}\" is not one."
                )
            })
        })
        .collect()
}

/// A browser sends no other spelling, so any other would never match.
fn is_origin(text: &str) -> bool {
    let parts = [("https://", 443), ("http://", 80)]
        .into_iter()
        .find_map(|(scheme, port)| Some((text.strip_prefix(scheme)?, port)));
    let Some((rest, own_port)) = parts else { return false };
    let Ok(authority) = rest.parse::<Authority>() else {
        return false;
    };
    let plain = rest
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-:[]".contains(&b));
    plain && !authority.host().is_empty() && authority.as_str() == rest && authority.port_u16() != Some(own_port)
}

/// `300/15`: at most 300 requests at once, and as many again in each 15 seconds. `off`: no limit.
pub fn quota(name: &str, given: Option<String>, default: &str) -> Result<Option<Quota>, String> {
    let text = given.as_deref().unwrap_or(default);
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
        _ => Err(format!(
            "{name} must be off or REQUESTS/SECONDS such as 300/15 (at most 1000000 and 3600), not \"{text}\"."
        )),
    }
}

pub fn seconds(text: String) -> Result<Duration, String> {
    match text.parse() {
        Ok(n @ 0..=3600) => Ok(Duration::from_secs(n)),
        _ => Err(format!(
            "IKU_SHUTDOWN_SECONDS must be a number of seconds from 0 to 3600, not \"{text}\"."
        )),
    }
}
