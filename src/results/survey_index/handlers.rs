//! HTTP in, HTTP out.

use actix_web::{HttpRequest, HttpResponse, get, web};
use uuid::Uuid;

use super::dto::SurveyIndex;
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, SurveyIndexRead};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::reply::{self, Finished};
use crate::platform::http::{AsOf, Path, Query};
use crate::platform::text::Lang;

/// Get the index of a survey
///
/// IKM and grade of all answers that count, element by element; whether the sample suffices; who answered. With
/// `as_of`: as it was known at that instant.
#[utoipa::path(
    tag = "surveys", operation_id = "getSurveyIndex",
    params(("id" = Uuid, Path, description = "Id of the survey"), AsOf),
    security(("oauth2" = [SurveyIndexRead::SCOPE])),
    responses(
        (status = 200, description = "The index", body = SurveyIndex, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "`as_of` lies in the future"),
    )
)]
#[get("/surveys/{id}/index")]
pub async fn get(
    actor: Requires<SurveyIndexRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    id: Path<Uuid>,
    as_of: Query<AsOf>,
) -> Result<HttpResponse, Error> {
    let (now, lang) = (db.clock().now(), Lang::of(req.headers()));
    let as_of = as_of.0.past(now)?;
    db.read_as_of(as_of, actor.district.as_deref(), async |tx| {
        let scene = service::scene(tx, &actor, id.0, as_of, now).await?;
        let tag = scene.tag(lang)?;
        if tag.matches_if_none_match(req.headers(), true) {
            return Ok(reply::not_modified(&tag, true));
        }
        let index = scene.index(tx, lang).await?;
        Ok(Finished::new(tag, true, None, &index)?.answer_to(req.headers()))
    })
    .await
}
