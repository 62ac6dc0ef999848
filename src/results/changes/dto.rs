//! Changes in responses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::platform::http::{DistrictCode, Slug};

/// A part of the changes of a district.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangeFeed {
    pub district_code: DistrictCode,
    /// Another text than before: the database was restored from a backup, so all values are read again.
    #[schema(max_length = 16, example = "9f86d081884c7d65")]
    pub epoch: String,
    /// In the order of the commits, each once.
    #[schema(max_items = 1000)]
    pub items: Vec<ValueChange>,
    /// The `after` of the next request.
    #[schema(max_length = 41, example = "412.17")]
    pub next_after: String,
    /// Whether there are more changes now.
    pub has_more: bool,
}

/// A change that may have moved values.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ValueChange {
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// The indicators whose values may have moved.
    #[schema(max_items = 100)]
    pub indicators: Vec<Slug>,
    /// The first year whose values may have moved; null: no limit.
    #[schema(required, minimum = 0, maximum = 9999, example = 2025)]
    pub from_year: Option<i32>,
    /// The last year whose values may have moved; null: no limit.
    #[schema(required, minimum = 0, maximum = 9999, example = 2026)]
    pub to_year: Option<i32>,
}

/// The district, and where to go on.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChangeFilter {
    /// Absent: the district of the token.
    pub district_code: Option<DistrictCode>,
    /// `next_after` of the answer before; `now`: no changes, only where to go on; absent: from the beginning.
    #[param(pattern = "^(now|[0-9]{1,19}[.][0-9]{1,19})$", max_length = 41, example = "412.17")]
    pub after: Option<String>,
    /// `epoch` of the answer before. Another epoch is a 410.
    #[param(min_length = 16, max_length = 16, pattern = "^[0-9a-f]{16}$")]
    pub epoch: Option<String>,
    /// Changes per answer.
    #[param(minimum = 1, maximum = 1000, default = 100, example = 100)]
    pub limit: Option<u64>,
}
