//! The kinds of files that are accepted, known by their first bytes. A file is not checked for anything harmful.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::core::closed_list::closed_list;

/// The kind of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EvidenceMediaType)]
pub enum MediaType {
    #[serde(rename = "application/pdf")]
    Pdf,
    #[serde(rename = "image/jpeg")]
    Jpeg,
    #[serde(rename = "image/png")]
    Png,
}
closed_list!(MediaType { Pdf "application/pdf", Jpeg "image/jpeg", Png "image/png" });

/// The first bytes that tell the kinds apart.
pub const HEAD: usize = 16;

impl MediaType {
    /// Returns the kind of a file by its first [`HEAD`] bytes. What stands before the signature makes it another kind.
    pub fn of(head: &[u8]) -> Option<Self> {
        let begins = |signature: &[u8]| head.starts_with(signature);
        if begins(b"%PDF-") && head.get(5).is_some_and(u8::is_ascii_digit) {
            return Some(Self::Pdf);
        }
        if begins(b"\xFF\xD8\xFF") {
            return Some(Self::Jpeg);
        }
        // The signature and the length and type of the first chunk (ISO 15948 section 5).
        begins(b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR").then_some(Self::Png)
    }

    /// Returns the endings that the name of such a file may have.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_known_at_the_first_byte_alone() {
        let png = b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR";
        for (head, kind) in [
            (b"%PDF-1.7\n".as_slice(), Some(MediaType::Pdf)),
            (b"%PDF-2.0\r", Some(MediaType::Pdf)),
            (b"\xFF\xD8\xFF\xE0\0\x10JFIF\0", Some(MediaType::Jpeg)),
            (png, Some(MediaType::Png)),
            (b"", None),
            (b"%PDF-", None),
            (b"%PDF-x", None),
            (b" %PDF-1.7", None),
            (b"\xEF\xBB\xBF%PDF-1.7", None),
            (b"<html>%PDF-1.7", None),
            (b"<svg xmlns=\"http:", None),
            (b"\x89PNG\r\n\x1A\n", None),
            (b"\x89PNG\n\x1A\n\0\0\0\x0DIHDR", None),
            (b"\xFF\xD8", None),
            (b"GIF89a", None),
            (b"PK\x03\x04", None),
        ] {
            assert_eq!(MediaType::of(head), kind, "{head:?}");
        }
    }
}
