//! Uploads are cut off and the service is killed at any moment: no row lacks its bytes, and every acknowledged file is there.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use iku::evidence::query::hashes_after;
use iku::evidence::store::folder;
use iku::maintenance::checks::{Depth, Findings, evidence};
use iku::platform::db::Db;
use iku::platform::fingerprint::sha256_hex;
use rstest::rstest;

use crate::site::{Kind, Site, block_on};
use crate::tools::{Chance, rounds};

/// Uploads that are cut off.
const CUTS: usize = 100;

/// Uploads at the same time.
const SENDERS: usize = 4;

fn file(chance: &mut Chance) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let length = 1 + chance.below(300_000);
    bytes.extend((0..length).map(|_| u8::try_from(chance.below(256)).unwrap()));
    bytes
}

/// Sends a file, or a part of it, and returns the status; `None`: no reply came.
fn send(address: &str, token: &str, bytes: &[u8], part: usize) -> Option<String> {
    let head = format!(
        "PUT /v1/evidence/{} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/pdf\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        sha256_hex(bytes),
        bytes.len()
    );
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(&bytes[..part]).ok()?;
    if part < bytes.len() {
        stream.shutdown(Shutdown::Both).ok();
        return None;
    }
    let mut status = [0; 12];
    stream.read_exact(&mut status).ok()?;
    String::from_utf8(status[9..].to_vec()).ok()
}

impl Site {
    fn evidence(&self) -> PathBuf {
        // On PostgreSQL it is in the working folder of the instances.
        self.folder.path().join(folder(None, &self.url).unwrap())
    }

    /// Checks that every row has its bytes and its event, and that every acknowledged file has a row. Returns the number of rows.
    fn judge_evidence(&self, acknowledged: &BTreeSet<String>) -> usize {
        block_on(async {
            let db = Db::open(&self.url).await.unwrap();
            let mut findings = Findings::default();
            let rows = db.snapshot(async |tx| {
                evidence::check(tx, &mut findings).await?;
                evidence::files(tx, &self.evidence(), Depth::Full, &mut findings).await?;
                hashes_after(tx, "", 1_000_000).await
            });
            let rows = rows.await.unwrap();
            db.close().await.unwrap();
            assert_eq!(findings.errors, [""; 0]);
            let stored: BTreeSet<String> = rows.into_iter().map(|(hash, _)| hash).collect();
            let lost: Vec<&String> = acknowledged.difference(&stored).collect();
            assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
            stored.len()
        })
    }

    fn part_files(&self) -> usize {
        let entries = std::fs::read_dir(self.evidence()).into_iter().flatten();
        entries
            .filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().contains('#'))
            .count()
    }
}

#[rstest]
fn cut_uploads_leave_no_row_without_its_bytes(#[values(Kind::Sqlite, Kind::Postgres, Kind::Twins)] kind: Kind) {
    let mut chance = Chance::new(&format!("cut uploads, {kind:?}"));
    let site = Site::new(kind);
    let token = site.token.read().unwrap().clone();
    let mut acknowledged = BTreeSet::new();
    for n in 0..CUTS {
        let address = site.addresses.read().unwrap()[n % kind.instances()].clone();
        let bytes = file(&mut chance);
        assert_eq!(send(&address, &token, &bytes, chance.below(bytes.len())), None);
        // Every tenth is sent again, whole.
        if n % 10 == 0 {
            assert_eq!(send(&address, &token, &bytes, bytes.len()).as_deref(), Some("201"));
            acknowledged.insert(sha256_hex(&bytes));
        }
    }
    assert_eq!(site.judge_evidence(&acknowledged), acknowledged.len());
    crate::tools::until("the part files are gone", 20, || site.part_files() == 0);
    println!("{kind:?}: {CUTS} cuts");
}

#[rstest]
fn kill_9_leaves_no_row_without_its_bytes(#[values(Kind::Sqlite, Kind::Postgres, Kind::Twins)] kind: Kind) {
    let mut chance = Chance::new(&format!("kill -9 at uploads, {kind:?}"));
    let mut site = Site::new(kind);
    let acknowledged = Mutex::new(BTreeSet::new());
    for round in 0..rounds() {
        let victim = chance.below(kind.instances());
        let address = site.addresses.read().unwrap()[victim].clone();
        let token = site.token.read().unwrap().clone();
        let stop = AtomicBool::new(false);
        let after = Duration::from_millis(u64::try_from(20 + chance.below(400)).unwrap());
        let mut senders: Vec<Chance> = (0..SENDERS).map(|_| chance.fork()).collect();
        std::thread::scope(|scope| {
            for chance in &mut senders {
                let (stop, address, token, acknowledged) = (&stop, &address, &token, &acknowledged);
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let bytes = file(chance);
                        if let Some("200" | "201") = send(address, token, &bytes, bytes.len()).as_deref() {
                            acknowledged.lock().unwrap().insert(sha256_hex(&bytes));
                        }
                    }
                });
            }
            crate::tools::until("a file is acknowledged", 60, || {
                !acknowledged.lock().unwrap().is_empty()
            });
            std::thread::sleep(after);
            site.kill(victim);
            stop.store(true, Ordering::Relaxed);
        });
        site.judge_evidence(&acknowledged.lock().unwrap());
        site.start(victim);
        if round % 10 == 9 {
            site.renew_token();
        }
    }
    let acknowledged = acknowledged.into_inner().unwrap();
    let rows = site.judge_evidence(&acknowledged);
    println!(
        "{kind:?}: {} kills, {} acknowledged files, {rows} rows",
        rounds(),
        acknowledged.len()
    );
    assert!(!acknowledged.is_empty());
}
