//! The catalogue as docs/PROBLEMS.md, which `iku problems` prints.

use super::Entry;

const HEAD: &str = "\
# Problem codes / Kode masalah

Made by `iku problems > docs/PROBLEMS.md` from the tables in `src/platform/error/`; a test compares. A running service shows the same at
`/problems`, one page for each code, in both languages.

Act on `code`, show `detail` to the person. `errors[].code` is one of the codes of fields below, or the code of a whole problem.
";

/// Every code with status, title, cause and remedy, Indonesian first.
pub fn markdown() -> String {
    let mut text = HEAD.to_owned();
    let all = Entry::all();
    let (problems, fields): (Vec<&Entry>, Vec<&Entry>) = all.iter().partition(|e| e.status.is_some());
    for (title, entries) in [
        ("Problems / Masalah", problems),
        ("Fields / Isian: `errors[].code`", fields),
    ] {
        text.push_str(&format!("\n## {title}\n"));
        entries.into_iter().for_each(|entry| text.push_str(&section(entry)));
    }
    text
}

fn section(entry: &Entry) -> String {
    let Entry {
        code,
        status,
        title,
        cause,
        remedy,
    } = entry;
    let status = status.map(|s| format!(" ({s})")).unwrap_or_default();
    format!(
        "\n### `{code}`{status}\n\n\
         **{}.** *Sebab:* {} *Yang perlu dilakukan:* {}\n\n\
         **{}.** *Cause:* {} *What to do:* {}\n",
        title.id, cause.id, remedy.id, title.en, cause.en, remedy.en
    )
}
