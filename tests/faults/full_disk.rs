//! A full disk: clear errors, no corruption, reads still work, and writes work again as soon as there is space.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use sea_orm::ConnectionTrait;
use serde_json::Value;
use tempfile::TempDir;

use crate::crowd::Crowd;
use crate::site::{Site, block_on};
use crate::support::cluster::Cluster;
use crate::support::process::{PASSWORD, Running, folder, iku};
use crate::tools::{Chance, until};

/// A small file system of its own, if this process may mount one.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount(megabytes: u32) -> Option<Self> {
        let place = folder();
        let size = format!("size={megabytes}m,mode=0755");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(place.path())
            .output();
        mounted.is_ok_and(|out| out.status.success()).then_some(Self(place))
    }

    fn filler(&self) -> PathBuf {
        self.0.path().join("filler")
    }

    /// Fills the disk to the last byte.
    fn fill(&self) {
        let mut file = fs::File::create(self.filler()).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
    }

    fn make_room(&self) {
        fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Unmount lazily, because an instance of a failed test may still have an open file.
        Command::new("umount").arg("-l").arg(self.0.path()).status().ok();
    }
}

/// Puts load on the full disk, then on the disk with free space. Then kills the service, so that only stored answers count.
fn endure(mut site: Site, restart: impl Fn() -> Running, take_room: impl FnOnce(u32), make_room: impl FnOnce(u32)) {
    let mut chance = Chance::new("full disk");
    let process = site.running[0].as_ref().unwrap().child.id();
    let crowd = Crowd::new(&site, &mut chance);
    crowd.wait_for(100);
    take_room(process);
    // The crowd fails on any other error than 503. Some writes may still fit into the existing journal.
    crowd.wait_for_status(503, 200);
    for path in [
        "/health/live",
        &format!("/v1/surveys/{}/index", site.survey),
        "/v1/realisations?period=2025&district_code=63.11.06",
    ] {
        site.ask("GET", path, Value::Null, 200);
    }
    // The acknowledged answers can be read.
    let before = crowd.acknowledged();
    let first = before.first().unwrap();
    site.ask(
        "GET",
        &format!("/v1/surveys/{}/responses/{first}", site.survey),
        Value::Null,
        200,
    );
    make_room(process);
    crowd.wait_for(100);
    let acknowledged = crowd.finish();
    assert!(!site.log().contains("internal error"), "{}", site.log());
    site.kill(0);
    site.judge_finally(&acknowledged);
    site.put(0, restart());
    until("the index after a restart", 10, || {
        site.ask("GET", &format!("/v1/surveys/{}/index", site.survey), Value::Null, 200)["respondents"]
            == acknowledged.len()
    });
}

fn sqlite_in(place: &Path) -> String {
    format!("sqlite://{}?mode=rwc", place.join("iku.db").display())
}

#[test]
fn sqlite_recovers_from_a_full_disk() {
    let Some(disk) = SmallDisk::mount(24) else {
        println!("skipped: this account may not mount; another test limits the size of files instead");
        return;
    };
    let url = sqlite_in(disk.0.path());
    let settings = [("IKU_DATABASE_URL", url.as_str()), ("IKU_ADMIN_PASSWORD", PASSWORD)];
    let elsewhere = folder();
    let site = Site::on(&url, 1, folder(), None);
    let restart = || Running::start(elsewhere.path(), &settings);
    endure(site, restart, |_| disk.fill(), |_| disk.make_room());
}

/// A quota: no file may grow (`EFBIG` instead of `ENOSPC`). Needs no privileges.
#[test]
fn sqlite_recovers_from_a_quota() {
    let place = folder();
    let url = sqlite_in(place.path());
    let settings = [("IKU_DATABASE_URL", url.as_str()), ("IKU_ADMIN_PASSWORD", PASSWORD)];
    let mut site = Site::on(&url, 1, folder(), None);
    // Ignore the signal of the limit, because a quota sends no signal.
    let start = || {
        let program = iku(place.path(), &settings, &[]);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "trap '' XFSZ; exec \"$0\" serve"])
            .arg(program.get_program());
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        Running::launch(shell, place.path())
    };
    site.kill(0);
    site.put(0, start());
    let limit = |process: u32, size: &str| {
        let limited = Command::new("prlimit")
            .args(["--pid", &process.to_string(), &format!("--fsize={size}:unlimited")])
            .status();
        assert!(limited.unwrap().success());
    };
    endure(
        site,
        start,
        |process| limit(process, "4096"),
        |process| limit(process, "unlimited"),
    );
}

/// The tables of PostgreSQL cannot grow. (A full disk under its journal stops the server; outage.rs tests that.)
#[test]
fn postgres_recovers_from_a_full_disk() {
    let Some(disk) = SmallDisk::mount(48) else {
        println!("skipped: this account may not mount");
        return;
    };
    let cluster = Cluster::that_may_stop().unwrap_or_else(|error| panic!("{error}"));
    let place = disk.0.path().join("tables");
    fs::create_dir(&place).unwrap();
    // Only root may mount, and a server that root starts runs as the user postgres.
    assert!(
        Command::new("chown")
            .arg("postgres")
            .arg(&place)
            .status()
            .unwrap()
            .success()
    );
    block_on(async {
        let admin = sea_orm::Database::connect(&cluster.url).await.unwrap();
        let make = format!("CREATE TABLESPACE small LOCATION '{}'", place.display());
        admin.execute_unprepared(&make).await.unwrap();
        admin
            .execute_unprepared("CREATE DATABASE small TABLESPACE small")
            .await
            .unwrap();
        admin.close().await.unwrap();
    });
    let url = cluster.url.replace("/postgres?", "/small?");
    let settings = [("IKU_DATABASE_URL", url.as_str()), ("IKU_ADMIN_PASSWORD", PASSWORD)];
    let elsewhere = folder();
    let site = Site::on(&url, 1, folder(), None);
    let restart = || Running::start(elsewhere.path(), &settings);
    endure(site, restart, |_| disk.fill(), |_| disk.make_room());
    // Stop the server before the disk is unmounted.
    drop(cluster);
}
