//! The link that the phone's camera reads: the service's address and the code.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

use crate::platform::error::Error;

/// All characters but the unreserved ones of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `iku://enrol?server=...&code=...`
pub fn uri(server: &str, code: &str) -> String {
    format!(
        "iku://enrol?server={}&code={code}",
        utf8_percent_encode(server, RESERVED)
    )
}

/// Returns a text as a QR code, with the quiet zone that scanners need.
pub fn qr_svg(text: &str) -> Result<String, Error> {
    let qr = QrCode::with_error_correction_level(text, EcLevel::M).map_err(Error::internal)?;
    Ok(qr.render::<svg::Color<'_>>().build())
}
