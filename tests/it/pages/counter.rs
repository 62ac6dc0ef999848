//! The form at the counter: each answer is stored once, nothing of a citizen is refused, and what is doubtful is held.

use actix_web::web::Data;
use chrono::TimeDelta;
use clap::Parser;
use futures_util::future::join_all;
use iku::config::Settings;
use iku::facts::responses::{Quotas, WriteQueue, verify_tallies};
use iku::platform::db::Db;
use iku::platform::http::limits::RateLimiter;
use iku::platform::http::limits::at_work::ReadQueues;
use serde_json::{Value, json};

use super::browser::{Browser, Page, form};
use crate::responses::{Setting, answer, decide};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, Reply};

const ELEMENTS: [&str; 9] = [
    "persyaratan",
    "prosedur",
    "waktu",
    "biaya",
    "produk",
    "kompetensi",
    "perilaku",
    "sarana",
    "pengaduan",
];
const HELD: &str = "/v1/held-responses";
const LINKS: &str = "/v1/survey-links";

/// An open survey with a link.
struct Counter {
    s: Setting,
    link: Value,
    path: String,
}

impl Counter {
    async fn with(backend: Backend, more: Value) -> Self {
        Self::of(Setting::open(backend).await, more).await
    }

    async fn of(s: Setting, more: Value) -> Self {
        let mut new = json!({"survey_id": s.survey.rsplit('/').next().unwrap(), "name": "Loket KTP"});
        for (name, value) in more.as_object().unwrap() {
            new[name] = value.clone();
        }
        let link = s.kasi.post(LINKS, new).await.status(201).json;
        let path = format!("/s/{}", link["code"].as_str().unwrap());
        Self { s, link, path }
    }

    fn browser(&self) -> Browser {
        Browser::new(&self.s.world)
    }

    fn wait(&self, seconds: i64) {
        let clock = &self.s.world.clock;
        clock.set(clock.now() + TimeDelta::seconds(seconds));
    }

    /// Opens the form, reads it for a minute, and sends it with these scores.
    async fn answer(&self, scores: u32) -> Reply {
        let page = self.browser().get(&self.path).await;
        self.wait(61);
        self.browser().send(&self.path, &filled(&page, scores, &[])).await
    }

    async fn held(&self) -> Vec<Value> {
        self.s.kasi.all(HELD).await
    }

    async fn index(&self, query: &str) -> Value {
        let path = format!("{}/index{query}", self.s.survey);
        self.s.kasi.get(&path).await.status(200).json
    }

    async fn counts(&self) -> (Value, Value) {
        let index = self.index("").await;
        (index["respondents"].clone(), index["by_mode"]["self_service"].clone())
    }

    async fn check(&self) {
        let db = &self.s.world.service.db;
        assert_eq!(db.read(async |tx| verify_tallies(tx).await).await.unwrap(), []);
        assert_eq!(crate::journal::findings(db).await, [""; 0]);
    }
}

/// The scores of an answer: its number in base four.
fn scores(number: u32) -> impl Iterator<Item = (&'static str, String)> {
    let digits = (0..9).map(move |place| (number / 4_u32.pow(place) % 4 + 1).to_string());
    ELEMENTS.into_iter().zip(digits)
}

/// The form of a page, filled in.
fn filled(page: &Page, number: u32, more: &[(&str, &str)]) -> String {
    let (id, started) = (page.hidden("id"), page.hidden("started"));
    let scores: Vec<(&str, String)> = scores(number).collect();
    let mut pairs: Vec<(&str, &str)> = vec![("id", &id), ("started", &started)];
    pairs.extend(scores.iter().map(|(name, score)| (*name, score.as_str())));
    pairs.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    pairs.extend(more);
    form(&pairs)
}

fn thanked(reply: Reply) {
    let reply = reply.status(303);
    assert!(
        reply.header("location").contains("/terima-kasih"),
        "{}",
        reply.header("location")
    );
}

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
async fn what_is_doubtful_is_held_with_its_reason_and_can_be_released(backend: Backend) {
    let c = Counter::with(backend, json!({"hourly_budget": 3})).await;
    let check = async |flag: &str, count: usize| {
        let held = c.held().await;
        assert_eq!(held.len(), count, "{held:#?}");
        assert_eq!(
            (&held[0]["reason"], &held[0]["flags"]),
            (&json!("doubtful"), &json!([flag]))
        );
    };
    // Too fast; without a proof of the form; with that of another link.
    let page = c.browser().get(&c.path).await;
    c.wait(14);
    thanked(c.browser().send(&c.path, &filled(&page, 1, &[])).await);
    check("filled_fast", 1).await;
    let other =
        c.s.kasi
            .post(LINKS, json!({"survey_id": c.link["survey_id"], "name": "Lain"}))
            .await;
    let foreign = c
        .browser()
        .get(&format!("/s/{}", other.json["code"].as_str().unwrap()))
        .await;
    c.wait(100);
    let page = c.browser().get(&c.path).await;
    let started = [("started", foreign.hidden("started"))];
    let started = started.each_ref().map(|(name, value)| (*name, value.as_str()));
    c.wait(100);
    thanked(c.browser().send(&c.path, &filled(&page, 2, &started)).await);
    let held = c.held().await;
    assert_eq!(held[0]["flags"], json!(["answered_at_replaced", "filled_fast"]));
    // The same scores twice within a minute.
    let (one, two) = (c.browser().get(&c.path).await, c.browser().get(&c.path).await);
    c.wait(20);
    c.wait(3600);
    thanked(c.browser().send(&c.path, &filled(&one, 3, &[])).await);
    assert_eq!(c.counts().await.0, 1);
    thanked(c.browser().send(&c.path, &filled(&two, 3, &[])).await);
    check("same_as_before", 3).await;
    // The third of this hour counts, the fourth is over the budget, and the next hour begins anew.
    thanked(c.answer(4).await);
    assert_eq!(c.counts().await.0, 2);
    thanked(c.answer(5).await);
    check("over_budget", 4).await;
    assert_eq!(c.counts().await.0, 2);
    c.wait(3600);
    thanked(c.answer(6).await);
    assert_eq!(c.counts().await.0, 3);

    // The page of the survey says why, in both languages, and officers decide as on all held answers.
    let held = c.held().await;
    for held in &held[..2] {
        decide(&c.s.kasi, held, "release").await.status(200);
    }
    decide(&c.s.kasi, &held[2], "discard").await.status(200);
    assert_eq!(c.counts().await, (json!(5), json!(5)));
    let all = json!({"survey_id": c.link["survey_id"], "client_id": c.link["id"], "held_reason": "doubtful", "decision": "released", "reason": "Sudah dilihat"});
    c.s.kasi.post("/v1/held-responses/decisions", all).await.status(201);
    assert_eq!(c.counts().await, (json!(6), json!(6)));
    let void = json!({"client_id": c.link["id"], "reason": "Tautan disalahgunakan"});
    c.s.kasi.post("/v1/responses/voids", void).await.status(201);
    assert_eq!(c.counts().await, (json!(0), json!(0)));
    c.check().await;
}

#[apply(both_databases)]
async fn many_equal_answers_are_held_from_the_tenth_on(backend: Backend) {
    let c = Counter::with(backend, json!({})).await;
    for _ in 0..9 {
        thanked(c.answer(11).await);
    }
    assert_eq!(c.counts().await.0, 9);
    thanked(c.answer(11).await);
    assert_eq!(c.counts().await.0, 9);
    let held = c.held().await;
    assert_eq!((held.len(), &held[0]["flags"]), (1, &json!(["equal_answers"])));
    // Twelve of a phone in one request, as from a queue: all belong to the burst.
    let page = c.browser().get(&c.path).await;
    c.wait(30);
    let items: Vec<Value> = (0..12).map(|n| item(&c, &page, 100, n * 61)).collect();
    assert_eq!(outcomes(&script(&c, &items).await), ["quarantined"; 12]);
    assert_eq!(c.counts().await.0, 9);
    c.check().await;
}

/// An answer as the script sends it, given some seconds ago.
fn item(c: &Counter, page: &Page, number: u32, ago: i64) -> Value {
    let answers: serde_json::Map<_, _> = scores(number)
        .map(|(name, score)| (name.to_owned(), json!(score.parse::<i64>().unwrap())))
        .collect();
    let at = c.s.world.clock.now() - TimeDelta::seconds(ago);
    let answer = json!({
        "survey_id": c.link["survey_id"], "id": uuid::Uuid::new_v4(), "answers": answers, "answered_at": at,
    });
    json!({"answer": answer, "started": page.hidden("started"), "seconds": 40})
}

async fn script(c: &Counter, items: &[Value]) -> Reply {
    let body = json!({"sent_at": c.s.world.clock.now(), "items": items});
    own(c).post(&format!("{}/jawaban", c.path), body).await
}

fn own(c: &Counter) -> Client {
    c.s.world.anonymous().with("sec-fetch-site", "same-origin")
}

fn outcomes(reply: &Reply) -> Vec<&str> {
    assert_eq!(reply.status, 207, "{:?}", String::from_utf8_lossy(&reply.body));
    let results = reply.json["results"].as_array().unwrap();
    results.iter().map(|r| r["outcome"].as_str().unwrap()).collect()
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

#[apply(both_databases)]
async fn a_link_that_has_ended_is_friendly_and_holds_what_comes_late(backend: Backend) {
    let c = Counter::with(backend, json!({"expires_at": "2025-03-15T00:00:00+08:00"})).await;
    let page = c.browser().get(&c.path).await;
    c.s.world
        .clock
        .set(crate::support::world::instant("2025-03-15T00:00:00+08:00"));
    let ended = c.browser().get(&c.path).await;
    assert_eq!(
        (ended.reply.status, ended.heading().as_str()),
        (410, "Tautan ini sudah berakhir")
    );
    assert!(
        ended.source().contains("counter.js"),
        "the queue of a phone is still sent"
    );
    assert_eq!(outcomes(&script(&c, &[item(&c, &page, 1, 100)]).await), ["quarantined"]);
    assert_eq!(c.held().await[0]["flags"], json!(["link_ended"]));
    thanked(c.browser().send(&c.path, &filled(&page, 2, &[])).await);
    // Longer again, switched off, on again.
    let own = format!("{LINKS}/{}", c.link["id"].as_str().unwrap());
    c.s.kasi.patch(&own, "*", json!({"expires_at": null})).await.status(200);
    assert_eq!(c.browser().get(&c.path).await.reply.status, 200);
    c.s.kasi.patch(&own, "*", json!({"active": false})).await.status(200);
    assert_eq!(
        c.browser().get(&format!("{}?bahasa=en", c.path)).await.heading(),
        "This link has ended"
    );
    thanked(c.browser().send(&c.path, &filled(&page, 3, &[])).await);
    assert_eq!(c.held().await.len(), 3);
    c.s.kasi.patch(&own, "*", json!({"active": true})).await.status(200);
    // A closed survey, an open one again, a withdrawn one.
    c.s.change(json!({"status": "closed"})).await;
    assert_eq!(c.browser().get(&c.path).await.reply.status, 410);
    c.s.change(json!({"status": "open", "reason": "Dilanjutkan"})).await;
    assert_eq!(c.browser().get(&c.path).await.reply.status, 200);
    c.s.kasi.delete(&c.s.survey, "*").await;
    assert_eq!(c.browser().get(&c.path).await.reply.status, 404);
    // A draft waits.
    let s = Setting::draft(backend).await;
    let c = Counter::of(s, json!({})).await;
    assert_eq!(c.browser().get(&c.path).await.heading(), "Survei ini belum dibuka");
    for wrong in ["/s/0000000000", "/s/x", "/s/-", "/s/%F0%9F%92%A9", "/s/4T9X0M7CQKK"] {
        let page = c.browser().get(wrong).await;
        assert_eq!(
            (page.reply.status, page.heading().as_str()),
            (404, "Tautan ini tidak ada"),
            "{wrong}"
        );
    }
    // A code as people type it.
    let code = c.link["code"].as_str().unwrap();
    let typed = format!("/s/{}-{}", code[..5].to_lowercase(), &code[5..]);
    assert_eq!(c.browser().get(&typed).await.heading(), "Survei ini belum dibuka");
}

#[apply(both_databases)]
async fn two_hundred_phones_behind_one_address_are_all_thanked(backend: Backend) {
    let settings = Settings::try_parse_from(["iku"]).unwrap();
    let clock = iku::platform::clock::Clock::fixed(chrono::DateTime::UNIX_EPOCH);
    let limiter = RateLimiter::new(|class| settings.limit(class), &clock);
    let queues = ReadQueues::new(Some(4));
    let s = Setting::open(backend).await;
    let world = s.world.adjusted(|service| {
        service.rate_limiter = Data::new(limiter);
        service.read_queues = Data::new(queues);
    });
    let world = world.await;
    let c = Counter::of(s, json!({})).await;
    let visit = async |_: u32| {
        let browser = Browser::new(&world);
        let page = browser.get(&c.path).await;
        for file in page.source().split('"').filter(|part| part.starts_with("/aset/")) {
            assert_eq!(browser.ask(file).await.status, 200);
        }
        browser.ask("/s/sw.js").await.status(200);
        page
    };
    let pages = join_all((0..200).map(visit)).await;
    c.wait(40);
    let send =
        async |(number, page): (u32, &Page)| Browser::new(&world).send(&c.path, &filled(page, number, &[])).await;
    let replies = join_all((0..).zip(&pages).map(send)).await;
    replies.into_iter().for_each(thanked);
    assert_eq!(c.counts().await, (json!(120), json!(120)));
    let held = c.held().await;
    assert_eq!(held.len(), 80);
    assert!(held.iter().all(|one| one["flags"] == json!(["over_budget"])));
    c.check().await;
}

#[apply(both_databases)]
async fn a_busy_service_gives_the_form_back(backend: Backend) {
    let c = Counter::with(backend, json!({})).await;
    // Its writer has no database.
    let gone = Db::open(&c.s.world.database.url).await.unwrap();
    let queue = WriteQueue::start(Data::new(gone.clone()), Quotas::default());
    gone.close().await.unwrap();
    let busy =
        c.s.world
            .adjusted(|service| service.write_queue = Data::new(queue))
            .await;
    let browser = Browser::new(&busy);
    let page = browser.get(&c.path).await;
    c.wait(60);
    let sent = filled(&page, 27, &[("comment", "Antre lama")]);
    let again = browser.post(&c.path, &sent).await;
    assert_eq!(
        (again.reply.status, again.reply.header("retry-after")),
        (503, "5"),
        "{}",
        again.text()
    );
    assert!(again.text().contains("belum tersimpan"), "{}", again.text());
    assert_eq!(again.source().matches("checked=\"checked\"").count(), 9);
    assert_eq!(again.hidden("id"), page.hidden("id"));
    let queued = json!({"items": [item(&c, &page, 28, 0)]});
    let script = format!("{}/jawaban", c.path);
    assert_eq!(
        busy.anonymous().of_broken_service().post(&script, queued).await.status,
        503
    );
    // The same form is stored when the service is back.
    thanked(
        c.browser()
            .send(&c.path, &filled(&again, 27, &[("comment", "Antre lama")]))
            .await,
    );
    assert_eq!(c.counts().await, (json!(1), json!(1)));
}

#[apply(both_databases)]
async fn rubbish_is_no_error_of_the_service(backend: Backend) {
    let c = Counter::with(backend, json!({})).await;
    let page = c.browser().get(&c.path).await;
    c.wait(60);
    let many = vec!["a=b"; 200].join("&");
    let nul = filled(
        &page,
        1,
        &[
            ("comment", "a\u{0}b"),
            ("age", "-5"),
            ("gender", "\u{0}"),
            ("slip", "\u{0}"),
        ],
    );
    let odd = filled(
        &page,
        2,
        &[
            ("id", "bukan"),
            ("started", "é"),
            ("village_code", "63"),
            ("age", "9999999999999999999"),
        ],
    );
    let long = filled(
        &page,
        3,
        &[("service", &"x".repeat(3000)), ("comment", &"y".repeat(3000))],
    );
    let html = filled(
        &page,
        4,
        &[("comment", "<script>alert(1)</script>"), ("slip", "\"><b>")],
    );
    let own = own(&c);
    for form in [
        "%ff=%ff",
        "",
        "&&&",
        "=",
        "waktu=3",
        many.as_str(),
        &nul,
        &odd,
        &long,
        &html,
        &"z".repeat(20_000),
    ] {
        let reply = own.post_form(&c.path, form).await;
        assert!(
            matches!(reply.status, 303 | 400 | 413 | 422),
            "{form:.80}: {}",
            reply.status
        );
    }
    let script = format!("{}/jawaban", c.path);
    let deep = format!("{{\"items\":[{{\"answer\":{}1{}}}]}}", "[".repeat(500), "]".repeat(500));
    let twenty_one = json!({"items": vec![json!({"answer": {}}); 21]}).to_string();
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "{\"items\":[]}",
        "{\"items\":[1]}",
        "{\"items\":[{\"answer\":1}]}",
        "{\"items\":[{\"answer\":{}}],\"sent_at\":\"kemarin\"}",
        "{\"items\":[{\"answer\":{\"id\":\"\\u0000\",\"answers\":{\"waktu\":1e999}}}]}",
        deep.as_str(),
        twenty_one.as_str(),
    ] {
        let reply = own
            .send("POST", &script, "application/json", body.as_bytes().to_vec())
            .await;
        assert!(matches!(reply.status, 207 | 400), "{body:.80}: {}", reply.status);
    }
    let large = format!("{{\"items\":[{}]}}", " ".repeat(65 * 1024)).into_bytes();
    assert_eq!(own.send("POST", &script, "application/json", large).await.status, 413);
    assert_eq!(
        own.send("POST", &script, "text/plain", b"{}".to_vec()).await.status,
        415
    );
    assert_eq!(
        own.send("POST", &script, "application/json", b"\xff".to_vec())
            .await
            .status,
        400
    );
    // Pages of other sites send nothing; a browser that says nothing about its page may.
    let page = c.browser().get(&c.path).await;
    c.wait(100);
    let other = c.s.world.anonymous().with("sec-fetch-site", "cross-site");
    assert_eq!(other.post_form(&c.path, &filled(&page, 30, &[])).await.status, 403);
    assert_eq!(
        other
            .post(&script, json!({"items": [item(&c, &page, 31, 0)]}))
            .await
            .status,
        403
    );
    thanked(c.s.world.anonymous().post_form(&c.path, &filled(&page, 32, &[])).await);
    for query in [
        "?bahasa=fr",
        "?kupon=%00",
        "?kupon=%22%3E%3Cscript%3E",
        "?bahasa=en&bahasa=id",
    ] {
        let reply = own.get(&format!("{}{query}", c.path)).await;
        assert!(matches!(reply.status, 200 | 400), "{query}: {}", reply.status);
    }
    c.check().await;
}

#[apply(both_databases)]
async fn no_page_of_a_link_has_a_cookie_and_all_have_the_strict_headers(backend: Backend) {
    let c = Counter::with(backend, json!({})).await;
    let anyone = c.s.world.anonymous();
    let thanks = format!("{}/terima-kasih", c.path);
    let manifest = format!("{}/manifest.webmanifest", c.path);
    for (path, status) in [
        (c.path.as_str(), 200),
        (thanks.as_str(), 200),
        (manifest.as_str(), 200),
        ("/s/sw.js", 200),
        ("/s/0000000000", 404),
    ] {
        let reply = anyone.get(path).await.status(status);
        assert!(reply.headers.get("set-cookie").is_none(), "{path}");
        let policy = reply.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self';")
                && policy.contains("worker-src 'self'; manifest-src 'self'")
                && !policy.contains("unsafe"),
            "{path}: {policy}"
        );
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
    }
    let made: Value = serde_json::from_slice(&anyone.get(&manifest).await.body).unwrap();
    assert_eq!(made["scope"], "/s/");
    // English by choice, or by the browser.
    let english = c.browser().get(&format!("{}?bahasa=en", c.path)).await;
    assert_eq!(english.heading(), "How was our service?");
    assert!(english.links().contains(&"?bahasa=id".to_owned()));
    let browser = c.browser().with_client(anyone.in_english());
    assert_eq!(browser.get(&c.path).await.heading(), "How was our service?");
    assert_eq!(anyone.send("DELETE", &c.path, "", Vec::new()).await.status, 405);
}

#[apply(both_databases)]
async fn an_officer_makes_a_link_its_poster_and_its_slips(backend: Backend) {
    let world = crate::demo::demonstration(backend).await;
    let survey = format!("/survei/{}", iku::demo::open_survey());
    let kasi = Browser::of(&world, "kasi.pelayanan").await;
    let page = kasi.get(&survey).await;
    assert!(
        page.text().contains("DEM0S-KM000") && page.text().contains("Loket pelayanan"),
        "{}",
        page.text()
    );
    let new = format!("{survey}/tautan/baru");
    assert!(page.links().contains(&new));
    let wrong = form(&[("name", ""), ("hourly_budget", "banyak"), ("slips_required", "false")]);
    let refused = kasi.post(&new, &wrong).await;
    assert!(
        refused.reply.status == 400 && !refused.fault_at("Jawaban per jam").is_empty(),
        "{}",
        refused.text()
    );
    let pairs = [
        ("name", "Loket KK"),
        ("hourly_budget", "60"),
        ("slips_required", "true"),
        ("expires_at", "2030-01-31T16:00"),
    ];
    let made = kasi.post(&new, &form(&pairs)).await;
    assert_eq!((made.reply.status, made.heading().as_str()), (200, "Loket KK"));
    assert!(
        made.source().contains("data:image/svg+xml;base64,") && made.text().contains("/s/"),
        "{}",
        made.text()
    );
    assert!(made.text().contains("How was our service?"), "{}", made.text());
    assert_eq!(made.value("ubah", "expires_at"), "2030-01-31T16:00");
    // Slips to print.
    let slips = kasi.post(&made.at, &form(&[("aksi", "kupon"), ("count", "12")])).await;
    assert_eq!(slips.at, format!("{}/kupon", made.at));
    assert_eq!(slips.source().matches("data:image/svg+xml").count(), 12);
    let refused = kasi.post(&made.at, &form(&[("aksi", "kupon"), ("count", "501")])).await;
    assert!(
        refused.reply.status == 400 && !refused.fault_at("Jumlah kupon").is_empty(),
        "{}",
        refused.text()
    );
    // Change, switch off, and the form of an earlier version.
    let etag = made.value("ubah", "etag");
    let change = [
        ("aksi", "ubah"),
        ("etag", &etag),
        ("name", "Loket KK 2"),
        ("hourly_budget", "60"),
        ("slips_required", "false"),
        ("expires_at", ""),
    ];
    let changed = kasi.post(&made.at, &form(&change)).await;
    assert_eq!((changed.reply.status, changed.heading().as_str()), (200, "Loket KK 2"));
    assert_eq!(changed.value("ubah", "expires_at"), "");
    assert_eq!(kasi.post(&made.at, &form(&change)).await.reply.status, 412);
    let off = [
        ("aksi", "mati"),
        ("etag", &changed.value("mati", "etag")),
        ("reason", "Loket pindah"),
    ];
    let off = kasi.post(&made.at, &form(&off)).await;
    assert!(off.text().contains("Dimatikan"), "{}", off.text());
    // Others look; another section changes nothing.
    let camat = Browser::of(&world, "camat").await;
    assert_eq!(camat.get(&made.at).await.reply.status, 200);
    assert_eq!(camat.ask(&new).await.status, 403);
    let other = Browser::of(&world, "kasi.pmd").await;
    let page = other.get(&made.at).await;
    assert!(
        page.buttons().iter().all(|button| !button.contains("autan")),
        "{:?}",
        page.buttons()
    );
    assert_eq!(other.post(&new, &form(&pairs)).await.reply.status, 403);
    assert_eq!(
        kasi.ask(&format!(
            "/survei/{}/tautan/{}",
            uuid::Uuid::new_v4(),
            uuid::Uuid::new_v4()
        ))
        .await
        .status,
        404
    );
    let audit = world
        .admin()
        .all(&format!(
            "/v1/audit-events?resource=survey_slip&district_code={PARINGIN}"
        ))
        .await;
    assert_eq!((audit.len(), &audit[0]["count"]), (1, &json!(12)));
}
