//! Formats the tables and writes them into the measured part of docs/PERFORMANCE.md. People write the text around it.

use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::comparison::Comparison;

const BEGIN: &str = "<!-- measured: written by scripts/bench, do not edit -->";
const END: &str = "<!-- end of the measured part -->";

/// A measured figure, and whether it meets the requirement.
#[derive(Clone, Debug)]
pub struct Figure {
    reached: String,
    enough: Option<bool>,
}

impl Figure {
    pub fn at_least(ratio: f64, required: f64) -> Self {
        Self {
            reached: format!("{ratio:.2}"),
            enough: Some(ratio >= required),
        }
    }

    pub fn rate_at_least(times: f64, required: f64) -> Self {
        Self {
            reached: format!("{times:.1} x"),
            enough: Some(times >= required),
        }
    }

    pub fn at_most(figure: f64, allowed: f64, reached: String) -> Self {
        Self {
            reached,
            enough: Some(figure <= allowed),
        }
    }

    /// A figure without a requirement.
    pub fn information(reached: String) -> Self {
        Self { reached, enough: None }
    }

    pub fn failed(error: &str) -> Self {
        Self {
            reached: format!("not measured: {}", error.replace('\n', " ")),
            enough: Some(false),
        }
    }
}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    pub what: String,
    pub required: String,
    pub figure: Figure,
    pub comparison: Option<Comparison>,
}

impl fmt::Display for Row {
    /// Writes a line of a Markdown table.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figure { reached, enough } = &self.figure;
        let mark = match enough {
            Some(true) => "yes",
            Some(false) => "**no**",
            None => "",
        };
        write!(f, "| {} | {} | {reached} | {mark} |", self.what, self.required)?;
        match &self.comparison {
            Some(Comparison { row, baseline, .. }) => {
                let cpu = |us: f64| if us > 0.0 { format!("{us:.1}") } else { "-".to_owned() };
                let rate = |r: f64| format!("{r:.0}");
                let ms = |ms: f64| if ms > 0.0 { format!("{ms:.2}") } else { "-".to_owned() };
                write!(
                    f,
                    " {} / {} | {} / {} | {} / {} |",
                    cpu(row.cpu),
                    cpu(baseline.cpu),
                    rate(row.rate),
                    rate(baseline.rate),
                    ms(row.p50),
                    ms(row.p99)
                )
            }
            None => write!(f, " | | |"),
        }
    }
}

const HEAD: &str = "\
| what | required | reached | enough | server CPU µs: it / baseline | per second: it / baseline | p50 / p99 ms |
|---|---|---|---|---|---|---|
";

fn table(rows: &[Row]) -> String {
    rows.iter()
        .fold(HEAD.to_owned(), |text, row| text + &format!("{row}\n"))
}

/// Returns the measured part: machine, date, commit, tables.
pub fn measured(sqlite: &[Row], postgres: &[Row], core: &[(String, f64)]) -> String {
    let mut text = format!("{}\n## SQLite\n\n{}", machine(), table(sqlite));
    if !postgres.is_empty() {
        text.push_str("\n## PostgreSQL, for information\n\n");
        text.push_str("The CPU is that of the service alone; the database is another process.\n\n");
        text.push_str(&table(postgres));
    }
    if !core.is_empty() {
        text.push_str("\n## The pure core\n\n| what | µs |\n|---|---|\n");
        for (name, micros) in core {
            text.push_str(&format!("| {name} | {micros:.2} |\n"));
        }
    }
    text
}

fn machine() -> String {
    let output = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().ok();
        output.map_or_else(String::new, |o| String::from_utf8_lossy(&o.stdout).trim().to_owned())
    };
    let entry = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text
            .lines()
            .find(|l| l.starts_with(name))
            .unwrap_or_default()
            .to_owned();
        line.split_once(':')
            .map_or_else(String::new, |(_, value)| value.trim().to_owned())
    };
    let kib: f64 = entry("/proc/meminfo", "MemTotal")
        .split(' ')
        .next()
        .and_then(|n| n.parse().ok())
        .unwrap_or(0.0);
    let folder = std::env::temp_dir();
    let disk = output("df", &["--output=fstype", &folder.to_string_lossy()]);
    format!(
        "| | |\n|---|---|\n| date | {date} |\n| commit | {commit} |\n| processor | {model}, {cores} cores |\n\
         | memory | {memory:.0} GiB |\n| kernel | {kernel} |\n| file system of the databases | {disk} |\n",
        date = chrono::Utc::now().format("%Y-%m-%d"),
        commit = output("git", &["describe", "--always", "--dirty"]),
        model = entry("/proc/cpuinfo", "model name"),
        cores = std::thread::available_parallelism().map_or(0, usize::from),
        memory = kib / 1024.0 / 1024.0,
        kernel = output("uname", &["-sr"]),
        disk = disk.lines().last().unwrap_or_default(),
    )
}

/// Replaces the measured part of the document.
pub fn write(file: &Path, measured: &str) -> Result<(), String> {
    let message = |e: std::io::Error| format!("{}: {e}", file.display());
    let text = fs::read_to_string(file).map_err(message)?;
    let (before, rest) = text.split_once(BEGIN).ok_or("the document has no measured part")?;
    let (_, after) = rest.split_once(END).ok_or("the measured part has no end")?;
    fs::write(file, format!("{before}{BEGIN}\n\n{measured}\n{END}{after}")).map_err(message)
}

/// Returns the medians of criterion's last run, in microseconds.
pub fn core(target: &Path) -> Vec<(String, f64)> {
    let mut found = Vec::new();
    let folders = |path: &Path| fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.path());
    for folder in folders(&target.join("criterion")) {
        let read = |file: &str| {
            let text = fs::read_to_string(folder.join("new").join(file)).ok()?;
            serde_json::from_str::<serde_json::Value>(&text).ok()
        };
        let name = read("benchmark.json").and_then(|b| b["full_id"].as_str().map(str::to_owned));
        let nanos = read("estimates.json").and_then(|e| e["median"]["point_estimate"].as_f64());
        if let (Some(name), Some(nanos)) = (name, nanos) {
            found.push((name, nanos / 1000.0));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}
