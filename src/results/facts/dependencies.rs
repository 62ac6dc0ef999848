//! What a computation reads: the streams that its result depends on, and the rows that it loaded.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::cache::Insert;
use crate::platform::db::{PlanState, StampView, Stamps, Stream};
use crate::platform::error::Error;

/// The streams that a result was computed from: the result changes only if they change. Each read depends only on the
/// reads before it, so the same stamps lead to the same reads.
#[derive(Debug, Default)]
pub struct Dependencies {
    streams: BTreeMap<String, Vec<Stream>>,
    /// Whether the result also depends on the plans of all districts.
    pub(super) plans: bool,
}

impl Dependencies {
    pub(super) fn add(&mut self, district: &str, streams: &[Stream]) {
        if !self.streams.contains_key(district) {
            self.streams.insert(district.to_owned(), Vec::new());
        }
        if let Some(known) = self.streams.get_mut(district) {
            let new: Vec<_> = streams.iter().filter(|s| !known.contains(s)).copied().collect();
            known.extend(new);
        }
    }

    /// Returns the stamps that the result depends on.
    pub async fn stamps(&self, view: &StampView<'_>) -> Result<(Arc<Stamps>, Option<PlanState>), Error> {
        let stamps = view.of(self.streams.keys().map(String::as_str)).await?;
        let plans = if self.plans { Some(view.plans().await?) } else { None };
        Ok((stamps, plans))
    }

    /// Passes all dependencies and their stamps to `digest`.
    pub fn for_each(&self, (stamps, plans): &(Arc<Stamps>, Option<PlanState>), mut digest: impl FnMut(&[u8])) {
        for (district, streams) in &self.streams {
            digest(district.as_bytes());
            digest(&[0]);
            for stream in streams {
                digest(&[*stream as u8]);
                digest(&stamps.changed_at(district, *stream).unwrap_or(-1).to_be_bytes());
            }
        }
        if let Some(plans) = plans {
            digest(&[0]);
            for sum in [plans.districts, plans.seconds, plans.micros] {
                digest(&sum.to_be_bytes());
            }
        }
    }

    /// Returns its approximate memory in bytes.
    pub fn size(&self) -> usize {
        let districts = self.streams.iter();
        let sizes =
            districts.map(|(code, streams)| size_of_val(code) + code.len() + size_of_val(streams) + streams.len());
        size_of::<Self>() + sizes.sum::<usize>()
    }
}

/// The reads of one computation.
#[derive(Default)]
pub struct Recorder {
    pub(super) dependencies: RefCell<Dependencies>,
    pub(super) loaded: RefCell<Vec<Insert>>,
    /// The stamps that were read.
    pub(super) stamps: RefCell<Arc<Stamps>>,
    pub(super) plans: Cell<Option<PlanState>>,
    pub(super) is_asked_once: Cell<bool>,
}

/// The trace of a computation.
pub struct Trace {
    pub dependencies: Dependencies,
    /// The stamps of the dependencies.
    pub stamps: (Arc<Stamps>, Option<PlanState>),
    /// The inserts of the loaded rows.
    pub loaded: Vec<Insert>,
    /// Whether no other request has the same query.
    pub is_asked_once: bool,
}

impl Recorder {
    pub fn finish(self) -> Trace {
        Trace {
            dependencies: self.dependencies.into_inner(),
            stamps: (self.stamps.into_inner(), self.plans.get()),
            loaded: self.loaded.into_inner(),
            is_asked_once: self.is_asked_once.get(),
        }
    }
}
