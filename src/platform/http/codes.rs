//! Codes that can only be made from well-formed text.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Digits in groups joined by dots, as Kemendagri writes region codes.
fn grouped(s: &str, groups: &[usize]) -> bool {
    let parts: Vec<&str> = s.split('.').collect();
    parts.len() == groups.len()
        && parts
            .iter()
            .zip(groups)
            .all(|(p, n)| p.len() == *n && p.bytes().all(|b| b.is_ascii_digit()))
}

fn slug(s: &str) -> bool {
    (1..=64).contains(&s.len())
        && s.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

macro_rules! code {
    ($(#[$doc:meta])* $name:ident, $what:literal, $valid:expr) => {
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        $(#[$doc])*
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(s: String) -> Result<Self, String> {
                let valid: fn(&str) -> bool = $valid;
                if valid(&s) { Ok(Self(s)) } else { Err(format!("not a {}", $what)) }
            }
        }

        impl FromStr for $name {
            type Err = String;
            fn from_str(s: &str) -> Result<Self, String> {
                Self::try_from(s.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> String {
                code.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

code! {
    /// Kemendagri code of a district (kecamatan).
    #[schema(value_type = String, min_length = 8, max_length = 8, pattern = r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}$", example = "63.11.06")]
    DistrictCode, "district code", |s| grouped(s, &[2, 2, 2])
}

code! {
    /// Kemendagri code of a village (desa or kelurahan).
    #[schema(value_type = String, min_length = 13, max_length = 13, pattern = r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$", example = "63.11.06.2005")]
    VillageCode, "village code", |s| grouped(s, &[2, 2, 2, 4])
}

code! {
    /// A short code: lower-case letters, digits and hyphens.
    #[schema(value_type = String, min_length = 1, max_length = 64, pattern = "^[a-z0-9-]{1,64}$", example = "lppd")]
    Slug, "code", slug
}

code! {
    /// SHA-256 of the bytes of a file: 64 hexadecimal digits in lower case.
    #[schema(value_type = String, min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$", example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    Sha256, "SHA-256", |s| s.len() == 64 && s.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

impl VillageCode {
    /// The district of the village: the first three groups.
    pub fn district(&self) -> &str {
        self.0.get(..8).unwrap_or_default()
    }

    /// Returns whether it is numbered as a kelurahan: 1001 to 1999. (Desa are numbered from 2001 on.)
    pub fn is_kelurahan(&self) -> bool {
        self.0.get(9..10) == Some("1")
    }
}
