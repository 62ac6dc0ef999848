//! Enrolments in requests and responses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::http::DistrictCode;

/// A code that a phone exchanges to become the device.
#[derive(Serialize, ToSchema)]
pub struct Enrolment {
    /// Shown only in this response: 16 characters of Crockford's base32.
    #[schema(
        pattern = "^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$",
        max_length = 19,
        example = "4T9X-0M7C-QK2B-V8ZD"
    )]
    pub code: String,
    /// 24 hours from now.
    pub expires_at: DateTime<Utc>,
    /// The address of this service and the code, for an app that opens `iku:` links.
    #[schema(
        format = "uri",
        max_length = 2000,
        example = "iku://enrol?server=https%3A%2F%2Fiku.example.go.id&code=4T9X-0M7C-QK2B-V8ZD"
    )]
    pub uri: String,
    /// The same link as a QR code: an SVG image to show or print.
    #[schema(
        max_length = 200000,
        content_media_type = "image/svg+xml",
        example = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"328\" height=\"328\"></svg>"
    )]
    pub qr_svg: String,
}

/// A code, and the secret of the phone that exchanges it.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"code": "4T9X-0M7C-QK2B-V8ZD", "secret": "nZ3mYp0m0J2xg7c4oWq2vH5b8Kt1sLr9uXe6dAfQhPI"}))]
pub struct EnrolmentExchange {
    /// As shown, or as typed: lower case, missing hyphens, O for 0, and I or L for 1 are accepted.
    #[schema(
        pattern = "^([0-9A-TV-Za-tv-z]{4}-?){3}[0-9A-TV-Za-tv-z]{4}$",
        min_length = 16,
        max_length = 19
    )]
    pub code: String,
    /// 256 random bits as base64url. The phone makes and stores them before it sends this request.
    #[schema(pattern = "^[A-Za-z0-9_-]{43}$", min_length = 43, max_length = 43)]
    pub secret: String,
}

/// The device that the phone has become.
#[derive(Serialize, ToSchema)]
pub struct EnrolledDevice {
    /// The `client_id` for the token endpoint.
    #[schema(example = "0198e2f4-7a51-7c44-9a0e-2f1d3c4b5a69")]
    pub client_id: Uuid,
    #[schema(min_length = 1, max_length = 200, example = "HP petugas 1")]
    pub name: String,
    pub district_code: DistrictCode,
}
