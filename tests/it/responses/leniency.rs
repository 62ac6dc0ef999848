//! Nothing but its survey, its id and its scores can cost an answer of a batch.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{BATCH, Setting, changed, outcomes, survey_of};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{BALANG, PARINGIN, Reply};

fn ignored(reply: &Reply, index: usize) -> Vec<String> {
    let ignored = reply.json["results"][index]["ignored"].as_array();
    let prefix = format!("#/items/{index}");
    let relative = |p: &Value| p.as_str().unwrap().strip_prefix(&prefix).unwrap().to_owned();
    ignored.into_iter().flatten().map(relative).collect()
}

async fn stored(s: &Setting, item: &Value) -> Value {
    let path = format!("{}/{}", s.responses, item["id"].as_str().unwrap());
    s.kasi.get(&path).await.status(200).json
}

#[apply(both_databases)]
async fn a_wrong_detail_never_costs_the_scores(backend: Backend) {
    let s = Setting::open(backend).await;
    s.world.load_regency().await;
    let long = "x".repeat(2001);
    let cases: Vec<(&str, Value, &[&str], &[&str])> = vec![
        ("respondent", json!({"education": "d4"}), &[], &[]),
        (
            "respondent",
            json!({"education": "tidak_sekolah", "occupation": "petani_nelayan"}),
            &[],
            &[],
        ),
        (
            "respondent",
            json!({"education": "d5"}),
            &["/respondent/education"],
            &["profile_dropped"],
        ),
        (
            "respondent",
            json!({"gender": 7, "age": 34}),
            &["/respondent/gender"],
            &["profile_dropped"],
        ),
        (
            "respondent",
            json!({"age": 0, "nik": "63"}),
            &["/respondent/age", "/respondent/nik"],
            &["profile_dropped"],
        ),
        (
            "respondent",
            json!({"age": 1e300}),
            &["/respondent/age"],
            &["profile_dropped"],
        ),
        ("respondent", json!("perempuan"), &["/respondent"], &["profile_dropped"]),
        ("service", json!("KTP"), &[], &[]),
        ("service", json!("Surat Pindah"), &[], &[]),
        ("service", json!("???"), &["/service"], &["service_dropped"]),
        ("service", json!(17), &["/service"], &["service_dropped"]),
        ("service", json!(null), &[], &[]),
        (
            "village_code",
            json!("63.11.01.2001"),
            &["/village_code"],
            &["village_dropped"],
        ),
        (
            "village_code",
            json!("Balang"),
            &["/village_code"],
            &["village_dropped"],
        ),
        ("comment", json!(long), &["/comment"], &["comment_cut"]),
        ("comment", json!("a\u{0}b"), &["/comment"], &["comment_cut"]),
        ("comment", json!({"text": "x"}), &["/comment"], &["comment_cut"]),
        (
            "answered_at",
            json!("kemarin"),
            &["/answered_at"],
            &["answered_at_replaced"],
        ),
        ("answered_at", json!(null), &[], &["answered_at_replaced"]),
        ("mode", json!("telepon"), &["/mode"], &[]),
        ("mode", json!("paper"), &["/mode"], &[]),
        ("nik", json!("6311060000000000"), &["/nik"], &[]),
        ("a/b~c", json!([]), &["/a~1b~0c"], &[]),
        (
            "answers",
            json!({"waktu": 3, "biaya": 3, "produk": 3, "sarana": 4, "prosedur": 1, "u1": 9}),
            &["/answers/u1"],
            &[],
        ),
    ];
    // Hours apart: they are no burst of equal answers.
    let mut items = Vec::new();
    for (place, (member, value, ..)) in cases.iter().enumerate() {
        let mut item = s.item(3);
        item["answered_at"] = json!(format!(
            "2025-03-{:02}T{:02}:00:00+08:00",
            2 + place / 10,
            place % 10 * 2
        ));
        item[*member] = value.clone();
        items.push(item);
    }
    let reply = s.batch(&s.phone, &items).await;
    for (index, (member, value, names, flags)) in cases.iter().enumerate() {
        let case = format!("{member} {value:.60}");
        assert_eq!(
            outcomes(&reply)[index],
            "created",
            "{case}: {:#}",
            reply.json["results"][index]
        );
        assert_eq!(ignored(&reply, index), *names, "{case}");
        let answer = stored(&s, &items[index]).await;
        assert_eq!(answer["flags"], json!(flags), "{case}: {answer:#}");
    }
    let services: Vec<Value> = (7..12).map(|n| items[n].clone()).collect();
    for (item, code) in services.iter().zip([
        json!("ktp"),
        json!("surat-pindah"),
        json!(null),
        json!(null),
        json!(null),
    ]) {
        assert_eq!(stored(&s, item).await["service"], code);
    }
    assert_eq!(stored(&s, &items[14]).await["comment"].as_str().unwrap().len(), 2000);
    assert_eq!(stored(&s, &items[15]).await["comment"], "ab");
    let replaced = stored(&s, &items[17]).await;
    assert_eq!(replaced["answered_at"], replaced["received_at"]);
    assert_eq!(stored(&s, &items[3]).await["respondent"], json!({"age": 34}));
    // A retry is recognised, and names the same members.
    let again = s.batch(&s.phone, &items).await;
    assert_eq!(outcomes(&again), vec!["already_stored"; items.len()]);
    for index in 0..items.len() {
        assert_eq!(ignored(&again, index), ignored(&reply, index));
    }
    let flagged = s.kasi.all(&format!("{}?flagged=true&limit=100", s.responses)).await;
    assert_eq!(
        flagged.len(),
        cases.iter().filter(|(.., flags)| !flags.is_empty()).count()
    );
    s.check_tallies().await;
}

/// Members that no JSON parser can read, as a phone makes them when it cuts a text inside a character.
#[apply(both_databases)]
async fn a_member_that_is_no_json_is_left_out(backend: Backend) {
    let s = Setting::open(backend).await;
    let deep = "[".repeat(3000) + &"]".repeat(3000);
    let texts = [
        ("comment", r#""Cepat \ud83d""#.to_owned()),
        ("respondent", deep),
        ("comment", "1e999".to_owned()),
        ("service", r#""ktp", "service": "kk""#.to_owned()),
    ];
    let items: Vec<String> = texts
        .iter()
        .map(|(member, text)| {
            let mut item = s.item(3);
            item.as_object_mut().unwrap().remove(*member);
            let item = item.to_string();
            format!("{}, \"{member}\": {text}}}", item.strip_suffix('}').unwrap())
        })
        .collect();
    let body = format!(
        r#"{{"sent_at": "2025-03-14T12:00:00+08:00", "items": [{}]}}"#,
        items.join(", ")
    );
    for outcome in ["created", "already_stored"] {
        let sent = s
            .phone
            .send("POST", BATCH, "application/json", body.clone().into_bytes());
        let reply = sent.await.status(207);
        assert_eq!(outcomes(&reply), [outcome; 4], "{:#}", reply.json);
        for (index, (member, _)) in texts.iter().enumerate() {
            assert_eq!(ignored(&reply, index), [format!("/{member}")]);
        }
    }
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn what_may_become_right_later_is_deferred(backend: Backend) {
    let s = Setting::open(backend).await;
    let elsewhere = s.kasi.post("/v1/surveys", survey_of(PARINGIN)).await.status(201);
    let draft = changed(&s.item(3), "/survey_id", json!(elsewhere.id()));
    let nowhere = changed(&s.item(3), "/survey_id", json!(Uuid::new_v4()));
    let before = s.item(3);
    s.batch(&s.phone, std::slice::from_ref(&before)).await;
    s.change(json!({"inactive_elements": ["biaya"]})).await;
    let mut five = s.item(3);
    five["answers"] = json!({"biaya": 4, "waktu": 3, "produk": 3, "sarana": 4, "prosedur": 3});
    let items = [draft, nowhere, five];
    assert_eq!(outcomes(&s.batch(&s.phone, &items).await), ["deferred"; 3]);
    s.change(json!({"inactive_elements": []})).await;
    s.kasi
        .patch(elsewhere.header("location"), "*", json!({"status": "open"}))
        .await
        .status(200);
    assert_eq!(
        outcomes(&s.batch(&s.phone, &items).await),
        ["created", "deferred", "created"]
    );

    // A survey that was withdrawn by mistake: its phones keep their answers.
    s.kasi.delete(&s.survey, "*").await.status(204);
    let late = s.item(2);
    let reply = s.batch(&s.phone, &[late.clone(), before.clone()]).await;
    assert_eq!(outcomes(&reply), ["deferred", "already_stored"]);
    s.kasi
        .post(
            &format!("{}/restorations", s.survey),
            json!({"reason": "Bukan latihan"}),
        )
        .await
        .status(200);
    assert_eq!(outcomes(&s.batch(&s.phone, &[late]).await), ["created"]);
    s.check_tallies().await;
}

/// The content as it was sent decides whether an answer is sent again, also after the service understands more.
#[apply(both_databases)]
async fn a_retry_after_a_code_was_added_is_already_stored(backend: Backend) {
    let s = Setting::open(backend).await;
    let mut item = s.item(3);
    item["respondent"] = json!({"occupation": "pensiunan", "age": 66});
    item["village_code"] = json!(BALANG);
    let reply = s.batch(&s.phone, std::slice::from_ref(&item)).await;
    assert_eq!(
        (outcomes(&reply)[0], ignored(&reply, 0)),
        ("created", vec!["/respondent/occupation".to_owned()])
    );
    let added = json!({"list": "occupation", "code": "pensiunan", "name": "Pensiunan"});
    s.world.admin().post("/v1/profile-values", added).await.status(201);
    assert_eq!(
        outcomes(&s.batch(&s.phone, std::slice::from_ref(&item)).await),
        ["already_stored"]
    );
    let mut next = s.item(3);
    next["respondent"] = item["respondent"].clone();
    let reply = s.batch(&s.phone, std::slice::from_ref(&next)).await;
    assert_eq!((outcomes(&reply)[0], ignored(&reply, 0).len()), ("created", 0));
    assert_eq!(stored(&s, &next).await["respondent"], next["respondent"]);
    let index = s.kasi.get(&format!("{}/index", s.survey)).await.status(200).json;
    let codes: Vec<&Value> = index["profile"]["occupation"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["code"])
        .collect();
    assert!(codes.contains(&&json!("pensiunan")), "{codes:?}");
    s.check_tallies().await;
}

/// Forms of paper that an officer types in: no clock made their days.
#[apply(both_databases)]
async fn answers_from_paper_have_no_implausible_clock(backend: Backend) {
    let s = Setting::open(backend).await;
    let old = json!("2023-05-02T00:00:00+08:00");
    let mut paper = changed(&s.item(3), "/answered_at", old.clone());
    let typed = paper.clone();
    paper["id"] = json!(Uuid::new_v4());
    paper["mode"] = json!("paper");
    let mut future = paper.clone();
    future["id"] = json!(Uuid::new_v4());
    future["answered_at"] = json!("2025-05-02T00:00:00+08:00");
    let items = [typed, paper, future];
    assert_eq!(outcomes(&s.batch(&s.kasi, &items).await), ["created"; 3]);
    let flags = async |item: &Value| {
        let answer = stored(&s, item).await;
        (
            answer["mode"].clone(),
            answer["flags"].clone(),
            answer["clock_implausible"].clone(),
        )
    };
    let implausible = json!(["clock_implausible"]);
    assert_eq!(
        flags(&items[0]).await,
        (json!("device"), implausible.clone(), json!(true))
    );
    assert_eq!(flags(&items[1]).await, (json!("paper"), json!([]), json!(false)));
    assert_eq!(flags(&items[2]).await, (json!("paper"), implausible, json!(true)));
    let mut single = super::answer(3);
    single["answered_at"] = old;
    single["mode"] = json!("paper");
    let refused = s.phone.post(&s.responses, single.clone()).await;
    assert_eq!(refused.problem(422, "rule_broken").pointers(), ["#/mode"]);
    let made = s.kasi.post(&s.responses, single).await.status(201);
    assert_eq!((&made.json["mode"], &made.json["flags"]), (&json!("paper"), &json!([])));
}

/// However much is ignored, the reply is bounded.
#[actix_web::test]
async fn a_reply_names_no_more_than_a_bounded_number_of_ignored_members() {
    let s = Setting::open(Backend::Sqlite).await;
    let noisy = |_| {
        let mut item = s.item(3);
        for n in 0..30 {
            item[format!("unknown-{n}-{}", "\u{1F600}".repeat(5))] = json!(1);
        }
        item
    };
    let items: Vec<Value> = (0..300).map(noisy).collect();
    let reply = s.batch(&s.phone, &items).await;
    assert_eq!(reply.json["summary"]["created"], 300);
    let size = reply.json.to_string().len();
    assert!(size < 96 * 1024, "{size}");
    let first = &reply.json["results"][0];
    assert_eq!(
        (first["ignored"].as_array().unwrap().len(), &first["more_ignored"]),
        (20, &json!(10))
    );
    assert_eq!(reply.json["results"][299]["more_ignored"], 30);
}
