//! The names of periods, their windows and their series.

use iku::core::period::*;

fn p(text: &str) -> Period {
    text.parse().unwrap()
}

#[test]
fn period_parses_only_the_four_forms() {
    for text in ["2025", "2025-S2", "2025-Q4", "2025-01", "2000", "2100-12"] {
        assert_eq!(p(text).to_string(), text);
    }
    for text in [
        "", "1999", "2101", "25", "2025-", "2025-S0", "2025-S3", "2025-Q5", "2025-q1", "2025-1", "2025-13",
    ] {
        assert_eq!(text.parse::<Period>(), Err(NotAPeriod), "{text}");
    }
    for text in [
        "2025-00",
        "2025-S01",
        "2025-+1",
        "+202",
        "2025-Q1 ",
        " 2025",
        "2025-06-30",
        "٢٠٢٥",
        "2025-SQ1",
        // Names of other systems: SDMX, and what people write.
        "2025-A1",
        "2025-M06",
        "2025Q2",
        "TW2",
        "TW2-2025",
    ] {
        assert_eq!(text.parse::<Period>(), Err(NotAPeriod), "{text}");
    }
}

#[test]
fn equivalent_periods_share_window_and_target() {
    for (name, others) in [
        ("2025-Q1", ["2025-Q1", "2025-03", "2025-03"]),
        ("2025-S1", ["2025-S1", "2025-Q2", "2025-06"]),
        ("2025-Q3", ["2025-Q3", "2025-09", "2025-09"]),
        ("2025", ["2025-S2", "2025-Q4", "2025-12"]),
    ] {
        for other in others {
            assert_eq!(p(other).target_period(), Some(p(name)));
            assert_eq!(p(other).window(), p(name).window());
        }
    }
    assert_eq!(p("2025-02").target_period(), None);
    assert_eq!(p("2024-02").last_day().to_string(), "2024-02-29");
}

#[test]
fn a_series_is_of_one_kind_and_runs_forward() {
    let quarters = Period::series(p("2024-Q3"), p("2025-Q1")).unwrap();
    assert_eq!(quarters, [p("2024-Q3"), p("2024-Q4"), p("2025-Q1")]);
    assert_eq!(Period::series(p("2025"), p("2025-12")), Err(SeriesError::MixedKinds));
    assert_eq!(Period::series(p("2025"), p("2024")), Err(SeriesError::Reversed));
    assert_eq!(Period::series(p("2000-01"), p("2100-12")).unwrap().len(), 1212);
}
