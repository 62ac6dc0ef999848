//! The expected values of the demonstration. A separate program computed them with fractions; a test compares the
//! service with them.

/// Indicator, period, value.
pub const ANSWERS: &[(&str, &str, &str)] = &[
    ("paringin-iku-1", "2024-S1", "80.69"),
    ("paringin-iku-1", "2024", "81.22"),
    ("paringin-iku-1", "2025-S1", "82.98"),
    ("paringin-iku-1", "2025", "83.45"),
    ("paringin-iku-2", "2024-Q1", "105"),
    ("paringin-iku-2", "2024", "111"),
    ("paringin-iku-2", "2025-S1", "103"),
    ("paringin-iku-2", "2025", "95"),
    ("paringin-iku-3", "2024-Q1", "83.33"),
    ("paringin-iku-3", "2024", "80.95"),
    ("paringin-iku-3", "2025-S1", "86.67"),
    ("paringin-iku-3", "2025", "78.57"),
    ("paringin-iku-4", "2024-Q1", "64.29"),
    ("paringin-iku-4", "2024", "92.86"),
    ("paringin-iku-4", "2025-S1", "89.29"),
    ("paringin-iku-4", "2025", "89.29"),
    ("paringin-iku-5", "2024-Q1", "47.96"),
    ("paringin-iku-5", "2024", "92.86"),
    ("paringin-iku-5", "2025-S1", "74.49"),
    ("paringin-iku-5", "2025", "92.86"),
];
