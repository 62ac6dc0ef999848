//! Charts as inline SVG, each with a title and a description in words. They are drawn from figures that are computed already;
//! only the lengths of their lines are computed here.

use std::fmt::Write as _;

use crate::core::decimal::Hundredths;

/// A column of a chart.
#[derive(Clone, Debug)]
pub struct Column {
    /// Below the column.
    pub label: &'static str,
    /// `None`: nothing to draw yet.
    pub value: Option<Hundredths>,
    pub target: Option<Hundredths>,
    /// The column that the page is about.
    pub is_here: bool,
}

const WIDTH: i64 = 240;
const HEIGHT: i64 = 88;
/// The y of the base line.
const BASE: i64 = 70;
/// The length of the longest column.
const LONGEST: i64 = 62;

/// Returns the length of a line for a figure, of `LONGEST` for `top`.
fn length(figure: Hundredths, top: i64) -> i64 {
    figure.0.clamp(0, top).saturating_mul(LONGEST) / top.max(1)
}

/// Draws columns side by side, each with a mark at its target. `about`: the figures in words. `at_least`: the figure that a
/// column of full height has, unless a figure is larger.
pub fn columns(title: &str, about: &str, columns: &[Column], at_least: Hundredths) -> String {
    let figures = columns
        .iter()
        .flat_map(|column| [column.value, column.target])
        .flatten();
    let top = figures.map(|figure| figure.0).chain([at_least.0, 1]).max().unwrap_or(1);
    let count = i64::try_from(columns.len()).unwrap_or(1).max(1);
    let step = WIDTH / count;
    let width = step * 5 / 9;
    let mut svg = format!(
        "<svg class=\"chart\" role=\"img\" viewBox=\"0 0 {WIDTH} {HEIGHT}\"><title>{}</title><desc>{}</desc>\
         <line class=\"base\" x1=\"0\" y1=\"{BASE}\" x2=\"{WIDTH}\" y2=\"{BASE}\"/>",
        escaped(title),
        escaped(about)
    );
    let mut left = (step - width) / 2;
    for column in columns {
        let here = if column.is_here { " here" } else { "" };
        match column.value {
            Some(value) => {
                let length = length(value, top).max(1);
                let y = BASE - length;
                let _ = write!(
                    svg,
                    "<rect class=\"bar{here}\" x=\"{left}\" y=\"{y}\" width=\"{width}\" height=\"{length}\" rx=\"2\"/>"
                );
            }
            None => {
                let y = BASE - 6;
                let _ = write!(
                    svg,
                    "<rect class=\"empty\" x=\"{left}\" y=\"{y}\" width=\"{width}\" height=\"6\" rx=\"2\"/>"
                );
            }
        }
        if let Some(target) = column.target {
            let y = BASE - length(target, top);
            let (from, to) = (left - 5, left + width + 5);
            for class in ["halo", "target"] {
                let _ = write!(
                    svg,
                    "<line class=\"{class}\" x1=\"{from}\" y1=\"{y}\" x2=\"{to}\" y2=\"{y}\"/>"
                );
            }
        }
        let middle = left + width / 2;
        let _ = write!(
            svg,
            "<text class=\"label{here}\" x=\"{middle}\" y=\"84\" text-anchor=\"middle\">{}</text>",
            escaped(column.label)
        );
        left += step;
    }
    svg.push_str("</svg>");
    svg
}

/// Draws one line of a length in proportion, for a row of a table that has its figure in words. `None`: only its track.
pub fn bar(figure: Option<Hundredths>, least: Hundredths, most: Hundredths) -> String {
    let span = (most.0 - least.0).max(1);
    let width = figure.map(|figure| (figure.0 - least.0).clamp(0, span).saturating_mul(200) / span);
    let drawn = width.map(|width| format!("<rect class=\"bar here\" width=\"{width}\" height=\"12\" rx=\"2\"/>"));
    format!(
        "<svg class=\"chart line-chart\" viewBox=\"0 0 200 12\" aria-hidden=\"true\"><rect class=\"track\" width=\"200\" \
         height=\"12\" rx=\"2\"/>{}</svg>",
        drawn.unwrap_or_default()
    )
}

/// Returns a text as content of an element.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_lengths_in_proportion_and_words() {
        let column = |label, value: Option<i64>, target: Option<i64>| Column {
            label,
            value: value.map(Hundredths),
            target: target.map(Hundredths),
            is_here: label == "II",
        };
        let two = [column("I", Some(5000), Some(10_000)), column("II", None, None)];
        assert_eq!(
            columns("IKU 4 < 5", "I: 50", &two, Hundredths(10_000)),
            "<svg class=\"chart\" role=\"img\" viewBox=\"0 0 240 88\"><title>IKU 4 &lt; 5</title><desc>I: 50</desc>\
             <line class=\"base\" x1=\"0\" y1=\"70\" x2=\"240\" y2=\"70\"/>\
             <rect class=\"bar\" x=\"27\" y=\"39\" width=\"66\" height=\"31\" rx=\"2\"/>\
             <line class=\"halo\" x1=\"22\" y1=\"8\" x2=\"98\" y2=\"8\"/>\
             <line class=\"target\" x1=\"22\" y1=\"8\" x2=\"98\" y2=\"8\"/>\
             <text class=\"label\" x=\"60\" y=\"84\" text-anchor=\"middle\">I</text>\
             <rect class=\"empty\" x=\"147\" y=\"64\" width=\"66\" height=\"6\" rx=\"2\"/>\
             <text class=\"label here\" x=\"180\" y=\"84\" text-anchor=\"middle\">II</text></svg>"
        );
    }

    #[test]
    fn figures_out_of_range_stay_inside() {
        let wild = [i64::MIN, -1, 0, i64::MAX].map(|value| Column {
            label: "x",
            value: Some(Hundredths(value)),
            target: None,
            is_here: false,
        });
        let svg = columns("", "", &wild, Hundredths(10_000));
        assert!(!svg.contains("height=\"-") && !svg.contains("y=\"-"), "{svg}");
    }
}
