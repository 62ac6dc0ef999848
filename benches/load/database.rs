//! Databases for the measurements: the demonstration's two years of records, and surveys with a chosen number of answers.

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
/// Surveys end in each month of these years, so the measured year has a fifth of the answers.
const YEARS: std::ops::RangeInclusive<i32> = 2021..=2025;

/// A folder under `TMPDIR`, removed when dropped.
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

/// A database with records.
#[derive(Debug)]
pub struct Database {
    pub folder: Folder,
    pub url: String,
    /// Closed surveys with answers.
    closed_surveys: Vec<Uuid>,
    /// An open survey without answers.
    pub open_survey: Uuid,
}

impl Database {
    /// Creates a SQLite database in a folder of its own.
    pub fn sqlite(name: &str, answers: usize) -> Result<Self, String> {
        let folder = Folder::new(name)?;
        let file = folder.path().join("iku.db");
        let mut database = Self::prepared(folder, format!("sqlite://{}?mode=rwc", file.display()))?;
        database.create_surveys(answers > 0)?;
        answers::into_sqlite(&file, &database.closed_surveys, answers)?;
        Ok(database)
    }

    /// Creates a SQLite database with all districts of the regency. The open survey belongs to another district.
    pub fn regency(name: &str) -> Result<Self, String> {
        let folder = Folder::new(name)?;
        let file = folder.path().join("iku.db");
        let database = Self::prepared(folder, format!("sqlite://{}?mode=rwc", file.display()))?;
        let loaded = actix_web::rt::System::new().block_on(async {
            let db = Db::open(&database.url).await?;
            db.write(async |tx| load(tx, Extent::Regency).await).await?;
            db.close().await
        });
        loaded.map_err(|e| format!("{}: {e}", database.url))?;
        let server = database.serve(&[])?;
        let token = server.sign_in("administrator")?;
        let days = ("2026-01-05", "2026-12-18");
        create_survey(&server, &token, (database.open_survey, OTHER_DISTRICT), days, &["open"])?;
        server.stop()?;
        Ok(database)
    }

    /// Fills an existing, empty PostgreSQL database.
    pub fn postgres(url: &str, answers: usize) -> Result<Self, String> {
        let mut database = Self::prepared(Folder::new("postgres")?, url.to_owned())?;
        database.create_surveys(answers > 0)?;
        answers::into_postgres(url, &database.closed_surveys, answers)?;
        Ok(database)
    }

    /// Returns the survey that was closed last.
    pub fn last_closed(&self) -> Result<Uuid, String> {
        self.closed_surveys
            .last()
            .copied()
            .ok_or_else(|| "no closed survey".to_owned())
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
            closed_surveys: Vec::new(),
            open_survey: Uuid::new_v4(),
        })
    }

    /// Creates an open survey through the API, and closed surveys if `closed` (they receive the answers later).
    fn create_surveys(&mut self, closed: bool) -> Result<(), String> {
        let server = self.serve(&[])?;
        let token = server.sign_in("administrator")?;
        create_survey(
            &server,
            &token,
            (self.open_survey, DISTRICT),
            ("2026-01-05", "2026-12-18"),
            &["open"],
        )?;
        let months = YEARS.flat_map(|year| (1..=12).map(move |month| (year, month)));
        for (year, month) in months.filter(|_| closed) {
            let id = Uuid::new_v4();
            let days = (format!("{year}-{month:02}-01"), format!("{year}-{month:02}-28"));
            create_survey(&server, &token, (id, DISTRICT), (&days.0, &days.1), &["open", "closed"])?;
            self.closed_surveys.push(id);
        }
        server.stop()
    }
}

fn create_survey(
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
    let mut response = server.expect(201, Request::post("/v1/surveys", &headers, &survey.to_string()))?;
    for status in statuses {
        let tag = response.header("etag").ok_or("a survey without ETag")?.to_owned();
        let headers = [
            ("authorization", token),
            ("if-match", &tag),
            ("content-type", "application/json"),
        ];
        let patch = json!({ "status": status }).to_string();
        response = server.expect(
            200,
            Request::new("PATCH", &format!("/v1/surveys/{id}"), &headers, &patch),
        )?;
    }
    Ok(())
}

/// Computes the index of a year from the sums, without the service: the mean of the surveys' indices (DOMAIN section 4).
pub fn index(sums: &BTreeMap<Uuid, Sums>) -> f64 {
    let of_survey = |sums: &Sums| {
        let means = sums.elements.iter().map(|(n, sum)| *sum as f64 / *n as f64);
        means.sum::<f64>() / 9.0 * 25.0
    };
    sums.values().map(of_survey).sum::<f64>() / sums.len() as f64
}
