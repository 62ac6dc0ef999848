//! Code lists and the questionnaire, which every role may read.

use iku::access::{Role, Section};
use serde_json::{Value, json};

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::world::{PARINGIN, World};

fn codes(items: &[Value]) -> Vec<&str> {
    items.iter().map(|v| v["code"].as_str().unwrap()).collect()
}

#[apply(both_databases)]
async fn lists_institution_kinds_case_categories_and_sections(backend: Backend) {
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

    let sections = phone.all("/v1/sections?limit=2").await;
    let known: Vec<_> = Section::ALL.iter().map(|s| s.as_str()).collect();
    assert_eq!(codes(&sections), known);
    assert_eq!(sections[2]["name"], "Seksi Ketentraman dan Ketertiban Umum");
}

#[actix_web::test]
async fn lists_have_a_total_and_cursors_of_their_own() {
    let world = World::on(Backend::Sqlite).await;
    let phone = world.holder(Role::Surveyor, Some(PARINGIN), &[]);
    let counted = phone.get("/v1/case-categories?limit=1&count=true").await.status(200);
    assert_eq!(counted.json["total"], 13);
    let cursor = counted.json["next_cursor"].as_str().unwrap();
    phone
        .get(&format!("/v1/institution-kinds?limit=1&cursor={cursor}"))
        .await
        .problem(400, "invalid_cursor");
}

#[apply(both_databases)]
async fn every_role_may_read_them_and_nobody_without_token(backend: Backend) {
    let world = World::on(backend).await;
    let phone = world.holder(Role::Surveyor, Some(PARINGIN), &[]);
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
async fn questionnaire_asks_nine_questions(backend: Backend) {
    let world = World::on(backend).await;
    let phone = world.holder(Role::Surveyor, Some(PARINGIN), &[]);
    let questionnaire = phone.get("/v1/questionnaires/skm-9").await.status(200);
    assert_body!(questionnaire, @r#"
    {
      "code": "skm-9",
      "elements": [
        {
          "code": "persyaratan",
          "labels": [
            "Tidak sesuai",
            "Kurang sesuai",
            "Sesuai",
            "Sangat sesuai"
          ],
          "name": "Persyaratan",
          "question": "Bagaimana pendapat Saudara tentang kesesuaian persyaratan pelayanan dengan jenis pelayanannya?"
        },
        {
          "code": "prosedur",
          "labels": [
            "Tidak mudah",
            "Kurang mudah",
            "Mudah",
            "Sangat mudah"
          ],
          "name": "Sistem, Mekanisme, dan Prosedur",
          "question": "Bagaimana pemahaman Saudara tentang kemudahan prosedur pelayanan di unit ini?"
        },
        {
          "code": "waktu",
          "labels": [
            "Tidak cepat",
            "Kurang cepat",
            "Cepat",
            "Sangat cepat"
          ],
          "name": "Waktu Penyelesaian",
          "question": "Bagaimana pendapat Saudara tentang kecepatan waktu dalam memberikan pelayanan?"
        },
        {
          "code": "biaya",
          "labels": [
            "Sangat mahal",
            "Cukup mahal",
            "Murah",
            "Gratis"
          ],
          "name": "Biaya/Tarif",
          "question": "Bagaimana pendapat Saudara tentang kewajaran biaya/tarif dalam pelayanan?"
        },
        {
          "code": "produk",
          "labels": [
            "Tidak sesuai",
            "Kurang sesuai",
            "Sesuai",
            "Sangat sesuai"
          ],
          "name": "Produk Spesifikasi Jenis Pelayanan",
          "question": "Bagaimana pendapat Saudara tentang kesesuaian produk pelayanan antara yang tercantum dalam standar pelayanan dengan hasil yang diberikan?"
        },
        {
          "code": "kompetensi",
          "labels": [
            "Tidak kompeten",
            "Kurang kompeten",
            "Kompeten",
            "Sangat kompeten"
          ],
          "name": "Kompetensi Pelaksana",
          "question": "Bagaimana pendapat Saudara tentang kompetensi/kemampuan petugas dalam pelayanan?"
        },
        {
          "code": "perilaku",
          "labels": [
            "Tidak sopan dan ramah",
            "Kurang sopan dan ramah",
            "Sopan dan ramah",
            "Sangat sopan dan ramah"
          ],
          "name": "Perilaku Pelaksana",
          "question": "Bagaimana pendapat Saudara tentang perilaku petugas dalam pelayanan terkait kesopanan dan keramahan?"
        },
        {
          "code": "sarana",
          "labels": [
            "Buruk",
            "Cukup",
            "Baik",
            "Sangat baik"
          ],
          "name": "Sarana dan Prasarana",
          "question": "Bagaimana pendapat Saudara tentang kualitas sarana dan prasarana?"
        },
        {
          "code": "pengaduan",
          "labels": [
            "Tidak ada",
            "Ada tetapi tidak berfungsi",
            "Berfungsi kurang maksimal",
            "Dikelola dengan baik"
          ],
          "name": "Penanganan Pengaduan, Saran dan Masukan",
          "question": "Bagaimana pendapat Saudara tentang penanganan pengaduan pengguna layanan?"
        }
      ],
      "profile": {
        "education": [
          {
            "code": "sd",
            "name": "SD"
          },
          {
            "code": "smp",
            "name": "SMP"
          },
          {
            "code": "sma",
            "name": "SMA"
          },
          {
            "code": "d3",
            "name": "D3"
          },
          {
            "code": "s1",
            "name": "S1"
          },
          {
            "code": "s2",
            "name": "S2"
          },
          {
            "code": "s3",
            "name": "S3"
          }
        ],
        "gender": [
          {
            "code": "laki_laki",
            "name": "Laki-laki"
          },
          {
            "code": "perempuan",
            "name": "Perempuan"
          }
        ],
        "occupation": [
          {
            "code": "pns",
            "name": "PNS"
          },
          {
            "code": "tni",
            "name": "TNI"
          },
          {
            "code": "polri",
            "name": "Polri"
          },
          {
            "code": "swasta",
            "name": "Swasta"
          },
          {
            "code": "wirausaha",
            "name": "Wirausaha"
          },
          {
            "code": "lainnya",
            "name": "Lainnya"
          }
        ]
      },
      "source": "Permen PANRB 14/2017",
      "title": "Survei Kepuasan Masyarakat (SKM) dengan sembilan unsur",
      "version": 1
    }
    "#);
    let unchanged = phone.with("if-none-match", &questionnaire.etag());
    unchanged.get("/v1/questionnaires/skm-9").await.status(304);
    phone.get("/v1/questionnaires/skm-10").await.problem(404, "not_found");
}
