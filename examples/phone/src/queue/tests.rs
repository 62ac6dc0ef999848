//! A file that is cut or damaged still has all acknowledged answers.

use tempfile::TempDir;

use super::*;

fn answer(n: u8) -> Answer {
    let id = Uuid::from_bytes([n; 16]);
    Answer::stored(&format!(r#"{{"comment":"Jawaban ke-{n}: é","id":"{id}"}}"#)).unwrap()
}

fn id(n: u8) -> Uuid {
    Uuid::from_bytes([n; 16])
}

fn ids(queue: &Queue) -> Vec<Uuid> {
    let all = queue.first(usize::MAX, usize::MAX, &HashSet::new());
    all.iter().map(|answer| answer.id()).collect()
}

/// Returns a journal, and the offset and the waiting answers after each of its lines.
fn journal_with_steps() -> (Vec<u8>, Vec<(usize, Vec<Uuid>)>) {
    let folder = TempDir::new().unwrap();
    let queue = Queue::open(folder.path()).unwrap();
    let read = || fs::read(folder.path().join("queue.log")).unwrap();
    let mut steps = vec![(0, vec![])];
    for n in 1..=4 {
        queue.add(&answer(n)).unwrap();
        steps.push((read().len(), ids(&queue)));
        if n % 2 == 0 {
            queue.finish([(id(n - 1), "created")]).unwrap();
            steps.push((read().len(), ids(&queue)));
        }
    }
    (read(), steps)
}

#[test]
fn a_journal_cut_at_any_byte_recovers() {
    let (journal, steps) = journal_with_steps();
    for cut in 0..=journal.len() {
        // After the cut there is nothing, or zeros that a file system may leave.
        for tail in [&b""[..], &[0; 7]] {
            let folder = TempDir::new().unwrap();
            let path = folder.path().join("queue.log");
            fs::write(&path, [&journal[..cut], tail].concat()).unwrap();
            let queue = Queue::open(folder.path()).unwrap();
            let (_, expected) = steps.iter().rev().find(|(end, _)| *end <= cut).unwrap();
            assert_eq!(&ids(&queue), expected, "cut at {cut}");
            // The queue continues as if there had been no cut.
            assert_eq!(queue.add(&answer(9)).unwrap(), Added::Now);
            drop(queue);
            let queue = Queue::open(folder.path()).unwrap();
            assert_eq!(ids(&queue), [&expected[..], &[id(9)]].concat(), "cut at {cut}");
            assert!(!folder.path().join("queue.damaged").exists(), "cut at {cut}");
        }
    }
}

#[test]
fn a_damaged_line_loses_no_other_line() {
    let (journal, _) = journal_with_steps();
    for at in 0..journal.len() {
        let mut bytes = journal.clone();
        bytes[at] ^= 0x20;
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("queue.log"), &bytes).unwrap();
        let queue = Queue::open(folder.path()).unwrap();
        let mut expected = Vec::new();
        for text in bytes.split_inclusive(|b| *b == b'\n') {
            let untouched = journal
                .split_inclusive(|b| *b == b'\n')
                .any(|original| original == text);
            match entry(text.trim_ascii_end()).filter(|_| untouched) {
                Some(Entry::Add(answer)) => expected.push(answer.id()),
                Some(Entry::Done(id)) => expected.retain(|other| *other != id),
                None => {}
            }
        }
        let waiting = ids(&queue);
        assert_eq!(waiting, expected, "byte {at}");
        drop(queue);
        let again = Queue::open(folder.path()).unwrap();
        assert_eq!(ids(&again), waiting, "{at}");
    }
}

#[test]
fn an_answer_never_changes_under_its_id() {
    let folder = TempDir::new().unwrap();
    let queue = Queue::open(folder.path()).unwrap();
    assert_eq!(queue.add(&answer(1)).unwrap(), Added::Now);
    assert_eq!(queue.add(&answer(1)).unwrap(), Added::Before);
    let other = Answer::stored(&format!(r#"{{"id":"{}"}}"#, id(1))).unwrap();
    assert_eq!(queue.add(&other).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(queue.first(9, 999, &HashSet::new())[0].text(), answer(1).text());
}

#[test]
fn first_returns_at_most_count_answers_and_bytes() {
    let folder = TempDir::new().unwrap();
    let queue = Queue::open(folder.path()).unwrap();
    for n in 1..=5 {
        queue.add(&answer(n)).unwrap();
    }
    let sizes = |count, bytes, skip: &[u8]| {
        let skip = skip.iter().map(|n| id(*n)).collect();
        queue.first(count, bytes, &skip).len()
    };
    let one = answer(1).text().len() + 1;
    assert_eq!(
        (sizes(3, 9999, &[]), sizes(9, 2 * one, &[]), sizes(9, 1, &[])),
        (3, 2, 1)
    );
    assert_eq!((sizes(9, 9999, &[2, 4]), sizes(9, 9999, &[1, 2, 3, 4, 5])), (3, 0));
}

#[test]
fn the_file_is_rewritten_when_most_lines_are_history() {
    let folder = TempDir::new().unwrap();
    let queue = Queue::open(folder.path()).unwrap();
    queue.add(&answer(1)).unwrap();
    let all: Vec<Answer> = (0..600u128)
        .map(|n| Answer::stored(&format!(r#"{{"id":"{}"}}"#, Uuid::from_u128(n))).unwrap())
        .collect();
    for answer in &all {
        queue.add(answer).unwrap();
    }
    queue.finish(all.iter().map(|answer| (answer.id(), "created"))).unwrap();
    assert_eq!(ids(&queue), [id(1)]);
    assert_eq!(
        fs::read(folder.path().join("queue.log")).unwrap(),
        line(&format!("+ {}", answer(1).text()))
    );
    queue.add(&answer(2)).unwrap();
    drop(queue);
    assert_eq!(ids(&Queue::open(folder.path()).unwrap()), [id(1), id(2)]);
}

#[test]
fn a_folder_cannot_be_opened_twice() {
    let folder = TempDir::new().unwrap();
    let _queue = Queue::open(folder.path()).unwrap();
    assert_eq!(
        Queue::open(folder.path()).unwrap_err().kind(),
        io::ErrorKind::WouldBlock
    );
}

#[test]
fn add_on_a_full_disk_fails_and_stores_nothing() {
    // /dev/full refuses every write; it takes the place of the queue's file.
    if !Path::new("/dev/full").exists() {
        return;
    }
    let folder = TempDir::new().unwrap();
    let queue = Queue::open(folder.path()).unwrap();
    queue.add(&answer(1)).unwrap();
    let good = {
        let mut journal = queue.journal();
        let full = fs::OpenOptions::new()
            .read(true)
            .append(true)
            .open("/dev/full")
            .unwrap();
        std::mem::replace(&mut journal.file, full)
    };
    assert!(queue.add(&answer(2)).is_err());
    assert_eq!(queue.len(), 1);
    queue.journal().file = good;
    assert_eq!(queue.add(&answer(2)).unwrap(), Added::Now);
    drop(queue);
    assert_eq!(ids(&Queue::open(folder.path()).unwrap()), [id(1), id(2)]);
}
