//! HTTP manners, the same for every resource: what comes in is held against the contract, what goes out is
//! tagged, paged and, when it is a problem, said in the caller's language.

pub mod body;
pub mod client;
pub mod codes;
pub mod compress;
pub mod contract;
pub mod cors;
pub mod cursor;
pub mod deprecation;
pub mod document;
pub mod envelope;
pub mod etag;
pub mod faults;
pub mod form;
pub mod front;
pub mod limits;
pub mod manners;
pub mod page;
pub mod patch;
pub mod problem;
pub mod query;
pub mod reply;
pub mod response;
pub mod schema;
pub mod upload;
pub mod version;
pub mod visit;

pub use body::Body;
pub use codes::{DistrictCode, Slug, VillageCode};
pub use contract::Contract;
pub use envelope::{Envelope, Unread};
pub use etag::{ETag, IfMatch, OptionalIfMatch};
pub use form::Form;
pub use page::{Page, Paging};
pub use patch::{Patch, PatchOf, Patchable};
pub use query::{AsOf, DeleteReason, Path, Query};
pub use response::{Json, NewSecret, NoContent, NoStore, Resource, Tagged};
pub use upload::ContentEncoding;
pub use version::Version;
