//! The stamps as the last commit left them, kept where this process is the only one that writes (docs/adr/0007).
//!
//! What is known never goes back: of two rows of a district the one recorded later stays, whichever comes first. So
//! it does not matter in which order two commits, or a commit and the first load, arrive here.

use std::collections::BTreeMap;
use std::sync::{OnceLock, PoisonError, RwLock};

use ::entity::stamp;

use super::Reached;

#[derive(Debug, Default)]
pub struct Memory(RwLock<Known>);

#[derive(Debug, Default)]
struct Known {
    /// Every district is here; before that only those that were written meanwhile.
    complete: bool,
    /// How often it could not be said what was committed.
    doubts: u64,
    districts: BTreeMap<String, (stamp::Model, Reached)>,
    /// Of all districts; made when it is asked for.
    whole: OnceLock<Reached>,
    /// How many commits were begun, and how many of them have not ended.
    begun: u64,
    running: u64,
}

/// The stamps of a moment in which nobody commits. As long as that [`Memory::lasts`], whatever is read from the database
/// is of one state, the one that has these stamps.
#[derive(Debug)]
pub struct Rest {
    pub stamps: Vec<stamp::Model>,
    begun: u64,
}

impl Memory {
    /// How far a district (`None`: all of them) has come; `None` before the stamps were loaded.
    pub fn reached(&self, district: Option<&str>) -> Option<Reached> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.complete.then(|| match district {
            Some(code) => known.districts.get(code).map_or_else(|| Reached::of([]), |(_, r)| *r),
            None => *known
                .whole
                .get_or_init(|| Reached::of(known.districts.values().map(|(row, _)| row))),
        })
    }

    /// The stamps of a district (`None`: of all), if nobody commits just now; `None` also before they were loaded.
    pub fn rest(&self, district: Option<&str>) -> Option<Rest> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let asked = |row: &&stamp::Model| district.is_none_or(|d| d == row.district_code);
        (known.complete && known.running == 0).then(|| Rest {
            stamps: known
                .districts
                .values()
                .map(|(row, _)| row)
                .filter(asked)
                .cloned()
                .collect(),
            begun: known.begun,
        })
    }

    /// Has no commit been begun since?
    pub fn lasts(&self, rest: &Rest) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).begun == rest.begun
    }

    /// Before a commit. What follows it is [`Memory::committed`], or nobody is at rest any more.
    pub fn committing(&self) {
        self.change(|known| {
            known.begun += 1;
            known.running += 1;
        });
    }

    /// After a commit: the stamps that it gave; `None` when nobody can say whether it was one.
    pub fn committed(&self, rows: Option<Vec<stamp::Model>>) {
        match rows {
            Some(rows) => self.learn(rows),
            None => self.doubt(),
        }
        self.change(|known| known.running -= 1);
    }

    /// Takes the stamps that a commit gave.
    fn learn(&self, rows: Vec<stamp::Model>) {
        self.change(|known| known.merge(rows));
    }

    /// Takes the stamps of all districts as a snapshot has them that was begun after so many doubts.
    pub fn complete(&self, rows: Vec<stamp::Model>, doubts: u64) {
        self.change(|known| {
            known.merge(rows);
            known.complete = known.doubts == doubts;
        });
    }

    /// Nobody can say what was committed: the next who asks looks.
    fn doubt(&self) {
        self.change(|known| {
            known.complete = false;
            known.doubts += 1;
        });
    }

    pub fn doubts(&self) -> u64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).doubts
    }

    fn change(&self, f: impl FnOnce(&mut Known)) {
        f(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Known {
    fn merge(&mut self, rows: Vec<stamp::Model>) {
        for row in rows {
            let known = self.districts.get(&row.district_code);
            if known.is_none_or(|(known, _)| known.recorded_at < row.recorded_at) {
                let reached = Reached::of([&row]);
                self.districts.insert(row.district_code.clone(), (row, reached));
                self.whole = OnceLock::new();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(code: &str, at: i64) -> stamp::Model {
        stamp::Model {
            district_code: code.to_owned(),
            recorded_at: at,
            places: 0,
            decrees: 0,
            indicators: 0,
            targets: 0,
            report_kinds: 0,
            surveys: at,
            institutions: 0,
            cases: 0,
            reports: 0,
            closings: 0,
        }
    }

    #[test]
    fn nothing_is_known_before_the_load_and_commits_before_it_are_kept() {
        let memory = Memory::default();
        memory.learn(vec![row("a", 7)]);
        assert_eq!(memory.reached(Some("a")), None);
        memory.complete(vec![row("a", 3), row("b", 5)], 0);
        assert_eq!(memory.reached(Some("a")), Some(Reached::of([&row("a", 7)])));
        assert_eq!(memory.reached(None), Some(Reached::of([&row("a", 7), &row("b", 5)])));
        assert_eq!(memory.reached(None).map(|r| r.settled_until), Some(5));
    }

    #[test]
    fn a_commit_that_is_heard_of_late_takes_nothing_back() {
        let memory = Memory::default();
        memory.complete(vec![row("a", 1)], 0);
        memory.learn(vec![row("a", 9)]);
        memory.learn(vec![row("a", 8)]);
        assert_eq!(memory.reached(None), Some(Reached::of([&row("a", 9)])));
        memory.learn(vec![row("b", 0)]);
        assert_eq!(memory.reached(None), Some(Reached::of([&row("a", 9), &row("b", 0)])));
    }

    #[test]
    fn in_doubt_the_database_is_asked_again() {
        let memory = Memory::default();
        memory.complete(vec![row("a", 1)], 0);
        memory.doubt();
        assert_eq!(memory.reached(None), None);
        memory.complete(vec![row("a", 1)], 0);
        assert_eq!(
            memory.reached(None),
            None,
            "that snapshot may be older than the commit in doubt"
        );
        memory.complete(vec![row("a", 2)], memory.doubts());
        assert_eq!(memory.reached(None), Some(Reached::of([&row("a", 2)])));
    }

    #[test]
    fn rest_is_between_commits_and_ends_with_the_next_one() {
        let memory = Memory::default();
        assert!(memory.rest(None).is_none(), "nothing is loaded");
        memory.complete(vec![row("a", 1), row("b", 2)], 0);
        let rest = memory.rest(Some("b")).unwrap();
        assert_eq!(rest.stamps, [row("b", 2)]);
        assert!(memory.lasts(&rest));
        memory.committing();
        assert!(!memory.lasts(&rest), "what is read now may be older or newer");
        assert!(memory.rest(None).is_none());
        memory.committed(Some(vec![row("b", 3)]));
        assert!(!memory.lasts(&rest));
        assert_eq!(memory.rest(None).unwrap().stamps, [row("a", 1), row("b", 3)]);
        memory.committing();
        memory.committed(None);
        assert!(memory.rest(None).is_none(), "in doubt");
    }

    #[test]
    fn an_unknown_district_has_come_nowhere() {
        let memory = Memory::default();
        memory.complete(vec![row("a", 1)], 0);
        assert_eq!(memory.reached(Some("z")), Some(Reached::of([])));
    }
}
