//! One device: a new one, the code that enrols it, and switching it off.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use super::{Words as List, mark};
use crate::access::auth::TokenService;
use crate::access::clients::dto::{Client, ClientPatch, NewClient};
use crate::access::enrolments::dto::Enrolment;
use crate::access::permissions::{ClientsRead, ClientsWrite};
use crate::access::{audit, clients, enrolments};
use crate::pages::field::{Action, Field, Kind};
use crate::pages::form::{Faults, Member, Posted};
use crate::pages::marks::Mark;
use crate::pages::reader::Reader;
use crate::pages::shell::Shell;
use crate::pages::words::{Common, words};
use crate::pages::{answer, format};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::{Code, Error};
use crate::platform::http::Resource;
use crate::platform::http::public_url::PublicUrl;

words! {
    struct Words {
        about: "Gawai mengirim jawaban survei, juga tanpa sinyal. Setelah dibuat, daftarkan dengan kode di layarnya." /
            "A device sends survey answers, also without a signal. Once it is made, enrol it with the code on its screen.",
        enrolled: "Didaftarkan" / "Enrolled",
        not_enrolled: "belum" / "not yet",
        enrol: "Buat kode pendaftaran" / "Make an enrolment code",
        enrol_about: "Kode berlaku singkat dan hanya untuk satu gawai. Rahasia yang lama berakhir saat gawai baru terdaftar." /
            "The code is valid for a short time and for one device. The earlier secret ends when the new device is enrolled.",
        code: "Kode pendaftaran" / "Enrolment code",
        until: "Berlaku sampai" / "Valid until",
        scan: "Pindai dengan aplikasi survei" / "Scan it with the survey application",
        rename: "Ubah nama" / "Change the name",
        off: "Nonaktifkan (hilang atau dicuri)" / "Switch off (lost or stolen)",
        on: "Aktifkan kembali" / "Switch on again",
    }
}

#[derive(Template)]
#[template(path = "form.html")]
struct NewPage {
    shell: Shell,
    back: (&'static str, &'static str),
    about: &'static str,
    button: &'static str,
    fields: Vec<Field>,
    faults: Faults,
}

/// Shows the form of a new device.
pub async fn form(reader: Reader) -> Result<HttpResponse, Error> {
    reader.require::<ClientsWrite>()?;
    new_page(&reader, "", Faults::default())
}

fn new_page(reader: &Reader, name: &str, faults: Faults) -> Result<HttpResponse, Error> {
    let list = List::of(reader.lang);
    let field = Field::new("name", list.name, Kind::Line("off")).longest(200).required();
    let page = NewPage {
        shell: reader.shell(list.new_device),
        back: ("/pengguna", list.title),
        about: Words::of(reader.lang).about,
        button: list.new_device,
        fields: vec![field.value(name).faults(&faults)],
        faults,
    };
    answer::page(page.faults.status(), reader.lang, &page)
}

/// Makes the device. Its first secret is never shown: it is enrolled with a code.
pub async fn create(reader: Reader, db: web::Data<Db>, mut posted: Posted) -> Result<HttpResponse, Error> {
    reader.require::<ClientsWrite>()?;
    posted.set("district_code", reader.district()?);
    posted.set("kind", "device");
    posted.set("role", "surveyor");
    let made = async {
        let new: NewClient = posted.body(&["kind", "name", "role", "district_code"].map(Member::Text))?;
        db.write(async |tx| clients::service::create(tx, &reader.actor, new).await)
            .await
    };
    match made.await {
        Ok(created) => {
            if let Created::New((row, _)) = &created {
                audit::account("client created", &reader.source(), None, row, None);
            }
            let (Created::New((row, _)) | Created::Existing((row, _))) = created;
            answer::see_other(&format!("/gawai/{}", row.id))
        }
        Err(error) => {
            let faults = Faults::of(error, reader.lang, &["name"])?;
            new_page(&reader, posted.raw("name"), faults)
        }
    }
}

#[derive(Template)]
#[template(path = "device.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    list: &'static List,
    device: Client,
    mark: Mark,
    used: String,
    enrolled: Option<String>,
    enrolment: Option<Shown>,
    actions: Vec<Action>,
    faults: Faults,
}

/// A code that was just made. It is shown once.
struct Shown {
    code: String,
    until: String,
    /// A picture (SVG) in base64.
    qr: String,
}

/// Shows a device.
pub async fn show(reader: Reader, db: web::Data<Db>, id: web::Path<Uuid>) -> Result<HttpResponse, Error> {
    reader.require::<ClientsRead>()?;
    let device = find(&reader, &db, *id).await?;
    page(&reader, device, None, None, Faults::default())
}

async fn find(reader: &Reader, db: &Db, id: Uuid) -> Result<Client, Error> {
    db.read_one(async |tx| clients::service::get(tx, &reader.actor, id).await)
        .await
}

fn page(
    reader: &Reader,
    device: Client,
    enrolment: Option<Enrolment>,
    posted: Option<&Posted>,
    faults: Faults,
) -> Result<HttpResponse, Error> {
    let (t, list, lang) = (Words::of(reader.lang), List::of(reader.lang), reader.lang);
    let mut actions = Vec::new();
    if reader.may::<ClientsWrite>() {
        if device.active {
            let enrol = Action::new("daftar", t.enrol, Vec::new());
            actions.push(if device.enrolled_at.is_none() {
                enrol.main()
            } else {
                enrol
            });
        }
        let name = Field::new("name", list.name, Kind::Line("off")).longest(200).required();
        let reason = || Field::new("reason", Common::of(lang).reason, Kind::Line("off")).longest(300);
        actions.push(Action::new("nama", t.rename, vec![name.value(device.name.clone())]));
        actions.push(match device.active {
            true => Action::new("mati", t.off, vec![reason()]).danger(),
            false => Action::new("nyala", t.on, vec![reason()]).main(),
        });
    }
    let etag = device.etag();
    let actions = actions
        .into_iter()
        .map(|action| action.of_version(&etag).after(posted, &faults));
    let shown = enrolment.map(|enrolment| Shown {
        code: enrolment.code,
        until: format::instant(enrolment.expires_at, lang),
        qr: STANDARD.encode(enrolment.qr_svg),
    });
    let page = Page {
        actions: actions.collect(),
        shell: reader.shell(device.name.clone()),
        t,
        list,
        mark: mark(device.active, lang),
        used: device
            .last_used_at
            .map_or_else(|| list.never.to_owned(), |at| format::instant(at, lang)),
        enrolled: device.enrolled_at.map(|at| format::instant(at, lang)),
        enrolment: shown,
        device,
        faults,
    };
    answer::page(page.faults.status(), lang, &page)
}

/// Makes an enrolment code, or changes the device.
pub async fn change(
    reader: Reader,
    req: HttpRequest,
    (db, tokens, public_url): (web::Data<Db>, web::Data<TokenService>, web::Data<PublicUrl>),
    id: web::Path<Uuid>,
    mut posted: Posted,
) -> Result<HttpResponse, Error> {
    reader.require::<ClientsWrite>()?;
    let device = find(&reader, &db, *id).await?;
    let members = match posted.text("aksi") {
        "daftar" => {
            let server = public_url.for_caller(&req);
            let made = db.write(async |tx| enrolments::service::create(tx, &reader.actor, device.id, &server).await);
            return match made.await {
                Ok(enrolment) => {
                    audit::event("enrolment code made", &reader.source(), &device.id.to_string());
                    page(&reader, device, Some(enrolment), None, Faults::default())
                }
                Err(error) => page(
                    &reader,
                    device,
                    None,
                    Some(&posted),
                    Faults::of(error, reader.lang, &[])?,
                ),
            };
        }
        "nama" => vec![Member::Text("name")],
        "mati" | "nyala" => {
            posted.set("active", posted.text("aksi") == "nyala");
            vec![Member::Flag("active"), Member::Text("reason")]
        }
        _ => return Err(Error::new(Code::BadRequest)),
    };
    let done = async {
        let (if_match, patch) = (posted.if_match()?, posted.patch::<ClientPatch>(&members)?);
        let by = (&reader.actor, &reader.source());
        clients::changes::change(&db, &tokens, by, device.id, &if_match, patch).await
    };
    match done.await {
        Ok(_) => answer::see_other(&format!("/gawai/{id}")),
        Err(error) => {
            let faults = Faults::of(error, reader.lang, &["name", "reason"])?;
            page(&reader, device, None, Some(&posted), faults)
        }
    }
}
