//! Frames of the journal file: written whole behind the last one, found again from the end.
//!
//! A frame is a mark, the length of its payload, the payload's SHA-256, the payload, the length
//! again and a closing mark. What does not fit, sum and all, was never acknowledged: it is what a
//! killed writer or a power cut left of a frame that was being written. What fits and cannot be
//! understood is another version's, and is never taken away.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Entry, Fate, Logged, Role, Step};
use crate::{
    error::{Error, Result},
    store::{
        atomic::{Unpublished, plain_file, sync_folder},
        layout::LOCAL,
    },
};

const OPENING: &[u8; 4] = b"dsk1";
const CLOSING: &[u8; 4] = b"1ksd";
/// Mark, length and digest.
const HEAD: u64 = 44;
/// Length and mark.
const FOOT: u64 = 12;
/// Most bytes of a payload: several times what the largest import writes.
const LARGEST: u64 = 1 << 30;
/// How often a reader looks again at a tail that is just being written.
const LOOKS: u32 = 5;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Frame {
    Began(Entry),
    Ended { no: u64, dropped: bool, left: Vec<String>, spent: Vec<String> },
}

/// The end of the journal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tail {
    /// Number of the last operation; 0 before the first.
    pub no: u64,
    /// Whether that one was dropped.
    pub dropped: bool,
    /// Ids that are not given again.
    pub spent: Vec<String>,
    /// The last operation, where it did not end.
    pub unfinished: Option<Entry>,
}

impl Tail {
    /// Whether nothing began, and nothing was dropped, between two looks at the journal.
    pub fn is_still(&self, later: &Self) -> bool {
        (self.no, self.dropped) == (later.no, later.dropped)
    }
}

impl From<Frame> for Tail {
    fn from(frame: Frame) -> Self {
        match frame {
            Frame::Ended { no, dropped, spent, .. } => {
                Self { no, dropped, spent, unfinished: None }
            }
            Frame::Began(entry) => Self {
                no: entry.no,
                dropped: false,
                spent: entry.spent.clone(),
                unfinished: Some(entry),
            },
        }
    }
}

/// The journal of a data directory, open for the one who holds the lock.
#[derive(Debug)]
pub struct Journal {
    file: File,
    end: u64,
    /// What it ends with.
    pub tail: Tail,
    /// Ids spent before the operation that began here, which one that is dropped gives back.
    spent: Option<Vec<String>>,
}

impl Journal {
    /// Opens the journal and takes away a torn tail; the caller holds the lock.
    pub fn open(root: &Path) -> Result<Self> {
        let folder = root.join(LOCAL);
        let path = folder.join("journal");
        plain_file(root, &path)?;
        let opened = || -> io::Result<Self> {
            let is_new = !path.exists();
            let mut options = OpenOptions::new();
            let mut file =
                options.create(true).truncate(false).read(true).write(true).open(&path)?;
            if is_new {
                sync_folder(&folder)?;
                sync_folder(root)?;
            }
            let length = file.metadata()?.len();
            let (end, tail) = tail(&mut file, length)?;
            if end < length {
                file.set_len(end)?;
            }
            Ok(Self { file, end, tail, spent: None })
        };
        opened().map_err(|error| failed("open", error))
    }

    /// Writes down, on the disk, that an operation began: from here on it counts.
    pub fn begin(&mut self, entry: Entry) -> Result<(), Unpublished> {
        let frame = Frame::Began(entry);
        let end = self.append(&frame).map_err(|error| {
            // What is left of the frame is a torn tail, which nobody reads.
            let _ = self.file.set_len(self.end);
            Unpublished::TakenBack(failed("write", error))
        })?;
        self.file.sync_data().map_err(|error| {
            // The frame may be there or not, so it must not stay: a sync is never tried again.
            let error = failed("write", error);
            match self.file.set_len(self.end) {
                Ok(()) => Unpublished::TakenBack(error),
                Err(_) => Unpublished::Unsure(error),
            }
        })?;
        self.end = end;
        let tail = std::mem::replace(&mut self.tail, frame.into());
        self.spent = Some(tail.spent);
        Ok(())
    }

    /// Writes down that the operation ended, or that nothing of it is left.
    ///
    /// Files that someone else changed, and that were left alone, are named.
    ///
    /// Where an end cannot be written down, the next writer finds every file as it should be and
    /// writes it down then.
    pub fn end(&mut self, dropped: bool, left: Vec<String>) -> Result<()> {
        let given_back = self.spent.take().filter(|_| dropped);
        let (no, spent) = (self.tail.no, given_back.unwrap_or_else(|| self.tail.spent.clone()));
        let ended = Frame::Ended { no, dropped, left, spent };
        match self.append(&ended) {
            Ok(end) => self.end = end,
            Err(error) => {
                // What is left of the frame is a torn tail, which nobody reads.
                let _ = self.file.set_len(self.end);
                return Err(failed("write", error));
            }
        }
        self.tail = ended.into();
        Ok(())
    }

    /// Waits until what was written down is on the disk.
    pub fn sync(&self) -> Result<()> {
        self.file.sync_data().map_err(|error| failed("write", error))
    }

    /// Writes a frame behind the last one, and says where it ends.
    fn append(&mut self, frame: &Frame) -> io::Result<u64> {
        let bytes = encode(frame)?;
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(&bytes)?;
        Ok(self.end.saturating_add(bytes.len() as u64))
    }
}

/// The end of the journal, for a reader; nothing of it where there is none.
pub fn seen(root: &Path) -> Result<Tail> {
    let Some(mut file) = open_to_read(root)? else { return Ok(Tail::default()) };
    let mut look = || -> io::Result<Tail> {
        for _ in 0..LOOKS {
            let length = file.metadata()?.len();
            if length == 0 {
                return Ok(Tail::default());
            }
            if let Some((frame, _)) = last(&mut file, length)? {
                return Ok(frame.into());
            }
            // A writer may be in the middle of its frame.
            std::thread::sleep(Duration::from_millis(1));
        }
        let length = file.metadata()?.len();
        tail(&mut file, length).map(|(_, tail)| tail)
    };
    look().map_err(|error| failed("read", error))
}

/// Every operation, in order, with what became of it. The bytes of its steps are kept of the
/// operation of this number only: those of them all may be more than a machine holds.
pub fn logged(root: &Path, whole: Option<u64>) -> Result<Vec<Logged>> {
    let Some(mut file) = open_to_read(root)? else { return Ok(Vec::new()) };
    let mut all: Vec<Logged> = Vec::new();
    let read = || -> io::Result<Vec<Logged>> {
        let (end, _) = {
            let length = file.metadata()?.len();
            tail(&mut file, length)?
        };
        for at in starts(&mut file, end)? {
            let Some((frame, _)) = frame_at(&mut file, at, end)? else { continue };
            match frame {
                Frame::Began(entry) => began(&mut all, entry, whole),
                Frame::Ended { no, dropped, left, .. } => ended(&mut all, no, dropped, left),
            }
        }
        Ok(all)
    };
    read().map_err(|error| failed("read", error))
}

fn began(all: &mut Vec<Logged>, mut entry: Entry, whole: Option<u64>) {
    // Another one began, so the one before ended: only the frame that said so is lost.
    if let Some(last) = all.last_mut().filter(|last| last.fate == Fate::Unfinished) {
        last.fate = Fate::Stands;
    }
    if whole != Some(entry.no) {
        entry.steps.iter_mut().for_each(Step::drop_bytes);
    }
    all.push(Logged { entry, fate: Fate::Unfinished, left: Vec::new() });
}

/// An operation ended: it stands, and so it changes what became of the one it takes back.
fn ended(all: &mut [Logged], no: u64, dropped: bool, left: Vec<String>) {
    let Some(last) = all.last_mut().filter(|last| last.entry.no == no) else { return };
    last.left = left;
    last.fate = if dropped { Fate::Dropped } else { Fate::Stands };
    let (target, fate) = match last.entry.role {
        Role::Undoes(target) if !dropped => (target, Fate::Undone(no)),
        Role::Redoes(target) if !dropped => (target, Fate::Stands),
        _ => return,
    };
    if let Ok(at) = all.binary_search_by_key(&target, |one| one.entry.no) {
        all[at].fate = fate;
    }
}

fn open_to_read(root: &Path) -> Result<Option<File>> {
    let path = root.join(LOCAL).join("journal");
    plain_file(root, &path)?;
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some).map_err(|error| failed("read", error)),
    }
}

fn failed(what: &str, error: io::Error) -> Error {
    Error::failure(format!("cannot {what} {LOCAL}/journal")).because(error)
}

fn encode(frame: &Frame) -> io::Result<Vec<u8>> {
    let payload = postcard::to_allocvec(frame).map_err(io::Error::other)?;
    let length = payload.len() as u64;
    if length > LARGEST {
        // A longer frame would not be known for one when it is read.
        return Err(io::Error::other("it takes 1 GiB of one operation; do this one in parts"));
    }
    let length = length.to_le_bytes();
    let digest = Sha256::digest(&payload);
    Ok([&OPENING[..], &length, &digest, &payload, &length, CLOSING].concat())
}

/// Where the whole frames end, and what they end with.
fn tail(file: &mut File, length: u64) -> io::Result<(u64, Tail)> {
    if let Some((frame, _)) = last(file, length)? {
        return Ok((length, frame.into()));
    }
    let mut ends = Vec::new();
    let mut at = 0;
    while let Some(next) = end_of_frame(file, at, length)? {
        ends.push(next);
        at = next;
    }
    for end in ends.into_iter().rev() {
        if let Some((frame, _)) = last(file, end)? {
            return Ok((end, frame.into()));
        }
    }
    Ok((0, Tail::default()))
}

/// Where the frames begin; what is damaged between those found from the front and those found from
/// the back is left out.
fn starts(file: &mut File, end: u64) -> io::Result<Vec<u64>> {
    let (mut starts, mut at) = (Vec::new(), 0);
    while let Some(next) = end_of_frame(file, at, end)? {
        starts.push(at);
        at = next;
    }
    let (mut behind, mut until) = (Vec::new(), end);
    while until > at {
        let Some((_, start)) = last(file, until)?.filter(|(_, start)| *start >= at) else { break };
        behind.push(start);
        until = start;
    }
    starts.extend(behind.into_iter().rev());
    Ok(starts)
}

/// The frame that ends at a place, and where it begins.
fn last(file: &mut File, end: u64) -> io::Result<Option<(Frame, u64)>> {
    let Some(foot) = end.checked_sub(FOOT) else { return Ok(None) };
    let foot = bytes_at(file, foot, FOOT)?;
    if foot[8..] != CLOSING[..] {
        return Ok(None);
    }
    let whole = number(&foot).saturating_add(HEAD).saturating_add(FOOT);
    let Some(start) = end.checked_sub(whole) else { return Ok(None) };
    Ok(frame_at(file, start, end)?
        .filter(|(_, next)| *next == end)
        .map(|(frame, _)| (frame, start)))
}

/// Where the frame at a place ends, if marks and lengths fit.
fn end_of_frame(file: &mut File, at: u64, end: u64) -> io::Result<Option<u64>> {
    if end.saturating_sub(at) < HEAD.saturating_add(FOOT) {
        return Ok(None);
    }
    let head = bytes_at(file, at, HEAD)?;
    let next = at.saturating_add(HEAD).saturating_add(number(&head[4..])).saturating_add(FOOT);
    if head[..4] != OPENING[..] || next > end {
        return Ok(None);
    }
    let foot = bytes_at(file, next.saturating_sub(FOOT), FOOT)?;
    let length = number(&head[4..]);
    let fits = foot[8..] == CLOSING[..] && number(&foot) == length && length <= LARGEST;
    Ok(fits.then_some(next))
}

/// The frame at a place and where it ends, if it is whole.
fn frame_at(file: &mut File, at: u64, end: u64) -> io::Result<Option<(Frame, u64)>> {
    let Some(next) = end_of_frame(file, at, end)? else { return Ok(None) };
    let head = bytes_at(file, at, HEAD)?;
    let payload = bytes_at(file, at.saturating_add(HEAD), number(&head[4..]))?;
    if Sha256::digest(&payload)[..] != head[12..] {
        return Ok(None);
    }
    let frame = postcard::from_bytes(&payload).map_err(|_| {
        let why =
            "another version of the program wrote it; it may be renamed where that one finished";
        io::Error::new(io::ErrorKind::InvalidData, why)
    })?;
    Ok(Some((frame, next)))
}

fn bytes_at(file: &mut File, at: u64, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// A little-endian number in the first eight bytes.
fn number(bytes: &[u8]) -> u64 {
    let mut eight = [0; 8];
    eight.copy_from_slice(&bytes[..8]);
    u64::from_le_bytes(eight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(no: u64) -> Entry {
        Entry {
            no,
            at: "2026-09-23T12:00:00+08:00".into(),
            by: "li-min".into(),
            command: "desk task add x".into(),
            said: vec!["added".into()],
            role: Role::Does,
            records: vec![("task".into(), format!("TK-2609-{no:04}"))],
            spent: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// A journal of two operations, the second of them unfinished; where its frame begins.
    fn two(root: &Path) -> u64 {
        std::fs::create_dir(root.join(LOCAL)).expect("a folder");
        let mut journal = Journal::open(root).expect("a journal");
        journal.begin(entry(1)).expect("room on the disk");
        journal.end(false, Vec::new()).expect("room on the disk");
        let second = journal.end;
        journal.begin(entry(2)).expect("room on the disk");
        second
    }

    #[test]
    fn a_frame_cut_at_any_byte_or_changed_in_any_is_as_if_it_were_not_there() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let second = two(folder.path());
        let path = folder.path().join(LOCAL).join("journal");
        let whole = std::fs::read(&path).expect("just written");
        let from = usize::try_from(second).expect("a short file");
        let seen = |bytes: &[u8]| {
            let mut file = tempfile::tempfile().expect("a temporary file");
            file.write_all(bytes).expect("room on the disk");
            tail(&mut file, bytes.len() as u64).expect("it can be read")
        };
        assert_eq!(seen(&whole).1.unfinished, Some(entry(2)));
        for cut in from..whole.len() {
            let (end, tail) = seen(&whole[..cut]);
            assert_eq!((end, tail.no, tail.unfinished), (second, 1, None), "cut at {cut}");
            let mut changed = whole.clone();
            changed[cut] ^= 1;
            let (end, tail) = seen(&changed);
            assert_eq!((end, tail.no, tail.unfinished), (second, 1, None), "changed at {cut}");
        }
    }

    /// A frame of any payload, whole in itself.
    fn framed(payload: &[u8]) -> Vec<u8> {
        let length = (payload.len() as u64).to_le_bytes();
        [&OPENING[..], &length, &Sha256::digest(payload), payload, &length, CLOSING].concat()
    }

    #[test]
    fn what_another_version_wrote_is_kept_and_said() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path();
        two(root);
        let path = root.join(LOCAL).join("journal");
        let later = [std::fs::read(&path).expect("just written"), framed(&[9; 40])].concat();
        let mut file = OpenOptions::new().append(true).open(&path).expect("it is there");
        file.write_all(&framed(&[9; 40])).expect("room on the disk");
        let said = Journal::open(root).expect_err("nobody knows what it says").source;
        assert!(said.is_some_and(|why| why.to_string().contains("another version")));
        assert!(seen(root).is_err());
        assert_eq!(std::fs::read(&path).expect("it is there"), later);
    }

    #[test]
    fn the_next_writer_takes_a_torn_tail_away_and_numbers_go_on() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path();
        two(root);
        let path = root.join(LOCAL).join("journal");
        let mut bytes = std::fs::read(&path).expect("just written");
        bytes.truncate(bytes.len() - 5);
        OpenOptions::new()
            .write(true)
            .open(&path)
            .and_then(|file| file.set_len(bytes.len() as u64))
            .expect("it can be cut");
        let mut journal = Journal::open(root).expect("it can be opened");
        assert_eq!((journal.tail.no, journal.tail.unfinished.is_none()), (1, true));
        journal.begin(entry(2)).expect("room on the disk");
        journal.end(true, Vec::new()).expect("room on the disk");
        let logged = logged(root, None).expect("it can be read");
        let fates: Vec<_> = logged.iter().map(|one| (one.entry.no, one.fate)).collect();
        assert_eq!(fates, [(1, Fate::Stands), (2, Fate::Dropped)]);
        assert!(seen(root).expect("it can be read").dropped);
    }
}
