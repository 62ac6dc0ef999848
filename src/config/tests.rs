use super::*;

fn read(vars: &[(&str, &str)]) -> Result<(Config, Vec<String>), String> {
    Config::read(vars.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())))
}

#[test]
fn nothing_needs_to_be_set() {
    let (config, unknown) = read(&[("IKU_ADMIN_PASSWORD", "")]).unwrap();
    assert_eq!(config.http_addr, "127.0.0.1:8080");
    assert_eq!(config.database(), "sqlite://iku.db");
    assert_eq!(config.issuer(), "iku");
    assert_eq!(config.admin_password, None);
    assert!(config.access_log && unknown.is_empty());
    // At least 1,200 a minute with a token, 300 without one.
    let a_minute = |class| {
        config
            .limits
            .of(class)
            .map(|q| f64::from(q.requests) / q.window.as_secs_f64() * 60.0)
    };
    let quotas = Class::ALL.map(a_minute);
    assert_eq!(quotas, [300.0, 1200.0, 1200.0, 1200.0, 300.0].map(Some));
}

#[test]
fn secrets_are_not_shown() {
    let (config, _) = read(&[
        ("IKU_ADMIN_PASSWORD", "rahasia-sekali"),
        ("IKU_METRICS_TOKEN", "rahasia-sekali"),
        (
            "IKU_DATABASE_URL",
            "postgres://iku:rahasia-sekali@db/iku?password=rahasia-sekali",
        ),
    ])
    .unwrap();
    assert!(!format!("{config:?}").contains("rahasia"), "{config:?}");
    assert_eq!(config.database(), "postgres://db/iku");
    assert_eq!(config.admin_password.unwrap().expose(), "rahasia-sekali");
}

#[test]
fn a_value_that_cannot_be_read_is_named() {
    for (name, value) in [
        ("IKU_HTTP_ADDR", "8080"),
        ("IKU_DATABASE_URL", "mysql://iku"),
        ("IKU_DATABASE_URL", "sqlite::memory:"),
        ("IKU_LOG", "iku=loud"),
        ("IKU_LOG_FORMAT", "xml"),
        ("IKU_ACCESS_LOG", "yes"),
        ("IKU_PUBLIC_URL", "iku.example.go.id"),
        ("IKU_WORKERS", "0"),
        ("IKU_REALISATION_CACHE_MIB", "banyak"),
        ("IKU_TRUSTED_PROXIES", "10.0.0.1, proxy"),
        ("IKU_CORS_ORIGINS", "*"),
        ("IKU_CORS_ORIGINS", "null"),
        ("IKU_CORS_ORIGINS", "https://a.example.go.id, https://b.example.go.id/"),
        ("IKU_CORS_ORIGINS", "dasbor.example.go.id"),
        ("IKU_CORS_ORIGINS", "https://*.example.go.id"),
        ("IKU_CORS_ORIGINS", "https://Dasbor.example.go.id"),
        ("IKU_CORS_ORIGINS", "https://dasbor.example.go.id:443"),
        ("IKU_LIMIT_SYNC", "300"),
        ("IKU_LIMIT_READS", "0/60"),
        ("IKU_LIMIT_WRITES", "300/0"),
        ("IKU_LIMIT_ANONYMOUS", "none"),
        ("IKU_SHUTDOWN_SECONDS", "-1"),
    ] {
        let said = read(&[(name, value)]).unwrap_err();
        assert!(said.contains(name), "{said}");
    }
}

#[test]
fn a_name_that_is_not_known_is_answered_with_the_nearest() {
    let (_, unknown) = read(&[("IKU_HTTP_ADRR", "x"), ("IKU_TEST_POSTGRES_URL", "x")]).unwrap();
    assert_eq!(unknown.len(), 1);
    assert!(unknown[0].contains("Did you mean IKU_HTTP_ADDR?"), "{unknown:?}");
}

#[test]
fn the_defaults_that_are_shown_are_the_ones_that_hold() {
    // A default that is a sentence says so in words; the others, given, must change nothing.
    let absent = format!("{:?}", read(&[]).unwrap());
    for s in SETTINGS {
        let words = s.default.contains(' ') || s.default == "none";
        if !words {
            let given = read(&[(s.name, s.default)]).unwrap();
            assert_eq!(format!("{given:?}"), absent, "{}", s.name);
        }
    }
}

#[test]
fn the_readme_names_every_setting() {
    let readme = include_str!("../../README.md");
    for s in SETTINGS {
        let row = format!("| `{}` | {} | {} |", s.name, code(s.default), s.about);
        assert!(readme.contains(&row), "README.md lacks the row\n{row}");
    }
}

/// A default that is a value, not a sentence, stands in code style.
fn code(default: &str) -> String {
    match default.contains(' ') || default == "none" {
        true => default.to_owned(),
        false => format!("`{default}`"),
    }
}
