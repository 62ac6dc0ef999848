//! The people who sign in, and the phones that send answers.

mod device;
mod user;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::marks::Mark;
use super::reader::Reader;
use super::shell::{Shell, encoded};
use super::words::words;
use super::{answer, format, people, screen};
use crate::access::clients;
use crate::access::clients::dto::{ClientFilter, ClientKind};
use crate::access::permissions::{ClientsRead, ClientsWrite, UsersRead, UsersWrite};
use crate::access::users;
use crate::access::users::dto::UserFilter;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::text::Lang;

words! {
    /// The texts of the lists.
    pub struct Words {
        title: "Pengguna dan gawai" / "Users and devices",
        users: "Pengguna" / "Users",
        devices: "Gawai dan sistem" / "Devices and systems",
        name: "Nama" / "Name",
        username: "Nama pengguna" / "User name",
        role: "Peran" / "Role",
        state: "Keadaan" / "State",
        used: "Terakhir dipakai" / "Last used",
        kind: "Jenis" / "Kind",
        device: "Gawai survei" / "Survey device",
        system: "Sistem" / "System",
        active: "Aktif" / "Active",
        inactive: "Dinonaktifkan" / "Switched off",
        new_user: "Pengguna baru" / "New user",
        new_device: "Gawai baru" / "New device",
        never: "belum pernah" / "never",
    }
}

/// The paths of users and devices.
pub fn configure(c: &mut web::ServiceConfig) {
    c.service(screen("/pengguna").get(show).done())
        .service(screen("/pengguna/baru").get(user::form).post(user::create).done())
        .service(screen("/pengguna/{id}").get(user::show).post(user::change).done())
        .service(screen("/gawai/baru").get(device::form).post(device::create).done())
        .service(screen("/gawai/{id}").get(device::show).post(device::change).done());
}

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    pengguna: Option<String>,
    gawai: Option<String>,
}

#[derive(Template)]
#[template(path = "users.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    users: Vec<UserRow>,
    next_users: Option<String>,
    devices: Vec<DeviceRow>,
    next_devices: Option<String>,
    may_see_devices: bool,
    may_add_user: bool,
    may_add_device: bool,
}

struct UserRow {
    path: String,
    name: String,
    username: String,
    role: &'static str,
    mark: Mark,
}

struct DeviceRow {
    path: Option<String>,
    name: String,
    kind: &'static str,
    used: String,
    mark: Mark,
}

fn mark(is_active: bool, lang: Lang) -> Mark {
    let t = Words::of(lang);
    match is_active {
        true => Mark {
            class: "good",
            sign: "✓",
            word: t.active,
        },
        false => Mark {
            class: "idle",
            sign: "–",
            word: t.inactive,
        },
    }
}

/// Shows the users and the devices of the district.
pub async fn show(reader: Reader, db: web::Data<Db>, asked: web::Query<Asked>) -> Result<HttpResponse, Error> {
    reader.require::<UsersRead>()?;
    let (lang, t, asked) = (reader.lang, Words::of(reader.lang), asked.into_inner());
    let (of_users, of_devices) = (reader.paging(50, asked.pengguna), reader.paging(50, asked.gawai));
    let may_see_devices = reader.may::<ClientsRead>();
    let filter = UserFilter {
        district_code: None,
        role: None,
        section: None,
        active: None,
    };
    let of_clients = ClientFilter {
        district_code: None,
        kind: None,
        role: None,
        village_code: None,
        active: None,
    };
    let read = db.read(async |tx| {
        let users = users::service::list(tx, &reader.actor, &filter, &of_users, reader.now).await?;
        let clients = match may_see_devices {
            true => Some(clients::service::list(tx, &reader.actor, &of_clients, &of_devices, reader.now).await?),
            false => None,
        };
        Ok((users, clients))
    });
    let (users, clients) = read.await?;
    let next_users = users.next_cursor;
    let shown = users.items.into_iter().map(|user| UserRow {
        path: format!("/pengguna/{}", user.id),
        name: user.name,
        username: user.username,
        role: people::role(user.role, lang),
        mark: mark(user.active, lang),
    });
    let users = shown.collect();
    let next_devices = clients.as_ref().and_then(|page| page.next_cursor.clone());
    let devices = clients.into_iter().flat_map(|page| page.items).map(|client| DeviceRow {
        path: (client.kind == ClientKind::Device).then(|| format!("/gawai/{}", client.id)),
        name: client.name,
        kind: match client.kind {
            ClientKind::Device => t.device,
            ClientKind::System => t.system,
        },
        used: client
            .last_used_at
            .map_or_else(|| t.never.to_owned(), |at| format::instant(at, lang)),
        mark: mark(client.active, lang),
    });
    let page = Page {
        shell: reader.shell(t.title),
        t,
        users,
        next_users: next_users.map(|cursor| encoded(&cursor)),
        devices: devices.collect(),
        next_devices: next_devices.map(|cursor| encoded(&cursor)),
        may_see_devices,
        may_add_user: reader.may::<UsersWrite>(),
        may_add_device: reader.may::<ClientsWrite>() && reader.district.is_some(),
    };
    answer::page(StatusCode::OK, lang, &page)
}
