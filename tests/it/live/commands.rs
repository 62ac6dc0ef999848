//! The commands beside `serve`, and wrong settings.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::support::process::{PASSWORD, Running, folder, iku, run, text};

#[test]
fn healthcheck_exits_with_0_only_while_the_service_is_ready() {
    let folder = folder();
    let service = Running::start(folder.path(), &[]);
    let address = service.address.clone();
    let settings = [("IKU_HTTP_ADDR", address.as_str())];
    assert_eq!(run(folder.path(), &settings, &["healthcheck"]).status.code(), Some(0));
    service.stop();
    let away = run(folder.path(), &settings, &["healthcheck"]);
    assert_eq!(away.status.code(), Some(1));
    assert!(
        text(&away.stderr).starts_with("iku: No response from"),
        "{}",
        text(&away.stderr)
    );
}

#[test]
fn wrong_settings_are_named_and_unknown_commands_exit_with_2() {
    let folder = folder();
    let wrong = run(folder.path(), &[("IKU_WORKERS", "many")], &["serve"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert_eq!(
        text(&wrong.stderr),
        "iku: IKU_WORKERS must be a number from 1 to 1024, not \"many\".\n"
    );
    assert!(!folder.path().join("iku.db").exists());

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = run(folder.path(), &[("IKU_HTTP_ADDR", &address)], &["serve"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stderr).contains("iku: Cannot listen on"),
        "{}",
        text(&refused.stderr)
    );
    // The first password is printed once: a start that fails must not use it up.
    assert!(!folder.path().join("iku.db").exists() && refused.stdout.is_empty());
    let service = Running::start(folder.path(), &[]);
    assert!(service.welcome.contains("admin / "), "{}", service.welcome);
    service.stop();

    let nowhere = [("IKU_DATABASE_URL", "sqlite://none/iku.db?mode=rwc")];
    let refused = run(folder.path(), &nowhere, &["serve"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stderr).contains("none/iku.db.lock cannot be opened"),
        "{}",
        text(&refused.stderr)
    );
    assert_eq!(run(folder.path(), &[], &["no-such-command"]).status.code(), Some(2));
}

#[test]
fn unknown_setting_causes_a_warning_with_a_suggestion() {
    let folder = folder();
    let service = Running::start(folder.path(), &[("IKU_DATABASE_URI", "x"), ("IKU_LOG_FORMAT", "text")]);
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(
        log.contains("IKU_DATABASE_URI is not a setting") && log.contains("IKU_DATABASE_URL?"),
        "{log}"
    );
    service.stop();
}

#[test]
fn user_commands_add_list_and_change_passwords() {
    let folder = folder();
    let add = [
        "user",
        "add",
        "kasi.pemerintahan",
        "--role",
        "officer",
        "--district",
        "63.11.06",
    ];
    let made = run(folder.path(), &[], &[&add[..], &["--section", "pemerintahan"]].concat());
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert!(
        text(&made.stdout).contains("kasi.pemerintahan / "),
        "{}",
        text(&made.stdout)
    );
    let twice = run(folder.path(), &[], &[&add[..], &["--section", "pemerintahan"]].concat());
    assert_eq!(twice.status.code(), Some(1));
    let listed = text(&run(folder.path(), &[], &["user", "list"]).stdout);
    assert!(
        listed.contains("admin") && listed.contains("kasi.pemerintahan"),
        "{listed}"
    );

    let mut change = iku(folder.path(), &[], &["user", "password", "admin", "--password-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    writeln!(change.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    assert!(change.wait().unwrap().success());
    let service = Running::start(folder.path(), &[]);
    service.token();
    service.stop();
}

/// The filter of the log does not silence the audit, and a command logs it too.
#[test]
fn audit_is_written_by_commands_and_at_every_level_of_the_log() {
    let folder = folder();
    let audit = |stderr: &str| {
        let lines = stderr
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let lines = lines.filter(|line| line["target"] == "iku::audit");
        let said = |line: Value| ["what", "by", "account"].map(|name| line[name].as_str().unwrap_or("-").to_owned());
        lines.map(|line| said(line).join(" / ")).collect::<Vec<_>>()
    };
    let quiet = [("IKU_LOG", "error"), ("IKU_ADMIN_PASSWORD", PASSWORD)];
    let made = run(
        folder.path(),
        &quiet,
        &["user", "add", "camat", "--role", "head", "--district", "63.11.06"],
    );
    assert_eq!(
        audit(&text(&made.stderr)),
        ["user created / iku / admin", "user created / iku / camat"]
    );
    let changed = run(folder.path(), &quiet, &["user", "password", "camat"]);
    assert_eq!(
        audit(&text(&changed.stderr)),
        ["user changed, with a new password / iku / camat"]
    );
    let log = || fs::read_to_string(folder.path().join("log")).unwrap();
    let served = ["signing key in use / - / -", "sign-in / - / admin"];
    for (filter, lines) in [("error", &served[..]), ("error,iku::audit=off", &[])] {
        let service = Running::start(folder.path(), &[("IKU_LOG", filter)]);
        service.token();
        service.stop();
        assert_eq!(audit(&log()), lines, "{filter}");
        fs::remove_file(folder.path().join("log")).unwrap();
    }
}

#[test]
fn openapi_command_needs_no_database() {
    let folder = folder();
    let settings = [("IKU_DATABASE_URL", "nonsense")];
    let printed = run(folder.path(), &settings, &["openapi"]);
    let document: Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(document, iku::app::published());
    let yaml = text(&run(folder.path(), &settings, &["openapi", "--yaml"]).stdout);
    assert!(yaml.contains("openapi: 3.1.0"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn migrate_command_goes_up_and_down() {
    let folder = folder();
    for arguments in [
        &["migrate"][..],
        &["migrate", "--down", "1"],
        &["migrate"],
        &["load-regency"],
    ] {
        let done = run(folder.path(), &[], arguments);
        assert!(done.status.success(), "{arguments:?}: {}", text(&done.stderr));
    }
}

#[test]
fn migrations_are_undone_and_run_again() {
    let folder = folder();
    let undone = |steps: &str| text(&run(folder.path(), &[], &["migrate", "--down", steps]).stdout);
    let up = || text(&run(folder.path(), &[], &["migrate"]).stdout);
    assert_eq!(up(), "The schema is up to date.\n");
    assert_eq!(undone("1"), "1 migration undone.\n");
    assert_eq!(undone("2"), "2 migrations undone.\n");
    assert_eq!(up(), "The schema is up to date.\n");
}
