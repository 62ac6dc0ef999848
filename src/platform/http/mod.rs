//! HTTP, the same for every resource: requests are validated against the contract; answers have entity tags and pages;
//! errors are problems in the caller's language.

pub mod batch_body;
pub mod body;
pub mod cached_response;
pub mod client;
pub mod codes;
pub mod contract;
pub mod cursor;
pub mod document;
pub mod etag;
pub mod faults;
pub mod form;
pub mod limits;
pub mod middleware;
pub mod page;
pub mod patch;
pub mod problem;
pub mod public_url;
pub mod query;
pub mod request_context;
pub mod response;
pub mod schema;
pub mod upload;
pub mod version;

pub use batch_body::{BatchBody, RawItem};
pub use body::Body;
pub use codes::{DistrictCode, Slug, VillageCode};
pub use contract::Contract;
pub use etag::{ETag, IfMatch, OptionalIfMatch};
pub use form::Form;
pub use page::{Page, Paging};
pub use patch::{Patch, PatchOf, Patchable};
pub use query::{AsOf, DeleteReason, Path, Query};
pub use response::{Json, NewSecret, NoContent, NoStore, Resource, Tagged};
pub use upload::ContentEncoding;
pub use version::Version;
