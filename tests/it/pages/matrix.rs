//! Which role sees which screen, and what its menu shows.

use iku::pages::public::PublicPage;

use super::browser::Browser;
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};

const USERS: [&str; 7] = [
    "camat",
    "sekretaris",
    "kasi.pemerintahan",
    "inspektorat",
    "administrator",
    "sakip",
    "surveyor",
];

/// The page that everybody sees.
const PUBLIC: &str = "/publik";

/// A path and the status for each user. 303: the own account instead.
const SCREENS: [(&str, [u16; 7]); 25] = [
    ("/", [200, 200, 200, 200, 200, 200, 303]),
    ("/iku/paringin-iku-4/2025-Q4", [200, 200, 200, 200, 200, 200, 403]),
    (
        "/iku/paringin-iku-4/2025-Q4/catatan",
        [200, 200, 200, 200, 200, 200, 403],
    ),
    (
        "/iku/paringin-iku-4/2025-Q4/perubahan",
        [200, 200, 200, 200, 200, 200, 403],
    ),
    ("/laporan", [200, 200, 200, 200, 200, 200, 403]),
    ("/laporan/63.11.06.2005/lppd/2025", [200, 200, 200, 200, 200, 403, 403]),
    ("/laporan/jenis/lppd/2025", [403, 403, 200, 403, 200, 403, 403]),
    ("/lembaga", [200, 200, 200, 200, 200, 403, 403]),
    ("/lembaga/baru", [403, 403, 403, 403, 200, 403, 403]),
    ("/kasus", [200, 200, 200, 200, 200, 403, 403]),
    ("/kasus/baru", [403, 403, 403, 403, 200, 403, 403]),
    ("/survei?tahun=2025", [200, 200, 200, 200, 200, 200, 403]),
    ("/survei/baru", [403, 403, 200, 403, 200, 403, 403]),
    ("/target?tahun=2025", [200, 200, 200, 200, 200, 200, 403]),
    ("/target/paringin-iku-4/2025-S1", [200, 200, 200, 200, 200, 200, 403]),
    (
        "/bukti/target/paringin-iku-4/2025-S1",
        [200, 200, 200, 200, 200, 403, 403],
    ),
    ("/lembar", [200, 200, 200, 200, 200, 200, 403]),
    ("/berkas/kasus.csv?tahun=2025", [200, 200, 200, 200, 200, 403, 403]),
    ("/cetak/2025", [200, 200, 200, 200, 200, 200, 403]),
    ("/tutup?tahun=2025", [200, 200, 200, 200, 200, 200, 403]),
    ("/jejak", [200, 200, 403, 200, 200, 403, 403]),
    ("/pengguna", [403, 403, 403, 200, 200, 403, 403]),
    ("/akun", [200, 200, 200, 200, 200, 200, 200]),
    ("/masuk", [200, 200, 200, 200, 200, 200, 200]),
    (PUBLIC, [200, 200, 200, 200, 200, 200, 200]),
];

#[apply(both_databases)]
async fn every_role_sees_its_screens_and_no_other(backend: Backend) {
    let world = demonstration(backend).await;
    let world = world
        .adjusted(|service| service.public_page = PublicPage { is_on: true })
        .await;
    let mut failures = Vec::new();
    for (column, username) in USERS.iter().enumerate() {
        let browser = Browser::of(&world, username).await;
        for (path, expected) in SCREENS {
            let status = browser.ask(path).await.status;
            if status != expected[column] {
                failures.push(format!("{username} {path}: {status} instead of {}", expected[column]));
            }
        }
        // Every link of the menu opens a page.
        let home = browser.get("/akun").await;
        let own = home
            .links()
            .into_iter()
            .filter(|link| link.starts_with('/') && link != "/swagger-ui/");
        for link in own {
            let page = browser.get(&link).await;
            assert_eq!(page.reply.status, 200, "{username} {link}");
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    let stranger = Browser::new(&world);
    for (path, _) in SCREENS {
        let expected = match path {
            PUBLIC => "Nilai IKU yang sudah ditutup",
            _ => "Masuk",
        };
        assert_eq!(stranger.get(path).await.heading(), expected, "{path}");
    }
}
