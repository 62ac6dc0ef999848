//! Spans: any order of answers, voids, releases, discards and restorations gives what an independent count gives, now and at any
//! past instant.

use chrono::{DateTime, TimeDelta, Utc};
use iku::facts::responses::{tallies, verify_tallies};
use serde_json::json;
use uuid::Uuid;

use super::{Setting, answer, decide};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::instant;

/// A small generator of numbers, the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % sides as u64).unwrap()
    }
}

/// What the test did to an answer: the instants at which it began and ceased to count.
struct Tracked {
    id: Uuid,
    score: i64,
    /// (begins to count, instant)
    changes: Vec<(bool, DateTime<Utc>)>,
}

impl Tracked {
    fn counts_at(&self, at: DateTime<Utc>) -> bool {
        let last = self.changes.iter().rfind(|(_, changed)| *changed <= at);
        last.is_some_and(|(counts, _)| *counts)
    }

    fn is_void_at(&self, at: DateTime<Utc>) -> bool {
        let last = self.changes.iter().rfind(|(_, changed)| *changed <= at);
        last.is_some_and(|(counts, _)| !*counts)
    }
}

#[apply(both_databases)]
async fn any_sequence_of_voids_decisions_and_restorations_is_known_at_every_instant(backend: Backend) {
    let s = Setting::open(backend).await;
    let lost = s.world.revoked_phone();
    let mut dice = Dice(4);
    let mut all: Vec<Tracked> = Vec::new();
    let mut waiting: Vec<(Uuid, i64, DateTime<Utc>)> = Vec::new();
    let mut discarded: Vec<(Uuid, i64)> = Vec::new();
    // From when to when an answer waited for a decision.
    let mut decided: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
    let start = s.world.clock.now();
    for step in 0..160_i64 {
        // A minute between two steps: a stamp is never a second later than the clock.
        let now = start + TimeDelta::minutes(step + 1);
        s.world.clock.set(now);
        let pick = |dice: &mut Dice, counting: bool, all: &[Tracked]| {
            let able: Vec<usize> = (0..all.len())
                .filter(|i| all[*i].changes.last().is_some_and(|(counts, _)| *counts == counting))
                .collect();
            (!able.is_empty()).then(|| able[dice.roll(able.len())])
        };
        match dice.roll(7) {
            0 | 1 => {
                if let Some(i) = pick(&mut dice, true, &all) {
                    s.kasi
                        .delete(&format!("{}/{}", s.responses, all[i].id), "*")
                        .await
                        .status(204);
                    all[i].changes.push((false, now));
                }
            }
            2 | 3 => {
                if let Some(i) = pick(&mut dice, false, &all) {
                    let path = format!("{}/{}/restorations", s.responses, all[i].id);
                    s.kasi.post(&path, json!({"reason": "Benar"})).await.status(200);
                    all[i].changes.push((true, now));
                }
            }
            4 => {
                let score = 1 + dice.roll(4) as i64;
                let item = s.item(score);
                let id = item["id"].as_str().unwrap().parse().unwrap();
                s.batch(&lost, &[item]).await;
                waiting.push((id, score, now));
                if dice.roll(2) == 0 {
                    continue;
                }
                let (id, score, held_at) = waiting.remove(0);
                let held = s.kasi.all("/v1/held-responses?decided=false&limit=100").await;
                let held = held.iter().find(|h| h["response_id"] == json!(id)).unwrap();
                let decision = ["release", "discard", "discard"][dice.roll(3)];
                decide(&s.kasi, held, decision).await.status(200);
                decided.push((held_at, now));
                if decision == "release" {
                    all.push(Tracked {
                        id,
                        score,
                        changes: vec![(true, now)],
                    });
                } else {
                    discarded.push((id, score));
                }
            }
            5 if !discarded.is_empty() => {
                let (id, score) = discarded.remove(dice.roll(discarded.len()));
                let held = s.kasi.all("/v1/held-responses?decided=true&limit=100").await;
                let held = held.iter().find(|h| h["response_id"] == json!(id)).unwrap();
                let path = format!("/v1/held-responses/{}/restorations", held["id"].as_str().unwrap());
                s.kasi.post(&path, json!({"reason": "Benar"})).await.status(200);
                waiting.push((id, score, now));
            }
            _ => {
                let score = 1 + dice.roll(4) as i64;
                let made = s.phone.post(&s.responses, answer(score)).await.status(201);
                all.push(Tracked {
                    id: made.id().parse().unwrap(),
                    score,
                    changes: vec![(true, now)],
                });
            }
        }
    }
    let voids = all.iter().map(|a| a.changes.len()).max();
    assert!(
        voids.is_some_and(|n| n >= 5),
        "some answers were voided and restored twice"
    );

    let db = &s.world.service.db;
    for at in (0..60).map(|_| start + TimeDelta::seconds(dice.roll(161 * 60) as i64) + TimeDelta::milliseconds(1500)) {
        let counted: Vec<&Tracked> = all.iter().filter(|a| a.counts_at(at)).collect();
        let sum: i64 = counted.iter().map(|a| a.score).sum();
        let found = db
            .read(async |tx| tallies(tx, &[s.id()], Some(at)).await)
            .await
            .unwrap();
        let found = &found[&s.id()];
        let tally = found.tallies.get(iku::core::element::Element::Waktu);
        let expected = (counted.len() as u64, counted.len() as u64, sum as u64);
        assert_eq!((found.respondents, tally.n(), tally.sum()), expected, "{at}");
        let last = counted
            .iter()
            .filter_map(|a| a.changes.iter().rfind(|(_, c)| *c <= at))
            .map(|(_, c)| *c)
            .max();
        let near = |t: DateTime<Utc>| last.is_some_and(|last| (t - last).abs() < TimeDelta::seconds(1));
        assert!(
            found.changed_at.is_none_or(near),
            "{at}: {:?} {last:?}",
            found.changed_at
        );

        let query = at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        let index = s.kasi.get(&format!("{}/index?as_of={query}", s.survey)).await;
        if at > s.world.clock.now() {
            index.problem(422, "rule_broken");
            continue;
        }
        let index = index.status(200).json;
        let voided = all.iter().filter(|a| a.is_void_at(at)).count();
        let held = waiting.iter().filter(|(_, _, since)| *since <= at).count()
            + decided
                .iter()
                .filter(|(since, until)| *since <= at && at < *until)
                .count();
        assert_eq!(
            (&index["respondents"], &index["voided"], &index["held"]),
            (&json!(counted.len()), &json!(voided), &json!(held)),
            "{at}"
        );
    }
    let now = all
        .iter()
        .filter(|a| a.changes.last().is_some_and(|(counts, _)| *counts))
        .count();
    assert_eq!(s.results(None).await.0, json!(now));
    assert_eq!(s.kasi.all(&format!("{}?limit=100", s.responses)).await.len(), now);
    let listed = s
        .kasi
        .all(&format!("{}?limit=100&state=voided", s.responses))
        .await
        .len();
    assert_eq!(listed, all.len() - now);
    let wrong = db.read(async |tx| verify_tallies(tx).await).await;
    assert_eq!(wrong.unwrap(), []);
    assert!(instant("2025-03-14T12:00:00+08:00") < s.world.clock.now());
}
