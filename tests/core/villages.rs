//! Which villages count on a day.

use iku::core::civil::day;
use iku::core::place::*;

#[test]
fn only_desa_count_and_only_while_they_exist() {
    let village = |kind, valid_from, valid_to| Village {
        code: "63.11.06.2001".into(),
        kind,
        valid_from,
        valid_to,
    };
    let (first, last) = (day(2024, 1, 1), day(2024, 12, 31));
    let villages = [
        village(VillageKind::Desa, None, None),
        village(VillageKind::Desa, Some(first), Some(last)),
        village(VillageKind::Kelurahan, None, None),
    ];
    for (date, count) in [(day(2023, 12, 31), 1), (first, 2), (last, 2), (day(2025, 1, 1), 1)] {
        assert_eq!(desa_on(&villages, date).count(), count, "{date}");
    }
    assert_eq!(measuring_date(last, first), first);
    assert_eq!(measuring_date(first, last), first);
}
