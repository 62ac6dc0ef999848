//! Sections and questionnaires in responses.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::ArrayBuilder;

use ::entity::questionnaire;

use crate::core::element::Element;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{Page, Slug, schema};
use crate::shipped;

/// A code and its name.
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

/// A questionnaire: its questions with their answers, and the profile of a respondent.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Questionnaire {
    pub code: Slug,
    /// The version of this wording, which is the latest.
    #[schema(minimum = 1, maximum = 1_000_000, example = 1)]
    pub version: i32,
    #[schema(
        min_length = 1,
        max_length = 200,
        example = "Survei Kepuasan Masyarakat (SKM) dengan sembilan unsur"
    )]
    pub title: String,
    /// The regulation that prescribes it.
    #[schema(min_length = 1, max_length = 2000, example = "Permen PANRB 14/2017")]
    pub source: String,
    /// In the order of the form.
    #[schema(min_items = 1, max_items = 9)]
    pub elements: Vec<QuestionnaireElement>,
    pub profile: QuestionnaireProfile,
}

/// An element (unsur): a question with four answers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "code": "biaya", "name": "Biaya/Tarif",
    "question": "Bagaimana pendapat Saudara tentang kewajaran biaya/tarif dalam pelayanan?",
    "labels": ["Sangat mahal", "Cukup mahal", "Murah", "Gratis"],
}))]
pub struct QuestionnaireElement {
    /// The key of the element in the answers.
    pub code: Element,
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    #[schema(min_length = 1, max_length = 2000)]
    pub question: String,
    /// The labels of the answers 1, 2, 3 and 4, in this order.
    #[schema(schema_with = labels)]
    pub labels: Vec<String>,
}

fn labels() -> ArrayBuilder {
    schema::texts("The labels of the answers 1, 2, 3 and 4, in this order.", 4..=4, 200)
}

/// The possible answers of respondents about themselves, except their age. All are optional.
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
        // The stored document includes code, version, title and source.
        serde_json::from_str(&row.document).or_internal()
    }
}

impl From<&shipped::NamedCode> for NamedCode {
    fn from(named: &shipped::NamedCode) -> Self {
        Self {
            code: named.code.clone(),
            name: named.name.clone(),
        }
    }
}
