//! The names of a village through time, against a calendar that has one name for each day.

use chrono::{NaiveDate, TimeDelta};
use iku::core::civil::day;
use iku::core::name::{FormerName, Names};
use iku::core::place::{Village, VillageKind, moves};
use proptest::prelude::*;

use crate::reference::cases;

const DAYS: i64 = 40;

fn nth(n: i64) -> NaiveDate {
    day(2024, 12, 1) + TimeDelta::days(n)
}

fn named(name: &str) -> Names {
    Names {
        latest: name.to_owned(),
        former: Vec::new(),
    }
}

#[test]
fn a_rename_keeps_the_name_of_the_days_before_it() {
    let first = named("Balang").renamed("Balang Hulu", Some(day(2025, 1, 1)));
    assert_eq!(first.on(day(2024, 12, 31)), "Balang");
    assert_eq!(first.on(day(2025, 1, 1)), "Balang Hulu");
    let until = |name: &str, until| FormerName {
        name: name.to_owned(),
        until,
    };
    assert_eq!(first.former, [until("Balang", day(2024, 12, 31))]);
    // The same again changes nothing; the old name from the same day takes the rename back.
    assert_eq!(first.renamed("Balang Hulu", Some(day(2025, 1, 1))), first);
    assert_eq!(first.renamed("Balang", Some(day(2025, 1, 1))), named("Balang"));
    // A mistake in writing has no first day.
    assert_eq!(first.renamed("Balang Udik", None), named("Balang Udik"));
    // The village began with its new name.
    assert_eq!(first.clone().since(Some(day(2025, 1, 1))), named("Balang Hulu"));
    assert_eq!(first.clone().since(Some(day(2024, 12, 31))), first);
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn names_are_those_of_a_calendar(renames in prop::collection::vec((0..4_u8, prop::option::of(0..DAYS)), 0..8)) {
        let name = |n: u8| format!("Desa {n}");
        let mut calendar = vec![name(0); usize::try_from(DAYS).unwrap()];
        let mut names = named(&name(0));
        for (n, from) in renames {
            let first = usize::try_from(from.unwrap_or(0)).unwrap();
            for entry in &mut calendar[first..] {
                *entry = name(n);
            }
            names = names.renamed(&name(n), from.map(nth));
            for (i, expected) in (0..DAYS).zip(&calendar) {
                prop_assert_eq!(names.on(nth(i)), expected);
            }
            prop_assert!(names.former.is_sorted_by(|a, b| a.until < b.until));
            let in_order: Vec<_> = names.former.iter().map(|f| &f.name).chain([&names.latest]).collect();
            prop_assert!(in_order.windows(2).all(|pair| pair[0] != pair[1]), "{:?}", names);
        }
    }
}

#[test]
fn a_change_moves_the_values_of_the_days_on_which_a_desa_counts_otherwise() {
    let of = |kind, valid_from, valid_to| Village {
        code: "63.11.06.2001".into(),
        kind,
        valid_from,
        valid_to,
    };
    let (desa, kelurahan) = (VillageKind::Desa, VillageKind::Kelurahan);
    let always = of(desa, None, None);
    let ended = of(desa, None, Some(day(2025, 6, 30)));
    for (date, moved) in [
        (day(2025, 6, 30), false),
        (day(2025, 7, 1), true),
        (day(2026, 1, 1), true),
    ] {
        assert_eq!(moves(Some(&always), Some(&ended), date), moved, "{date}");
        assert_eq!(moves(Some(&ended), Some(&always), date), moved, "{date}");
    }
    // What fell due before its first day is not owed for the rest of that year.
    let begun = of(desa, Some(day(2025, 7, 1)), None);
    for (date, moved) in [
        (day(2025, 6, 30), true),
        (day(2025, 12, 31), true),
        (day(2026, 1, 1), false),
    ] {
        assert_eq!(moves(Some(&always), Some(&begun), date), moved, "{date}");
    }
    assert!(!moves(None, Some(&begun), day(2025, 6, 30)));
    assert!(moves(None, Some(&begun), day(2025, 7, 1)));
    assert!(moves(Some(&always), Some(&of(kelurahan, None, None)), day(2020, 1, 1)));
    assert!(!moves(None, Some(&of(kelurahan, None, None)), day(2020, 1, 1)));
}
