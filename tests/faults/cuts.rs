//! The connection breaks at any byte of a batch or of its reply, and the reference phone still converges.

use std::collections::BTreeSet;
use std::time::Duration;

use iku_phone::problems::Problems;
use iku_phone::server::Patience;
use iku_phone::sync::Persistence;
use iku_phone::{Answer, Courier, Identity, Queue, Report, Server};
use rstest::rstest;
use tempfile::TempDir;
use uuid::Uuid;

use crate::proxy::{Proxy, Way};
use crate::site::{Kind, Site, answer};
use crate::tools::{Chance, is_long};

/// A phone whose connection breaks.
struct Phone {
    folder: TempDir,
    queue: Queue,
    identity: Identity,
    proxy: Proxy,
    survey: Uuid,
    /// The ids of all answers that the phone added.
    answers: BTreeSet<Uuid>,
}

impl Phone {
    fn new(site: &Site) -> Self {
        let folder = TempDir::new().unwrap();
        Self {
            identity: site.enrol(folder.path()),
            queue: Queue::open(folder.path()).unwrap(),
            folder,
            proxy: Proxy::new(site.addresses.read().unwrap().clone()),
            survey: site.survey,
            answers: BTreeSet::new(),
        }
    }

    /// Adds three answers and sends them over a connection that breaks.
    fn send_three(&mut self, cut: Option<(Way, usize)>, comment: Option<&mut Chance>) -> Report {
        let mut comment = comment.map(|chance| move || words(chance));
        for _ in 0..3 {
            let id = Uuid::new_v4();
            let mut content = answer(self.survey, id);
            if let Some(comment) = &mut comment {
                content["comment"] = comment().into();
            }
            self.queue.add(&Answer::new(&content.to_string()).unwrap()).unwrap();
            self.answers.insert(id);
        }
        let server = Server::new(&format!("http://{}", self.proxy.address), Patience::default());
        let persistence = Persistence {
            first_wait: Duration::from_millis(1),
            longest_wait: Duration::from_millis(20),
            failures: 20,
        };
        let identity = self.identity.clone();
        let mut courier = Courier::new(self.folder.path(), &self.queue, identity, server, persistence);
        // The cut of the last round may not have happened.
        self.proxy.arm(None);
        courier.sign_in().unwrap();
        self.proxy.arm(cut);
        let report = courier.run().unwrap();
        let how = format!("cut {cut:?}: {report}");
        assert_eq!(
            (self.queue.len(), report.waiting, &report.gave_up),
            (0, 0, &None),
            "{how}"
        );
        let fine = ["created", "already_stored", "known"].map(|outcome| report.outcomes.get(outcome).copied());
        assert_eq!(fine.iter().flatten().sum::<usize>(), 3, "{how}");
        report
    }
}

/// Text that does not compress, so that a request for the status is cheaper than sending again.
fn words(chance: &mut Chance) -> String {
    let letters = || char::from(b'a' + u8::try_from(chance.below(26)).unwrap());
    std::iter::repeat_with(letters).take(1900).collect()
}

#[rstest]
fn phone_converges_after_a_cut_at_any_byte(#[values(Kind::Sqlite, Kind::Postgres, Kind::Twins)] kind: Kind) {
    let mut chance = Chance::new(&format!("cuts, {kind:?}"));
    let site = Site::new(kind);
    let mut phone = Phone::new(&site);
    phone.send_three(None, None);
    let [request, reply] = phone.proxy.passed();
    // The compressed length differs a little from round to round. Go beyond it, so that every byte is cut.
    let places = |length: usize, chance: &mut Chance| -> Vec<usize> {
        match is_long() {
            true => (0..length + 40).collect(),
            false => [0, 1, length / 2, length - 1, length]
                .into_iter()
                .chain((0..25).map(|_| chance.below(length)))
                .collect(),
        }
    };
    let mut cuts = 0;
    for (way, length) in [(Way::Request, request), (Way::Reply, reply)] {
        for after in places(length, &mut chance) {
            let report = phone.send_three(Some((way, after)), None);
            cuts += usize::from(!phone.proxy.is_armed());
            // Only an answer whose complete request arrived can be `already_stored`.
            if way == Way::Request && after + 40 < length {
                assert_eq!(report.outcomes.get("already_stored"), None, "cut {after}: {report}");
            }
        }
    }
    // With long answers, the phone asks for the status after a lost reply.
    let mut asked = 0;
    phone.send_three(None, Some(&mut chance));
    let [request, reply] = phone.proxy.passed();
    for (way, length) in [(Way::Request, request), (Way::Reply, reply)] {
        for _ in 0..if is_long() { 200 } else { 8 } {
            let after = chance.below(length);
            asked += phone.send_three(Some((way, after)), Some(&mut chance)).status_requests;
            cuts += usize::from(!phone.proxy.is_armed());
        }
    }
    assert!(asked > 0);
    assert_eq!(Problems::of(phone.folder.path()).all().unwrap(), []);
    site.judge_finally(&phone.answers);
    println!(
        "{kind:?}: {cuts} cuts, {asked} status requests, {} answers",
        phone.answers.len()
    );
}
