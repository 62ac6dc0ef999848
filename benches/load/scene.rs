//! A database for the measurements: the demonstration's two years of records, and surveys with a chosen number of answers.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use iku::platform::db::Db;
use iku::shipped::loader::{Extent, load};
use iku::{app, demo, startup};
use serde_json::json;
use uuid::Uuid;

use super::answers::{self, Sums};
use super::http::Request;
use super::server::Server;

pub const DISTRICT: &str = "63.11.06";
const OTHER_DISTRICT: &str = "63.11.01";
pub const OTHER_VILLAGE: &str = "63.11.01.2001";
/// Surveys end in each month of these years, so the measured year holds a fifth of the answers.
const YEARS: std::ops::RangeInclusive<i32> = 2021..=2025;

/// A folder under `TMPDIR`. It is removed when dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Result<Self, String> {
        let path = std::env::temp_dir().join(format!("iku-benches-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// A prepared database.
#[derive(Debug)]
pub struct Scene {
    pub folder: Folder,
    pub url: String,
    /// Closed surveys with answers.
    surveys: Vec<Uuid>,
    /// An open survey without answers.
    pub open: Uuid,
}

impl Scene {
    /// On SQLite, in a file of its own.
    pub fn sqlite(name: &str, answers: usize) -> Result<Self, String> {
        let folder = Folder::new(name)?;
        let file = folder.path().join("iku.db");
        let mut scene = Self::prepared(folder, format!("sqlite://{}?mode=rwc", file.display()))?;
        scene.make_surveys(answers > 0)?;
        answers::into_sqlite(&file, &scene.surveys, answers)?;
        Ok(scene)
    }

    /// On SQLite, with all districts of the regency; the open survey is another district's.
    pub fn regency(name: &str) -> Result<Self, String> {
        let folder = Folder::new(name)?;
        let file = folder.path().join("iku.db");
        let scene = Self::prepared(folder, format!("sqlite://{}?mode=rwc", file.display()))?;
        let loaded = actix_web::rt::System::new().block_on(async {
            let db = Db::open(&scene.url).await?;
            db.write(async |tx| load(tx, Extent::Regency).await).await?;
            db.close().await
        });
        loaded.map_err(|e| format!("{}: {e}", scene.url))?;
        let server = scene.serve(&[])?;
        let token = server.sign_in("administrator")?;
        let days = ("2026-01-05", "2026-12-18");
        make_survey(&server, &token, (scene.open, OTHER_DISTRICT), days, &["open"])?;
        server.stop()?;
        Ok(scene)
    }

    /// On an existing, empty PostgreSQL database.
    pub fn postgres(url: &str, answers: usize) -> Result<Self, String> {
        let mut scene = Self::prepared(Folder::new("postgres")?, url.to_owned())?;
        scene.make_surveys(answers > 0)?;
        answers::into_postgres(url, &scene.surveys, answers)?;
        Ok(scene)
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("iku.db")
    }

    pub fn serve(&self, settings: &[(&str, &str)]) -> Result<Server, String> {
        Server::start(self.folder.path(), &self.url, settings)
    }

    fn prepared(folder: Folder, url: String) -> Result<Self, String> {
        let filled = actix_web::rt::System::new().block_on(async {
            let db = Db::open(&url).await?;
            startup::prepare(&db, Some(demo::PASSWORD)).await?;
            demo::fill(&db, app::contract().map_err(iku::platform::Error::internal)?).await?;
            db.close().await
        });
        filled.map_err(|e| format!("{url}: {e}"))?;
        Ok(Self {
            folder,
            url,
            surveys: Vec::new(),
            open: Uuid::new_v4(),
        })
    }

    /// Through the API, as people make them: an open one, and, if there are answers to come, closed ones.
    fn make_surveys(&mut self, closed: bool) -> Result<(), String> {
        let server = self.serve(&[])?;
        let token = server.sign_in("administrator")?;
        make_survey(
            &server,
            &token,
            (self.open, DISTRICT),
            ("2026-01-05", "2026-12-18"),
            &["open"],
        )?;
        let months = YEARS.flat_map(|year| (1..=12).map(move |month| (year, month)));
        for (year, month) in months.filter(|_| closed) {
            let id = Uuid::new_v4();
            let days = (format!("{year}-{month:02}-01"), format!("{year}-{month:02}-28"));
            make_survey(&server, &token, (id, DISTRICT), (&days.0, &days.1), &["open", "closed"])?;
            self.surveys.push(id);
        }
        server.stop()
    }
}

fn make_survey(
    server: &Server,
    token: &str,
    (id, district): (Uuid, &str),
    (starts_on, ends_on): (&str, &str),
    statuses: &[&str],
) -> Result<(), String> {
    let survey = json!({
        "id": id, "district_code": district, "title": format!("SKM {starts_on}"), "section": "pelayanan-kessos",
        "starts_on": starts_on, "ends_on": ends_on,
    });
    let headers = [("authorization", token)];
    let mut answer = server.expect(201, Request::post("/v1/surveys", &headers, &survey.to_string()))?;
    for status in statuses {
        let tag = answer.header("etag").ok_or("a survey without ETag")?.to_owned();
        let headers = [
            ("authorization", token),
            ("if-match", &tag),
            ("content-type", "application/json"),
        ];
        let patch = json!({ "status": status }).to_string();
        answer = server.expect(
            200,
            Request::new("PATCH", &format!("/v1/surveys/{id}"), &headers, &patch),
        )?;
    }
    Ok(())
}

/// The index of a year from sums that the service never saw: the mean of the surveys' indices (DOMAIN section 4).
pub fn index(sums: &BTreeMap<Uuid, Sums>) -> f64 {
    let of_survey = |sums: &Sums| {
        let means = sums.elements.iter().map(|(n, sum)| *sum as f64 / *n as f64);
        means.sum::<f64>() / 9.0 * 25.0
    };
    sums.values().map(of_survey).sum::<f64>() / sums.len() as f64
}
