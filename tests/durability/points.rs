//! An operation broken off at every system call: by a kill, and by each error a disk can give.
//!
//! A kill before the first call that changes a file leaves the files as they were, so a short run
//! takes only some of those points. Errors are tried at reading calls as well: what could not be
//! read must not be taken for nothing.

use std::{
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::{
    Bad, Options, Tally,
    desk::Program,
    judge::{Fault, Judge, Side, fresh},
    operation::{OPERATIONS, Operation},
    trace::{self, Point, Traced, name_of},
};

/// The errors tried at every call.
const ERRORS: &[&str] = &["EIO", "ENOSPC", "EACCES", "EROFS", "EMFILE", "EDQUOT", "EINTR"];

/// Points of an operation that a short run takes at most, kills and errors each.
const SHORT: usize = 16;

/// What is done at a point.
#[derive(Debug, Clone, Copy)]
enum What {
    Kill,
    Error(&'static str),
    /// The same for every change from there on, as when a disk dies or is taken for read-only.
    Dying(&'static str),
}

/// Kills every operation at every system call.
pub(crate) fn kill(options: &Options) -> Result<Vec<Tally>, String> {
    each("kill", options, |points| points.iter().map(|point| (point.clone(), What::Kill)).collect())
}

/// Gives every operation each error at every system call.
pub(crate) fn errors(options: &Options) -> Result<Vec<Tally>, String> {
    each("errno", options, |points| {
        let all = |point: &Point| {
            ERRORS.iter().map(|error| (point.clone(), What::Error(error))).collect::<Vec<_>>()
        };
        points.iter().filter(|point| may_fail(point)).flat_map(all).collect()
    })
}

/// Lets the disk of every operation die at every system call after the first change.
pub(crate) fn dying(options: &Options) -> Result<Vec<Tally>, String> {
    each("dying disk", options, |points| {
        let both =
            |point: &Point| ["EIO", "EROFS"].map(|error| (point.clone(), What::Dying(error)));
        points.iter().filter(|point| point.late && may_fail(point)).flat_map(both).collect()
    })
}

/// Whether a call can fail. An end cannot, and a wake-up that never comes is no error of a disk:
/// whoever waits for another thread would wait for ever.
fn may_fail(point: &Point) -> bool {
    !point.name.starts_with("exit") && point.name != "futex"
}

fn each(
    group: &str,
    options: &Options,
    cases: impl Fn(&[Point]) -> Vec<(Point, What)>,
) -> Result<Vec<Tally>, String> {
    if let Err(why) = trace::usable() {
        return Ok(vec![Tally::skipped(group, &why)]);
    }
    let chosen = OPERATIONS.iter().filter(|operation| options.wants(operation.name));
    chosen.map(|operation| of(group, options, *operation, &cases)).collect()
}

fn of(
    group: &str,
    options: &Options,
    operation: Operation,
    cases: &impl Fn(&[Point]) -> Vec<(Point, What)>,
) -> Result<Tally, String> {
    let name = format!("{group} {}", operation.name);
    if !operation.is_known(&options.program) {
        return Ok(Tally::skipped(&name, "this program has no such command"));
    }
    let home = options.scratch()?;
    let judge = Judge::new(&options.program, operation, home.path())?;
    let root = home.path().join("traced/data");
    fresh(&judge.base, &root)?;
    let mut points = trace::points(&options.program, &root, operation.line);
    fresh(&judge.base, &root)?;
    points.extend(trace::points_of_threads(&options.program, &root, operation.line));
    let cases = match options.short {
        true => sample(cases(&points)),
        false => cases(&points),
    };
    let mut tally = Tally::new(name, "points");
    let (at, found) = (AtomicUsize::new(0), Mutex::new((0, Vec::new())));
    std::thread::scope(|scope| {
        for job in 0..options.jobs {
            let (at, found, judge, cases) = (&at, &found, &judge, &cases);
            let root = home.path().join(format!("job{job}/data"));
            scope.spawn(move || {
                while let Some((point, what)) = cases.get(at.fetch_add(1, Ordering::Relaxed)) {
                    let (met, bad) = tried(&options.program, judge, operation, &root, point, *what);
                    let mut found = found.lock().expect("no thread panics while it holds this");
                    found.0 += usize::from(met);
                    found.1.extend(bad);
                }
            });
        }
    });
    let (met, bad) = found.into_inner().map_err(|error| error.to_string())?;
    tally.of = met;
    tally.bad = bad;
    tally.note = (met < cases.len()).then(|| format!("{} not reached", cases.len() - met));
    Ok(tally)
}

/// Points spread evenly, those after the first change three times as dense.
fn sample(cases: Vec<(Point, What)>) -> Vec<(Point, What)> {
    let (late, early): (Vec<_>, Vec<_>) = cases.into_iter().partition(|(point, _)| point.late);
    let spread = |cases: Vec<(Point, What)>, most: usize| {
        let step = cases.len().div_ceil(most).max(1);
        // A step that shares no factor with the number of errors, two or seven, meets each of them.
        let meets_each = |step: &usize| !step.is_multiple_of(2) && !step.is_multiple_of(7);
        let step = (step..).find(meets_each).unwrap_or(step);
        cases.into_iter().step_by(step).collect::<Vec<_>>()
    };
    let mut chosen = spread(late, SHORT * 3 / 4);
    chosen.extend(spread(early, SHORT / 4));
    chosen
}

/// Whether the point was reached, and what was wrong.
fn tried(
    program: &Program,
    judge: &Judge,
    operation: Operation,
    root: &Path,
    point: &Point,
    what: What,
) -> (bool, Option<Bad>) {
    if let Err(why) = fresh(&judge.base, root) {
        return (true, Some(Bad { at: point.to_string(), why, detail: String::new() }));
    }
    let how = match what {
        What::Kill => "signal=KILL".to_owned(),
        What::Error(error) => format!("error={error}"),
        What::Dying(error) => format!("error={error} from there on"),
    };
    let options = match what {
        What::Dying(error) => trace::inject_from(point, error),
        What::Kill | What::Error(_) => trace::inject(point, &how),
    };
    let traced = trace::traced(program, root, &options, operation.line);
    let met = match what {
        What::Kill => traced.text.contains("+++ killed by SIGKILL +++"),
        What::Error(_) | What::Dying(_) => traced.text.contains("(INJECTED)"),
    };
    if !met {
        return (false, None);
    }
    let side = judge.side(root);
    let ran = traced.ran.words();
    let again = format!("again: strace {} desk {}", options.join(" "), operation.line);
    let wrong = match (what, side) {
        (_, Err(Fault { why, seen })) => Some((why, format!("{seen}\n{again}\nit said: {ran}"))),
        (What::Kill, Ok(side)) => acknowledged(&traced, side).map(|why| (why, again)),
        (What::Error(error) | What::Dying(error), Ok(side)) => {
            answered(operation, point, error, &traced, side)
                .map(|why| (why, format!("{again}\nit said: {ran}")))
        }
    };
    let told = |(why, detail)| Bad { at: format!("{point} {how}"), why, detail };
    (true, wrong.map(told))
}

fn acknowledged(traced: &Traced, side: Side) -> Option<String> {
    let lost = !traced.ran.out.is_empty() && side == Side::Before;
    lost.then(|| "it was acknowledged, and is not there".to_owned())
}

/// What is wrong with the answer of a command that met an error.
fn answered(
    operation: Operation,
    point: &Point,
    error: &str,
    traced: &Traced,
    side: Side,
) -> Option<String> {
    let ran = &traced.ran;
    // Where only a later line of the answer could not be printed, the first one names it.
    let said = format!("{}{}", ran.out, ran.err);
    let named = operation.names.iter().any(|name| said.contains(name));
    let unsure = named && ran.err.contains("not certain");
    let denied = ["nothing was written", "nothing of it was", "nothing was changed"]
        .iter()
        .any(|words| ran.err.contains(words));
    let files = trace::is_of_files(&point.name);
    let why = match (ran.code, side) {
        _ if traced.text.contains("+++ killed by SIGKILL") => "it hangs",
        _ if syncs_again(point, error, &traced.text) => "a failed fsync is tried again",
        (Some(0), Side::Before) => "exit 0, and nothing is there",
        (Some(0), Side::After) => return None,
        _ if unsure => return None,
        // The C library ends a process whose threads cannot wait for each other, without a word.
        (None, _) if !files => return None,
        // The standard library itself asserts that a folder it has read can be closed.
        _ if ran.err.contains("closedir") && side == Side::Before => return None,
        _ if ran.err.contains("panicked") && files => "it panics",
        _ if ran.err.trim().is_empty() && files && !writes_there(traced) => {
            "it fails without a word"
        }
        (_, Side::After) if denied => "it says that nothing was written, and all is there",
        (_, Side::After) if !named => "it fails, all is there, and the message does not name it",
        (_, Side::Before) if point.late && !denied => {
            "it fails late and does not say that nothing was written"
        }
        _ => return None,
    };
    Some(why.to_owned())
}

/// Whether the error was given to the message itself.
fn writes_there(traced: &Traced) -> bool {
    traced.text.lines().any(|line| line.starts_with("write(2<") && line.contains("(INJECTED)"))
}

/// Whether a sync that failed is called once more for the same file. An interrupted one has not
/// failed.
fn syncs_again(point: &Point, error: &str, text: &str) -> bool {
    if !point.name.contains("sync") || error == "EINTR" {
        return false;
    }
    let mut after = text.lines().skip_while(|line| !line.contains("(INJECTED)"));
    let file = |line: &str| {
        line.split_once('<')
            .and_then(|(_, rest)| rest.split_once('>'))
            .map(|(file, _)| file.to_owned())
    };
    let failed = after.next().and_then(file);
    let syncs = |line: &str| name_of(line).is_some_and(|name| name.contains("sync"));
    failed.is_some() && after.any(|line| syncs(line) && file(line) == failed)
}
