//! One realisation, put together from what was promised and what the formula said.

use super::dto::{AppliedFormula, GradeOfIndex, InformationItem, MeasuredIndicator, Realisation};
use super::measurement::{self, Measurement};
use super::plan::InForce;
use super::service::{Loaded, Question};
use super::words;
use crate::core::achievement::{self, Category};
use crate::core::decimal::Hundredths;
use crate::core::exact::Exact;
use crate::core::formula::Figure;
use crate::core::grade::Grade;
use crate::core::period::Period;
use crate::platform::decimal_json::Decimal2;
use crate::platform::error::Error;
use crate::platform::http::{DistrictCode, Slug};

/// The realisation, and the measurement it shows.
pub fn measured(
    loaded: &Loaded,
    question: Question<'_>,
    in_force: &InForce<'_>,
    period: Period,
) -> Result<(Realisation, Measurement), Error> {
    let InForce { indicator, decree } = *in_force;
    let frame = question.frame(period);
    let said = measurement::measure(indicator, &frame, &loaded.facts)?;
    let polarity = indicator.polarity.parse()?;
    let target = loaded.ground.targets.of(&indicator.code, period);
    let achieved = achievement::achievement(said.value.as_ref(), target, polarity);
    let rounded = said.value.as_ref().map(Exact::to_hundredths);
    let realisation = Realisation {
        indicator: MeasuredIndicator {
            code: Slug::try_from(indicator.code.clone()).map_err(Error::internal)?,
            number: indicator.number,
            name: indicator.name.clone(),
            unit: indicator.unit.clone(),
            polarity,
            external_code: indicator.external_code.clone(),
        },
        district_code: DistrictCode::try_from(indicator.district_code.clone()).map_err(Error::internal)?,
        period,
        window: frame.window,
        as_of: question.as_of,
        facts_recorded_at: measurement::newest_fact(indicator, period.year(), &loaded.facts)?,
        status: said.status,
        reason: said.reason,
        reason_text: said.reason.map(|r| words::reason(r).in_lang(question.lang).to_owned()),
        value: rounded.map(Into::into),
        numerator: said.numerator,
        denominator: said.denominator,
        exact: said.fraction.as_ref().map(Exact::to_fraction_string),
        target: target.map(Into::into),
        achievement: achieved.ok().map(Into::into),
        achievement_category: achieved.ok().map(Category::of),
        achievement_reason: achieved.err(),
        grade: rounded.filter(|_| indicator.unit == "index").map(grade).transpose()?,
        formula: AppliedFormula {
            kind: indicator.formula_kind.clone(),
            text: words::formula(&said, &frame).in_lang(question.lang).to_owned(),
            decree: decree.number.clone(),
        },
        information: said
            .information
            .iter()
            .map(|i| InformationItem {
                code: i.code,
                value: figure(i.value),
            })
            .collect(),
        closing: None,
    };
    Ok((realisation, said))
}

fn grade(index: Hundredths) -> Result<GradeOfIndex, Error> {
    GradeOfIndex::new(Grade::of(index).map_err(Error::internal)?)
}

fn figure(figure: Figure) -> Decimal2 {
    match figure {
        Figure::Count(n) => Hundredths(i64::try_from(n).unwrap_or(i64::MAX / 100).saturating_mul(100)).into(),
        Figure::Decimal(d) => d.into(),
    }
}
