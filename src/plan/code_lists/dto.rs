//! Code lists and questionnaires as they go out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::ArrayBuilder;

use ::entity::{case_category, institution_kind, questionnaire};

use crate::core::element::Element;
use crate::platform::error::Error;
use crate::platform::http::{Page, Slug, schema};
use crate::shipped;

/// A code and what people call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"code": "karang-taruna", "name": "Karang Taruna"}))]
pub struct NamedCode {
    #[schema(
        pattern = "^[a-z0-9_-]{1,64}$",
        min_length = 1,
        max_length = 64,
        example = "karang-taruna"
    )]
    pub code: String,
    #[schema(min_length = 1, max_length = 200, example = "Karang Taruna")]
    pub name: String,
}

pub type NamedCodePage = Page<NamedCode>;

/// The form of a survey: its questions with their answers, and what respondents may say about themselves.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Questionnaire {
    pub code: Slug,
    /// Of the wording; the newest is answered.
    #[schema(minimum = 1, maximum = 1_000_000, example = 1)]
    pub version: i32,
    #[schema(
        min_length = 1,
        max_length = 200,
        example = "Survei Kepuasan Masyarakat (SKM) dengan sembilan unsur"
    )]
    pub title: String,
    /// The regulation behind it.
    #[schema(min_length = 1, max_length = 2000, example = "Permen PANRB 14/2017")]
    pub source: String,
    /// In the order in which the form asks.
    #[schema(min_items = 1, max_items = 9)]
    pub elements: Vec<QuestionnaireElement>,
    pub profile: QuestionnaireProfile,
}

/// An element (unsur): one question with four answers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "code": "biaya", "name": "Biaya/Tarif",
    "question": "Bagaimana pendapat Saudara tentang kewajaran biaya/tarif dalam pelayanan?",
    "labels": ["Sangat mahal", "Cukup mahal", "Murah", "Gratis"],
}))]
pub struct QuestionnaireElement {
    /// The key of its answers.
    pub code: Element,
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    #[schema(min_length = 1, max_length = 2000)]
    pub question: String,
    /// The answers worth 1, 2, 3 and 4, in this order.
    #[schema(schema_with = labels)]
    pub labels: Vec<String>,
}

fn labels() -> ArrayBuilder {
    schema::texts("The answers worth 1, 2, 3 and 4, in this order.", 4..=4, 200)
}

/// What respondents may say about themselves besides their age in years; all of it optional.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct QuestionnaireProfile {
    #[schema(max_items = 100)]
    pub gender: Vec<NamedCode>,
    #[schema(max_items = 100)]
    pub education: Vec<NamedCode>,
    #[schema(max_items = 100)]
    pub occupation: Vec<NamedCode>,
}

impl TryFrom<questionnaire::Model> for Questionnaire {
    type Error = Error;

    fn try_from(row: questionnaire::Model) -> Result<Self, Error> {
        // The document holds all of the wording, its code, version, title and source among it.
        serde_json::from_str(&row.document).map_err(Error::internal)
    }
}

impl From<institution_kind::Model> for NamedCode {
    fn from(row: institution_kind::Model) -> Self {
        let institution_kind::Model {
            code,
            name,
            position: _,
            recorded_at: _,
        } = row;
        Self { code, name }
    }
}

impl From<case_category::Model> for NamedCode {
    fn from(row: case_category::Model) -> Self {
        let case_category::Model {
            code,
            name,
            position: _,
            recorded_at: _,
        } = row;
        Self { code, name }
    }
}

impl From<&shipped::Named> for NamedCode {
    fn from(named: &shipped::Named) -> Self {
        Self {
            code: named.code.clone(),
            name: named.name.clone(),
        }
    }
}
