#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use std::sync::Arc;

use super::*;
use crate::index::Query;
use crate::index::conformance::{self, sample_claims};
use crate::verdict::Claim;

fn origin() -> Origin {
    Origin::new("claims".into(), "a seed")
}

fn vouched(claims: &[Arc<Claim>], next: u64) -> VouchedClaims {
    VouchedClaims::read_back(claims.to_vec(), ChangelogPositions([(0, next)].into()))
}

fn segment_files(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut paths: Vec<std::path::PathBuf> =
        std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
    paths.sort();
    paths
}

#[test]
fn conforms() {
    let folder = tempfile::tempdir().unwrap();
    for segment_bytes in [segments::SEGMENT_BYTES, 1_000] {
        let mut count = 0;
        conformance::check(&mut || {
            count += 1;
            let dir = folder.path().join(format!("{segment_bytes}-{count}"));
            Box::new(DiskIndex::with_segment_bytes(&dir, origin(), segment_bytes).unwrap())
        });
        let dir = folder.path().join(format!("{segment_bytes}-reopened"));
        conformance::check_reopen(&mut || {
            Box::new(DiskIndex::with_segment_bytes(&dir, origin(), segment_bytes).unwrap())
        });
    }
}

#[test]
fn cut_at_any_byte_positions_never_lead_the_claims_and_rolling_forward_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    // Of one day, and so in one file.
    let claims: Vec<Arc<Claim>> =
        sample_claims().iter().map(|claim| Arc::new(Claim { event_time_ms: 0, ..Claim::clone(claim) })).collect();
    let mut index = DiskIndex::open(&whole, origin()).unwrap();
    for (at, claim) in claims.iter().enumerate().take(4) {
        index.apply(vouched(std::slice::from_ref(claim), at as u64 + 1)).unwrap();
    }
    drop(index);
    let bytes = std::fs::read(&segment_files(&whole)[0]).unwrap();
    let name = segment_files(&whole)[0].file_name().unwrap().to_owned();
    for cut in 0..=bytes.len() {
        let dir = folder.path().join("cut");
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join(&name), &bytes[..cut]).unwrap();
        let mut index = DiskIndex::open(&dir, origin()).unwrap();
        let reached = index.restored_to().0.get(&0).copied().unwrap_or(0);
        assert_eq!(index.len() as u64, reached);
        for (at, claim) in claims.iter().enumerate().take(4).skip(usize::try_from(reached).unwrap()) {
            index.apply(vouched(std::slice::from_ref(claim), at as u64 + 1)).unwrap();
        }
        drop(index);
        let index = DiskIndex::open(&dir, origin()).unwrap();
        assert_eq!(index.len(), 4);
        for claim in &claims[..4] {
            assert_eq!(index.lookup(Query::Delivery(&claim.delivery, claim.payload)).unwrap().as_ref(), Some(claim));
        }
    }
}

#[test]
fn applying_again_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let claims = sample_claims();
    let mut index = DiskIndex::open(folder.path(), origin()).unwrap();
    index.apply(vouched(&claims, 1)).unwrap();
    let size = index.size().disk_bytes;
    index.apply(vouched(&claims, 1)).unwrap();
    index.apply(vouched(&claims[3..], 0)).unwrap();
    assert_eq!(index.size().disk_bytes, size);
}

#[test]
fn an_index_of_another_changelog_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(DiskIndex::open(folder.path(), origin()).unwrap());
    let Err(IndexError::ForeignChangelog { found, expected, .. }) =
        DiskIndex::open(folder.path(), Origin::new("others".into(), ""))
    else {
        panic!("opened")
    };
    assert_eq!((found.as_str(), expected.as_str()), ("claims", "others"));
    assert!(DiskIndex::open(folder.path(), origin()).is_ok());
}

#[test]
fn an_index_of_another_cluster_is_refused_and_one_without_a_mark_adopted() {
    let folder = tempfile::tempdir().unwrap();
    let index = DiskIndex::open(folder.path(), origin()).unwrap();
    let mark = index.cluster_mark();
    mark.confirm("first").unwrap();
    mark.confirm("first").unwrap();
    let Err(error @ IndexError::ForeignCluster { .. }) = mark.confirm("second") else { panic!("confirmed") };
    assert!(error.to_string().contains("delete the index folder"), "{error}");
    drop(index);
    // Found again after a restart, and no file of claims.
    let index = DiskIndex::open(folder.path(), origin()).unwrap();
    assert!(matches!(index.cluster_mark().confirm("second"), Err(IndexError::ForeignCluster { .. })));
    // An index that was written before there were marks, or whose mark a crash of the machine has emptied.
    std::fs::write(folder.path().join("cluster"), "").unwrap();
    index.cluster_mark().confirm("second").unwrap();
    std::fs::remove_file(folder.path().join("cluster")).unwrap();
    index.cluster_mark().confirm("third").unwrap();
    assert!(index.cluster_mark().confirm("second").is_err());
}

#[test]
fn one_process_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let index = DiskIndex::open(folder.path(), origin()).unwrap();
    assert!(matches!(DiskIndex::open(folder.path(), origin()), Err(IndexError::InUse { .. })));
    drop(index);
    assert!(DiskIndex::open(folder.path(), origin()).is_ok());
}

#[test]
fn a_missing_or_damaged_file_between_others_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let mut index = DiskIndex::with_segment_bytes(folder.path(), origin(), 500).unwrap();
    for (at, claim) in sample_claims().iter().enumerate() {
        index.apply(vouched(std::slice::from_ref(claim), at as u64 + 1)).unwrap();
    }
    drop(index);
    let files = segment_files(folder.path());
    assert!(files.len() > 3, "{files:?}");
    let bytes = std::fs::read(&files[1]).unwrap();

    let mut damaged = bytes.clone();
    damaged[20] ^= 1;
    std::fs::write(&files[1], damaged).unwrap();
    assert!(matches!(DiskIndex::open(folder.path(), origin()), Err(IndexError::Corrupt { at: 8, .. })));

    std::fs::remove_file(&files[1]).unwrap();
    assert!(matches!(DiskIndex::open(folder.path(), origin()), Err(IndexError::Corrupt { at: 8, .. })));

    std::fs::write(&files[1], bytes).unwrap();
    assert_eq!(DiskIndex::open(folder.path(), origin()).unwrap().len(), sample_claims().len());
}

fn first_mark(dir: &Path) -> String {
    std::fs::read_to_string(dir.join("first")).unwrap()
}

#[test]
fn the_loss_of_the_oldest_file_is_reported_and_mended() {
    let folder = tempfile::tempdir().unwrap();
    let mut index = DiskIndex::with_segment_bytes(folder.path(), origin(), 500).unwrap();
    for (at, claim) in sample_claims().iter().enumerate() {
        index.apply(vouched(std::slice::from_ref(claim), at as u64 + 1)).unwrap();
    }
    drop(index);
    assert_eq!(first_mark(folder.path()), "0");
    let lost = segment_files(folder.path()).remove(0);
    std::fs::remove_file(&lost).unwrap();
    let Err(error @ IndexError::Missing { .. }) = DiskIndex::open(folder.path(), origin()) else { panic!("opened") };
    assert!(error.to_string().contains(lost.to_str().unwrap()), "{error}");
    let found = survey::survey(folder.path(), &mut |_| Ok(())).unwrap();
    assert!(matches!(found.missing, Some(IndexError::Missing { .. })));
    assert!(found.files.iter().all(|file| file.damage.is_none()));
    let index = DiskIndex::open_or_rebuild(folder.path(), origin()).unwrap();
    assert!(index.is_empty() && index.restored_to().0.is_empty());
    drop(index);
    assert!(DiskIndex::open(folder.path(), origin()).is_ok());
    assert!(survey::survey(folder.path(), &mut |_| Ok(())).unwrap().missing.is_none());
}

#[test]
fn an_index_that_is_distrusted_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let mut index = DiskIndex::open(folder.path(), origin()).unwrap();
    index.apply(vouched(&sample_claims(), 1)).unwrap();
    index.distrust().unwrap();
    drop(index);
    let index = DiskIndex::open(folder.path(), origin()).unwrap();
    assert!(index.is_empty() && index.restored_to().0.is_empty());
}

#[test]
fn a_crash_between_the_mark_and_any_removal_leaves_an_index_that_opens() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    let mut index = DiskIndex::open(&whole, origin()).unwrap();
    for (at, claim) in days().iter().enumerate() {
        index.apply(vouched(std::slice::from_ref(claim), at as u64 + 1)).unwrap();
    }
    let before: Vec<(std::path::PathBuf, Vec<u8>)> =
        segment_files(&whole).into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect();
    index.expire(Day::of(3 * 86_400_000)).unwrap();
    let kept = segment_files(&whole);
    assert_eq!((before.len(), kept.len()), (4, 1));
    let mark = first_mark(&whole);
    assert!(kept[0].to_str().unwrap().contains(&format!("{:020}", mark.parse::<u64>().unwrap())), "{mark}");
    drop(index);
    // The mark is there, and of the three files so many have gone.
    for gone in 0..=3 {
        let dir = folder.path().join(gone.to_string());
        std::fs::create_dir(&dir).unwrap();
        std::fs::write(dir.join("first"), &mark).unwrap();
        for (path, bytes) in &before[gone..] {
            std::fs::write(dir.join(path.file_name().unwrap()), bytes).unwrap();
        }
        let mut index = DiskIndex::open(&dir, origin()).unwrap();
        assert!(survey::survey(&dir, &mut |_| Ok(())).unwrap().missing.is_none());
        index.expire(Day::of(3 * 86_400_000)).unwrap();
        assert_eq!(segment_files(&dir).len(), 1);
        drop(index);
        assert!(DiskIndex::open(&dir, origin()).is_ok());
    }
    // No mark, and so no drop: what has gone then was lost.
    let dir = folder.path().join("lost");
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("first"), "0").unwrap();
    for (path, bytes) in &before[1..] {
        std::fs::write(dir.join(path.file_name().unwrap()), bytes).unwrap();
    }
    assert!(matches!(DiskIndex::open(&dir, origin()), Err(IndexError::Missing { .. })));
}

#[test]
fn an_index_without_a_mark_opens_as_before_and_has_one_from_then_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut index = DiskIndex::open(folder.path(), origin()).unwrap();
    for (at, claim) in days().iter().enumerate() {
        index.apply(vouched(std::slice::from_ref(claim), at as u64 + 1)).unwrap();
    }
    index.expire(Day::of(86_400_000)).unwrap();
    drop(index);
    let mark = first_mark(folder.path());
    for damaged in [None, Some(""), Some("no number")] {
        match damaged {
            None => std::fs::remove_file(folder.path().join("first")).unwrap(),
            Some(text) => std::fs::write(folder.path().join("first"), text).unwrap(),
        }
        assert!(survey::survey(folder.path(), &mut |_| Ok(())).unwrap().missing.is_none());
        drop(DiskIndex::open(folder.path(), origin()).unwrap());
        assert_eq!(first_mark(folder.path()), mark);
    }
    std::fs::remove_file(segment_files(folder.path()).remove(0)).unwrap();
    assert!(matches!(DiskIndex::open(folder.path(), origin()), Err(IndexError::Missing { .. })));
}

fn days() -> Vec<Arc<Claim>> {
    let mut claims = sample_claims();
    claims.sort_by_key(|claim| claim.event_time_ms);
    claims
}

#[test]
fn each_day_has_files_of_its_own_which_go_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut index = DiskIndex::open(folder.path(), origin()).unwrap();
    for (at, claim) in days().iter().enumerate() {
        index.apply(vouched(std::slice::from_ref(claim), at as u64 + 1)).unwrap();
    }
    let files = segment_files(folder.path()).len();
    assert_eq!(files, 4, "four days");
    let restored_to = index.restored_to().clone();
    let bytes = index.size().disk_bytes;
    index.expire(Day::of(2 * 86_400_000)).unwrap();
    assert_eq!(segment_files(folder.path()).len(), 2);
    assert!(index.size().disk_bytes < bytes);
    let kept = index.len();
    // What the changelog brings once more of days that are gone stays away.
    let written = index.size().disk_bytes;
    index.apply(vouched(&days(), 1)).unwrap();
    assert_eq!((index.len(), index.size().disk_bytes), (kept, written));
    drop(index);
    let index = DiskIndex::open(folder.path(), origin()).unwrap();
    assert_eq!((index.len(), index.restored_to()), (kept, &restored_to), "positions outlive the files that held them");
    for claim in days().iter().filter(|claim| claim.held_on() >= Day::of(2 * 86_400_000)) {
        assert_eq!(index.lookup(Query::Delivery(&claim.delivery, claim.payload)).unwrap().as_ref(), Some(claim));
    }
}

#[test]
fn an_index_of_another_seed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(DiskIndex::open(folder.path(), origin()).unwrap());
    let other = DiskIndex::open(folder.path(), Origin::new("claims".into(), "another seed"));
    assert!(matches!(other, Err(IndexError::ForeignSeed { .. })));
    assert!(DiskIndex::open(folder.path(), origin()).is_ok());
    let files = std::fs::read(&segment_files(folder.path())[0]).unwrap();
    assert!(!String::from_utf8_lossy(&files).contains("a seed"), "the seed itself is kept nowhere");
}

#[test]
fn a_damaged_index_is_set_aside_and_rolled_forward_from_the_changelog() {
    let folder = tempfile::tempdir().unwrap();
    let claims = sample_claims();
    let fill = |index: &mut DiskIndex| {
        let reached = index.restored_to().0.get(&0).copied().unwrap_or(0);
        for (at, claim) in claims.iter().enumerate().skip(usize::try_from(reached).unwrap()) {
            index.apply(vouched(std::slice::from_ref(claim), at as u64 + 1)).unwrap();
        }
    };
    let mut index = DiskIndex::open(folder.path(), origin()).unwrap();
    fill(&mut index);
    drop(index);
    for _ in 0..2 {
        let path = segment_files(folder.path()).remove(0);
        let mut bytes = std::fs::read(&path).unwrap();
        let length = bytes.len();
        bytes[length / 2] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        let found = survey::survey(folder.path(), &mut |_| Ok(())).unwrap();
        assert_eq!(found.files.iter().filter(|file| file.damage.is_some()).count(), 1);
        assert!(matches!(DiskIndex::open(folder.path(), origin()), Err(IndexError::Corrupt { .. })));
        let mut index = DiskIndex::open_or_rebuild(folder.path(), origin()).unwrap();
        assert!(index.is_empty() && index.restored_to().0.is_empty());
        fill(&mut index);
        assert_eq!(index.len(), claims.len());
        assert!(!segment_files(&folder.path().join("damaged")).is_empty());
    }
}

#[test]
fn a_survey_reads_what_is_there_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let claims = days();
    let mut index = DiskIndex::open(folder.path(), origin()).unwrap();
    index.apply(vouched(&claims, 7)).unwrap();
    let path = segment_files(folder.path()).pop().unwrap();
    let mut torn = std::fs::read(&path).unwrap();
    torn.extend([1, 2, 3]);
    std::fs::write(&path, &torn).unwrap();
    // While it is open, as in a service that runs.
    let mut seen = Vec::new();
    let found = survey::survey(folder.path(), &mut |claim| {
        seen.push(Arc::clone(claim));
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, claims);
    assert_eq!((found.changelog.as_str(), found.positions), ("claims", ChangelogPositions([(0, 7)].into())));
    let file = found.files.last().unwrap();
    assert_eq!((file.torn_bytes, file.claims, file.damage.is_none()), (3, claims.len() as u64, true));
    assert_eq!(file.days, Some((Day::of(0), Day::of(3 * 86_400_000 + 43_200_000))));
    assert_eq!(std::fs::read(&path).unwrap(), torn);
}
