//! What the problems' `type` addresses lead to.

use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Public;
use crate::platform::error::{Code, Error};
use crate::platform::http::{ETag, Path, reply};

/// One kind of problem.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemKind {
    /// The stable code.
    #[schema(max_length = 64, example = "invalid_body")]
    pub code: String,
    #[schema(minimum = 400, maximum = 599, example = 400)]
    pub status: u16,
    /// In Indonesian.
    #[schema(max_length = 200, example = "Isi permintaan tidak sesuai kontrak")]
    pub title_id: String,
    /// In English.
    #[schema(max_length = 200, example = "The body breaks the contract")]
    pub title_en: String,
}

/// Every kind of problem.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemKinds {
    #[schema(max_items = 200)]
    pub items: Vec<ProblemKind>,
}

fn describe(code: Code) -> ProblemKind {
    let title = code.title();
    ProblemKind {
        code: code.as_str().to_owned(),
        status: code.status().as_u16(),
        title_id: title.id.into_owned(),
        title_en: title.en.into_owned(),
    }
}

/// Explain all problems
///
/// Every `code` that a problem can have, with its status and its title in both languages.
#[utoipa::path(
    tag = "contract", operation_id = "getProblemKinds", security(()), servers((url = "/")),
    responses((status = 200, description = "Every kind of problem", body = ProblemKinds, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/problems")]
pub async fn list(_: Public, req: HttpRequest) -> Result<HttpResponse, Error> {
    let kinds = ProblemKinds {
        items: Code::ALL.iter().copied().map(describe).collect(),
    };
    Ok(reply::one(&req, &ETag::of(&kinds)?, &kinds))
}

/// Explain a problem
///
/// What the `type` of a problem leads to.
#[utoipa::path(
    tag = "contract", operation_id = "getProblemKind", security(()), servers((url = "/")),
    params(("code" = String, Path, description = "The code of the problem", max_length = 64, example = "invalid_body")),
    responses((status = 200, description = "The kind of problem", body = ProblemKind, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/problems/{code}")]
pub async fn get(_: Public, req: HttpRequest, code: Path<String>) -> Result<HttpResponse, Error> {
    let known = Code::ALL.iter().find(|c| c.as_str() == code.0);
    let known = known.ok_or_else(Error::not_found)?;
    let kind = describe(*known);
    Ok(reply::one(&req, &ETag::of(&kind)?, &kind))
}
