//! Settings: flags, environment, and the table in the README.

use clap::{Arg, CommandFactory, Parser};
use iku::config::*;
use iku::platform::http::limits::Class;

/// The settings of a command line; flags and the environment have the same rules.
fn settings(flags: &[&str]) -> Result<Settings, String> {
    let read = Settings::try_parse_from(["iku"].iter().chain(flags));
    read.map_err(|error| wrong_setting(&error).unwrap_or_else(|| error.to_string()))
}

/// The secrets, in the order of the struct.
fn secrets(values: &[&str]) -> Result<Secrets, String> {
    let read = Secrets::try_parse_from(["iku"].iter().chain(values));
    read.map_err(|error| wrong_setting(&error).unwrap_or_else(|| error.to_string()))
}

#[test]
fn every_setting_has_a_default() {
    let (settings, secrets) = (settings(&[]).unwrap(), secrets(&[]).unwrap());
    assert_eq!(settings.http_addr, "127.0.0.1:8080");
    assert_eq!(settings.public_url, None);
    assert_eq!(settings.realisation_cache, 4 << 20);
    assert!(settings.access_log && settings.trusted_proxies.is_empty());
    assert_eq!(secrets.redacted_database(), "sqlite://iku.db");
    assert_eq!(secrets.admin_password, None);
    // At least 1,200 a minute with a token, 300 without one, 10 for a revoked phone.
    let a_minute = |class| {
        let quota = settings.limit(class);
        quota.map(|q| f64::from(q.requests) / q.window.as_secs_f64() * 60.0)
    };
    let quotas = Class::ALL.map(a_minute);
    assert_eq!(
        quotas,
        [
            300.0, 300.0, 1200.0, 10.0, 1200.0, 12_000.0, 1200.0, 300.0, 1200.0, 6000.0
        ]
        .map(Some)
    );
}

#[test]
fn secrets_are_never_shown() {
    let url = "postgres://iku:rahasia-sekali@db/iku?password=rahasia-sekali";
    let secrets = secrets(&[url, "rahasia-sekali", "rahasia-sekali"]).unwrap();
    assert!(!format!("{secrets:?}").contains("rahasia"), "{secrets:?}");
    assert_eq!(secrets.redacted_database(), "postgres://db/iku");
    assert_eq!(secrets.admin_password.unwrap().expose(), "rahasia-sekali");
    assert!(Secrets::command().get_arguments().all(Arg::is_hide_env_values_set));
    for flag in ["--database-url", "--admin-password", "--metrics-token"] {
        assert!(settings(&[flag, "rahasia"]).is_err(), "{flag}");
    }
}

#[test]
fn the_error_of_a_wrong_value_names_the_setting() {
    for (flag, value) in [
        ("--http-addr", "8080"),
        ("--log", "iku=loud"),
        ("--log-format", "xml"),
        ("--access-log", "yes"),
        ("--public-url", "iku.example.go.id"),
        ("--public-url", "ftp://iku.example.go.id"),
        ("--public-url", "https://"),
        ("--public-url", "https://iku.example.go.id/balangan"),
        ("--public-url", "https://iku.example.go.id/v1/"),
        ("--public-url", "https://iku.example.go.id?kabupaten=balangan"),
        ("--public-url", "https://admin@iku.example.go.id"),
        ("--public-url", "https://iku example.go.id"),
        ("--workers", "0"),
        ("--realisation-cache-mib", "banyak"),
        ("--trusted-proxies", "10.0.0.1, proxy"),
        ("--trusted-proxies", "10.0.0.0/33"),
        ("--ops-addr", "9090"),
        ("--cors-origins", "*"),
        ("--cors-origins", "null"),
        ("--cors-origins", "https://a.example.go.id, https://b.example.go.id/"),
        ("--cors-origins", "dasbor.example.go.id"),
        ("--cors-origins", "https://*.example.go.id"),
        ("--cors-origins", "https://Dasbor.example.go.id"),
        ("--cors-origins", "https://dasbor.example.go.id:443"),
        ("--limit-sync", "300"),
        ("--limit-reads", "0/60"),
        ("--limit-writes", "300/0"),
        ("--limit-anonymous", "none"),
        ("--device-held-quota", "0"),
        ("--device-daily-quota", "off"),
        ("--shutdown-seconds", "-1"),
    ] {
        let sentence = settings(&[&format!("{flag}={value}")]).unwrap_err();
        let name = format!("IKU{} must be ", flag[1..].replace('-', "_").to_uppercase());
        assert!(
            sentence.starts_with(&name) && sentence.lines().count() == 1,
            "{sentence}"
        );
    }
    let list = settings(&["--trusted-proxies", "10.0.0.1, 172.16.0.0/12, 2001:db8::/32"]).unwrap();
    assert_eq!(list.trusted_proxies.len(), 3);
}

#[test]
fn the_error_of_a_wrong_secret_does_not_contain_it() {
    for url in ["mysql://iku:rahasia@db/iku", "sqlite::memory:"] {
        let sentence = secrets(&[url]).unwrap_err();
        assert!(sentence.starts_with("IKU_DATABASE_URL must be "), "{sentence}");
        assert!(!sentence.contains(url), "{sentence}");
    }
    let long = "x".repeat(201);
    let sentence = secrets(&["sqlite://iku.db", &long]).unwrap_err();
    assert_eq!(sentence, "IKU_ADMIN_PASSWORD must have at most 200 characters.");
}

#[test]
fn the_warning_about_an_unknown_name_has_the_nearest_known_name() {
    let warning = unknown_name("IKU_HTTP_ADRR").unwrap();
    assert!(warning.contains("Did you mean IKU_HTTP_ADDR?"), "{warning}");
    assert_eq!(unknown_name("IKU_HTTP_ADDR"), None);
    assert!(is_ours("IKU_HTTP_ADRR".as_ref()) && !is_ours("IKU_TEST_POSTGRES_URL".as_ref()));
}

#[test]
fn the_readme_has_every_setting() {
    let readme = include_str!("../../README.md");
    for arg in arguments().filter(|arg| arg.get_env().is_some()) {
        let help = arg.get_help().unwrap().to_string();
        // If the default is a description, it is part of the help.
        let (about, default) = match arg.get_default_values() {
            [value] => (help.as_str(), format!("`{}`", value.display())),
            _ => help
                .trim_end_matches(']')
                .split_once(" [default: ")
                .map(|(about, words)| (about, words.to_owned()))
                .unwrap(),
        };
        let row = format!("| `{}` | {default} | {about} |", arg.get_env().unwrap().display());
        assert!(readme.contains(&row), "README.md lacks the row\n{row}");
    }
}
