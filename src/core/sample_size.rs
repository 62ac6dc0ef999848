//! The number of respondents that a population requires: Krejcie & Morgan, as printed in Permen PANRB 14/2017.

/// Returns the required respondents for a population (people served): `S = 3.841 N 0.25 / (0.0025 (N - 1) + 3.841 x
/// 0.25)`, to the nearest whole number, half up; below 10 the whole population. A smaller survey is flagged, never
/// blocked (DOMAIN section 4).
pub fn required(population: u64) -> u64 {
    if population < 10 {
        return population;
    }
    // Both sides x 20,000: 3.841 x 0.25 -> 19,205 and 0.0025 -> 50.
    let numerator = 19_205 * u128::from(population);
    let denominator = 50 * u128::from(population - 1) + 19_205;
    u64::try_from((2 * numerator + denominator) / (2 * denominator)).unwrap_or(population)
}

/// Returns whether a survey has the respondents that its population requires.
pub fn is_reached(population: u64, respondents: u64) -> bool {
    respondents >= required(population)
}
