//! Periods and their windows (DOMAIN section 3). A realisation is always year to date: the window runs from 1 January
//! to the period's last day, so `2025-S1`, `2025-Q2` and `2025-06` have one value.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::civil;

/// The years that a period can have.
pub const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

/// The kind of a period: its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PeriodKind {
    Year,
    Semester,
    Quarter,
    Month,
}

impl PeriodKind {
    /// Returns the number of these periods in a year.
    fn per_year(self) -> u32 {
        match self {
            Self::Year => 1,
            Self::Semester => 2,
            Self::Quarter => 4,
            Self::Month => 12,
        }
    }
}

/// A year, semester, quarter (triwulan) or month of 2000..=2100, written `2025`, `2025-S1`, `2025-Q2`, `2025-06`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    year: i32,
    kind: PeriodKind,
    /// 1-based within the year.
    number: u32,
}

/// The text has none of the four forms of a period, or the year is outside [`YEARS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAPeriod;

impl fmt::Display for NotAPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a period such as 2025, 2025-S1, 2025-Q2 or 2025-06 of the years 2000 to 2100")
    }
}

impl std::error::Error for NotAPeriod {}

/// The reason why two periods do not span a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesError {
    /// A year and a month, for instance.
    MixedKinds,
    /// The first period is later than the last.
    Reversed,
}

impl fmt::Display for SeriesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MixedKinds => "the periods are not of one kind",
            Self::Reversed => "the first period is later than the last",
        })
    }
}

impl std::error::Error for SeriesError {}

/// The days whose facts a period's realisation uses, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[schema(as = PeriodWindow)]
pub struct Window {
    /// 1 January of the period's year.
    pub from: NaiveDate,
    /// The period's last day.
    pub to: NaiveDate,
}

impl Window {
    /// Returns whether the window includes a date.
    pub fn contains(&self, date: NaiveDate) -> bool {
        self.from <= date && date <= self.to
    }
}

impl Period {
    /// Returns the `number`-th (from 1) period of a kind in a year, or `None` outside the year or outside [`YEARS`].
    pub fn new(year: i32, kind: PeriodKind, number: u32) -> Option<Self> {
        (YEARS.contains(&year) && (1..=kind.per_year()).contains(&number)).then_some(Self { year, kind, number })
    }

    /// Returns the calendar year, which is also the fiscal year.
    pub fn year(self) -> i32 {
        self.year
    }

    pub fn kind(self) -> PeriodKind {
        self.kind
    }

    /// Returns the number within the year, from 1; 1 for a year.
    pub fn number(self) -> u32 {
        self.number
    }

    fn last_month(self) -> u32 {
        12 / self.kind.per_year() * self.number
    }

    /// Returns the period's own first day. Its window begins on 1 January.
    pub fn first_day(self) -> NaiveDate {
        let months = 12 / self.kind.per_year();
        civil::day(self.year, months * (self.number - 1) + 1, 1)
    }

    /// Returns the period's last day, to which its target belongs.
    pub fn last_day(self) -> NaiveDate {
        civil::day(self.year, self.last_month(), 31)
    }

    /// Returns the window, year to date: 1 January to the last day.
    pub fn window(self) -> Window {
        Window {
            from: civil::day(self.year, 1, 1),
            to: self.last_day(),
        }
    }

    /// Returns the period under which the target of this period's last day is stored: Q1, S1, Q3 or the year; `None`
    /// for the months that end no quarter (DOMAIN section 8).
    pub fn target_period(self) -> Option<Self> {
        match self.last_month() {
            3 => Some(Self {
                kind: PeriodKind::Quarter,
                number: 1,
                ..self
            }),
            6 => Some(Self {
                kind: PeriodKind::Semester,
                number: 1,
                ..self
            }),
            9 => Some(Self {
                kind: PeriodKind::Quarter,
                number: 3,
                ..self
            }),
            12 => Some(Self {
                kind: PeriodKind::Year,
                number: 1,
                ..self
            }),
            _ => None,
        }
    }

    /// Returns the four periods of a year under which targets are stored: Q1, S1, Q3 and the year.
    pub fn target_periods(year: i32) -> impl Iterator<Item = Self> {
        let quarters = (1..=4).filter_map(move |number| Self::new(year, PeriodKind::Quarter, number));
        quarters.filter_map(Self::target_period)
    }

    /// Returns all periods from `first` to `last`, both included, in order: at most 1,212. Callers apply smaller bounds.
    pub fn series(first: Self, last: Self) -> Result<Vec<Self>, SeriesError> {
        if first.kind != last.kind {
            return Err(SeriesError::MixedKinds);
        }
        if first.last_day() > last.last_day() {
            return Err(SeriesError::Reversed);
        }
        let numbers = |year| (1..=first.kind.per_year()).filter_map(move |n| Self::new(year, first.kind, n));
        let bounds = first.last_day()..=last.last_day();
        Ok((first.year..=last.year)
            .flat_map(numbers)
            .filter(|p| bounds.contains(&p.last_day()))
            .collect())
    }
}

impl FromStr for Period {
    type Err = NotAPeriod;

    fn from_str(text: &str) -> Result<Self, NotAPeriod> {
        let number = |digits: &str, length: usize| {
            let plain = digits.len() == length && digits.bytes().all(|b| b.is_ascii_digit());
            if plain {
                digits.parse::<u32>().map_err(|_| NotAPeriod)
            } else {
                Err(NotAPeriod)
            }
        };
        let (year, part) = text
            .split_once('-')
            .map_or((text, None), |(year, part)| (year, Some(part)));
        let (kind, n) = match part {
            None => (PeriodKind::Year, 1),
            Some(part) => match (part.strip_prefix('S'), part.strip_prefix('Q')) {
                (Some(n), _) => (PeriodKind::Semester, number(n, 1)?),
                (_, Some(n)) => (PeriodKind::Quarter, number(n, 1)?),
                _ => (PeriodKind::Month, number(part, 2)?),
            },
        };
        let year = i32::try_from(number(year, 4)?).map_err(|_| NotAPeriod)?;
        Self::new(year, kind, n).ok_or(NotAPeriod)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, kind, number } = self;
        match kind {
            PeriodKind::Year => write!(f, "{year:04}"),
            PeriodKind::Semester => write!(f, "{year:04}-S{number}"),
            PeriodKind::Quarter => write!(f, "{year:04}-Q{number}"),
            PeriodKind::Month => write!(f, "{year:04}-{number:02}"),
        }
    }
}

impl TryFrom<String> for Period {
    type Error = NotAPeriod;

    fn try_from(text: String) -> Result<Self, NotAPeriod> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}
