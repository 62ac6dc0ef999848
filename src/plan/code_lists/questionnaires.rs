//! The questionnaire, with the values of a respondent's profile that are valid now.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use ::entity::questionnaire;

use super::dto::{NamedCode, Questionnaire, QuestionnaireProfile};
use super::list::CodeList;
use super::query;
use crate::platform::error::Error;
use crate::platform::http::Slug;

/// Returns the newest wording of a questionnaire.
pub async fn get(conn: &impl ConnectionTrait, code: &Slug, this_year: i32) -> Result<Questionnaire, Error> {
    use questionnaire::{Column as C, Entity};
    let wordings = Entity::find().filter(C::Code.eq(code.as_str()));
    let row = wordings.order_by_desc(C::Version).one(conn).await?;
    let stored = Questionnaire::try_from(row.ok_or_else(Error::not_found)?)?;
    let values = query::codes_of(conn, &[CodeList::Gender, CodeList::Education, CodeList::Occupation]).await?;
    let of = |list: CodeList| {
        let own = values.iter().filter(|value| value.list == list.as_str());
        let valid = own.filter(|value| query::is_valid_in(value, this_year));
        valid
            .map(|value| NamedCode {
                code: value.code.clone(),
                name: value.name.clone(),
            })
            .collect()
    };
    let profile = QuestionnaireProfile {
        gender: of(CodeList::Gender),
        education: of(CodeList::Education),
        occupation: of(CodeList::Occupation),
    };
    Ok(Questionnaire { profile, ..stored })
}
