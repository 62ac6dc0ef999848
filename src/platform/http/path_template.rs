//! Templates of paths, as the document has them.

/// Returns whether a path has the form of a template, in which a segment has at most one parameter: `/v1/exports/cases.{format}`.
/// A compiled pattern for each template would take 20 KiB of memory.
pub fn fits(template: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    let fits = |template: &str| {
        segments.next().is_some_and(|segment| match template.split_once('{') {
            None => segment == template,
            Some((before, parameter)) => {
                let after = parameter.split_once('}').map_or("", |(_, after)| after);
                segment.len() > before.len() + after.len() && segment.starts_with(before) && segment.ends_with(after)
            }
        })
    };
    template.split('/').all(fits) && segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_one_segment_or_a_part_of_one() {
        for (template, path, does_fit) in [
            ("/v1/surveys", "/v1/surveys", true),
            ("/v1/surveys", "/v1/surveys/", false),
            ("/v1/surveys/{id}", "/v1/surveys/7", true),
            ("/v1/surveys/{id}", "/v1/surveys/", false),
            ("/v1/surveys/{id}", "/v1/surveys/7/index", false),
            ("/v1/surveys/{id}", "/v1/reports/7", false),
            ("/v1/surveys/{id}/index", "/v1/surveys/7/index", true),
            ("/v1/exports/cases.{format}", "/v1/exports/cases.csv", true),
            ("/v1/exports/cases.{format}", "/v1/exports/cases.", false),
            ("/v1/exports/cases.{format}", "/v1/exports/reports.csv", false),
        ] {
            assert_eq!(fits(template, path), does_fit, "{template} {path}");
        }
    }
}
