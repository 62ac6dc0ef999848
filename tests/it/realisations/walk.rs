//! IKU 1 to 3 against a reference that remembers every request: surveys, answers, institutions and cases come, change, are
//! withdrawn and restored; every period is asked at many instants.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::oracle::{Dice, wita};
use super::{DESA, village};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, World, instant};

const ELEMENTS: [&str; 9] = [
    "persyaratan",
    "prosedur",
    "waktu",
    "biaya",
    "produk",
    "kompetensi",
    "perilaku",
    "pengaduan",
    "sarana",
];

/// The states of a record, each since an instant; `None`: withdrawn.
struct History<T>(Vec<(DateTime<Utc>, Option<T>)>);

impl<T: Clone> History<T> {
    fn at(&self, at: DateTime<Utc>) -> Option<&T> {
        self.0.iter().rfind(|(since, _)| *since <= at)?.1.as_ref()
    }

    fn is_recorded_by(&self, at: DateTime<Utc>) -> bool {
        self.0.iter().any(|(since, _)| *since <= at)
    }

    fn add(&mut self, now: DateTime<Utc>, state: Option<T>) {
        self.0.push((now, state));
    }

    /// What it was before it was withdrawn.
    fn former(&self) -> T {
        self.0.iter().rev().find_map(|(_, state)| state.clone()).unwrap()
    }
}

#[derive(Clone)]
struct SurveyState {
    status: &'static str,
    ends_on: NaiveDate,
    inactive: Vec<usize>,
}

struct Survey {
    id: Uuid,
    /// Another section's survey does not count.
    is_own: bool,
    /// An element that nobody answers.
    skipped: Option<usize>,
    states: History<SurveyState>,
    answers: Vec<Answer>,
}

struct Answer {
    id: Uuid,
    scores: [Option<u32>; 9],
    /// Whether it counts, since an instant.
    counts: Vec<(DateTime<Utc>, bool)>,
}

#[derive(Clone)]
struct Decree {
    id: Uuid,
    starts_on: NaiveDate,
    last_day: NaiveDate,
    revoked_on: Option<NaiveDate>,
}

struct Institution {
    path: String,
    decrees: History<Vec<Decree>>,
}

struct Case {
    path: String,
    occurred_on: NaiveDate,
    exists: History<()>,
    events: Vec<(DateTime<Utc>, &'static str)>,
}

#[derive(Default)]
struct Memory {
    surveys: Vec<Survey>,
    institutions: Vec<Institution>,
    cases: Vec<Case>,
}

/// Statuses and the events that are possible in them, with the status they lead to; the special ones are in [`status`].
const EVENTS: [(&str, &str, &str); 13] = [
    ("reported", "verified", "verified"),
    ("reported", "rejected", "rejected"),
    ("verified", "rejected", "rejected"),
    ("handling", "rejected", "rejected"),
    ("verified", "handling", "handling"),
    ("verified", "resolved", "resolved"),
    ("handling", "resolved", "resolved"),
    ("referred", "resolved", "resolved"),
    ("verified", "referred", "referred"),
    ("handling", "referred", "referred"),
    ("referred", "returned", "verified"),
    ("referred", "receipt_added", "referred"),
    ("resolved", "reopened", ""),
];

/// The status of a case after some events.
fn status(events: &[&str]) -> &'static str {
    let mut path = vec!["reported"];
    for event in events {
        match *event {
            "withdrawn" => {
                path.pop();
            }
            "reopened" => path.push(if path.contains(&"verified") {
                "verified"
            } else {
                "reported"
            }),
            kind => {
                let now = *path.last().unwrap();
                let found = EVENTS.iter().find(|(from, event, _)| *from == now && *event == kind);
                path.push(found.unwrap().2);
            }
        }
    }
    path.last().unwrap()
}

/// A fraction in lowest terms.
fn reduced(n: i128, d: i128) -> (i128, i128) {
    let (mut a, mut b) = (n, d);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    (n / a.max(1), d / a.max(1))
}

fn plus((a, b): (i128, i128), (c, d): (i128, i128)) -> (i128, i128) {
    reduced(a * d + c * b, b * d)
}

/// Status, reason, value as a fraction, and the denominator of IKU 3.
type Answered = (&'static str, Option<&'static str>, Option<(i128, i128)>, Option<i128>);

const fn without(reason: &'static str) -> Answered {
    ("not_computable", Some(reason), None, None)
}

impl Survey {
    /// The index at an instant, or why there is none.
    fn index(&self, state: &SurveyState, at: DateTime<Utc>) -> Result<(i128, i128), &'static str> {
        let counted: Vec<&Answer> = self
            .answers
            .iter()
            .filter(|answer| {
                answer
                    .counts
                    .iter()
                    .rfind(|(since, _)| *since <= at)
                    .is_some_and(|(_, counts)| *counts)
            })
            .collect();
        if counted.is_empty() {
            return Err("no_responses");
        }
        let active: Vec<usize> = (0..9).filter(|element| !state.inactive.contains(element)).collect();
        let mut total = (0, 1);
        for element in &active {
            let scores: Vec<u32> = counted.iter().filter_map(|answer| answer.scores[*element]).collect();
            if scores.is_empty() {
                return Err("element_unanswered");
            }
            let sum: u32 = scores.iter().sum();
            total = plus(total, reduced(sum.into(), scores.len() as i128));
        }
        Ok(reduced(total.0 * 25, total.1 * active.len() as i128))
    }
}

impl Memory {
    fn value(&self, indicator: u8, (year, month): (i32, u32), at: DateTime<Utc>) -> Answered {
        let today = wita(at);
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        let last = (28..=31)
            .filter_map(|d| NaiveDate::from_ymd_opt(year, month, d))
            .max()
            .unwrap();
        if today < first {
            return without("period_not_started");
        }
        let over = |still_open: bool| {
            if last < today && !still_open {
                "computed"
            } else {
                "provisional"
            }
        };
        match indicator {
            1 => self.mean_index(first, last, at, over),
            2 => {
                if !self.institutions.iter().any(|i| i.decrees.is_recorded_by(at)) {
                    return without("not_recorded");
                }
                let day = last.min(today);
                let in_force = |d: &Decree| {
                    d.starts_on <= day && day <= d.last_day && d.revoked_on.is_none_or(|revoked| day < revoked)
                };
                let known = self.institutions.iter().filter_map(|i| i.decrees.at(at));
                let active = known.filter(|decrees| decrees.iter().any(in_force)).count();
                (over(false), None, Some((active as i128, 1)), None)
            }
            _ => {
                let known = self.cases.iter().filter(|case| case.exists.at(at).is_some());
                let here = known.filter(|case| (first..=last).contains(&case.occurred_on));
                let statuses = here.map(|case| {
                    let events = case.events.iter().filter(|(recorded, _)| *recorded <= at);
                    status(&events.map(|(_, kind)| *kind).collect::<Vec<_>>())
                });
                let counted: Vec<_> = statuses.filter(|status| *status != "rejected").collect();
                if counted.is_empty() {
                    return without("no_cases");
                }
                let handled = counted.iter().filter(|s| ["resolved", "referred"].contains(s)).count();
                let share = reduced(handled as i128, counted.len() as i128);
                (over(false), None, Some(share), Some(counted.len() as i128))
            }
        }
    }

    fn mean_index(
        &self,
        first: NaiveDate,
        last: NaiveDate,
        at: DateTime<Utc>,
        over: impl Fn(bool) -> &'static str,
    ) -> Answered {
        let mut ending: Vec<_> = self
            .surveys
            .iter()
            .filter_map(|survey| Some((survey, survey.states.at(at)?)))
            .filter(|(survey, state)| {
                survey.is_own && state.status != "draft" && (first..=last).contains(&state.ends_on)
            })
            .collect();
        ending.sort_by_key(|(survey, state)| (state.ends_on, survey.id));
        let indices: Vec<_> = ending.iter().map(|(survey, state)| survey.index(state, at)).collect();
        let good: Vec<(i128, i128)> = indices.iter().filter_map(|index| index.ok()).collect();
        if good.is_empty() {
            return without(indices.first().map_or("no_survey", |index| index.unwrap_err()));
        }
        let open = ending
            .iter()
            .zip(&indices)
            .any(|((_, state), index)| index.is_ok() && state.status == "open");
        let sum = good.iter().copied().fold((0, 1), plus);
        (over(open), None, Some(reduced(sum.0, sum.1 * good.len() as i128)), None)
    }
}

async fn restore(admin: &Client, path: &str) {
    let reason = json!({"reason": "Keliru"});
    admin.post(&format!("{path}/restorations"), reason).await.status(200);
}

/// The walk through the API. Each step is one write.
struct Walk {
    admin: Client,
    dice: Dice,
    memory: Memory,
    now: DateTime<Utc>,
    /// The answers that were compared: indicator, status and reason.
    seen: BTreeSet<(u8, &'static str, Option<&'static str>)>,
}

impl Walk {
    async fn step(&mut self) {
        match self.dice.roll(12) {
            0 => self.new_survey().await,
            1 | 2 => self.change_survey().await,
            3 | 4 => self.answers().await,
            5 => self.void_or_restore().await,
            6 => self.new_institution().await,
            7 | 8 => self.change_institution().await,
            9 => self.new_case().await,
            _ => self.change_case().await,
        }
    }

    fn day(&mut self, before: i64, after: i64) -> NaiveDate {
        let span = usize::try_from(before + after + 1).unwrap();
        wita(self.now) + TimeDelta::days(self.dice.roll(span) as i64 - before)
    }

    async fn new_survey(&mut self) {
        let (id, ends_on) = (Uuid::new_v4(), self.day(40, 80));
        let is_own = self.dice.roll(6) > 0;
        let body = json!({
            "id": id, "district_code": PARINGIN, "title": "SKM", "section": if is_own { "pelayanan-kessos" } else { "pmd" },
            "starts_on": ends_on - TimeDelta::days(600), "ends_on": ends_on,
        });
        self.admin.post("/v1/surveys", body).await.status(201);
        let skipped = (self.dice.roll(3) == 0).then(|| self.dice.roll(9));
        let state = SurveyState {
            status: "draft",
            ends_on,
            inactive: vec![],
        };
        let states = History(vec![(self.now, Some(state))]);
        self.memory.surveys.push(Survey {
            id,
            is_own,
            skipped,
            states,
            answers: vec![],
        });
    }

    async fn change_survey(&mut self) {
        if self.memory.surveys.is_empty() {
            return self.new_survey().await;
        }
        let chosen = self.dice.roll(self.memory.surveys.len());
        let survey = &self.memory.surveys[chosen];
        let path = format!("/v1/surveys/{}", survey.id);
        let Some(mut state) = survey.states.at(self.now).cloned() else {
            let former = survey.states.former();
            restore(&self.admin, &path).await;
            return self.memory.surveys[chosen].states.add(self.now, Some(former));
        };
        let patch = match self.dice.roll(8) {
            0 => {
                // With the periods that it moves it is 200.
                let gone = self.admin.delete(&path, "*").await;
                assert!([200, 204].contains(&gone.status), "{}", gone.json);
                return self.memory.surveys[chosen].states.add(self.now, None);
            }
            1 => {
                state.ends_on += TimeDelta::days(self.dice.roll(90) as i64 - 30);
                json!({"ends_on": state.ends_on, "reason": "Diperpanjang"})
            }
            2 => {
                state.inactive = (0..9).filter(|_| self.dice.roll(5) == 0).collect();
                let inactive: Vec<&str> = state.inactive.iter().map(|element| ELEMENTS[*element]).collect();
                json!({"inactive_elements": inactive, "reason": "Tidak ditanyakan"})
            }
            _ => {
                state.status = if state.status == "open" { "closed" } else { "open" };
                json!({"status": state.status})
            }
        };
        self.admin.patch(&path, "*", patch).await.status(200);
        self.memory.surveys[chosen].states.add(self.now, Some(state));
    }

    /// Some answers to an open survey, in one batch.
    async fn answers(&mut self) {
        let is_open = |survey: &&mut Survey| survey.states.at(self.now).is_some_and(|state| state.status == "open");
        let mut open: Vec<&mut Survey> = self.memory.surveys.iter_mut().filter(is_open).collect();
        if open.is_empty() {
            return;
        }
        let chosen = self.dice.roll(open.len());
        let survey = open.swap_remove(chosen);
        let inactive = &survey.states.at(self.now).unwrap().inactive;
        let mut items = Vec::new();
        for _ in 0..1 + self.dice.roll(5) {
            let mut scores = [None; 9];
            // At most one active element and the skipped one have no answer, so there are always enough.
            let left_out = self.dice.roll(12);
            for (element, score) in scores.iter_mut().enumerate() {
                let is_needed = !inactive.contains(&element) && inactive.len() > 2;
                if is_needed || (element != left_out && survey.skipped != Some(element)) {
                    *score = Some(1 + self.dice.roll(4) as u32);
                }
            }
            let id = Uuid::new_v4();
            let named = ELEMENTS
                .iter()
                .zip(scores)
                .map(|(element, score)| ((*element).to_owned(), json!(score)));
            items.push(json!({
                "survey_id": survey.id, "id": id, "answered_at": self.now, "service": "ktp",
                "answers": named.collect::<serde_json::Map<_, _>>(),
            }));
            survey.answers.push(Answer {
                id,
                scores,
                counts: vec![(self.now, true)],
            });
        }
        let count = items.len();
        let batch = json!({"sent_at": self.now, "items": items});
        let sent = self.admin.post("/v1/responses/batch", batch).await.status(207);
        assert_eq!(sent.json["summary"]["created"], count, "{:#}", sent.json);
    }

    async fn void_or_restore(&mut self) {
        let surveys = self.memory.surveys.iter_mut();
        let mut answered: Vec<&mut Survey> = surveys.filter(|survey| !survey.answers.is_empty()).collect();
        // A withdrawn survey answers to nobody.
        answered.retain(|survey| survey.states.at(self.now).is_some());
        if answered.is_empty() {
            return;
        }
        let chosen = self.dice.roll(answered.len());
        let survey = answered.swap_remove(chosen);
        let chosen = self.dice.roll(survey.answers.len());
        let answer = &mut survey.answers[chosen];
        let path = format!("/v1/surveys/{}/responses/{}", survey.id, answer.id);
        let (_, counts) = *answer.counts.last().unwrap();
        if counts {
            self.admin.delete(&path, "*").await.status(204);
        } else {
            restore(&self.admin, &path).await;
        }
        answer.counts.push((self.now, !counts));
    }

    fn decree(&mut self) -> (Value, Decree) {
        let (id, starts_on) = (Uuid::new_v4(), self.day(2200, 150));
        let ends_on = (self.dice.roll(2) == 0).then(|| starts_on + TimeDelta::days(self.dice.roll(900) as i64));
        let five_years = starts_on.with_year(starts_on.year() + 5).and_then(|day| day.pred_opt());
        // The five years from 29 February end on 28 February.
        let five_years = five_years.or_else(|| NaiveDate::from_ymd_opt(starts_on.year() + 5, 2, 28));
        let body = json!({
            "id": id, "number": "1/KPTS", "issued_on": starts_on.min(wita(self.now)), "starts_on": starts_on, "ends_on": ends_on,
        });
        let last_day = ends_on.or(five_years).unwrap();
        (
            body,
            Decree {
                id,
                starts_on,
                last_day,
                revoked_on: None,
            },
        )
    }

    async fn new_institution(&mut self) {
        let (body, decree) = self.decree();
        let (bodies, decrees) = match self.dice.roll(8) {
            0 => (vec![], vec![]),
            _ => (vec![body], vec![decree]),
        };
        let desa = self.dice.of(&DESA);
        let name = format!("Kelompok {}", self.memory.institutions.len());
        let body = json!({"village_code": village(desa), "kind": "posyandu", "name": name, "decrees": bodies});
        let made = self.admin.post("/v1/institutions", body).await.status(201);
        let path = made.header("location").to_owned();
        let decrees = History(vec![(self.now, Some(decrees))]);
        self.memory.institutions.push(Institution { path, decrees });
    }

    async fn change_institution(&mut self) {
        if self.memory.institutions.is_empty() {
            return;
        }
        let chosen = self.dice.roll(self.memory.institutions.len());
        let institution = &self.memory.institutions[chosen];
        let path = institution.path.clone();
        let next = match institution.decrees.at(self.now).cloned() {
            None => {
                let former = institution.decrees.former();
                restore(&self.admin, &path).await;
                Some(former)
            }
            Some(mut decrees) => match self.dice.roll(5) {
                0 => {
                    self.admin.delete(&path, "*").await.status(204);
                    None
                }
                1 | 2 if !decrees.is_empty() => {
                    let one = self.dice.roll(decrees.len());
                    let revoked = match decrees[one].revoked_on {
                        // The first day that is valid, whenever it was issued.
                        None => Some(
                            decrees[one]
                                .starts_on
                                .max(wita(self.now) - TimeDelta::days(self.dice.roll(60) as i64)),
                        ),
                        Some(_) => None,
                    };
                    decrees[one].revoked_on = revoked;
                    let revocation = json!({"revoked_on": revoked, "reason": "Surat kepala desa"});
                    let decree = format!("{path}/decrees/{}", decrees[one].id);
                    self.admin.patch(&decree, "*", revocation).await.status(200);
                    Some(decrees)
                }
                _ => {
                    let (body, decree) = self.decree();
                    self.admin.post(&format!("{path}/decrees"), body).await.status(201);
                    decrees.push(decree);
                    Some(decrees)
                }
            },
        };
        self.memory.institutions[chosen].decrees.add(self.now, next);
    }

    async fn new_case(&mut self) {
        let occurred_on = self.day(70, 0).max(NaiveDate::from_ymd_opt(2024, 11, 1).unwrap());
        let case = json!({
            "village_code": village(self.dice.of(&DESA)), "category": "jalan", "occurred_at": occurred_on, "summary": "Pasar tumpah",
        });
        let made = self.admin.post("/v1/cases", case).await.status(201);
        self.memory.cases.push(Case {
            path: made.header("location").to_owned(),
            occurred_on,
            exists: History(vec![(self.now, Some(()))]),
            events: vec![],
        });
    }

    async fn change_case(&mut self) {
        if self.memory.cases.is_empty() {
            return self.new_case().await;
        }
        let chosen = self.dice.roll(self.memory.cases.len());
        let case = &self.memory.cases[chosen];
        let path = case.path.clone();
        if case.exists.at(self.now).is_none() {
            restore(&self.admin, &path).await;
            return self.memory.cases[chosen].exists.add(self.now, Some(()));
        }
        if self.dice.roll(10) == 0 {
            self.admin.delete(&path, "*").await.status(204);
            return self.memory.cases[chosen].exists.add(self.now, None);
        }
        let kinds: Vec<&'static str> = case.events.iter().map(|(_, kind)| *kind).collect();
        let now = status(&kinds);
        let mut possible: Vec<&'static str> = EVENTS
            .iter()
            .filter(|(from, ..)| *from == now)
            .map(|(_, kind, _)| *kind)
            .collect();
        if ["referred", "rejected"].contains(&now) {
            possible.push("reopened");
        }
        // Something that counts can be taken back.
        if now != "reported" && self.dice.roll(4) == 0 {
            possible = vec!["withdrawn"];
        }
        let kind = self.dice.of(&possible);
        let mut event = json!({"kind": kind, "at": self.now, "note": "Catatan"});
        match kind {
            "referred" => event["referred_to"] = json!("Polsek Paringin"),
            "receipt_added" => event["receipt"] = json!("STPL/1"),
            _ => {}
        }
        self.admin.post(&format!("{path}/events"), event).await.status(201);
        self.memory.cases[chosen].events.push((self.now, kind));
    }

    async fn compare(&mut self, at: Option<DateTime<Utc>>) {
        const PERIODS: [(&str, u32); 8] = [
            ("-01", 1),
            ("-Q1", 3),
            ("-05", 5),
            ("-S1", 6),
            ("-Q3", 9),
            ("-11", 11),
            ("-S2", 12),
            ("", 12),
        ];
        let query = at.map_or(String::new(), |at| {
            format!("?as_of={}", at.format("%Y-%m-%dT%H:%M:%S%.6fZ"))
        });
        let periods = [(2024, PERIODS[7])].into_iter();
        let periods = periods.chain(
            [2025, 2026]
                .into_iter()
                .flat_map(|year| PERIODS.map(|period| (year, period))),
        );
        for (year, (period, month)) in periods {
            for indicator in 1..=3 {
                let path = format!("/v1/indicators/paringin-iku-{indicator}/realisations/{year}{period}{query}");
                let got = self.admin.get(&path).await.status(200).json;
                let (status, reason, value, denominator) =
                    self.memory.value(indicator, (year, month), at.unwrap_or(self.now));
                self.seen.insert((indicator, status, reason));
                assert_eq!(
                    (&got["status"], &got["reason"]),
                    (&json!(status), &json!(reason)),
                    "{path}: {got:#}"
                );
                let exact = got["exact"].as_str().map(|text| {
                    let (n, d) = text.split_once('/').unwrap_or((text, "1"));
                    (n.parse::<i128>().unwrap(), d.parse::<i128>().unwrap())
                });
                assert_eq!(exact, value, "{path}");
                // Percent for IKU 3; rounded once, half up.
                let scale: i128 = if indicator == 3 { 10_000 } else { 100 };
                let rounded = value.map(|(n, d)| (2 * n * scale + d).div_euclid(2 * d));
                let shown = got["value"].as_f64().map(|value| (value * 100.0).round() as i128);
                assert_eq!(shown, rounded, "{path}: {value:?}");
                if let Some(denominator) = denominator {
                    assert_eq!(got["denominator"], json!(denominator as i64), "{path}");
                }
            }
        }
    }
}

#[apply(both_databases)]
async fn values_of_surveys_institutions_and_cases_agree_with_a_reference(backend: Backend) {
    let world = World::on(backend).at("2025-01-02T08:00:00+08:00").await;
    let mut walk = Walk {
        admin: world.admin(),
        dice: Dice(12),
        memory: Memory::default(),
        now: instant("2025-01-02T08:00:00+08:00"),
        seen: BTreeSet::new(),
    };
    let mut instants = Vec::new();
    walk.compare(None).await;
    for _ in 0..320 {
        walk.now += TimeDelta::minutes(480 + walk.dice.roll(2400) as i64);
        world.clock.set(walk.now);
        walk.step().await;
        instants.push(walk.now);
    }
    let Memory {
        surveys,
        institutions,
        cases,
    } = &walk.memory;
    assert!(surveys.len() > 15 && institutions.len() > 15 && cases.len() > 15);
    assert!(cases.iter().any(|case| case.events.len() >= 6), "long lives");
    walk.compare(None).await;
    for _ in 0..3 {
        let at = walk.dice.of(&instants);
        walk.compare(Some(at)).await;
        walk.compare(Some(at - TimeDelta::microseconds(1))).await;
    }
    // Soon after the beginning, a window has few surveys, and the value may have none.
    for _ in 0..4 {
        let at = walk.dice.of(&instants[10..70]);
        walk.compare(Some(at)).await;
    }
    for wanted in [
        (1, "computed", None),
        (1, "provisional", None),
        (1, "not_computable", Some("no_survey")),
        (1, "not_computable", Some("no_responses")),
        (1, "not_computable", Some("element_unanswered")),
        (2, "computed", None),
        (2, "provisional", None),
        (2, "not_computable", Some("not_recorded")),
        (3, "computed", None),
        (3, "provisional", None),
        (3, "not_computable", Some("no_cases")),
        (3, "not_computable", Some("period_not_started")),
    ] {
        assert!(walk.seen.contains(&wanted), "{wanted:?} is not in {:?}", walk.seen);
    }
}
