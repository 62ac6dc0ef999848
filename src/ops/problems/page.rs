//! The catalogue as pages without scripts and external files, for screens and paper.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Entry;
use crate::platform::text::{Lang, Text};

const STYLE: &str = "body{font:17px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}\
nav{display:flex;justify-content:space-between;font-size:.9rem}h1{line-height:1.25;margin:1.5rem 0 .25rem}\
h2{font-size:1.05rem;margin:1.5rem 0 .25rem}p{margin:.25rem 0}code{background:#f0f0f0;padding:.1em .35em;border-radius:.2em}\
table{border-collapse:collapse;width:100%}td{border-top:1px solid #ddd;padding:.4rem .6rem .4rem 0;vertical-align:top}\
a{color:#0b57a4}.status{color:#555;white-space:nowrap}\
@media(prefers-color-scheme:dark){body{color:#e8e8e8;background:#161616}code{background:#2a2a2a}td{border-color:#444}a{color:#8ec5ff}.status{color:#aaa}}";

/// Allows only the style above.
pub fn policy() -> &'static str {
    static POLICY: LazyLock<String> = LazyLock::new(|| {
        let hash = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
        format!(
            "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    });
    &POLICY
}

pub fn of_one(entry: &Entry, lang: Lang) -> String {
    let say = |text: &Text| escaped(text.in_lang(lang));
    let (code, title) = (entry.code, say(&entry.title));
    let place = match entry.status {
        Some(status) => format!("<code>{code}</code> <span class=\"status\">HTTP {status}</span>"),
        None => {
            let field = word(lang, "kode pada satu isian", "code of one field");
            format!("<code>{code}</code> <span class=\"status\">{field}</span>")
        }
    };
    let body = format!(
        "<h1>{title}</h1>\n<p>{place}</p>\n<h2>{why}</h2>\n<p>{cause}</p>\n<h2>{what}</h2>\n<p>{remedy}</p>",
        why = word(lang, "Mengapa terjadi", "Why it happens"),
        cause = say(&entry.cause),
        what = word(lang, "Apa yang perlu dilakukan", "What to do"),
        remedy = say(&entry.remedy),
    );
    document(lang, &title, &format!("/problems/{code}"), &body)
}

pub fn of_all(entries: &[Entry], lang: Lang) -> String {
    let title = word(lang, "Kode masalah", "Problem codes");
    let (problems, fields): (Vec<&Entry>, Vec<&Entry>) = entries.iter().partition(|e| e.status.is_some());
    let body = format!(
        "<h1>{title}</h1>\n<p>{about}</p>\n<h2>{of_problems}</h2>\n{}\n<h2>{of_fields}</h2>\n{}",
        table(&problems, lang),
        table(&fields, lang),
        about = word(
            lang,
            "Setiap kesalahan dari layanan ini mempunyai satu kode. Pilih kodenya untuk melihat sebab dan jalan keluarnya.",
            "Every error of this service has a code. Choose a code to see its cause and its remedy.",
        ),
        of_problems = word(lang, "Masalah", "Problems"),
        of_fields = word(
            lang,
            "Pada satu isian (<code>errors[].code</code>)",
            "Of one field (<code>errors[].code</code>)",
        ),
    );
    document(lang, title, "/problems", &body)
}

fn table(entries: &[&Entry], lang: Lang) -> String {
    let rows = entries.iter().map(|entry| {
        let (code, tag) = (entry.code, lang.tag());
        let status = entry.status.map(|s| s.to_string()).unwrap_or_default();
        let title = escaped(entry.title.in_lang(lang));
        format!(
            "<tr><td class=\"status\">{status}</td><td><a href=\"/problems/{code}?lang={tag}\">{title}</a><br><code>{code}</code></td></tr>\n"
        )
    });
    format!("<table>\n{}</table>", rows.collect::<String>())
}

fn document(lang: Lang, title: &str, path: &str, body: &str) -> String {
    let (tag, other, named) = match lang {
        Lang::Id => ("id", "en", "In English"),
        Lang::En => ("en", "id", "Dalam bahasa Indonesia"),
    };
    let all = word(lang, "Semua kode", "All codes");
    format!(
        "<!doctype html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} - iku</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n\
         <nav><a href=\"/problems?lang={tag}\">{all}</a><a href=\"{path}?lang={other}\" lang=\"{other}\" hreflang=\"{other}\">{named}</a></nav>\n\
         <main>\n{body}\n</main>\n</body>\n</html>\n"
    )
}

fn word(lang: Lang, id: &'static str, en: &'static str) -> &'static str {
    match lang {
        Lang::Id => id,
        Lang::En => en,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
