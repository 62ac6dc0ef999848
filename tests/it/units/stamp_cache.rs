//! The promises of the sequence lock of the stamps.

use std::sync::Arc;

use ::entity::stamp;
use iku::platform::db::Stamps;
use iku::platform::db::stamp_cache::StampCache;

fn row(at: i64) -> stamp::Model {
    stamp::Model {
        district_code: "63.11.06".to_owned(),
        recorded_at: at,
        places: 0,
        decrees: 0,
        indicators: 0,
        targets: 0,
        report_kinds: 0,
        surveys: at,
        institutions: 0,
        cases: 0,
        reports: 0,
        code_lists: 0,
        notes: 0,
        evidence: 0,
        closings: 0,
    }
}

fn stamps(at: i64) -> Arc<Stamps> {
    Arc::new(Stamps::new([row(at)]))
}

#[test]
fn a_commit_replaces_its_stamps_and_a_failure_removes_all() {
    let cache = StampCache::default();
    assert_eq!(cache.get(), None);
    cache.put(cache.current_epoch().unwrap(), stamps(1));
    assert_eq!(cache.get(), Some(stamps(1)));
    cache.start_commit();
    assert_eq!(cache.get(), Some(stamps(1)), "the caller has no reply yet");
    cache.end_commit(Some(&[row(2)]));
    assert_eq!(cache.get(), Some(stamps(2)));
    cache.start_commit();
    cache.end_commit(Some(&[]));
    assert_eq!(cache.get(), Some(stamps(2)));
    cache.start_commit();
    cache.end_commit(None);
    assert_eq!(cache.get(), None);
    cache.start_commit();
    cache.end_commit(Some(&[row(3)]));
    assert_eq!(cache.get(), None, "the other districts are unknown");
}

#[test]
fn commits_may_end_in_another_order_than_they_were_applied() {
    let cache = StampCache::default();
    cache.put(cache.current_epoch().unwrap(), stamps(1));
    cache.start_commit();
    cache.start_commit();
    cache.end_commit(Some(&[row(3)]));
    cache.end_commit(Some(&[row(2)]));
    assert_eq!(cache.get(), Some(stamps(3)));
}

#[test]
fn an_epoch_ends_when_a_commit_starts_and_the_next_begins_when_it_has_ended() {
    let cache = StampCache::default();
    let epoch = cache.current_epoch().unwrap();
    assert!(cache.is_current(epoch));
    cache.start_commit();
    assert!(!cache.is_current(epoch));
    assert_eq!(cache.current_epoch(), None);
    cache.end_commit(None);
    assert!(!cache.is_current(epoch));
    assert!(
        cache
            .current_epoch()
            .is_some_and(|next| next != epoch && cache.is_current(next))
    );
}

#[test]
fn there_is_no_epoch_until_all_overlapping_commits_have_ended() {
    let cache = StampCache::default();
    cache.start_commit();
    cache.start_commit();
    cache.end_commit(None);
    assert_eq!(cache.current_epoch(), None);
    cache.end_commit(None);
    assert!(cache.current_epoch().is_some());
}

#[test]
fn stamps_that_were_read_before_a_commit_are_not_cached_after_it() {
    let cache = StampCache::default();
    let epoch = cache.current_epoch().unwrap();
    cache.start_commit();
    cache.put(epoch, stamps(1));
    assert_eq!(cache.get(), None);
    cache.end_commit(None);
    cache.put(epoch, stamps(1));
    assert_eq!(cache.get(), None);
}
