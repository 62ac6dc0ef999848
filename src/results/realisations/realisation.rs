//! One realisation, put together from what was promised and what the formula measured.

use super::dto::{AppliedFormula, GradeOfIndex, InformationItem, MeasuredIndicator, Realisation};
use super::plan::InForce;
use super::service::{Loaded, Question};
use super::words;
use crate::core::achievement::{self, Category};
use crate::core::decimal::Hundredths;
use crate::core::exact::Exact;
use crate::core::formula::{Figure, Measured, Unit};
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
) -> Result<(Realisation, Measured), Error> {
    let InForce { indicator, decree } = *in_force;
    let (formula, polarity, indicator) = (indicator.formula, indicator.polarity, &indicator.row);
    let (frame, district) = (question.frame(period), indicator.district_code.as_str());
    let inputs = loaded.facts.inputs(formula, district, period.year());
    let measured = formula.measure(&frame, &inputs);
    let target = loaded.ground.targets.of(&indicator.code, period);
    let achieved = achievement::achievement(measured.value.as_ref(), target, polarity);
    let rounded = measured.value.as_ref().map(Exact::to_hundredths);
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
        facts_recorded_at: loaded.facts.recorded_at(formula, district, period.year()),
        status: measured.status,
        reason: measured.reason,
        reason_text: measured
            .reason
            .map(|r| words::reason(r).in_lang(question.lang).to_owned()),
        value: rounded.map(Into::into),
        numerator: measured.numerator,
        denominator: measured.denominator,
        exact: measured.fraction.as_ref().map(Exact::to_fraction_string),
        target: target.map(Into::into),
        achievement: achieved.ok().map(Into::into),
        achievement_category: achieved.ok().map(Category::of),
        achievement_reason: achieved.err(),
        grade: rounded
            .filter(|_| formula.unit() == Unit::Index)
            .map(grade)
            .transpose()?,
        formula: AppliedFormula {
            kind: formula.kind().to_owned(),
            text: words::formula(&measured, &frame).in_lang(question.lang).to_owned(),
            decree: decree.number.clone(),
        },
        information: measured
            .information
            .iter()
            .map(|i| InformationItem {
                code: i.code,
                value: figure(i.value),
            })
            .collect(),
        closing: None,
    };
    Ok((realisation, measured))
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
