//! Code lists and the questionnaire are read by everybody who holds a token.

use iku::access::{Role, Section};
use serde_json::{Value, json};

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{PARINGIN, World};

fn codes(items: &[Value]) -> Vec<&str> {
    items.iter().map(|v| v["code"].as_str().unwrap()).collect()
}

#[apply(both_databases)]
async fn code_lists_are_read(backend: Backend) {
    let world = World::on(backend).await;
    let phone = world.holder(Role::Surveyor, Some(PARINGIN), &[]);

    let kinds = phone.all("/v1/institution-kinds").await;
    assert_eq!(codes(&kinds), ["rt", "rw", "pkk", "karang-taruna", "posyandu", "lpm"]);
    assert_eq!(kinds[3], json!({"code": "karang-taruna", "name": "Karang Taruna"}));

    let categories = phone.all("/v1/case-categories?limit=5").await;
    assert_eq!(
        codes(&categories),
        [
            "tata-ruang",
            "jalan",
            "angkutan",
            "jalur-hijau",
            "sungai",
            "lingkungan",
            "tempat-usaha",
            "bangunan",
            "sosial",
            "kesehatan",
            "hiburan",
            "peran-serta",
            "lainnya"
        ]
    );
    let counted = phone.get("/v1/case-categories?limit=1&count=true").await.status(200);
    assert_eq!(counted.json["total"], 13);
    let cursor = counted.json["next_cursor"].as_str().unwrap();
    phone
        .get(&format!("/v1/institution-kinds?limit=1&cursor={cursor}"))
        .await
        .problem(400, "invalid_cursor");

    let sections = phone.all("/v1/sections?limit=2").await;
    let known: Vec<_> = Section::ALL.iter().map(|s| s.as_str()).collect();
    assert_eq!(codes(&sections), known);
    assert_eq!(sections[2]["name"], "Seksi Ketentraman dan Ketertiban Umum");

    for path in [
        "/v1/institution-kinds",
        "/v1/case-categories",
        "/v1/sections",
        "/v1/questionnaires/skm-9",
    ] {
        world.anonymous().get(path).await.problem(401, "unauthenticated");
        phone.get(&format!("{path}?x=1")).await.problem(400, "invalid_query");
        for role in Role::ALL {
            world.holder(role, Some(PARINGIN), &[]).get(path).await.status(200);
        }
    }
}

#[apply(both_databases)]
async fn the_questionnaire_asks_nine_questions(backend: Backend) {
    let world = World::on(backend).await;
    let phone = world.holder(Role::Surveyor, Some(PARINGIN), &[]);
    let got = phone.get("/v1/questionnaires/skm-9").await.status(200);
    let form = &got.json;
    assert_eq!((&form["code"], &form["version"]), (&json!("skm-9"), &json!(1)));
    assert_eq!(form["source"], "Permen PANRB 14/2017");
    let elements = form["elements"].as_array().unwrap();
    assert_eq!(
        codes(elements),
        [
            "persyaratan",
            "prosedur",
            "waktu",
            "biaya",
            "produk",
            "kompetensi",
            "perilaku",
            "sarana",
            "pengaduan"
        ]
    );
    assert_eq!(
        elements[3]["labels"],
        json!(["Sangat mahal", "Cukup mahal", "Murah", "Gratis"])
    );
    assert_eq!(
        elements[8]["question"],
        "Bagaimana pendapat Saudara tentang penanganan pengaduan pengguna layanan?"
    );
    let profile = |list: &str| codes(form["profile"][list].as_array().unwrap()).join(" ");
    assert_eq!(profile("gender"), "laki_laki perempuan");
    assert_eq!(profile("education"), "sd smp sma d3 s1 s2 s3");
    assert_eq!(profile("occupation"), "pns tni polri swasta wirausaha lainnya");

    phone
        .with("if-none-match", &got.etag())
        .get("/v1/questionnaires/skm-9")
        .await
        .status(304);
    phone.get("/v1/questionnaires/skm-10").await.problem(404, "not_found");
}
