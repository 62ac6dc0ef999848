//! The questionnaire: its questions, and the values of a respondent's profile.

use iku::access::Role;
use serde_json::{Value, json};

use crate::code_lists::codes;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::world::{PARINGIN, World};

#[apply(both_databases)]
async fn questionnaire_has_nine_questions(backend: Backend) {
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
            "code": "tidak_sekolah",
            "name": "Tidak/belum sekolah"
          },
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
            "code": "d1_d2",
            "name": "D1/D2"
          },
          {
            "code": "d3",
            "name": "D3"
          },
          {
            "code": "d4",
            "name": "D4"
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
            "code": "petani_nelayan",
            "name": "Petani/nelayan"
          },
          {
            "code": "ibu_rumah_tangga",
            "name": "Ibu rumah tangga"
          },
          {
            "code": "pelajar_mahasiswa",
            "name": "Pelajar/mahasiswa"
          },
          {
            "code": "tidak_bekerja",
            "name": "Tidak bekerja"
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

#[apply(both_databases)]
async fn the_questionnaire_shows_the_values_that_are_valid_this_year(backend: Backend) {
    let world = World::on(backend).at("2026-06-30T09:00:00+08:00").await;
    let admin = world.admin();
    for (code, last) in [("pensiunan", Value::Null), ("buruh", json!(2025))] {
        let new = json!({"list": "occupation", "code": code, "name": code, "valid_to_year": last});
        admin.post("/v1/profile-values", new).await.status(201);
    }
    let other = json!({"list": "education", "code": "lainnya", "name": "Lainnya"});
    admin.post("/v1/profile-values", other).await.status(201);
    let form = admin.get("/v1/questionnaires/skm-9").await.status(200).json;
    let of = |list: &str| codes(form["profile"][list].as_array().unwrap());
    let occupations = of("occupation");
    assert_eq!(occupations.last(), Some(&"pensiunan"));
    assert!(!occupations.contains(&"buruh"));
    assert_eq!(of("education").last(), Some(&"lainnya"));
}
