//! Answers of citizens: with and without JavaScript, from a queue, with a slip.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Counter, LINKS, filled, item, outcomes, script, thanked};
use crate::responses::answer;
use crate::support::backend::{Backend, apply, both_databases};

#[apply(both_databases)]
async fn an_answer_counts_and_is_stored_once(backend: Backend) {
    let c = Counter::with(backend, json!({})).await;
    let before = c.s.world.clock.now();
    let page = c.browser().get(&c.path).await;
    assert_eq!(
        (page.reply.status, page.heading().as_str()),
        (200, "Bagaimana pelayanan kami?")
    );
    assert_eq!(page.each("legend").len(), 9);
    assert!(
        page.text().contains("kesesuaian persyaratan pelayanan"),
        "{}",
        page.text()
    );
    c.wait(90);
    let more = [
        ("service", "ktp"),
        ("village_code", "63.11.06.2005"),
        ("gender", "perempuan"),
        ("age", "34"),
        ("comment", "Cepat\r\nsekali"),
    ];
    let sent = filled(&page, 200_000, &more);
    let browser = c.browser();
    let thanks = browser.post(&c.path, &sent).await;
    assert_eq!((thanks.reply.status, thanks.heading().as_str()), (200, "Terima kasih"));
    assert!(
        thanks.links().contains(&format!("{}?bahasa=id", c.path)),
        "{:?}",
        thanks.links()
    );
    // A double click, and the same form again after the survey has more answers.
    thanked(browser.send(&c.path, &sent).await);
    thanked(c.answer(1).await);
    thanked(browser.send(&c.path, &sent).await);
    assert_eq!(c.counts().await, (json!(2), json!(2)));
    let index = c.index("").await;
    assert_eq!(index["by_mode"], json!({"device": 0, "paper": 0, "self_service": 2}));
    let of_link = format!("{}?client_id={}", c.s.responses, c.link["id"].as_str().unwrap());
    let all = c.s.kasi.all(&of_link).await;
    assert_eq!(all.len(), 2);
    let one = &all[1];
    assert_eq!((&one["mode"], &one["flags"]), (&json!("self_service"), &json!([])));
    assert_eq!(
        (&one["service"], &one["village_code"]),
        (&json!("ktp"), &json!("63.11.06.2005"))
    );
    assert_eq!(one["respondent"], json!({"gender": "perempuan", "age": 34}));
    assert_eq!(one["comment"], "Cepat\nsekali");
    assert_eq!(one["id"], json!(page.hidden("id")));

    // The other modes beside it, now and at an earlier instant.
    c.s.batch(&c.s.phone, &[c.s.item(3)]).await;
    let mut paper = answer(2);
    paper["mode"] = json!("paper");
    c.s.kasi.post(&c.s.responses, paper).await.status(201);
    let now = json!({"device": 1, "paper": 1, "self_service": 2});
    assert_eq!(c.index("").await["by_mode"], now);
    let at = |instant: chrono::DateTime<chrono::Utc>| format!("?as_of={}", instant.format("%Y-%m-%dT%H:%M:%S%.6fZ"));
    let none = json!({"device": 0, "paper": 0, "self_service": 0});
    assert_eq!(c.index(&at(before)).await["by_mode"], none);
    let between = before + TimeDelta::seconds(120);
    let first = json!({"device": 0, "paper": 0, "self_service": 1});
    assert_eq!(c.index(&at(between)).await["by_mode"], first);
    // A void takes it out of both.
    let voided = format!("{}/{}", c.s.responses, one["id"].as_str().unwrap());
    c.s.kasi.delete(&voided, "*").await;
    assert_eq!(c.index("").await["by_mode"]["self_service"], 1);
    c.wait(10);
    let then = c.s.world.clock.now();
    c.wait(10);
    assert_eq!(c.index(&at(then)).await["by_mode"]["self_service"], 1);
    c.check().await;
}

#[apply(both_databases)]
async fn faults_stand_beside_their_questions_and_nothing_is_lost(backend: Backend) {
    let c = Counter::with(backend, json!({})).await;
    let page = c.browser().get(&c.path).await;
    c.wait(60);
    let few = [
        ("waktu", ""),
        ("biaya", "9"),
        ("produk", ""),
        ("sarana", ""),
        ("pengaduan", "x"),
        ("comment", "Antre <lama> & panas"),
        ("village_code", "63.11.06.2005"),
    ];
    let again = c.browser().post(&c.path, &filled(&page, 7, &few)).await;
    assert_eq!(again.reply.status, 422);
    assert_eq!(again.of_class("fault").len(), 5, "{}", again.text());
    assert_eq!(
        (again.hidden("id"), again.hidden("started")),
        (page.hidden("id"), page.hidden("started"))
    );
    assert!(
        again.each("textarea").contains(&"Antre <lama> & panas".to_owned()),
        "{}",
        again.source()
    );
    assert_eq!(again.source().matches("checked=\"checked\"").count(), 4);
    assert!(
        again.source().contains("value=\"63.11.06.2005\" selected"),
        "{}",
        again.source()
    );
    // Five answers are enough.
    let enough = [("waktu", ""), ("produk", ""), ("sarana", ""), ("pengaduan", "")];
    thanked(c.browser().send(&c.path, &filled(&again, 7, &enough)).await);
    assert_eq!(c.counts().await, (json!(1), json!(1)));
    // An element that the survey does not use is not asked.
    c.s.change(json!({"inactive_elements": ["biaya"]})).await;
    assert_eq!(c.browser().get(&c.path).await.each("legend").len(), 8);
}

#[apply(both_databases)]
async fn a_queue_of_a_phone_is_stored_once(backend: Backend) {
    let c = Counter::with(backend, json!({})).await;
    let page = c.browser().get(&c.path).await;
    c.wait(7200);
    let items: Vec<Value> = (0..20).map(|n| item(&c, &page, n, i64::from(n) * 200)).collect();
    assert_eq!(outcomes(&script(&c, &items[..8]).await), ["created"; 8]);
    let mut all = ["already_stored"; 20];
    all[8..].fill("created");
    assert_eq!(outcomes(&script(&c, &items).await), all);
    assert_eq!(outcomes(&script(&c, &items).await), ["already_stored"; 20]);
    assert_eq!(c.counts().await, (json!(20), json!(20)));
    // Other content under an id, too few scores, a mode of its own, unknown members.
    let mut odd = items[..1].to_vec();
    odd[0]["answer"]["answers"]["waktu"] = json!(4);
    odd[0]["answer"]["answers"]["biaya"] = json!(4);
    odd.push(item(&c, &page, 900, 9000));
    odd[1]["answer"]["answers"] = json!({"waktu": 3});
    odd.push(item(&c, &page, 901, 9100));
    odd[2]["answer"]["mode"] = json!("paper");
    odd[2]["answer"]["survey_id"] = json!(uuid::Uuid::new_v4());
    odd[2]["answer"]["village_code"] = json!("di mana");
    odd.push(item(&c, &page, 902, 9200));
    odd[3]["seconds"] = json!(3);
    odd.push(item(&c, &page, 903, 9300));
    (odd[4]["seconds"], odd[4]["started"], odd[4]["slip"]) = (json!("lama"), json!(7), json!([]));
    let reply = script(&c, &odd).await;
    assert_eq!(
        outcomes(&reply),
        ["conflict", "rejected", "created", "quarantined", "quarantined"]
    );
    let stored =
        c.s.kasi
            .get(&format!(
                "{}/{}",
                c.s.responses,
                odd[2]["answer"]["id"].as_str().unwrap()
            ))
            .await;
    assert_eq!(stored.status(200).json["mode"], "self_service");
    // A withdrawn survey keeps the answers on the phone; a closed one holds them.
    c.s.change(json!({"status": "closed"})).await;
    assert_eq!(outcomes(&script(&c, &[item(&c, &page, 904, 0)]).await), ["quarantined"]);
    assert_eq!(c.held().await[0]["reason"], "survey_closed");
    c.check().await;
}

#[apply(both_databases)]
async fn a_slip_gives_one_answer(backend: Backend) {
    let c = Counter::with(backend, json!({"slips_required": true})).await;
    let slips = format!("{LINKS}/{}/slips", c.link["id"].as_str().unwrap());
    let made = c.s.kasi.post(&slips, json!({"count": 3})).await.status(200).json["slips"].clone();
    assert_eq!(c.s.kasi.all(&slips).await.len(), 3);
    let code = made[0]["code"].as_str().unwrap();
    let page = c.browser().get(&format!("{}?kupon={code}", c.path)).await;
    assert!(
        page.source().contains(&format!("value=\"{code}\"")),
        "{}",
        page.source()
    );
    c.wait(60);
    let typed = format!("{}-{}", &code[..5], code[5..].to_lowercase());
    thanked(c.browser().send(&c.path, &filled(&page, 1, &[("slip", &typed)])).await);
    let stored =
        c.s.kasi
            .get(&format!("{}/{}", c.s.responses, made[0]["id"].as_str().unwrap()))
            .await;
    assert_eq!(stored.status(200).json["flags"], json!([]));
    // The same form again is the same answer; another answer with the slip is held, and the citizen is thanked.
    thanked(c.browser().send(&c.path, &filled(&page, 1, &[("slip", code)])).await);
    let other = c.browser().get(&c.path).await;
    c.wait(60);
    let twice = c.browser().post(&c.path, &filled(&other, 2, &[("slip", code)])).await;
    assert!(twice.text().contains("sudah dipakai"), "{}", twice.text());
    assert_eq!(c.counts().await, (json!(1), json!(1)));
    assert_eq!(c.held().await[0]["reason"], "id_conflict");
    // Without a slip, with a wrong one, and with that of another link.
    let new = json!({"survey_id": c.link["survey_id"], "name": "Lain"});
    let second = c.s.kasi.post(LINKS, new).await.status(201).id();
    let foreign =
        c.s.kasi
            .post(&format!("{LINKS}/{second}/slips"), json!({"count": 1}))
            .await
            .status(200);
    let foreign = foreign.json["slips"][0]["code"].as_str().unwrap().to_owned();
    for (number, wrong) in [
        (3, ""),
        (4, "0000000000"),
        (5, foreign.as_str()),
        (6, "é"),
        (7, "UUUUUUUUUU"),
    ] {
        let page = c.browser().get(&c.path).await;
        c.wait(100);
        thanked(
            c.browser()
                .send(&c.path, &filled(&page, number, &[("slip", wrong)]))
                .await,
        );
        assert_eq!(c.held().await[0]["flags"], json!(["no_slip"]), "{wrong}");
    }
    // From the queue of a phone: the answer gets the slip's id, and its result the phone's.
    let mut queued = item(&c, &page, 8, 500);
    queued["slip"] = made[1]["code"].clone();
    let reply = script(&c, &[queued.clone(), queued.clone()]).await;
    assert_eq!(outcomes(&reply), ["created", "already_stored"]);
    assert_eq!(reply.json["results"][0]["id"], queued["answer"]["id"]);
    let path = format!("{}/{}", c.s.responses, made[1]["id"].as_str().unwrap());
    c.s.kasi.get(&path).await.status(200);
    c.check().await;
}
