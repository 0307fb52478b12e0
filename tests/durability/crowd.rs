//! Many writers at once, writers killed at random, readers that look on: every id is given once,
//! nothing acknowledged is lost, nobody sees half of an operation.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Child,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    Options, Tally,
    desk::{Program, Ran, copy},
    operation::company,
    random::Random,
};

/// Starts 100 processes at once: 100 ids without a gap.
pub(crate) fn hundred(options: &Options) -> Result<Vec<Tally>, String> {
    let home = options.on_disk()?;
    let root = home.path().join("data");
    example(&root)?;
    let first = ids(&options.program, &root)?;
    let started = Instant::now();
    let start = |_| {
        let line = "order add CX01 --line 'A100 x 1'";
        options.program.command(&root, &[], line).spawn().map_err(|error| error.to_string())
    };
    let children: Vec<Child> = (0..100).map(start).collect::<Result<_, _>>()?;
    let ran: Vec<Ran> = children.into_iter().map(ended).collect::<Result<_, _>>()?;
    let seconds = started.elapsed().as_secs_f32();
    let mut tally = Tally::new("crowd of 100", "ids");
    given(&mut tally, &options.program, &root, &first, &ran)?;
    tally.note = Some(format!("without a gap, {seconds:.1} s"));
    Ok(vec![tally])
}

/// Twenty processes add 100 orders each: 2,000 ids without a gap.
pub(crate) fn twenty(options: &Options) -> Result<Vec<Tally>, String> {
    let home = options.on_disk()?;
    let root = home.path().join("data");
    example(&root)?;
    let first = ids(&options.program, &root)?;
    let each = if options.short { 10 } else { 100 };
    let started = Instant::now();
    let ran: Vec<Ran> = thread::scope(|scope| {
        let work =
            || (0..each).map(|_| options.program.run(&root, "order add CX01 --line 'A100 x 1'"));
        let started: Vec<_> =
            (0..20).map(|_| scope.spawn(move || work().collect::<Vec<_>>())).collect();
        started.into_iter().flat_map(|one| one.join().expect("a writer does not panic")).collect()
    });
    let seconds = started.elapsed().as_secs_f32();
    let mut tally = Tally::new(format!("20 writers, {each} orders each"), "ids");
    given(&mut tally, &options.program, &root, &first, &ran)?;
    if seconds > 60.0 {
        tally.bad("time", "it takes longer than 60 s", &format!("{seconds:.1} s"));
    }
    tally.note = Some(format!("without a gap, {seconds:.1} s of at most 60"));
    Ok(vec![tally])
}

/// Kills writers at random while others work, then looks for all that was acknowledged.
pub(crate) fn killed(options: &Options) -> Result<Vec<Tally>, String> {
    let home = options.on_disk()?;
    let root = home.path().join("data");
    company(&root)?;
    let most = if options.short { 60 } else { 200 };
    let (kills, acknowledged) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let failed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for writer in 0..4_u64 {
            let (kills, acknowledged, failed, root) = (&kills, &acknowledged, &failed, &root);
            scope.spawn(move || {
                let mut random = Random::new(writer + 1);
                while kills.load(Ordering::Relaxed) < most {
                    match attempt(&options.program, root, &mut random) {
                        Attempt::Acknowledged(id) => {
                            acknowledged.lock().expect("no panic").push(id)
                        }
                        Attempt::Killed => drop(kills.fetch_add(1, Ordering::Relaxed)),
                        Attempt::Refused => {}
                        Attempt::Failed(why) => failed.lock().expect("no panic").push(why),
                    }
                }
            });
        }
    });
    let acknowledged = acknowledged.into_inner().map_err(|error| error.to_string())?;
    let mut tally = Tally::new("random kill -9 under load", "acknowledged records");
    lost(&mut tally, &options.program, &root, &acknowledged);
    for why in failed.into_inner().map_err(|error| error.to_string())? {
        tally.bad("a writer", "it fails beside one that was killed", &why);
    }
    tally.note = Some(format!("{} writers killed", kills.into_inner()));
    Ok(vec![tally])
}

/// How one command of a writer ended.
pub(crate) enum Attempt {
    /// With the id of what it wrote.
    Acknowledged(String),
    /// By a kill before it said anything.
    Killed,
    /// By a rule, because another writer was quicker.
    Refused,
    /// In a way it must not.
    Failed(String),
}

/// Runs one random command and kills it, or not, after a random time.
fn attempt(program: &Program, root: &Path, random: &mut Random) -> Attempt {
    let line = line(random);
    let Ok(mut child) = program.command(root, &[], &line).spawn() else {
        return Attempt::Failed("a process cannot be started".into());
    };
    if random.below(3) > 0 {
        thread::sleep(Duration::from_micros(random.below(25_000)));
        // A process that has ended cannot be killed.
        let _ = child.kill();
    }
    match ended(child) {
        Ok(ran) => outcome(&line, ran),
        Err(why) => Attempt::Failed(why),
    }
}

/// A random command of a writer.
pub(crate) fn line(random: &mut Random) -> String {
    let nth = random.below(1_000);
    match random.below(4) {
        0 => format!("task add 'call {nth}' --owner wang"),
        1 => format!("order set SO-2609-000{} 'remarks=seen {nth}'", nth % 2 + 1),
        _ => format!("order add CX0{} --line 'A100 x {}'", nth % 2 + 1, nth + 1),
    }
}

/// What a command that ended by itself or by a kill amounts to.
pub(crate) fn outcome(line: &str, ran: Ran) -> Attempt {
    match (ran.id(), ran.code) {
        (Some(id), None | Some(0)) => Attempt::Acknowledged(id.to_owned()),
        (None, None) => Attempt::Killed,
        (_, Some(3)) => Attempt::Refused,
        _ => Attempt::Failed(format!("desk {line}: {}", ran.words())),
    }
}

/// Counts the acknowledged records that are not there, after one more writer, and what `check`
/// finds.
pub(crate) fn lost(tally: &mut Tally, program: &Program, root: &Path, acknowledged: &[String]) {
    let next = program.run(root, "order add CX01 --line 'A100 x 1'");
    if next.code != Some(0) {
        tally.bad("after it", "the next writer fails", &next.words());
    }
    let check = program.run(root, "check");
    if check.code != Some(0) {
        tally.bad("after it", "check finds faults", &check.words());
    }
    let there: BTreeSet<String> = ["order", "task"]
        .iter()
        .flat_map(|noun| listed(program, root, noun).unwrap_or_default())
        .collect();
    for id in acknowledged {
        let lost = !there.contains(id);
        tally.count(lost.then(|| format!("{id} was acknowledged and is lost")));
    }
}

/// Judges ids that were given: each once, none skipped, every record there.
fn given(
    tally: &mut Tally,
    program: &Program,
    root: &Path,
    first: &[String],
    ran: &[Ran],
) -> Result<(), String> {
    let number = |id: &str| id.rsplit('-').next().and_then(|tail| tail.parse::<usize>().ok());
    let september = |ids: &[String]| {
        ids.iter().filter(|id| id.starts_with("SO-2609-")).filter_map(|id| number(id)).max()
    };
    let from = september(first).unwrap_or(0) + 1;
    let mut expected: BTreeSet<usize> = (from..from + ran.len()).collect();
    for one in ran {
        let known = one.id().and_then(number).is_some_and(|number| expected.remove(&number));
        tally.count(
            (one.code != Some(0) || !known).then(|| format!("no id of its own: {}", one.words())),
        );
    }
    let there: BTreeSet<String> = ids(program, root)?.into_iter().collect();
    for id in ran.iter().filter_map(Ran::id).filter(|id| !there.contains(*id)) {
        tally.bad(id, "it was acknowledged and is lost", "");
    }
    let check = program.run(root, "check");
    if check.code != Some(0) {
        tally.bad("after it", "check finds faults", &check.words());
    }
    Ok(())
}

/// The ids of all orders.
fn ids(program: &Program, root: &Path) -> Result<Vec<String>, String> {
    listed(program, root, "order")
}

/// The ids of all records of a noun.
pub(crate) fn listed(program: &Program, root: &Path, noun: &str) -> Result<Vec<String>, String> {
    let ran = program.must(root, &format!("{noun} list --cols id -O csv --include-void"))?;
    Ok(ran.out.lines().skip(1).map(str::to_owned).collect())
}

/// A copy of the example company.
pub(crate) fn example(root: &Path) -> Result<(), String> {
    let from = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data-example");
    copy(&from, root).map_err(|error| format!("{}: {error}", from.display()))
}

fn ended(child: Child) -> Result<Ran, String> {
    let out = child.wait_with_output().map_err(|error| error.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Ran { code: out.status.code(), out: text(&out.stdout), err: text(&out.stderr) })
}

/// A reader in a loop while operations over two files go on: it sees all of each or nothing.
pub(crate) fn readers(options: &Options) -> Result<Vec<Tally>, String> {
    let home = options.on_disk()?;
    let root = home.path().join("data");
    company(&root)?;
    let operations = if options.short { 60 } else { 1_000 };
    let mut tally = Tally::new("reader beside operations over two files", "looks");
    if options.program.run(&root, "payment list").code != Some(0) {
        return Ok(vec![Tally::skipped(&tally.name, "this program has no payments")]);
    }
    let done = AtomicBool::new(false);
    let failed = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            // All of them together stay below what the order comes to.
            let line = "payment add CX01 2.01 --method transfer --match SO-2609-0001";
            let written =
                (0..operations).try_for_each(|_| options.program.must(&root, line).map(drop));
            done.store(true, Ordering::Relaxed);
            written
        });
        while !done.load(Ordering::Relaxed) {
            let seen = look(&options.program, &root);
            tally.count(seen.err());
        }
        writer.join().expect("the writer does not panic")
    });
    failed?;
    tally.note = Some(format!("{operations} operations"));
    Ok(vec![tally])
}

/// One look of a reader: each payment is earmarked whole by the operation that wrote it, so that
/// nothing of it stays free, and no allocation is without its payment.
fn look(program: &Program, root: &Path) -> Result<(), String> {
    let ran = program.run(root, "payment list --cols id,unallocated -O csv");
    if ran.code != Some(0) {
        return Err(format!("a reader fails: {}", ran.words()));
    }
    let half = ran.out.lines().skip(1).find(|row| !row.ends_with(",0.00"));
    if let Some(row) = half {
        return Err(format!("a payment without its earmark: {row}"));
    }
    let check = program.run(root, "check");
    match check.code {
        Some(0) => Ok(()),
        _ => Err(format!("a reader finds faults: {}", check.words())),
    }
}
