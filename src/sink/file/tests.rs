#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::index::disk::{DiskIndex, Origin};
use crate::index::memory::MemoryIndex;
use crate::index::{Answers, ChangelogPositions, ClaimTable, IndexSize, Query};
use crate::sink::VouchedClaims;
use crate::sink::conformance::{self, BATCHES, Seen, Subject, batch, expected, holds};
use crate::verdict::{Claim, Day};

const FILES: [&str; 4] = ["out.jsonl", "out.duplicates.jsonl", "out.rejected.jsonl", "out.commits"];
const SIDE: usize = 3;

/// A sink in a folder of its own.
struct InFolder(TempDir);

impl InFolder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn try_open(&self) -> Result<Opened, OpenError> {
        FileSink::open(&self.path(FILES[0]))
    }

    /// The bytes of each file.
    fn bytes(&self) -> [Vec<u8>; 4] {
        FILES.map(|name| std::fs::read(self.path(name)).unwrap_or_default())
    }

    fn put(&self, bytes: &[Vec<u8>; 4]) {
        for (name, bytes) in FILES.iter().zip(bytes) {
            std::fs::write(self.path(name), bytes).unwrap();
        }
    }

    fn keys(&self, name: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.path(name)).unwrap_or_default();
        let key = |line| serde_json::from_str::<serde_json::Value>(line).unwrap()["key"].as_str().unwrap().to_owned();
        text.lines().map(key).collect()
    }
}

/// Takes down claims in the order in which they are applied.
#[derive(Default)]
struct Applied {
    claims: Vec<Arc<Claim>>,
    reached: ChangelogPositions,
    silent: ClaimTable,
}

impl DedupIndex for Applied {
    fn answers(&self) -> &dyn Answers {
        &self.silent
    }

    fn expire(&mut self, _: Day) -> Result<(), IndexError> {
        Ok(())
    }

    fn apply(&mut self, claims: VouchedClaims) -> Result<(), IndexError> {
        self.claims.extend_from_slice(claims.claims());
        self.reached.advance(claims.changelog().unwrap());
        Ok(())
    }

    fn restored_to(&self) -> &ChangelogPositions {
        &self.reached
    }

    fn size(&self) -> IndexSize {
        IndexSize { claims: self.claims.len(), ..IndexSize::default() }
    }
}

impl Subject for InFolder {
    fn open(&mut self) -> Box<dyn Sink> {
        Box::new(self.try_open().unwrap().sink)
    }

    fn seen(&self) -> Seen {
        let records = std::fs::read_to_string(self.path(FILES[0])).unwrap_or_default();
        Seen {
            records: records.lines().map(str::to_owned).collect(),
            others: Some((self.keys(FILES[1]), self.keys(FILES[2]))),
        }
    }

    fn kept(&mut self) -> Option<(Positions, Vec<Arc<Claim>>)> {
        let opened = self.try_open().unwrap();
        let mut applied = Applied::default();
        opened.sink.roll_forward(&mut applied).unwrap();
        Some((opened.positions, applied.claims))
    }
}

/// The files after each number of committed sample batches.
fn states() -> (InFolder, Vec<[Vec<u8>; 4]>) {
    let mut subject = InFolder::new();
    let mut sink = subject.open();
    let mut states = vec![subject.bytes()];
    for at in 0..BATCHES {
        sink.commit(batch(at)).unwrap();
        states.push(subject.bytes());
    }
    drop(sink);
    (subject, states)
}

/// Opens what a crash left, checks that it holds `count` batches, and for some cuts that the next one goes on from there
/// (each waits for the disk).
fn recovers(subject: &mut InFolder, states: &[[Vec<u8>; 4]], count: usize, cut: usize) {
    holds(subject, count as u64);
    assert_eq!(subject.bytes()[..SIDE], states[count][..SIDE]);
    if count + 1 < states.len() && cut.is_multiple_of(61) {
        subject.open().commit(batch(count as u64)).unwrap();
        assert_eq!(subject.bytes(), states[count + 1], "the batch after the crash");
    }
}

#[test]
fn conforms() {
    conformance::check(&mut || Box::new(InFolder::new()));
}

#[test]
fn a_crash_at_any_byte_of_the_outputs_leaves_the_commits_before_it() {
    let (mut subject, states) = states();
    for count in 0..states.len() - 1 {
        for file in 0..SIDE {
            for cut in states[count][file].len()..=states[count + 1][file].len() {
                // Files are written one after another: those before this one are written, those after it are not.
                let mut crashed = states[count].clone();
                crashed[..file].clone_from_slice(&states[count + 1][..file]);
                crashed[file] = states[count + 1][file][..cut].to_vec();
                subject.put(&crashed);
                recovers(&mut subject, &states, count, cut);
            }
        }
    }
}

#[test]
fn a_crash_at_any_byte_of_the_side_file_leaves_the_commits_whose_frames_are_whole() {
    let (mut subject, states) = states();
    for count in 0..states.len() - 1 {
        let whole = states[count + 1][SIDE].len();
        for cut in states[count][SIDE].len()..=whole {
            let mut crashed = states[count + 1].clone();
            crashed[SIDE].truncate(cut);
            subject.put(&crashed);
            recovers(&mut subject, &states, if cut == whole { count + 1 } else { count }, cut);
        }
    }
}

#[test]
fn a_crash_while_the_side_file_is_begun_leaves_nothing_behind() {
    let (subject, states) = states();
    for cut in 0..states[0][SIDE].len() {
        let mut crashed = states[0].clone();
        crashed[SIDE].truncate(cut);
        subject.put(&crashed);
        let mut opened = subject.try_open().unwrap();
        assert_eq!(opened.positions, Positions::new());
        opened.sink.commit(batch(0)).unwrap();
        assert_eq!(subject.bytes()[..SIDE], states[1][..SIDE]);
    }
}

#[test]
fn the_index_is_rolled_forward_from_wherever_it_stopped() {
    let (subject, _) = states();
    let (_, _, claims) = expected(BATCHES);
    for applied in 0..=BATCHES {
        let Opened { sink, index_dir, changelog, .. } = subject.try_open().unwrap();
        assert_eq!(index_dir, subject.path("out.index"));
        let mut index = DiskIndex::open(&index_dir, Origin::new(changelog, "")).unwrap();
        let (_, _, known) = expected(applied);
        index.apply(VouchedClaims::read_back(known, ChangelogPositions([(0, applied)].into()))).unwrap();
        assert_eq!(sink.roll_forward(&mut index).unwrap(), BATCHES - applied);
        assert_eq!(index.len(), claims.len());
        assert!(
            claims.iter().all(|claim| index.lookup(Query::Delivery(&claim.delivery, claim.payload)).unwrap().is_some())
        );
        assert_eq!(*index.restored_to(), ChangelogPositions([(0, BATCHES)].into()));
        assert_eq!(sink.roll_forward(&mut index).unwrap(), 0);
        drop(index);
        std::fs::remove_dir_all(index_dir).unwrap();
    }
}

#[test]
fn an_index_ahead_of_the_side_file_or_of_another_one_is_refused() {
    let (subject, _) = states();
    let opened = subject.try_open().unwrap();
    let mut ahead = MemoryIndex::default();
    ahead.apply(VouchedClaims::read_back(Vec::new(), ChangelogPositions([(0, BATCHES + 1)].into()))).unwrap();
    assert!(
        matches!(opened.sink.roll_forward(&mut ahead), Err(OpenError::IndexAhead { applied, .. }) if applied == BATCHES + 1)
    );

    drop(DiskIndex::open(&opened.index_dir, Origin::new(opened.changelog.clone(), "")).unwrap());
    drop(opened);
    for name in FILES {
        std::fs::remove_file(subject.path(name)).unwrap();
    }
    let anew = subject.try_open().unwrap();
    assert!(matches!(
        DiskIndex::open(&anew.index_dir, Origin::new(anew.changelog.clone(), "")),
        Err(IndexError::ForeignChangelog { .. })
    ));
}

#[test]
fn an_output_without_its_side_file_is_left_as_it_is() {
    for name in &FILES[..SIDE] {
        let subject = InFolder::new();
        std::fs::write(subject.path(name), "somebody's work\n").unwrap();
        for _ in 0..2 {
            let error = subject.try_open().unwrap_err();
            assert!(matches!(&error, OpenError::Unaccompanied { path, .. } if *path == subject.path(name)), "{error}");
            assert!(error.to_string().contains("move it away"), "{error}");
        }
        assert_eq!(std::fs::read_to_string(subject.path(name)).unwrap(), "somebody's work\n");
        assert_eq!(std::fs::read_dir(subject.0.path()).unwrap().count(), 1);
    }
}

#[test]
fn a_side_file_of_something_else_is_left_as_it_is() {
    let subject = InFolder::new();
    std::fs::write(subject.path("out.commits"), "my list of commits").unwrap();
    assert!(matches!(subject.try_open(), Err(OpenError::Corrupt { at: 0, .. })));
    assert_eq!(std::fs::read_to_string(subject.path("out.commits")).unwrap(), "my list of commits");
}

#[test]
fn committed_output_that_is_gone_is_reported() {
    let (subject, states) = states();
    for file in 0..SIDE {
        let mut shortened = states[2].clone();
        shortened[file].pop();
        subject.put(&shortened);
        let committed = states[2][file].len() as u64;
        let error = subject.try_open().unwrap_err();
        assert!(matches!(error, OpenError::Shortened { committed: found, .. } if found == committed), "{error}");
    }
}

#[test]
fn a_damaged_commit_in_front_of_others_is_reported_with_its_place() {
    let (subject, states) = states();
    let mut damaged = states[3].clone();
    let start = states[1][SIDE].len();
    damaged[SIDE][start + 30] ^= 1;
    subject.put(&damaged);
    assert!(matches!(subject.try_open(), Err(OpenError::Corrupt { at, .. }) if at == start as u64));
}

#[test]
fn one_process_at_a_time() {
    let subject = InFolder::new();
    let opened = subject.try_open().unwrap();
    assert!(matches!(subject.try_open(), Err(OpenError::InUse { .. })));
    drop(opened);
    assert!(subject.try_open().is_ok());
}

#[test]
fn a_batch_that_cannot_be_written_whole_is_taken_back_and_may_come_again() {
    let mut subject = InFolder::new();
    let mut sink = subject.try_open().unwrap().sink;
    sink.commit(batch(0)).unwrap();
    let before = subject.bytes();
    // Dead letters are written last: the records before them have to be taken back.
    let read_only = std::fs::File::open(subject.path(FILES[2])).unwrap();
    let writable = std::mem::replace(&mut sink.rejected.file, read_only);
    let error = sink.commit(batch(1)).unwrap_err();
    assert!(matches!(&error, SinkError::Io { path, .. } if *path == subject.path(FILES[2])), "{error}");
    assert_eq!(subject.bytes(), before);
    sink.rejected.file = writable;
    sink.commit(batch(1)).unwrap();
    drop(sink);
    holds(&mut subject, 2);
}

#[test]
fn the_files_are_named_after_the_records() {
    let names = |path: &str| {
        let paths = Paths::of(Path::new(path));
        [paths.duplicates, paths.rejected, paths.commits, paths.index].map(|path| path.to_string_lossy().into_owned())
    };
    assert_eq!(names("a/b.jsonl"), ["a/b.duplicates.jsonl", "a/b.rejected.jsonl", "a/b.commits", "a/b.index"]);
    assert_eq!(names("v1.2"), ["v1.2.duplicates.jsonl", "v1.2.rejected.jsonl", "v1.2.commits", "v1.2.index"]);
}

#[test]
fn a_dead_letter_line_holds_the_payload_and_the_reason() {
    let mut subject = InFolder::new();
    subject.open().commit(batch(0)).unwrap();
    let text = std::fs::read_to_string(subject.path(FILES[2])).unwrap();
    let letter: BTreeMap<String, serde_json::Value> = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(letter["payload"], "\u{0}dead\n0");
    assert_eq!(letter["headers"]["x-copydesk-error-reason"], "no_text");
}
