//! The person's own account: sessions, and a new password.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use ::entity::account;

use super::field::{Field, Kind};
use super::form::{Faults, Posted};
use super::reader::{Reader, cookie};
use super::shell::Shell;
use super::words::words;
use super::{answer, format, people, screen, session};
use crate::access::auth::{TokenService, browser_sessions};
use crate::access::me;
use crate::access::me::dto::PasswordChange;
use crate::access::permissions::{MeRead, MeWrite};
use crate::core::civil;
use crate::places::districts;
use crate::platform::db::{Db, WriteTx};
use crate::platform::error::{Code, Error};
use crate::platform::http::DistrictCode;

words! {
    struct Words {
        title: "Akun" / "Account",
        username: "Nama pengguna" / "User name",
        role: "Peran" / "Role",
        sections: "Seksi" / "Sections",
        district: "Wilayah" / "Area",
        sessions: "Sesi yang sedang berjalan" / "Sessions that are running",
        sessions_about: "Setiap kali masuk menjadi satu sesi. Akhiri sesi yang tidak Anda kenal, lalu ganti kata sandi." /
            "Each sign-in is a session. End one that you do not know, then change the password.",
        began: "Masuk" / "Signed in",
        used: "Terakhir dipakai" / "Last used",
        network: "Jaringan" / "Network",
        ends: "Berakhir" / "Ends",
        this_one: "sesi ini" / "this session",
        end: "Akhiri" / "End",
        end_others: "Akhiri semua sesi lain" / "End all other sessions",
        password: "Ganti kata sandi" / "Change the password",
        password_about: "Semua sesi berakhir; halaman ini tetap masuk." / "All sessions end; this page stays signed in.",
        current: "Kata sandi sekarang" / "Current password",
        new: "Kata sandi baru" / "New password",
        new_hint: "Sedikitnya 10 karakter; kalimat pendek mudah diingat." / "At least 10 characters; a short sentence is easy to remember.",
        again: "Ulangi kata sandi baru" / "Repeat the new password",
        differs: "Kedua kata sandi baru tidak sama." / "The two new passwords differ.",
        lengths: "Kata sandi baru sedikitnya 10 dan paling banyak 200 karakter." / "The new password has 10 to 200 characters.",
        changed: "Kata sandi sudah diganti, dan semua sesi lain berakhir." / "The password was changed, and all other sessions have ended.",
        ended: "Sesi berakhir." / "The session has ended.",
        choose: "Kecamatan yang ditampilkan" / "The district that is shown",
        show: "Tampilkan" / "Show",
        decree_ends: "Keputusan yang menetapkan IKU berakhir pada tahun" / "The decree that sets the indicators ends with",
    }
}

/// The paths of the own account.
pub fn configure(c: &mut web::ServiceConfig) {
    c.service(screen("/akun").get(show).done())
        .service(screen("/akun/kata-sandi").post(change_password).done())
        .service(screen("/akun/kecamatan").post(choose_district).done())
        .service(screen("/akun/sesi").post(end_sessions).done());
}

/// The query of the page: what was done, and the page of the sessions.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    selesai: Option<String>,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "account.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    name: String,
    username: String,
    role: &'static str,
    sections: Vec<&'static str>,
    area: String,
    notices: Vec<i32>,
    /// To choose from; empty for an account of one district.
    districts: Vec<(String, String)>,
    district: String,
    sessions: Vec<Session>,
    next: Option<String>,
    fields: Vec<Field>,
    faults: Faults,
    done: Option<&'static str>,
}

struct Session {
    id: Uuid,
    began: String,
    used: String,
    ends: String,
    network: String,
    is_current: bool,
}

/// Shows the own account.
pub async fn show(reader: Reader, db: web::Data<Db>, asked: web::Query<Asked>) -> Result<HttpResponse, Error> {
    page(&reader, &db, asked.into_inner(), Faults::default()).await
}

async fn page(reader: &Reader, db: &Db, asked: Asked, faults: Faults) -> Result<HttpResponse, Error> {
    reader.require::<MeRead>()?;
    let (lang, now, t) = (reader.lang, reader.now, Words::of(reader.lang));
    let (paging, every) = (reader.paging(25, asked.cursor), reader.paging(100, None));
    let read = db.read(async |tx| {
        let me = me::service::get(tx, &reader.actor, civil::date_of(now)).await?;
        let sessions = me::service::sessions(tx, &reader.actor, &paging, now).await?;
        let districts = match reader.actor.district {
            Some(_) => Vec::new(),
            None => districts::service::list(tx, &reader.actor, &every).await?.items,
        };
        Ok((me, sessions, districts))
    });
    let (me, sessions, districts) = read.await?;
    let districts = districts
        .into_iter()
        .map(|district| (district.code.to_string(), district.name));
    let shown = sessions.items.into_iter().map(|session| Session {
        id: session.id,
        began: format::instant(session.created_at, lang),
        used: format::instant(session.last_used_at, lang),
        ends: format::instant(session.expires_at, lang),
        network: session.network.unwrap_or_default(),
        is_current: session.current,
    });
    let password = |name, label, word| {
        let field = Field::new(name, label, Kind::Password(word)).required().longest(200);
        field.faults(&faults)
    };
    let shell = reader.shell(t.title);
    let page = Page {
        name: me.name,
        username: me.username,
        role: people::role(me.role, lang),
        sections: me.sections.into_iter().map(people::section).collect(),
        area: shell
            .person
            .as_ref()
            .map(|person| person.district.clone())
            .unwrap_or_default(),
        notices: me.notices.into_iter().map(|notice| notice.last_year).collect(),
        districts: districts.collect(),
        district: reader
            .district
            .as_ref()
            .map(|(code, _)| code.to_string())
            .unwrap_or_default(),
        sessions: shown.collect(),
        next: sessions.next_cursor,
        fields: vec![
            password("current_password", t.current, "current-password"),
            password("new_password", t.new, "new-password").hint(t.new_hint),
            password("again", t.again, "new-password"),
        ],
        done: match asked.selesai.as_deref() {
            Some("kata-sandi") => Some(t.changed),
            Some("sesi") => Some(t.ended),
            _ => None,
        },
        shell,
        t,
        faults,
    };
    answer::page(page.faults.status(), lang, &page)
}

/// Replaces the password. All sessions end, and the browser gets a new one.
pub async fn change_password(
    reader: Reader,
    req: HttpRequest,
    db: web::Data<Db>,
    token_service: web::Data<TokenService>,
    posted: Posted,
) -> Result<HttpResponse, Error> {
    reader.require::<MeWrite>()?;
    let asked = match password_change(&posted, Words::of(reader.lang)) {
        Ok(asked) => asked,
        Err(faults) => return page(&reader, &db, Asked::default(), faults).await,
    };
    let begin =
        async |tx: &WriteTx, account: &account::Model| browser_sessions::begin(tx, account, &reader.network).await;
    let network = reader.network.as_str();
    match me::password::replace(&reader.actor, &db, &token_service, network, asked, begin).await {
        Ok(handle) => answer::see_other_with("/akun?selesai=kata-sandi", cookie(&req).give(&handle)?),
        Err(error) => {
            let faults = Faults::of(error, reader.lang, &["current_password", "new_password"])?;
            page(&reader, &db, Asked::default(), faults).await
        }
    }
}

/// Reads the form. The schema of the API has the same lengths.
fn password_change(posted: &Posted, t: &'static Words) -> Result<PasswordChange, Faults> {
    let (current, new) = (posted.raw("current_password"), posted.raw("new_password"));
    if !(10..=200).contains(&new.chars().count()) || !(1..=200).contains(&current.chars().count()) {
        return Err(Faults::about(t.lengths));
    }
    if new != posted.raw("again") {
        return Err(Faults::about(t.differs));
    }
    Ok(PasswordChange {
        current_password: current.to_owned(),
        new_password: new.to_owned(),
    })
}

/// Remembers the district that a person of the whole regency looks at.
pub async fn choose_district(reader: Reader, db: web::Data<Db>, posted: Posted) -> Result<HttpResponse, Error> {
    let code: DistrictCode = posted.text("kode").parse().map_err(|_| Error::not_found())?;
    db.read(async |tx| districts::service::get(tx, &reader.actor, &code).await)
        .await?;
    answer::see_other_with("/", session::remember_district(&code)?)
}

/// Ends one session, or all others.
pub async fn end_sessions(
    reader: Reader,
    req: HttpRequest,
    db: web::Data<Db>,
    token_service: web::Data<TokenService>,
    posted: Posted,
) -> Result<HttpResponse, Error> {
    reader.require::<MeWrite>()?;
    let (actor, source) = (&reader.actor, reader.source());
    match posted.text("aksi") {
        "lainnya" => me::service::end_other_sessions(&db, &token_service, actor, &source).await?,
        "akhiri" => {
            let id = posted.text("id").parse().map_err(|_| Error::not_found())?;
            me::service::end_session(&db, &token_service, actor, &source, id).await?;
            if actor.session == Some(id) {
                return answer::see_other_with("/masuk", cookie(&req).take()?);
            }
        }
        _ => return Err(Error::new(Code::BadRequest)),
    }
    answer::see_other("/akun?selesai=sesi")
}
