#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use super::*;
use crate::index::conformance::{self, sample_claims};

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
            Box::new(DiskIndex::with_segment_bytes(&dir, "claims", segment_bytes).unwrap())
        });
        let dir = folder.path().join(format!("{segment_bytes}-reopened"));
        conformance::check_reopen(&mut || {
            Box::new(DiskIndex::with_segment_bytes(&dir, "claims", segment_bytes).unwrap())
        });
    }
}

#[test]
fn cut_at_any_byte_positions_never_lead_the_claims_and_rolling_forward_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    let claims = sample_claims();
    let mut index = DiskIndex::open(&whole, "claims").unwrap();
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
        let mut index = DiskIndex::open(&dir, "claims").unwrap();
        let reached = index.restored_to().0.get(&0).copied().unwrap_or(0);
        assert_eq!(index.len() as u64, reached);
        for (at, claim) in claims.iter().enumerate().take(4).skip(usize::try_from(reached).unwrap()) {
            index.apply(vouched(std::slice::from_ref(claim), at as u64 + 1)).unwrap();
        }
        drop(index);
        let index = DiskIndex::open(&dir, "claims").unwrap();
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
    let mut index = DiskIndex::open(folder.path(), "claims").unwrap();
    index.apply(vouched(&claims, 1)).unwrap();
    let size = index.segments.bytes();
    index.apply(vouched(&claims, 1)).unwrap();
    index.apply(vouched(&claims[3..], 0)).unwrap();
    assert_eq!(index.segments.bytes(), size);
}

#[test]
fn an_index_of_another_changelog_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(DiskIndex::open(folder.path(), "claims").unwrap());
    let Err(IndexError::ForeignChangelog { found, expected, .. }) = DiskIndex::open(folder.path(), "others") else {
        panic!("opened")
    };
    assert_eq!((found.as_str(), expected.as_str()), ("claims", "others"));
    assert!(DiskIndex::open(folder.path(), "claims").is_ok());
}

#[test]
fn an_index_of_another_cluster_is_refused_and_one_without_a_mark_adopted() {
    let folder = tempfile::tempdir().unwrap();
    let index = DiskIndex::open(folder.path(), "claims").unwrap();
    let mark = index.cluster_mark();
    mark.confirm("first").unwrap();
    mark.confirm("first").unwrap();
    let Err(error @ IndexError::ForeignCluster { .. }) = mark.confirm("second") else { panic!("confirmed") };
    assert!(error.to_string().contains("delete the index folder"), "{error}");
    drop(index);
    // Found again after a restart, and no file of claims.
    let index = DiskIndex::open(folder.path(), "claims").unwrap();
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
    let index = DiskIndex::open(folder.path(), "claims").unwrap();
    assert!(matches!(DiskIndex::open(folder.path(), "claims"), Err(IndexError::InUse { .. })));
    drop(index);
    assert!(DiskIndex::open(folder.path(), "claims").is_ok());
}

#[test]
fn a_missing_or_damaged_file_between_others_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let mut index = DiskIndex::with_segment_bytes(folder.path(), "claims", 500).unwrap();
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
    assert!(matches!(DiskIndex::open(folder.path(), "claims"), Err(IndexError::Corrupt { at: 8, .. })));

    std::fs::remove_file(&files[1]).unwrap();
    assert!(matches!(DiskIndex::open(folder.path(), "claims"), Err(IndexError::Corrupt { at: 8, .. })));

    std::fs::write(&files[1], bytes).unwrap();
    assert_eq!(DiskIndex::open(folder.path(), "claims").unwrap().len(), sample_claims().len());
}
