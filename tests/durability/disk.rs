//! Disks that are full or cannot be written, as small file systems in memory: needs root.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use crate::{
    Options, Tally,
    desk::{copy, tool},
    judge::{Judge, Side, fresh},
    operation::OPERATIONS,
};

/// Bytes that a full disk has left, step by step.
const STEP: usize = 4096;
/// Steps that are tried.
const STEPS: usize = 24;

/// A file system that is taken off again when it is dropped.
pub(crate) struct Mounted {
    /// Where it is.
    pub(crate) at: PathBuf,
}

impl Mounted {
    /// Mounts with the words that `mount` takes before the place.
    pub(crate) fn new(at: &Path, words: &str) -> Result<Self, String> {
        fs::create_dir_all(at).map_err(|error| error.to_string())?;
        tool(at.parent().unwrap_or(at), &format!("mount {words} {}", at.display()))?;
        Ok(Self { at: at.to_owned() })
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let from = self.at.parent().unwrap_or(&self.at).to_owned();
        // A file system that cannot be taken off stays until the machine stops; nothing is lost.
        let _ = tool(&from, &format!("umount {}", self.at.display()));
    }
}

/// Runs every operation on a disk with ever fewer bytes left.
pub(crate) fn full(options: &Options) -> Result<Vec<Tally>, String> {
    let home = options.scratch()?;
    let mounted = match Mounted::new(&home.path().join("disk"), "-t tmpfs -o size=512k tmpfs") {
        Ok(mounted) => mounted,
        Err(why) => return Ok(vec![Tally::skipped("full disk", &why)]),
    };
    let (mut tally, mut refused) = (Tally::new("full disk", "operations"), 0);
    for operation in OPERATIONS
        .iter()
        .filter(|operation| options.wants(operation.name) && operation.is_known(&options.program))
    {
        let judge = Judge::new(&options.program, *operation, &home.path().join(operation.name))?;
        for left in 0..STEPS {
            let place = mounted.at.join("place");
            let root = place.join("data");
            fresh(&judge.base, &root)?;
            let filler = mounted.at.join("filler");
            fill(&filler, left * STEP);
            let ran = options.program.run(&root, operation.line);
            fs::remove_file(&filler).map_err(|error| error.to_string())?;
            refused += usize::from(ran.code != Some(0));
            let wrong = match (judge.side(&root), ran.code) {
                (Err(fault), _) => Some(fault.why),
                (Ok(Side::Before), Some(0)) => Some("exit 0, and nothing is there".into()),
                (Ok(Side::Before), _) if !ran.out.is_empty() => {
                    Some("acknowledged and not there".into())
                }
                _ => None,
            };
            let at = format!("{} with {} bytes left", operation.name, left * STEP);
            tally.of += 1;
            if let Some(why) = wrong {
                tally.bad(&at, &why, &ran.words());
            }
            fs::remove_dir_all(&place).map_err(|error| error.to_string())?;
        }
    }
    // A short row may find room in the last block of its file, but never does each of them.
    if refused == 0 || refused == tally.of {
        tally.bad("the disk", "it is never full, or always", "");
    }
    tally.note = Some(format!("{refused} refused"));
    Ok(vec![tally])
}

/// Fills a disk but for some bytes.
fn fill(path: &Path, left: usize) {
    let Ok(mut file) = fs::File::create(path) else { return };
    let page = vec![0_u8; STEP];
    let mut pages = 0_usize;
    while file.write_all(&page).is_ok() {
        pages += 1;
    }
    let kept = pages.saturating_mul(STEP).saturating_sub(left);
    let _ = file.set_len(u64::try_from(kept).unwrap_or_default());
}

/// Runs every operation, and the readers, on a disk that cannot be written.
pub(crate) fn read_only(options: &Options) -> Result<Vec<Tally>, String> {
    let home = options.scratch()?;
    let mounted = match Mounted::new(&home.path().join("disk"), "-t tmpfs -o size=4m tmpfs") {
        Ok(mounted) => mounted,
        Err(why) => return Ok(vec![Tally::skipped("read-only disk", &why)]),
    };
    let mut tally = Tally::new("read-only disk", "operations");
    for operation in OPERATIONS
        .iter()
        .filter(|operation| options.wants(operation.name) && operation.is_known(&options.program))
    {
        let judge = Judge::new(&options.program, *operation, &home.path().join(operation.name))?;
        let place = mounted.at.join("place");
        let base = judge.base.parent().unwrap_or(&judge.base);
        copy(base, &place).map_err(|error| error.to_string())?;
        let root = place.join("data");
        let remount = |how: &str| {
            tool(home.path(), &format!("mount -o remount,{how} {}", mounted.at.display()))
        };
        remount("ro")?;
        let ran = options.program.run(&root, operation.line);
        let reads: Vec<_> =
            operation.reads.iter().map(|line| options.program.run(&root, line).code).collect();
        remount("rw")?;
        let wanted: Vec<_> = operation
            .reads
            .iter()
            .map(|line| options.program.run(&judge.base, line).code)
            .collect();
        tally.count((ran.code == Some(0)).then(|| "it succeeds".to_owned()));
        tally.count((reads != wanted).then(|| format!("readers fail: {reads:?}")));
        match judge.side(&root) {
            Ok(Side::Before) => tally.count(None),
            Ok(Side::After) => tally.count(Some("it is there".into())),
            Err(fault) => tally.count(Some(fault.why)),
        }
        fs::remove_dir_all(&place).map_err(|error| error.to_string())?;
    }
    Ok(vec![tally])
}
