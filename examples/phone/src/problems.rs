//! The answers that the service will never accept. They leave the queue, and a person must see them.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::files;

/// Why an answer was not accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// When the phone got the result.
    pub at: String,
    pub id: Uuid,
    /// `rejected`, `conflict`, or `too_large` (this answer alone is larger than the service accepts).
    pub outcome: String,
    /// The errors that the service returned.
    pub errors: Value,
    /// The answer itself, so that nothing is lost.
    pub answer: Value,
}

impl Problem {
    pub fn new(id: Uuid, outcome: &str, errors: Value, answer: &str) -> Self {
        Self {
            at: Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
            id,
            outcome: outcome.to_owned(),
            errors,
            answer: serde_json::from_str(answer).unwrap_or_else(|_| Value::from(answer)),
        }
    }
}

/// `problems.jsonl`: one problem a line.
#[derive(Debug)]
pub struct Problems {
    path: PathBuf,
}

impl Problems {
    pub fn of(folder: &Path) -> Self {
        Self {
            path: folder.join("problems.jsonl"),
        }
    }

    /// Stores problems; they are on the disk when this returns. It skips problems that are already stored, because the
    /// phone may have stopped before it purged the answer.
    pub fn note(&self, problems: &[Problem]) -> io::Result<()> {
        let known = self.all()?;
        let is_new = |p: &&Problem| !known.iter().any(|k| (k.id, &k.outcome) == (p.id, &p.outcome));
        let mut lines = Vec::new();
        for problem in problems.iter().filter(is_new) {
            serde_json::to_writer(&mut lines, problem)?;
            lines.push(b'\n');
        }
        if lines.is_empty() {
            return Ok(());
        }
        let mut file = files::open(&self.path)?;
        // Begin with a line end, in case a power cut left the last line incomplete.
        lines.insert(0, b'\n');
        file.write_all(&lines)?;
        file.sync_all()?;
        files::sync_folder_of(&self.path)
    }

    /// Returns all problems, the oldest first.
    pub fn all(&self) -> io::Result<Vec<Problem>> {
        match fs::read_to_string(&self.path) {
            Ok(text) => Ok(text
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok())
                .collect()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(e) => Err(e),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_problem_is_stored_once_also_after_an_incomplete_line() {
        let folder = TempDir::new().unwrap();
        let problems = Problems::of(folder.path());
        let problem = |n| Problem::new(Uuid::from_u128(n), "rejected", json!([]), "{}");
        problems.note(&[problem(1)]).unwrap();
        let path = folder.path().join("problems.jsonl");
        let whole = fs::read(&path).unwrap();
        for cut in 0..whole.len() - 1 {
            fs::write(&path, &whole[..cut]).unwrap();
            problems.note(&[problem(1), problem(2)]).unwrap();
            problems.note(&[problem(2)]).unwrap();
            let ids: Vec<Uuid> = problems.all().unwrap().iter().map(|p| p.id).collect();
            assert_eq!(ids, [1, 2].map(Uuid::from_u128), "cut at {cut}");
        }
    }
}
