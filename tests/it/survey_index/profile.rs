//! The profile in the tally equals the profile of the counted answers, whatever happened before.

use iku::access::Role;
use iku::facts::responses::{profile::Profile, verify_tallies};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use ::entity::{response, survey_tally};

use super::{ELEMENTS, Setting};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::counting::listening;
use crate::support::world::PARINGIN;

/// A small generator of numbers, the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % sides).unwrap()
    }

    /// A respondent who may leave out each statement.
    fn respondent(&mut self) -> Value {
        let mut respondent = json!({});
        let lists = [
            ("gender", json!(["laki_laki", "perempuan"])),
            ("age", json!([10, 19, 20, 29, 30, 45, 59, 60, 90])),
            (
                "education",
                json!([
                    "tidak_sekolah",
                    "sd",
                    "smp",
                    "sma",
                    "d1_d2",
                    "d3",
                    "d4",
                    "s1",
                    "s2",
                    "s3"
                ]),
            ),
            (
                "occupation",
                json!([
                    "pns",
                    "tni",
                    "swasta",
                    "petani_nelayan",
                    "ibu_rumah_tangga",
                    "tidak_bekerja",
                    "lainnya"
                ]),
            ),
        ];
        for (name, values) in lists {
            let values = values.as_array().unwrap();
            if let Some(value) = values.get(self.roll(values.len() as u64 + 1)) {
                respondent[name] = value.clone();
            }
        }
        respondent
    }
}

#[apply(both_databases)]
async fn any_sequence_of_answers_voids_and_releases_gives_the_profile_of_the_rows(backend: Backend) {
    let s = Setting::open(backend).await;
    let phone = s.world.revoked_phone();
    let mut dice = Dice(11);
    let id: Uuid = s.survey.rsplit('/').next().unwrap().parse().unwrap();
    let answers: Value = ELEMENTS.map(|e| (e.to_owned(), json!(3))).into_iter().collect();
    let mut counted = Vec::new();
    for step in 0..80 {
        match dice.roll(4) {
            0 if !counted.is_empty() => {
                let voided: String = counted.swap_remove(dice.roll(counted.len() as u64));
                let path = format!("{}/responses/{voided}", s.survey);
                s.kasi.delete(&path, "*").await.status(204);
            }
            1 => {
                let item = json!({
                    "survey_id": id, "id": Uuid::new_v4(), "answers": answers, "service": "ktp",
                    "answered_at": "2025-03-14T10:15:00+08:00", "respondent": dice.respondent(),
                });
                let body = json!({"sent_at": s.world.clock.now(), "items": [item]});
                let sent = phone.post("/v1/responses/batch", body).await.status(207);
                assert_eq!(sent.json["results"][0]["outcome"], "quarantined", "{}", sent.json);
                let held = s.kasi.all("/v1/held-responses?decided=false").await;
                let held = &held[dice.roll(held.len() as u64)];
                let decision = ["release", "discard"][dice.roll(2)];
                let path = format!("/v1/held-responses/{}/{decision}", held["id"].as_str().unwrap());
                let decided = s.kasi.post(&path, json!({"reason": "diperiksa"})).await.status(200);
                if let Some(released) = decided.json["released_response_id"].as_str() {
                    counted.push(released.to_owned());
                }
            }
            _ => {
                let made = s.answer(answers.clone(), dice.respondent()).await;
                counted.push(made["id"].as_str().unwrap().to_owned());
            }
        }
        if step % 8 == 7 {
            let db = s.world.service.db.connection();
            let rows = response::Entity::find()
                .filter(response::Column::SurveyId.eq(id))
                .filter(response::Column::CountedFrom.is_not_null())
                .filter(response::Column::CountedUntil.is_null());
            let rows = rows.all(db).await.unwrap();
            assert_eq!(rows.len(), counted.len());
            let mut profile = Profile::default();
            rows.iter().for_each(|row| profile.count(row));
            let tally = survey_tally::Entity::find_by_id(id).one(db).await.unwrap().unwrap();
            assert_eq!(serde_json::from_str::<Profile>(&tally.profile).unwrap(), profile);
            // The SQL that adds up the answers counts the same.
            let wrong = s.world.service.db.read(async |tx| verify_tallies(tx).await).await;
            assert_eq!(wrong.unwrap(), [], "after {step} steps");
        }
    }
}

#[apply(both_databases)]
async fn a_current_index_reads_only_answers_that_are_void(backend: Backend) {
    let s = Setting::open(backend).await;
    s.nine([3; 9]).await;
    let (world, statements) = listening(&s.world, 0).await;
    for client in [
        world.officer(&["pelayanan-kessos"]),
        world.holder(Role::Integrator, Some(PARINGIN), &[]),
    ] {
        client.get(&format!("{}/index", s.survey)).await.status(200);
        let read = statements.take();
        let of_void = |sql: &String| sql.contains(r#""response"."counted_until" IS NOT NULL"#);
        assert!(
            !read.is_empty() && read.iter().all(|sql| !sql.contains("\"response\"") || of_void(sql)),
            "{read:?}"
        );
    }
}
