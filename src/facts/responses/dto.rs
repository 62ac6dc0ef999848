//! Answers as they are received and sent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::response;

use crate::core::closed_list::closed_list;
use crate::core::element::{Element, Score};
use crate::platform::error::{Error, OrInternal};
use crate::platform::fingerprint;
use crate::platform::http::{ETag, Page, Resource, VillageCode};

/// An answered questionnaire to send. The service neither asks for nor stores names, NIK or phone numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "answers": {
        "persyaratan": 3, "prosedur": 3, "waktu": 3, "biaya": 4, "produk": 3,
        "kompetensi": 3, "perilaku": 4, "sarana": 3, "pengaduan": 4
    },
    "answered_at": "2025-03-14T10:15:00+08:00", "service": "ktp", "village_code": "63.11.06.2005",
    "respondent": {"gender": "perempuan", "age": 34, "education": "sma", "occupation": "wirausaha"}
}))]
pub struct NewResponse {
    /// Made by the device, so that a retry is always safe; absent: made by the service.
    pub id: Option<Uuid>,
    pub answers: SurveyAnswers,
    /// By the device's clock, stored as sent: a wrong clock is no reason to refuse an answer.
    #[schema(example = "2025-03-14T10:15:00+08:00")]
    pub answered_at: DateTime<Utc>,
    /// Code of the service received.
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z0-9-]{1,40}$", example = "ktp")]
    pub service: String,
    /// The home of the respondent: a village of the survey's district.
    pub village_code: Option<VillageCode>,
    pub respondent: Option<Respondent>,
    #[schema(min_length = 1, max_length = 2000, example = "Pelayanan cepat")]
    pub comment: Option<String>,
}

/// Answers of 1 (worst) to 4 (best), by element; an element without an answer is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SurveyAnswers {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 4, example = 3)]
    pub persyaratan: Option<Score>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 4, example = 3)]
    pub prosedur: Option<Score>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 4, example = 3)]
    pub waktu: Option<Score>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 4, example = 4)]
    pub biaya: Option<Score>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 4, example = 3)]
    pub produk: Option<Score>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 4, example = 3)]
    pub kompetensi: Option<Score>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 4, example = 4)]
    pub perilaku: Option<Score>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 4, example = 3)]
    pub sarana: Option<Score>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 4, example = 4)]
    pub pengaduan: Option<Score>,
}

/// The profile of a respondent; all members are optional.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Respondent {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// In years.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 120, example = 34)]
    pub age: Option<i16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub education: Option<Education>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occupation: Option<Occupation>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gender {
    LakiLaki,
    Perempuan,
}
closed_list!(Gender { LakiLaki "laki_laki", Perempuan "perempuan" });

/// The highest completed level of education.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Education {
    Sd,
    Smp,
    Sma,
    D3,
    S1,
    S2,
    S3,
}
closed_list!(Education { Sd "sd", Smp "smp", Sma "sma", D3 "d3", S1 "s1", S2 "s2", S3 "s3" });

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Occupation {
    Pns,
    Tni,
    Polri,
    Swasta,
    Wirausaha,
    Lainnya,
}
closed_list!(Occupation {
    Pns "pns",
    Tni "tni",
    Polri "polri",
    Swasta "swasta",
    Wirausaha "wirausaha",
    Lainnya "lainnya",
});

/// A received answer. The device that sent it is never shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SurveyResponse)]
pub struct Response {
    pub id: Uuid,
    pub survey_id: Uuid,
    pub answers: SurveyAnswers,
    /// By the device's clock, as sent.
    pub answered_at: DateTime<Utc>,
    pub received_at: DateTime<Utc>,
    /// True: `answered_at` is after the receipt, before the survey, or more than 400 days old; or the device's
    /// clock was more than 10 minutes off when it sent a batch.
    pub clock_implausible: bool,
    #[schema(max_length = 40, example = "ktp")]
    pub service: String,
    #[schema(required)]
    pub village_code: Option<VillageCode>,
    #[schema(required)]
    pub respondent: Option<Respondent>,
    #[schema(required, max_length = 2000, example = "Pelayanan cepat")]
    pub comment: Option<String>,
}

pub type ResponsePage = Page<Response>;

/// Filters and order of a list of answers.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ResponseFilter {
    /// Code of the service received.
    #[param(min_length = 1, max_length = 40, pattern = "^[a-z0-9-]{1,40}$", example = "ktp")]
    pub service: Option<String>,
    pub village: Option<VillageCode>,
    /// Id of the client whose phone sent them, for example a stolen phone.
    pub device: Option<Uuid>,
    /// Only answers with an implausible clock, or only the others.
    pub clock_implausible: Option<bool>,
}

/// Instants in microseconds that both databases can store and RFC 3339 can write: the years 1 to 9999.
const STORABLE: [i64; 2] = [-62_135_596_800_000_000, 253_402_300_799_999_999];

impl NewResponse {
    /// Returns the content in its normal form: instants in microseconds, and no respondent without a member.
    pub fn normalised(self) -> Self {
        let micros = self.answered_at.timestamp_micros().clamp(STORABLE[0], STORABLE[1]);
        Self {
            answered_at: DateTime::from_timestamp_micros(micros).unwrap_or(self.answered_at),
            respondent: self.respondent.filter(|r| *r != Respondent::default()),
            ..self
        }
    }

    /// Returns the SHA-256 of normalised content and its survey, without the id. A retry has the same digest.
    pub fn fingerprint(&self, survey_id: Uuid) -> Result<[u8; 32], Error> {
        let content = Self {
            id: None,
            ..self.clone()
        };
        fingerprint::of(&(survey_id, content))
    }
}

impl SurveyAnswers {
    pub fn get(&self, element: Element) -> Option<Score> {
        match element {
            Element::Persyaratan => self.persyaratan,
            Element::Prosedur => self.prosedur,
            Element::Waktu => self.waktu,
            Element::Biaya => self.biaya,
            Element::Produk => self.produk,
            Element::Kompetensi => self.kompetensi,
            Element::Perilaku => self.perilaku,
            Element::Sarana => self.sarana,
            Element::Pengaduan => self.pengaduan,
        }
    }

    /// Returns the elements that were answered.
    pub fn answered(&self) -> impl Iterator<Item = Element> {
        Element::ALL.into_iter().filter(|element| self.get(*element).is_some())
    }
}

impl Resource for Response {
    fn etag(&self) -> ETag {
        // A response never changes, so its receipt is its version.
        ETag::at(self.received_at)
    }

    fn location(&self) -> String {
        format!("/v1/surveys/{}/responses/{}", self.survey_id, self.id)
    }
}

impl TryFrom<response::Model> for Response {
    type Error = Error;

    fn try_from(row: response::Model) -> Result<Self, Error> {
        let response::Model {
            id,
            survey_id,
            fingerprint: _,
            persyaratan,
            prosedur,
            waktu,
            biaya,
            produk,
            kompetensi,
            perilaku,
            sarana,
            pengaduan,
            service,
            village_code,
            gender,
            age,
            education,
            occupation,
            comment,
            answered_at,
            received_at,
            clock_flag,
            counted_from: _,
            counted_until: _,
            void_reason: _,
            voided_by: _,
            device_id: _,
            recorded_by: _,
        } = row;
        let respondent = Respondent {
            gender: gender.as_deref().map(str::parse).transpose()?,
            age,
            education: education.as_deref().map(str::parse).transpose()?,
            occupation: occupation.as_deref().map(str::parse).transpose()?,
        };
        Ok(Self {
            id,
            survey_id,
            answers: SurveyAnswers {
                persyaratan: score(persyaratan)?,
                prosedur: score(prosedur)?,
                waktu: score(waktu)?,
                biaya: score(biaya)?,
                produk: score(produk)?,
                kompetensi: score(kompetensi)?,
                perilaku: score(perilaku)?,
                sarana: score(sarana)?,
                pengaduan: score(pengaduan)?,
            },
            answered_at,
            received_at,
            clock_implausible: clock_flag,
            service,
            village_code: village_code.map(VillageCode::try_from).transpose().or_internal()?,
            respondent: Some(respondent).filter(|r| *r != Respondent::default()),
            comment,
        })
    }
}

impl From<Response> for NewResponse {
    /// Returns the answer as it was sent.
    fn from(response: Response) -> Self {
        let Response {
            id,
            survey_id: _,
            answers,
            answered_at,
            received_at: _,
            clock_implausible: _,
            service,
            village_code,
            respondent,
            comment,
        } = response;
        Self {
            id: Some(id),
            answers,
            answered_at,
            service,
            village_code,
            respondent,
            comment,
        }
    }
}

fn score(stored: Option<i16>) -> Result<Option<Score>, Error> {
    let score = |n: i16| u8::try_from(n).ok().and_then(Score::new);
    stored
        .map(|n| score(n).ok_or_else(|| Error::internal(format!("an answer is {n}"))))
        .transpose()
}
