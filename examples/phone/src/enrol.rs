//! Exchanges an enrolment code for a credential.
//!
//! The phone generates its own secret and stores it *before* it sends it. If the reply is lost, the phone sends the same
//! code with the same secret again and gets the same reply. A phone that lost its secret would need a new code.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::files;
use crate::reply::Fault;
use crate::server::Server;

/// The credential of an enrolled phone: `identity.json`. On Android or iOS this belongs in the system's key store.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub server: String,
    pub client_id: Uuid,
    pub secret: String,
    /// The name that the administrator gave this phone.
    pub name: String,
    pub district_code: Option<String>,
}

/// The server and the enrolment code, typed in or read from the QR picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub server: String,
    pub code: String,
}

/// An enrolment without a reply yet: `enrolment.json`.
#[derive(Serialize, Deserialize)]
struct Pending {
    server: String,
    code: String,
    secret: String,
}

/// Why a phone could not be enrolled.
#[derive(Debug)]
pub enum EnrolError {
    /// The code is still valid: try again with it.
    TryAgain(Fault),
    /// The code is unknown, expired or used by another phone: ask the office for a new code.
    Refused(Fault),
    Disk(io::Error),
}

impl Invitation {
    /// Reads the text of the QR picture: `iku://enrol?server=<percent-encoded>&code=XXXX-XXXX-XXXX-XXXX`.
    pub fn from_uri(uri: &str) -> Result<Self, String> {
        let query = uri
            .trim()
            .strip_prefix("iku://enrol?")
            .ok_or("an enrolment begins with iku://enrol?")?;
        let (mut server, mut code) = (None, None);
        for part in query.split('&') {
            match part.split_once('=') {
                Some(("server", value)) => server = Some(percent_decoded(value).ok_or("the server is not readable")?),
                Some(("code", value)) => code = Some(percent_decoded(value).ok_or("the code is not readable")?),
                // A later version may have more parameters.
                _ => {}
            }
        }
        Self::typed(
            &server.ok_or("the server is missing")?,
            &code.ok_or("the code is missing")?,
        )
    }

    /// Takes a code as people type it: lower case, without hyphens, O for 0, I or L for 1.
    pub fn typed(server: &str, code: &str) -> Result<Self, String> {
        let server = server.trim().trim_end_matches('/').to_owned();
        let host = server.strip_prefix("http://").map(|rest| rest.split([':', '/']).next());
        let is_local = matches!(host, Some(Some("localhost" | "127.0.0.1")));
        if !server.starts_with("https://") && !is_local {
            return Err("the server must begin with https://, because plain HTTP would show the secret".to_owned());
        }
        let mut symbols = String::new();
        for c in code.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            symbols.push(match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                c @ ('0'..='9' | 'A'..='Z') if c != 'U' => c,
                c => return Err(format!("a code never contains `{c}`")),
            });
        }
        if symbols.len() != 16 {
            return Err("a code has 16 characters".to_owned());
        }
        let groups = [&symbols[..4], &symbols[4..8], &symbols[8..12], &symbols[12..]];
        Ok(Self {
            server,
            code: groups.join("-"),
        })
    }
}

/// Enrols the phone of a folder. It is always safe to try again with the same code, also if the first try seemed to fail.
/// A phone that is already enrolled keeps its old credential until the service grants the new credential.
pub fn enrol(folder: &Path, invitation: &Invitation, server: &Server) -> Result<Identity, EnrolError> {
    fs::create_dir_all(folder)?;
    let (pending_path, identity_path) = (folder.join("enrolment.json"), folder.join("identity.json"));
    let before: Option<Pending> = read(&pending_path)?;
    let same = before.filter(|p| (&p.server, &p.code) == (&invitation.server, &invitation.code));
    let pending = match same {
        Some(pending) => pending,
        None => {
            let pending = Pending {
                server: invitation.server.clone(),
                code: invitation.code.clone(),
                secret: new_secret()?,
            };
            write(&pending_path, &pending)?;
            pending
        }
    };
    let granted = match server.enrol(&pending.code, &pending.secret) {
        Ok(granted) => granted,
        Err(fault @ Fault::Refused { .. }) => {
            // The service will never grant this pair, so the secret is useless.
            files::remove(&pending_path)?;
            return Err(EnrolError::Refused(fault));
        }
        Err(fault) => return Err(EnrolError::TryAgain(fault)),
    };
    let identity = Identity {
        server: pending.server,
        client_id: granted.client_id,
        secret: pending.secret,
        name: granted.name,
        district_code: granted.district_code,
    };
    // In this order: after a crash in between, the phone sends the same pair again and gets the same reply.
    write(&identity_path, &identity)?;
    files::remove(&pending_path)?;
    Ok(identity)
}

impl Identity {
    /// Returns the credential in a folder; `None` if the phone is not enrolled.
    pub fn load(folder: &Path) -> io::Result<Option<Self>> {
        read(&folder.join("identity.json"))
    }

    /// Stores a credential. Used alone for a client whose secret the office created and a person typed in.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        write(&folder.join("identity.json"), self)
    }
}

/// Returns 256 random bits from the operating system, as 43 characters.
fn new_secret() -> io::Result<String> {
    let mut bits = [0; 32];
    getrandom::fill(&mut bits).map_err(io::Error::other)?;
    Ok(URL_SAFE_NO_PAD.encode(bits))
}

fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

fn write(path: &Path, content: &impl Serialize) -> io::Result<()> {
    files::replace(path, &serde_json::to_vec_pretty(content)?)
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).ok()
}

impl From<io::Error> for EnrolError {
    fn from(e: io::Error) -> Self {
        Self::Disk(e)
    }
}

impl fmt::Display for EnrolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TryAgain(fault) => write!(f, "{fault}. The code is still valid: try again with the same code"),
            Self::Refused(fault) => write!(f, "{fault}. Ask the office for a new code"),
            Self::Disk(e) => write!(f, "{e}"),
        }
    }
}

impl std::error::Error for EnrolError {}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.client_id, self.server)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let expected = Invitation {
            server: "https://iku.example.go.id".to_owned(),
            code: "0123-4567-89AB-1D0F".to_owned(),
        };
        let uri = "iku://enrol?server=https%3A%2F%2Fiku.example.go.id%2F&code=0123-4567-89AB-1D0F&v=2";
        assert_eq!(Invitation::from_uri(uri).unwrap(), expected);
        let typed = Invitation::typed("https://iku.example.go.id/", " o123 4567 89ab-lDOf ");
        assert_eq!(typed.unwrap(), expected);
        for (server, code) in [
            ("http://iku.example.go.id", "0123-4567-89AB-1D0F"),
            ("https://iku.example.go.id", "0123-4567-89AB-1D0"),
            ("https://iku.example.go.id", "0123-4567-89AB-UD0F"),
        ] {
            Invitation::typed(server, code).unwrap_err();
        }
        assert!(Invitation::typed("http://127.0.0.1:8080", "0123-4567-89AB-1D0F").is_ok());
        assert!(Invitation::from_uri("iku://enrol?server=%zz&code=1").is_err());
    }

    #[test]
    fn a_secret_is_43_characters_and_never_the_same() {
        let (one, other) = (new_secret().unwrap(), new_secret().unwrap());
        assert!(one.len() == 43 && one != other);
        assert!(one.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
    }
}
