//! The names of a village through time: a table of a past year prints the name of that year (DOMAIN section 2).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A name that a village had before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FormerName {
    #[schema(max_length = 200, example = "Balang")]
    pub name: String,
    /// The last day (WITA) on which it had this name.
    #[schema(example = "2025-12-31")]
    pub until: NaiveDate,
}

/// All names of a village. The former names are in order: each holds from the day after the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    pub latest: String,
    pub former: Vec<FormerName>,
}

impl Names {
    /// Returns the name that it has on a day.
    pub fn on(&self, day: NaiveDate) -> &str {
        let former = self.former.iter().find(|former| day <= former.until);
        former.map_or(&self.latest, |former| &former.name)
    }

    /// Returns the names after a change from a day on (`None`: it always had this name). Before that day nothing changes;
    /// from it on the other names are gone.
    pub fn renamed(&self, name: &str, from: Option<NaiveDate>) -> Self {
        let latest = name.to_owned();
        let Some(until) = from.and_then(|day| day.pred_opt()) else {
            return Self {
                latest,
                former: Vec::new(),
            };
        };
        let mut former: Vec<_> = self.former.iter().filter(|f| f.until < until).cloned().collect();
        former.push(FormerName {
            name: self.on(until).to_owned(),
            until,
        });
        while former.last().is_some_and(|last| last.name == latest) {
            former.pop();
        }
        Self { latest, former }
    }

    /// Returns the names without those that ended before a village began (`None`: it always existed).
    pub fn since(mut self, first: Option<NaiveDate>) -> Self {
        self.former.retain(|f| first.is_none_or(|first| first <= f.until));
        self
    }
}
