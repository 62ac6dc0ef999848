//! One user: a new one, another name, another password, and switching it off.

use actix_web::{HttpResponse, web};
use askama::Template;
use uuid::Uuid;

use super::{Words as List, mark};
use crate::access::auth::TokenService;
use crate::access::permissions::{UsersRead, UsersWrite};
use crate::access::users::dto::{NewUser, User, UserPatch};
use crate::access::users::{changes, service};
use crate::access::{Role, Section};
use crate::pages::field::{Action, Field, Kind};
use crate::pages::form::{Faults, Member, Posted};
use crate::pages::marks::Mark;
use crate::pages::reader::Reader;
use crate::pages::shell::Shell;
use crate::pages::words::{Common, words};
use crate::pages::{answer, format, people};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::{Code, Error};
use crate::platform::http::Resource;

words! {
    struct Words {
        about: "Berikan kata sandi awal secara langsung; pengguna menggantinya di halaman Akun." /
            "Hand over the first password in person; the user changes it on the page Account.",
        username_hint: "Huruf kecil, angka, titik, garis bawah atau tanda hubung." / "Lower-case letters, digits, points, underscores or hyphens.",
        password: "Kata sandi" / "Password",
        password_hint: "Sedikitnya 10 karakter." / "At least 10 characters.",
        sections: "Seksi (hanya untuk petugas seksi)" / "Sections (only of officers)",
        area: "Wilayah" / "Area",
        whole: "Seluruh kabupaten" / "Whole regency",
        changed: "Diubah" / "Changed",
        rename: "Ubah nama" / "Change the name",
        again: "Beri kata sandi baru" / "Give a new password",
        off: "Nonaktifkan" / "Switch off",
        on: "Aktifkan kembali" / "Switch on again",
    }
}

const NAMES: [&str; 6] = ["username", "name", "role", "password", "reason", "sections"];

#[derive(Template)]
#[template(path = "new_user.html")]
struct NewPage {
    shell: Shell,
    t: &'static Words,
    list: &'static List,
    fields: Vec<Field>,
    /// Code, name, and whether it is ticked.
    sections: Vec<(&'static str, &'static str, bool)>,
    faults: Faults,
}

/// Shows the form of a new user.
pub async fn form(reader: Reader) -> Result<HttpResponse, Error> {
    reader.require::<UsersWrite>()?;
    new_page(&reader, None, Faults::default())
}

fn new_page(reader: &Reader, posted: Option<&Posted>, faults: Faults) -> Result<HttpResponse, Error> {
    let (t, list, lang) = (Words::of(reader.lang), List::of(reader.lang), reader.lang);
    let role = |role: Role| (role.as_str().to_owned(), people::role(role, lang).to_owned());
    let choose = (String::new(), Common::of(lang).choose.to_owned());
    let roles = [choose].into_iter().chain(Role::ALL.into_iter().map(role));
    let fields = [
        Field::new("username", list.username, Kind::Line("off"))
            .hint(t.username_hint)
            .longest(64),
        Field::new("name", list.name, Kind::Line("off")).longest(200),
        Field::new("role", list.role, Kind::Choice(roles.collect())),
        Field::new("password", t.password, Kind::Password("new-password"))
            .hint(t.password_hint)
            .longest(200),
    ];
    let fields = fields.map(|field| field.required().after(posted, &faults));
    let ticked = posted.map(|posted| posted.ticked("sections-")).unwrap_or_default();
    let sections = Section::ALL.into_iter().map(|section| {
        let code = section.as_str();
        (code, people::section(section), ticked.contains(&code))
    });
    let page = NewPage {
        shell: reader.shell(list.new_user),
        t,
        list,
        fields: fields.to_vec(),
        sections: sections.collect(),
        faults,
    };
    answer::page(page.faults.status(), lang, &page)
}

/// Makes the user.
pub async fn create(reader: Reader, db: web::Data<Db>, mut posted: Posted) -> Result<HttpResponse, Error> {
    reader.require::<UsersWrite>()?;
    if let Some((district, _)) = &reader.district {
        posted.set("district_code", district);
    }
    let made = async {
        let members = ["username", "name", "role", "district_code"].map(Member::Text);
        let more = [Member::Ticks("sections"), Member::Raw("password")];
        let members: Vec<Member> = members.into_iter().chain(more).collect();
        let new: NewUser = posted.body(&members)?;
        changes::create(&db, &reader.actor, &reader.source(), new).await
    };
    match made.await {
        Ok(Created::New(user) | Created::Existing(user)) => answer::see_other(&format!("/pengguna/{}", user.id)),
        Err(error) => new_page(&reader, Some(&posted), Faults::of(error, reader.lang, &NAMES)?),
    }
}

#[derive(Template)]
#[template(path = "user.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    list: &'static List,
    user: User,
    role: &'static str,
    sections: Vec<&'static str>,
    changed: String,
    mark: Mark,
    actions: Vec<Action>,
    faults: Faults,
}

/// Shows a user.
pub async fn show(reader: Reader, db: web::Data<Db>, id: web::Path<Uuid>) -> Result<HttpResponse, Error> {
    reader.require::<UsersRead>()?;
    let user = db
        .read_one(async |tx| service::get(tx, &reader.actor, *id).await)
        .await?;
    page(&reader, user, None, Faults::default())
}

fn page(reader: &Reader, user: User, posted: Option<&Posted>, faults: Faults) -> Result<HttpResponse, Error> {
    let (t, lang) = (Words::of(reader.lang), reader.lang);
    let reason = || Field::new("reason", Common::of(lang).reason, Kind::Line("off")).longest(300);
    let mut actions = Vec::new();
    if reader.may::<UsersWrite>() {
        let name = Field::new("name", List::of(lang).name, Kind::Line("off"))
            .longest(200)
            .required();
        actions.push(Action::new("nama", t.rename, vec![name.value(user.name.clone())]));
        if user.id != reader.actor.id {
            let password = Field::new("password", t.password, Kind::Password("new-password"))
                .longest(200)
                .required();
            let password = password.hint(t.password_hint);
            actions.push(Action::new("sandi", t.again, vec![password, reason()]));
            actions.push(match user.active {
                true => Action::new("mati", t.off, vec![reason()]).danger(),
                false => Action::new("nyala", t.on, vec![reason()]).main(),
            });
        }
    }
    let etag = user.etag();
    let actions = actions
        .into_iter()
        .map(|action| action.of_version(&etag).after(posted, &faults));
    let page = Page {
        actions: actions.collect(),
        shell: reader.shell(user.name.clone()),
        t,
        list: List::of(lang),
        role: people::role(user.role, lang),
        sections: user.sections.iter().map(|section| people::section(*section)).collect(),
        changed: format::instant(user.changed_at, lang),
        mark: mark(user.active, lang),
        user,
        faults,
    };
    answer::page(page.faults.status(), lang, &page)
}

/// Changes a user.
pub async fn change(
    reader: Reader,
    (db, tokens): (web::Data<Db>, web::Data<TokenService>),
    id: web::Path<Uuid>,
    mut posted: Posted,
) -> Result<HttpResponse, Error> {
    reader.require::<UsersWrite>()?;
    let user = db
        .read_one(async |tx| service::get(tx, &reader.actor, *id).await)
        .await?;
    let members = match posted.text("aksi") {
        "nama" => vec![Member::Text("name")],
        "sandi" => vec![Member::Raw("password"), Member::Text("reason")],
        "mati" | "nyala" => {
            posted.set("active", posted.text("aksi") == "nyala");
            vec![Member::Flag("active"), Member::Text("reason")]
        }
        _ => return Err(Error::new(Code::BadRequest)),
    };
    let done = async {
        let (if_match, patch) = (posted.if_match()?, posted.patch::<UserPatch>(&members)?);
        let by = (&reader.actor, &reader.source());
        changes::change(&db, &tokens, by, user.id, &if_match, patch).await
    };
    match done.await {
        Ok(_) => answer::see_other(&format!("/pengguna/{id}")),
        Err(error) => page(&reader, user, Some(&posted), Faults::of(error, reader.lang, &NAMES)?),
    }
}
