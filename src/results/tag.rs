//! Tags of computed answers: made of the stamps they depend on, never of the answer.
//!
//! A realisation changes when a fact, a plan or a place changes (the stamps), when another day begins (a period can
//! end, a decree can lapse), and with the question itself. All of these are in the tag, and nothing else.

use actix_web::HttpRequest;
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use ::entity::stamp;

use crate::core::civil;
use crate::platform::db::stamps;
use crate::platform::error::Error;
use crate::platform::http::ETag;
use crate::platform::text::Lang;

/// The tag of the answer to this request, for an actor of this district (`None`: of all). One statement.
pub async fn of(
    conn: &impl ConnectionTrait,
    district: Option<&str>,
    req: &HttpRequest,
    now: DateTime<Utc>,
) -> Result<ETag, Error> {
    let stamps: Vec<_> = stamps::all(conn, district).await?.into_iter().map(instants).collect();
    let question = (req.path(), req.query_string(), Lang::of(req.headers()).tag());
    ETag::of(&(stamps, question, civil::date_of(now), env!("CARGO_PKG_VERSION")))
}

/// Every stream is in the tag; a new one is a compile error until it is.
fn instants(row: stamp::Model) -> (String, [i64; 10]) {
    let stamp::Model {
        district_code,
        recorded_at: _,
        places,
        decrees,
        indicators,
        targets,
        report_kinds,
        surveys,
        institutions,
        cases,
        reports,
        closings,
    } = row;
    let streams = [
        places,
        decrees,
        indicators,
        targets,
        report_kinds,
        surveys,
        institutions,
        cases,
        reports,
        closings,
    ];
    (district_code, streams)
}
