//! Due days of reports, their years and their punctuality.

use iku::core::civil::day;
use iku::core::obligation::*;

fn kind(due_month: u32, due_day: u32) -> ReportKind {
    ReportKind {
        code: "dd-tahunan".into(),
        group: ReportGroup::Finance,
        due_month,
        due_day,
        fiscal_year_offset: -1,
        valid_from_year: Some(2023),
        valid_to_year: Some(2025),
        confirmed: true,
    }
}

#[test]
fn due_day_is_the_configured_day_or_the_last_of_the_month() {
    assert_eq!(kind(2, 28).due_on(2024), day(2024, 2, 28));
    assert_eq!(kind(2, 31).due_on(2024), day(2024, 2, 29));
    assert_eq!(kind(2, 31).due_on(2025), day(2025, 2, 28));
    assert_eq!(
        punctuality(kind(2, 31).due_on(2024), Some(day(2024, 2, 29)), day(2024, 3, 1)),
        Punctuality::OnTime
    );
    assert_eq!(kind(4, 31).due_on(2024), day(2024, 4, 30));
}

#[test]
fn a_kind_is_owed_by_the_year_of_the_obligation() {
    let kinds = [kind(2, 28)];
    let owed: Vec<_> = (2021..2028)
        .filter(|year| !obligations(*year, &kinds).is_empty())
        .collect();
    assert_eq!(owed, [2023, 2024, 2025]);
    assert_eq!(obligations(2025, &kinds)[0].fiscal_year, 2024);
    assert_eq!(kinds[0].obligation_year(2024), 2025);
}

#[test]
fn punctuality_depends_on_the_day_of_the_question() {
    let due = day(2025, 3, 31);
    let next = day(2025, 4, 1);
    assert_eq!(punctuality(due, None, due), Punctuality::NotDue);
    assert_eq!(punctuality(due, None, next), Punctuality::Missing);
    assert_eq!(punctuality(due, Some(due), due), Punctuality::OnTime);
    assert_eq!(punctuality(due, Some(next), next), Punctuality::Late);
    assert_eq!(punctuality(due, Some(next), due), Punctuality::NotDue);
    assert_eq!(punctuality(due, Some(day(2024, 12, 1)), due), Punctuality::OnTime);
    assert_eq!(delivered_on(ReportStatus::Returned, due), None);
}
