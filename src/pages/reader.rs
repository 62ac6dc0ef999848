//! Who reads a page. A handler that takes a [`Reader`] shows itself to people who are signed in, and to no one else.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use chrono::{DateTime, NaiveDate, Utc};
use futures_util::future::LocalBoxFuture;

use super::session::{self, SessionCookie};
use super::shell::{Person, Shell};
use super::words::Common;
use crate::access::Actor;
use crate::access::audit::Source;
use crate::access::auth::browser_sessions::{self, SignedIn};
use crate::access::auth::origin::ensure_same_origin;
use crate::access::guard::ensure_scope;
use crate::access::permissions::Permission;
use crate::core::civil;
use crate::places::districts;
use crate::platform::db::{Db, ReadTx};
use crate::platform::error::{Code, Error};
use crate::platform::http::cursor::CursorKey;
use crate::platform::http::page::PageCache;
use crate::platform::http::request_context::RequestContext;
use crate::platform::http::{DistrictCode, Paging};
use crate::platform::text::Lang;
use crate::results::query::Query;

/// A person who is signed in, and the request.
#[derive(Debug)]
pub struct Reader {
    /// What the services take.
    pub actor: Actor,
    pub name: String,
    pub lang: Lang,
    pub now: DateTime<Utc>,
    pub network: String,
    /// The district that the pages show: the person's own, or the only one. Code and name.
    pub district: Option<(DistrictCode, String)>,
    path: String,
    key: CursorKey,
    cache: PageCache,
}

impl Reader {
    /// Returns whether the person has a permission; buttons that need it are shown only then.
    pub fn may<P: Permission>(&self) -> bool {
        self.actor.scopes.contains(&P::SCOPE)
    }

    /// 403 unless the person has a permission. The first line of every handler.
    pub fn require<P: Permission>(&self) -> Result<(), Error> {
        ensure_scope(&self.actor, P::SCOPE)
    }

    /// Today in WITA.
    pub fn today(&self) -> NaiveDate {
        civil::date_of(self.now)
    }

    /// Returns the code of the district that the page shows. 422: there are several, and none is named.
    pub fn district(&self) -> Result<&DistrictCode, Error> {
        let district = self.district.as_ref().map(|(code, _)| code);
        district.ok_or_else(|| {
            Error::new(Code::RuleBroken).detail(
                "Akun ini melihat beberapa kecamatan. Pilih kecamatannya di halaman Akun.",
                "This account sees several districts. Choose one on the page Account.",
            )
        })
    }

    /// Returns a query of results about the present, with sentences in the person's language.
    pub fn query(&self) -> Query<'_> {
        Query {
            lang: Some(self.lang),
            ..Query::of(&self.actor, self.now)
        }
    }

    /// Returns a page of a list. `cursor`: that of the page before.
    pub fn paging(&self, limit: u64, cursor: Option<String>) -> Paging {
        Paging {
            limit: Some(limit),
            cursor,
            count: None,
            key: self.key.clone(),
            cache: self.cache.clone(),
        }
    }

    /// For the audit log.
    pub fn source(&self) -> Source<'_> {
        Source {
            by: &self.actor.username,
            network: self.network.clone(),
        }
    }

    /// Returns what surrounds every page.
    pub fn shell(&self, title: impl Into<String>) -> Shell {
        let t = Common::of(self.lang);
        let district = match &self.district {
            Some((_, name)) => match self.lang {
                Lang::Id => format!("Kecamatan {name}"),
                Lang::En => format!("{name} District"),
            },
            None => t.whole_regency.to_owned(),
        };
        let person = Person {
            name: self.name.clone(),
            district,
        };
        Shell::new(self.lang, title.into(), &self.path).of(person, &self.actor)
    }
}

impl FromRequest for Reader {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    /// 401, which becomes the sign-in page, without a session; 403 for a form of another site.
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            if !req.method().is_safe() {
                ensure_same_origin(&req)?;
            }
            read(&req).await
        })
    }
}

async fn read(req: &HttpRequest) -> Result<Reader, Error> {
    let data = req
        .app_data::<web::Data<Db>>()
        .zip(req.app_data::<web::Data<CursorKey>>())
        .zip(req.app_data::<web::Data<PageCache>>());
    let ((db, key), cache) = data.ok_or_else(|| Error::internal("no data for pages in the app"))?;
    let context = RequestContext::of(req)?;
    let handle = cookie(req)
        .read(req.headers())
        .ok_or_else(|| Error::new(Code::Unauthenticated))?;
    let now = db.clock().now();
    let (key, cache) = (CursorKey::clone(key), PageCache::clone(cache));
    let everything = Paging {
        limit: Some(2),
        key: key.clone(),
        cache: cache.clone(),
        ..Paging::default()
    };
    let chosen = session::district(req.headers());
    let found = db
        .read(async |tx| find(tx, handle, now, &everything, chosen.as_ref()).await)
        .await?;
    let (signed_in, district) = found.ok_or_else(|| Error::new(Code::Unauthenticated))?;
    let network = context.network.map(|network| network.to_string()).unwrap_or_default();
    signed_in.record_use(db, &network, now).await?;
    context.subject.set(Some(signed_in.actor.id));
    Ok(Reader {
        actor: signed_in.actor,
        name: signed_in.name,
        lang: context.lang,
        now,
        network,
        district,
        path: context.path.clone(),
        key,
        cache,
    })
}

type Found = Option<(SignedIn, Option<(DistrictCode, String)>)>;

/// Returns who is signed in, and the district that the pages show: the own one, the chosen one, or the only one.
async fn find(
    tx: &ReadTx,
    handle: &str,
    now: DateTime<Utc>,
    first: &Paging,
    chosen: Option<&DistrictCode>,
) -> Result<Found, Error> {
    let Some(signed_in) = browser_sessions::find(tx, handle, now).await? else {
        return Ok(None);
    };
    if let Some(code) = chosen.filter(|_| signed_in.actor.district.is_none()) {
        match districts::service::get(tx, &signed_in.actor, code).await {
            Ok(district) => return Ok(Some((signed_in, Some((district.code, district.name))))),
            Err(error) if error.code == Code::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    let districts = districts::service::list(tx, &signed_in.actor, first).await?.items;
    let only = match <[_; 1]>::try_from(districts) {
        Ok([only]) => Some((only.code, only.name)),
        Err(_) => None,
    };
    Ok(Some((signed_in, only)))
}

/// Returns how this service keeps sessions.
pub fn cookie(req: &HttpRequest) -> SessionCookie {
    req.app_data::<SessionCookie>().copied().unwrap_or_default()
}
