//! The files of evidence of the real program: many uploads at once, backups, and what the commands say of lost files.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use iku::demo;
use iku::platform::fingerprint::sha256_hex;
use serde_json::{Value, json};

use super::maintenance::{SETTINGS, bad, demonstration, files, good};
use crate::evidence::{pdf, place};
use crate::support::process::{Running, run, text};

impl Running {
    fn send(&self, token: &str, bytes: &[u8]) -> u16 {
        let request = self.agent.put(self.url(&place(bytes)));
        let request = request.header("authorization", format!("Bearer {token}"));
        let reply = request.header("content-type", "application/pdf").send(bytes).unwrap();
        reply.status().as_u16()
    }

    /// Sends a file and links it to the first report.
    fn link(&self, token: &str, bytes: &[u8]) {
        assert_eq!(self.send(token, bytes), 201);
        let (_, _, reports) = self.ask(token, "/v1/reports?limit=1");
        let report = format!("/v1/reports/{}/evidence", reports["items"][0]["id"].as_str().unwrap());
        let link = json!({"sha256": sha256_hex(bytes), "file_name": "Tanda terima.pdf"});
        assert_eq!(self.post(token, &report, &link), 201);
    }

    fn token_of(&self, username: &str) -> String {
        let form = format!("grant_type=password&username={username}&password={}", demo::PASSWORD);
        let request = self.agent.post(self.url("/v1/auth/token"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.send(form).unwrap().body_mut().read_to_string().unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_backup_has_the_files_and_restore_brings_them_back() {
    let folder = demonstration();
    let folder = folder.path();
    let service = Running::start(folder, &SETTINGS);
    let token = service.token();
    let (one, two) = (pdf("satu"), pdf("dua"));
    service.link(&token, &one);
    service.link(&token, &two);
    let live = folder.join("iku.db.evidence");
    let name = sha256_hex(&one);
    assert_eq!((mode(&live), mode(&live.join(&name))), (0o700, 0o600));
    good(&run(folder, &[], &["backup", "first.backup"]));
    // A later file, and a backup that copies it alone.
    let three = pdf("tiga");
    service.link(&token, &three);
    good(&run(folder, &[], &["backup", "second.backup"]));
    service.stop();
    let saved = folder.join("evidence-of-backups");
    assert_eq!(mode(&saved), 0o700);
    assert_eq!(files(&saved).len(), 3);
    assert_eq!(mode(&saved.join(&name)), 0o600);
    assert!(files(&saved)[&name] == one);
    let lines = |list: &str| fs::read_to_string(folder.join(list)).unwrap().lines().count();
    assert_eq!(
        [
            lines("first.backup.evidence.sha256"),
            lines("second.backup.evidence.sha256")
        ],
        [2, 3]
    );
    let summed = Command::new("sha256sum")
        .args(["--check", "--strict", "second.backup.evidence.sha256"])
        .current_dir(folder)
        .output();
    assert!(summed.unwrap().status.success());

    let sound = good(&run(folder, &[], &["verify"]));
    assert!(
        sound.contains("checked  evidence: 3 files in iku.db.evidence"),
        "{sound}"
    );
    fs::write(live.join(&name), "other").unwrap();
    fs::remove_file(live.join(sha256_hex(&two))).unwrap();
    let differs = run(folder, &[], &["verify"]);
    assert_eq!(differs.status.code(), Some(1));
    let said = text(&differs.stdout);
    for fault in [
        format!("differs  evidence: iku.db.evidence/{name} has other bytes than it had"),
        format!("differs  evidence: iku.db.evidence/{} is missing", sha256_hex(&two)),
    ] {
        assert!(said.contains(&fault), "{said}");
    }
    // The backup of a folder that lacks files says so; the files of the backups stay as they were.
    let lacking = run(folder, &[], &["backup", "third.backup"]);
    assert_eq!(lacking.status.code(), Some(0), "{}", text(&lacking.stderr));
    assert!(files(&saved)[&name] == one);

    fs::remove_dir_all(&live).unwrap();
    good(&run(folder, &[], &["restore", "second.backup"]));
    assert_eq!(mode(&live), 0o700);
    assert!(files(&live) == files(&saved));
    good(&run(folder, &[], &["verify"]));

    // Neither the backup nor the service has a file.
    fs::remove_dir_all(&live).unwrap();
    fs::write(saved.join(&name), "other").unwrap();
    let before = fs::read(folder.join("iku.db")).unwrap();
    let refused = bad(&run(folder, &[], &["restore", "second.backup"]));
    assert!(
        refused.contains("The backup lacks 1 file") && refused.contains(&name),
        "{refused}"
    );
    assert!(fs::read(folder.join("iku.db")).unwrap() == before);
    let restored = good(&run(folder, &[], &["restore", "second.backup", "--without-evidence"]));
    assert!(
        restored.contains(&format!(
            "differs  evidence: evidence-of-backups/{name} has other bytes"
        )),
        "{restored}"
    );
    let damaged = bad_backup(folder);
    assert!(damaged.contains(&name), "{damaged}");
    // Sending the file again makes it whole.
    let service = Running::start(folder, &SETTINGS);
    assert_eq!(service.send(&service.token(), &one), 200);
    service.stop();
    good(&run(folder, &[], &["verify"]));
    good(&run(folder, &[], &["backup", "--force", "fourth.backup"]));
    assert!(files(&saved)[&name] == one);
}

/// A backup whose files are lacking is made, and the command says what it lacks.
fn bad_backup(folder: &Path) -> String {
    let refused = bad(&run(folder, &[], &["backup", "fourth.backup"]));
    assert!(folder.join("fourth.backup").exists());
    refused
}

/// Returns the highest resident memory of a process so far, in KiB.
fn peak(service: &Running) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", service.child.id())).unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_length_that_is_too_large_is_refused_before_the_bytes() {
    let folder = demonstration();
    let service = Running::start(folder.path(), &SETTINGS);
    let token = service.token();
    for (length, status) in [("10485761", "413"), ("99999999999999999999", "400")] {
        let head = format!(
            "PUT {} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/pdf\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n",
            place(b"x")
        );
        let answer = service.raw(head.as_bytes());
        assert_eq!(&answer[9..12], status, "{length}: {answer}");
    }
    service.stop();
}

/// Four people send four files of 10 MiB each, all at once. `--nocapture` shows the figure.
#[test]
fn sixteen_uploads_at_once_cost_little_memory() {
    let folder = demonstration();
    let service = Running::start(folder.path(), &SETTINGS);
    let people = ["camat", "sekretaris", "kasi.pemerintahan", "kasi.pmd"].map(|name| service.token_of(name));
    let file = |n: usize| {
        let mut bytes = pdf(&n.to_string());
        bytes.resize(10 << 20, b' ');
        bytes
    };
    // What the first upload makes is no cost of the others.
    assert_eq!(service.send(&people[0], &file(99)), 201);
    let before = peak(&service);
    std::thread::scope(|scope| {
        for n in 0..16 {
            let (service, token) = (&service, &people[n % 4]);
            scope.spawn(move || assert_eq!(service.send(token, &file(n)), 201));
        }
    });
    let grown = peak(&service).saturating_sub(before);
    println!("16 uploads of 10 MiB at once: {:.1} MiB more", grown as f64 / 1024.0);
    assert!(grown <= 16 * 1024, "{grown} KiB");
    service.stop();
}
