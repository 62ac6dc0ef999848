//! The cookies of the pages: the handle of the session, and the language.

use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue};

use crate::platform::error::{Error, OrInternal};
use crate::platform::http::DistrictCode;
use crate::platform::text::Lang;

/// The name of the session's cookie. A browser takes it over HTTPS only (and from its own machine), for this host only.
const SECURE: &str = "__Host-iku";
/// Its name where the operator allows plain HTTP.
const INSECURE: &str = "iku";
/// The language that a person has chosen. It is no secret.
const LANGUAGE: &str = "iku-bahasa";
/// The district that a person of the whole regency looks at. It gives no right.
const DISTRICT: &str = "iku-kecamatan";
/// Seconds that a choice is remembered: a year.
const CHOICE_LIVES: u32 = 31_536_000;

/// How the pages of this service keep a session.
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionCookie {
    /// Whether browsers may send the cookie over plain HTTP.
    pub is_insecure: bool,
}

impl SessionCookie {
    fn name(self) -> &'static str {
        match self.is_insecure {
            true => INSECURE,
            false => SECURE,
        }
    }

    fn attributes(self) -> &'static str {
        match self.is_insecure {
            true => "Path=/; HttpOnly; SameSite=Strict",
            false => "Path=/; HttpOnly; Secure; SameSite=Strict",
        }
    }

    /// Returns the handle that a browser sends.
    pub fn read(self, headers: &HeaderMap) -> Option<&str> {
        read(headers, self.name())
    }

    /// Returns the header that gives a browser a handle, until it is closed.
    pub fn give(self, handle: &str) -> Result<HeaderValue, Error> {
        HeaderValue::from_str(&format!("{}={handle}; {}", self.name(), self.attributes())).or_internal()
    }

    /// Returns the header that takes the cookie away.
    pub fn take(self) -> Result<HeaderValue, Error> {
        HeaderValue::from_str(&format!("{}=; Max-Age=0; {}", self.name(), self.attributes())).or_internal()
    }
}

/// Returns the language that a person has chosen, else that of the browser.
pub fn language(headers: &HeaderMap) -> Lang {
    match read(headers, LANGUAGE) {
        Some("id") => Lang::Id,
        Some("en") => Lang::En,
        _ => Lang::of(headers),
    }
}

/// Returns the header that remembers a language.
pub fn remember(lang: Lang) -> Result<HeaderValue, Error> {
    choice(LANGUAGE, lang.tag())
}

/// Returns the district that a person has chosen.
pub fn district(headers: &HeaderMap) -> Option<DistrictCode> {
    read(headers, DISTRICT)?.parse().ok()
}

/// Returns the header that remembers a district.
pub fn remember_district(code: &DistrictCode) -> Result<HeaderValue, Error> {
    choice(DISTRICT, code.as_str())
}

fn choice(name: &str, value: &str) -> Result<HeaderValue, Error> {
    let cookie = format!("{name}={value}; Max-Age={CHOICE_LIVES}; Path=/; HttpOnly; SameSite=Lax");
    HeaderValue::from_str(&cookie).or_internal()
}

/// Returns the only cookie of this name. Two of them say nothing: one may be another site's.
fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).filter_map(|line| line.to_str().ok());
    let pairs = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(other, _)| *other == name).map(|(_, value)| value);
    let value = values.next()?;
    values.next().is_none().then_some(value)
}
