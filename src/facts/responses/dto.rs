//! Answers as they are received and sent.

use std::cmp::max;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::response;

use super::counted_spans::void;
use super::flags::{Flags, ResponseFlag};
use crate::core::closed_list::closed_list;
use crate::core::element::{Element, Score};
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{Deletion, ETag, Page, Resource, VillageCode};

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
    /// The service received. It is stored as a code: lower case, and `-` for everything but letters and digits (`KTP-el` as
    /// `ktp-el`).
    #[schema(min_length = 1, max_length = 200, example = "ktp")]
    pub service: Option<String>,
    /// The home of the respondent: a village of the survey's district.
    pub village_code: Option<VillageCode>,
    pub respondent: Option<Respondent>,
    #[schema(min_length = 1, max_length = 2000, example = "Pelayanan cepat")]
    pub comment: Option<String>,
    /// `paper`: entered by an officer from a form, so an old `answered_at` is no sign of a wrong clock. `self_service` is refused:
    /// such answers come by a survey link. Absent: `device`.
    pub mode: Option<ResponseMode>,
}

/// How an answer was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    Device,
    Paper,
    /// By a citizen under a survey link; only the service's own form sends it.
    SelfService,
}
closed_list!(ResponseMode { Device "device", Paper "paper", SelfService "self_service" });

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

/// The profile of a respondent; all members are optional. The questionnaire lists the codes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Respondent {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[a-z0-9_]{1,64}$",
        example = "perempuan"
    )]
    pub gender: Option<String>,
    /// In years.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 120, example = 34)]
    pub age: Option<i16>,
    /// The highest completed level of education.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z0-9_]{1,64}$", example = "sma")]
    pub education: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[a-z0-9_]{1,64}$",
        example = "wirausaha"
    )]
    pub occupation: Option<String>,
}

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
    pub mode: ResponseMode,
    /// What is doubtful about the answer; an answer that counts counts all the same.
    #[schema(max_items = 12, example = json!([]))]
    pub flags: Vec<ResponseFlag>,
    /// Whether `flags` has `clock_implausible`.
    pub clock_implausible: bool,
    /// Code of the service received; null: not understood.
    #[schema(required, max_length = 40, example = "ktp")]
    pub service: Option<String>,
    #[schema(required)]
    pub village_code: Option<VillageCode>,
    #[schema(required)]
    pub respondent: Option<Respondent>,
    #[schema(required, max_length = 2000, example = "Pelayanan cepat")]
    pub comment: Option<String>,
    /// Who voided the answer, when and why; null: it counts.
    #[schema(required)]
    pub void: Option<Deletion>,
    /// For the ETag: when the answer began to count for the last time.
    #[serde(skip)]
    #[schema(ignore)]
    pub counted_from: Option<DateTime<Utc>>,
}

/// The state of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResponseState {
    /// It counts.
    #[default]
    Current,
    /// It was voided.
    Voided,
}

/// The state in which an answer is asked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StateOfResponse {
    /// Default: `current`.
    #[param(inline)]
    pub state: Option<ResponseState>,
}

pub type ResponsePage = Page<Response>;

/// Filters and order of a list of answers.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ResponseFilter {
    /// Code of the service received.
    #[param(min_length = 1, max_length = 40, pattern = "^[a-z0-9-]{1,40}$", example = "ktp")]
    pub service: Option<String>,
    pub village_code: Option<VillageCode>,
    /// Id of the client whose phone sent them, for example a stolen phone.
    pub client_id: Option<Uuid>,
    /// `true`: only answers with an implausible clock; `false`: only the others.
    pub clock_implausible: Option<bool>,
    /// `true`: only answers with a flag; `false`: only answers without.
    pub flagged: Option<bool>,
    /// `true`: only answers that were void at some time and were restored; `false`: only the others.
    pub restored: Option<bool>,
    /// Default: `current`.
    #[param(inline)]
    pub state: Option<ResponseState>,
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
        // The scores never change. What changes is whether they count, and the flags.
        let changed_at = max(Some(self.received_at), self.counted_from);
        let changed_at = max(changed_at, self.void.as_ref().map(|void| void.at));
        let micros = changed_at.unwrap_or(self.received_at).timestamp_micros();
        match self.flags.as_slice() {
            [] => ETag::of_digest(format!("{micros:x}")),
            flags => {
                let bits = flags.iter().fold(0, |bits, flag| bits | flag.bit());
                ETag::of_digest(format!("{micros:x}{bits:02x}"))
            }
        }
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
            mode,
            flags,
            counted_from,
            counted_until,
            void_reason,
            voided_by,
            device_id: _,
            recorded_by: _,
        } = row;
        let respondent = Respondent {
            gender,
            age,
            education,
            occupation,
        };
        let flags = Flags::from_bits(flags);
        let void = void(counted_until, voided_by, void_reason);
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
            mode: mode.as_deref().map_or(Ok(ResponseMode::Device), str::parse)?,
            flags: flags.list(),
            clock_implausible: flags.has(ResponseFlag::ClockImplausible),
            service,
            village_code: village_code.map(VillageCode::try_from).transpose().or_internal()?,
            respondent: Some(respondent).filter(|r| *r != Respondent::default()),
            comment,
            void,
            counted_from,
        })
    }
}

fn score(stored: Option<i16>) -> Result<Option<Score>, Error> {
    let score = |n: i16| u8::try_from(n).ok().and_then(Score::new);
    stored
        .map(|n| score(n).ok_or_else(|| Error::internal(format!("an answer is {n}"))))
        .transpose()
}
