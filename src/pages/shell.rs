//! What surrounds every page: its title, the person, the menu.

use super::files;
use super::words::{Common, other};
use crate::access::Actor;
use crate::access::permissions::{
    AuditRead, CasesRead, CompletenessRead, InstitutionsRead, MeRead, Permission, RealisationsRead, SurveyIndexRead,
    TargetsRead, UsersRead,
};
use crate::platform::text::Lang;

/// A place in the menu: its path, the permission that its page needs, and its name.
type Place = (&'static str, &'static str, fn(&Common) -> &'static str);

/// The menu. A screen adds its line here.
const MENU: [Place; 11] = [
    ("/", RealisationsRead::SCOPE, |t| t.home),
    ("/laporan", CompletenessRead::SCOPE, |t| t.reports),
    ("/lembaga", InstitutionsRead::SCOPE, |t| t.institutions),
    ("/kasus", CasesRead::SCOPE, |t| t.cases),
    ("/survei", SurveyIndexRead::SCOPE, |t| t.surveys),
    ("/target", TargetsRead::SCOPE, |t| t.targets),
    ("/lembar", RealisationsRead::SCOPE, |t| t.sheets),
    ("/tutup", RealisationsRead::SCOPE, |t| t.closings),
    ("/jejak", AuditRead::SCOPE, |t| t.journal),
    ("/pengguna", UsersRead::SCOPE, |t| t.users),
    ("/akun", MeRead::SCOPE, |t| t.account),
];

/// The fields of `layout.html`. Every template has one, called `shell`.
#[derive(Debug)]
pub struct Shell {
    pub t: &'static Common,
    pub lang: Lang,
    pub title: String,
    pub person: Option<Person>,
    pub menu: Vec<MenuItem>,
    /// The path of this page, to come back to in the other language.
    pub path: String,
    pub style: &'static str,
    pub script: &'static str,
    pub icon: &'static str,
    pub version: &'static str,
}

/// Who is signed in, as the head of the page shows it.
#[derive(Debug)]
pub struct Person {
    pub name: String,
    pub district: String,
}

/// A place in the menu.
#[derive(Debug)]
pub struct MenuItem {
    pub path: &'static str,
    pub name: &'static str,
    pub is_here: bool,
}

impl Shell {
    /// Returns what surrounds a page for people who are not signed in.
    pub fn new(lang: Lang, title: String, path: &str) -> Self {
        Self {
            t: Common::of(lang),
            lang,
            title,
            person: None,
            menu: Vec::new(),
            path: path.to_owned(),
            style: files::address("iku.css"),
            script: files::address("iku.js"),
            icon: files::address("iku.svg"),
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// Adds the person, and the menu with the places that are open to them.
    pub fn of(self, person: Person, actor: &Actor) -> Self {
        let open = MENU.iter().filter(|(_, scope, _)| actor.scopes.contains(scope));
        let menu = open.map(|(path, _, name)| MenuItem {
            path,
            name: name(self.t),
            is_here: is_within(&self.path, path),
        });
        Self {
            menu: menu.collect(),
            person: Some(person),
            ..self
        }
    }

    /// Returns the address that changes the language and comes back.
    pub fn in_other_language(&self) -> String {
        format!("/bahasa/{}?ke={}", other(self.lang).tag(), encoded(&self.path))
    }

    pub fn other_lang(&self) -> &'static str {
        other(self.lang).tag()
    }
}

/// Returns whether a path is a place of the menu, or below it. Indicators are below the overview, printed tables below the sheets,
/// devices below the users.
fn is_within(path: &str, place: &str) -> bool {
    match place {
        "/" => path == "/" || path.starts_with("/iku/"),
        "/lembar" if path.starts_with("/cetak/") => true,
        "/pengguna" if path.starts_with("/gawai/") => true,
        place => path == place || path.strip_prefix(place).is_some_and(|rest| rest.starts_with('/')),
    }
}

/// Returns a text as a value of a query.
pub fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
