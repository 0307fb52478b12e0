//! The journal: frames made of the parts of the input between bytes 0xFF, some with a wrong digest,
//! and whatever is left as a torn tail. What whole frames say is read, and a tail that is taken away
//! changes nothing of it.

#![no_main]

use std::{fs, path::PathBuf, sync::LazyLock};

use salesdesk::store::journal;
use sha2::{Digest, Sha256};

static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
    let root = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder").keep();
    fs::create_dir(root.join(".desk")).expect("a folder");
    root
});

fn frame(payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u64).to_le_bytes();
    let mut digest = Sha256::digest(payload).to_vec();
    // One frame in sixteen does not hold.
    digest[0] ^= u8::from(payload.first().is_some_and(|first| first % 16 == 15));
    [&b"dsk1"[..], &length, &digest, payload, &length, b"1ksd"].concat()
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut parts: Vec<&[u8]> = bytes.split(|byte| *byte == 0xFF).collect();
    let torn = parts.pop().unwrap_or_default();
    let mut file: Vec<u8> = parts.into_iter().flat_map(frame).collect();
    file.extend_from_slice(torn);
    let root = ROOT.as_path();
    fs::write(root.join(".desk/journal"), &file).expect("a file");
    let Ok(said) = journal::logged(root, None) else {
        // A whole frame of another version: whether it stops a writer or not, it stays.
        let _ = journal::Journal::open(root);
        let left = fs::read(root.join(".desk/journal")).expect("it is there");
        assert!(file.starts_with(&left), "opening it changed what stands");
        return;
    };
    journal::logged(root, Some(1)).expect("it can be read");
    let seen = journal::seen(root).expect("it can be read");
    // Laying it over the files reads them and writes nothing.
    let _ = journal::laid_over(root, seen.unfinished.as_ref());
    let opened = journal::Journal::open(root).expect("it can be opened");
    assert_eq!(opened.tail, seen, "a reader and a writer see another end");
    let again = journal::logged(root, None).expect("it can be read");
    assert_eq!(said.len(), again.len(), "taking a torn tail away took an operation with it");
    let left = fs::read(root.join(".desk/journal")).expect("it is there");
    assert!(file.starts_with(&left), "opening it changed what stands");
});
