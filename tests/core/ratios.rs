//! Fractions, decimals and achievements on random numbers.

use iku::core::achievement::{self, Category, Polarity};
use iku::core::exact::{Exact, Hundredths, Thousandths};
use proptest::prelude::*;

use crate::reference::{cases, long_division};

/// Returns small numbers, which have many ties, and large numbers.
fn whole() -> impl Strategy<Value = u64> {
    prop_oneof![0..200_u64, 0..100_000_u64, 0..=1_u64 << 53]
}

fn positive() -> impl Strategy<Value = u64> {
    whole().prop_map(|n| n.max(1))
}

fn exact(n: u64, d: u64) -> Exact {
    Exact::ratio(n, d).unwrap()
}

/// Reduces a fraction by Euclid's algorithm.
fn reduced(n: u128, d: u128) -> String {
    let (mut a, mut b) = (n, d);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    format!("{}/{}", n / a, d / a)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn percentage_agrees_with_long_division(d in 1..100_000_u64, n in 0..=100_000_u64) {
        let n = n.min(d);
        let percent = exact(n, d).times(100);
        let shown = percent.to_hundredths();
        prop_assert_eq!(shown.to_string(), long_division(100 * i128::from(n), i128::from(d), 2));
        prop_assert!(shown >= Hundredths(0) && shown <= Hundredths(10000));
        prop_assert!(exact(n + 1, d).times(100).to_hundredths() >= shown);
    }

    #[test]
    fn fractions_of_any_size_round_and_reduce(n in 0..=1_u64 << 44, d in positive()) {
        prop_assert_eq!(exact(n, d).to_hundredths().to_string(), long_division(n.into(), d.into(), 2));
        prop_assert_eq!(exact(n, d).to_thousandths().to_string(), long_division(n.into(), d.into(), 3));
        prop_assert_eq!(exact(n, d).to_string(), reduced(n.into(), d.into()));
    }

    #[test]
    fn order_agrees_with_cross_multiplication((a, b, c, d) in (whole(), positive(), whole(), positive())) {
        let cross = (u128::from(a) * u128::from(d)).cmp(&(u128::from(c) * u128::from(b)));
        prop_assert_eq!(exact(a, b).cmp(&exact(c, d)), cross);
        prop_assert_eq!(exact(a, b) == exact(c, d), cross.is_eq());
    }

    #[test]
    fn arithmetic_agrees_with_common_denominators(
        terms in prop::collection::vec((0..1000_u64, 1..=10_u64), 1..12), k in 1..1000_u32,
    ) {
        // 2,520 is divisible by 1..=10.
        let total: u128 = terms.iter().map(|(n, d)| u128::from(*n) * u128::from(2520 / d)).sum();
        let fractions = || terms.iter().map(|(n, d)| exact(*n, *d));
        prop_assert_eq!(Exact::sum(fractions()).to_string(), reduced(total, 2520));
        prop_assert_eq!(Exact::mean(fractions()).unwrap().to_string(), reduced(total, 2520 * terms.len() as u128));
        prop_assert_eq!(Exact::sum(fractions()).times(k).to_string(), reduced(total * u128::from(k), 2520));
        let over = Exact::sum(fractions()).over(k.try_into().unwrap());
        prop_assert_eq!(over.to_string(), reduced(total, 2520 * u128::from(k)));
        let last = fractions().next_back().unwrap();
        let others = Exact::sum(fractions().take(terms.len() - 1));
        prop_assert_eq!(Exact::sum(fractions()).minus(&last), others);
    }

    #[test]
    fn achievement_agrees_with_long_division(n in whole(), d in 1..1000_u64, target in 1..=100_000_000_000_i64) {
        let n = n % (1 << 40);
        let (r, t) = (exact(n, d), Hundredths(target));
        // R / T x 100 = n / d / (t / 100) x 100; (2T - R) / T x 100 = (2 t d - 100 n) / (d t) x 100.
        let (n, d, t100) = (i128::from(n), i128::from(d), i128::from(target));
        let higher = achievement::achievement(Some(&r), Some(t), Polarity::HigherIsBetter).unwrap();
        prop_assert_eq!(higher.to_string(), long_division(10_000 * n, d * t100, 2));
        let lower = achievement::achievement(Some(&r), Some(t), Polarity::LowerIsBetter).unwrap();
        prop_assert_eq!(lower.to_string(), long_division(100 * (2 * t100 * d - 100 * n), d * t100, 2));
    }

    #[test]
    fn achievement_grows_or_falls_by_polarity(n in 0..10_000_u64, d in 1..1000_u64, target in 1..=100_000_i64) {
        let (r, better, t) = (exact(n, d), exact(n + 1, d), Some(Hundredths(target)));
        let of = |r: &Exact, polarity| achievement::achievement(Some(r), t, polarity).unwrap();
        prop_assert!(of(&r, Polarity::HigherIsBetter) <= of(&better, Polarity::HigherIsBetter));
        prop_assert!(of(&r, Polarity::LowerIsBetter) >= of(&better, Polarity::LowerIsBetter));
        // On target both are exactly 100.
        for polarity in [Polarity::HigherIsBetter, Polarity::LowerIsBetter] {
            prop_assert_eq!(of(&Exact::from(Hundredths(target)), polarity), Hundredths(10000));
        }
    }

    #[test]
    fn objective_is_the_mean_of_rounded_achievements(
        values in prop::collection::vec(prop::option::of(-100_000..1_000_000_i64), 0..8),
    ) {
        let there: Vec<i128> = values.iter().flatten().map(|v| i128::from(*v)).collect();
        let wanted = (!there.is_empty()).then(|| long_division(there.iter().sum(), 100 * there.len() as i128, 2));
        let mean = achievement::objective(values.iter().map(|v| v.map(Hundredths)));
        prop_assert_eq!(mean.map(|m| m.to_string()), wanted);
    }

    #[test]
    fn category_follows_from_its_lower_bound(units in -100_000..200_000_i64) {
        let bounds = [(9100, Category::SangatTinggi), (7600, Category::Tinggi), (6600, Category::Sedang), (5100, Category::Rendah)];
        let wanted = bounds.iter().find(|(bound, _)| units >= *bound).map_or(Category::SangatRendah, |(_, c)| *c);
        prop_assert_eq!(Category::of(Hundredths(units)), wanted);
    }

    #[test]
    fn decimals_are_parsed_back(units in any::<i64>()) {
        prop_assert_eq!(Hundredths::parse(&Hundredths(units).to_string()), Ok(Hundredths(units)));
        prop_assert_eq!(Thousandths::parse(&Thousandths(units).to_string()), Ok(Thousandths(units)));
        prop_assert_eq!(Exact::from(Hundredths(units)).to_hundredths(), Hundredths(units));
    }

    #[test]
    fn parsing_a_decimal_never_panics(text in "[-+0-9.eE, ]{0,12}") {
        if let Ok(decimal) = Hundredths::parse(&text) {
            prop_assert!(text.starts_with(decimal.to_string().trim_end_matches(['0', '.'])) || decimal.0 == 0);
        }
    }
}
