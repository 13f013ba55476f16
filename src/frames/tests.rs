#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use proptest::prelude::*;

use super::*;

fn read(path: &Path) -> Result<(FramedLog, Vec<String>), FrameError> {
    let mut payloads = Vec::new();
    let log = FramedLog::open(path, |_, payload| {
        payloads.push(String::from_utf8(payload.to_vec()).unwrap());
        Ok::<_, FrameError>(())
    })?;
    Ok((log, payloads))
}

/// The bytes of a log with these payloads, and where each frame ends.
fn written(path: &Path, payloads: &[String]) -> (Vec<u8>, Vec<usize>) {
    let (mut log, _) = read(path).unwrap();
    let mut ends = Vec::new();
    for payload in payloads {
        log.append(payload.as_bytes()).unwrap();
        ends.push(usize::try_from(log.len()).unwrap());
    }
    (std::fs::read(path).unwrap(), ends)
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec("[ -~é語]{1,40}", 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cut_at_any_byte_the_frames_before_it_are_read_and_appending_goes_on(payloads in texts()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let (bytes, ends) = written(&path, &payloads);
        for cut in 0..=bytes.len() {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            let whole = ends.iter().filter(|end| **end <= cut).count();
            let (mut log, found) = read(&path).unwrap();
            prop_assert_eq!(&found, &payloads[..whole]);
            log.append(b"after").unwrap();
            drop(log);
            let (log, found) = read(&path).unwrap();
            prop_assert_eq!(log.frames(), whole as u64 + 1);
            prop_assert_eq!(found.last().map(String::as_str), Some("after"));
        }
    }

    #[test]
    fn a_changed_byte_is_damage_in_front_of_good_frames_and_a_torn_tail_behind_them(
        payloads in texts(), at in any::<prop::sample::Index>(), flip in 1u8..,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let (mut bytes, ends) = written(&path, &payloads);
        let at = HEAD.len() + at.index(bytes.len() - HEAD.len());
        bytes[at] ^= flip;
        std::fs::write(&path, &bytes).unwrap();
        let hit = ends.iter().filter(|end| **end <= at).count();
        let start = if hit == 0 { HEAD.len() } else { ends[hit - 1] };
        match read(&path) {
            Ok((_, found)) => {
                prop_assert_eq!(hit + 1, payloads.len(), "damage was taken for a torn tail");
                prop_assert_eq!(&found, &payloads[..hit]);
            }
            Err(FrameError::Corrupt { at, .. }) => {
                prop_assert!(hit + 1 < payloads.len(), "a torn tail was taken for damage");
                prop_assert_eq!(at, start as u64);
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}

#[test]
fn a_tail_of_zeros_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let (mut bytes, _) = written(&path, &["one".into(), "two".into()]);
    bytes.extend_from_slice(&[0; 10_000]);
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(read(&path).unwrap().1, ["one", "two"]);
    assert_eq!(std::fs::metadata(&path).unwrap().len(), bytes.len() as u64 - 10_000);
}

#[test]
fn a_file_that_is_no_log_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    for bytes in [&b"{\"title\":\"somebody's records\"}\n"[..], b"x", b"cdframe\x02..."] {
        std::fs::write(&path, bytes).unwrap();
        assert!(matches!(read(&path), Err(FrameError::Corrupt { at: 0, .. })));
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
}

#[test]
fn empty_payloads_are_refused_because_zeros_would_look_like_them() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, _) = read(&folder.path().join("log")).unwrap();
    assert!(log.append(b"").is_err());
    log.append(b"x").unwrap();
    assert_eq!(log.frames(), 1);
}
