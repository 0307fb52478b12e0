//! What an operation does to one file: the bytes that differ, and digests of the whole before and
//! after, so that a row added to a long register stays a short step.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::store::atomic::FileWrite;

type Digest = [u8; 32];

/// What an operation does to one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Path relative to the data directory.
    pub path: String,
    /// Digest of the file as the operation found it; nothing where there was none.
    before: Option<Digest>,
    /// Digest of the file as the operation leaves it; nothing where it goes.
    after: Option<Digest>,
    /// Bytes at the front that stay.
    kept: u64,
    /// Bytes behind them that go.
    removed: Vec<u8>,
    /// Bytes that come in their place.
    added: Vec<u8>,
}

/// How a file stands to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// As the operation found it.
    Before,
    /// As the operation leaves it.
    After,
    /// Changed by someone else.
    Other,
}

impl Step {
    /// The step of a write.
    pub fn of(write: &FileWrite) -> Self {
        let old = write.before.as_deref().unwrap_or_default();
        let new = write.after.as_deref().unwrap_or_default();
        let front = old.iter().zip(new).take_while(|(old, new)| old == new).count();
        let (old_rest, new_rest) = (&old[front..], &new[front..]);
        let pairs = old_rest.iter().rev().zip(new_rest.iter().rev());
        let back = pairs.take_while(|(old, new)| old == new).count();
        Self {
            path: write.path.clone(),
            before: write.before.as_deref().map(digest),
            after: write.after.as_deref().map(digest),
            kept: front as u64,
            removed: old_rest[..old_rest.len() - back].to_vec(),
            added: new_rest[..new_rest.len() - back].to_vec(),
        }
    }

    /// How a file's bytes, or its absence, stand to the step.
    pub fn state(&self, now: Option<&[u8]>) -> State {
        let now = now.map(digest);
        match () {
            () if now == self.after => State::After,
            () if now == self.before => State::Before,
            () => State::Other,
        }
    }

    /// The write that finishes the step on a file as the operation found it.
    pub fn forwards(&self, now: Option<&[u8]>) -> Option<FileWrite> {
        self.spliced(now, self.after, &self.removed, &self.added)
    }

    /// The write that takes the step back from a file as the operation left it.
    pub fn backwards(&self, now: Option<&[u8]>) -> Option<FileWrite> {
        self.spliced(now, self.before, &self.added, &self.removed)
    }

    /// The file with some bytes in the place of others; nothing where that does not come to the
    /// digest that is wanted.
    fn spliced(
        &self,
        now: Option<&[u8]>,
        wanted: Option<Digest>,
        from: &[u8],
        to: &[u8],
    ) -> Option<FileWrite> {
        let write =
            |after| FileWrite { path: self.path.clone(), before: now.map(<[u8]>::to_vec), after };
        let Some(wanted) = wanted else { return Some(write(None)) };
        let now = now.unwrap_or_default();
        let kept = usize::try_from(self.kept).ok()?;
        let (front, rest) = now.split_at_checked(kept)?;
        let back = rest.strip_prefix(from)?;
        let bytes = [front, to, back].concat();
        (digest(&bytes) == wanted).then(|| write(Some(bytes)))
    }

    /// Keeps the names and digests only.
    pub(super) fn drop_bytes(&mut self) {
        (self.removed, self.added) = (Vec::new(), Vec::new());
    }

    /// The bytes that went and those that came, to be shown.
    pub fn difference(&self) -> (&[u8], &[u8]) {
        (&self.removed, &self.added)
    }

    /// Whether there was a file before, and whether there is one after.
    pub fn existence(&self) -> (bool, bool) {
        (self.before.is_some(), self.after.is_some())
    }
}

fn digest(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(before: Option<&str>, after: Option<&str>) -> FileWrite {
        let bytes = |text: &str| text.as_bytes().to_vec();
        FileWrite { path: "tasks/x".into(), before: before.map(bytes), after: after.map(bytes) }
    }

    #[test]
    fn a_step_goes_forwards_and_backwards_and_knows_where_it_stands() {
        let cases = [
            (None, Some("new")),
            (Some("old"), None),
            (Some("a\nb\nc\n"), Some("a\nB\nc\n")),
            (Some("aaaa"), Some("aa")),
            (Some("aa"), Some("aaaa")),
            (Some(""), Some("x")),
            (None, Some("")),
        ];
        for (before, after) in cases {
            let there = write(before, after);
            let step = Step::of(&there);
            let (old, new) = (there.before.as_deref(), there.after.as_deref());
            assert_eq!(step.state(old), State::Before, "{there:?}");
            assert_eq!(step.state(new), State::After, "{there:?}");
            assert_eq!(step.forwards(old).as_ref(), Some(&there));
            assert_eq!(step.backwards(new), Some(write(after, before)));
            assert_eq!(step.state(Some(b"by hand")), State::Other);
        }
    }

    #[test]
    fn a_row_added_to_a_long_register_is_a_short_step() {
        let before = "row\n".repeat(10_000);
        let after = format!("{before}one more\n");
        let step = Step::of(&write(Some(&before), Some(&after)));
        assert_eq!(step.difference(), (&b""[..], &b"one more\n"[..]));
    }
}
