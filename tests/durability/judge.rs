//! What a data directory may look like once an operation was broken off: as before it or as after
//! it, for every reader, and still so when the next writer is done.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Mutex,
};

use crate::{
    desk::{Program, copy, tree},
    operation::Operation,
};

/// Which of the two allowed states a directory is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Nothing of the operation is there.
    Before,
    /// All of it is there.
    After,
}

/// Why a directory is in neither.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    /// What is wrong.
    pub(crate) why: String,
    /// What there is to see.
    pub(crate) seen: String,
}

/// What every reading command answers.
type View = Vec<(Option<i32>, String)>;

/// Every file with its bytes.
type Bytes = Vec<(String, Vec<u8>)>;

/// The states an operation may leave, and what was judged already.
pub(crate) struct Judge {
    program: Program,
    operation: Operation,
    /// The company as the operation finds it.
    pub(crate) base: PathBuf,
    before: View,
    after: View,
    before_next: View,
    after_next: View,
    judged: Mutex<HashMap<Bytes, Result<Side, Fault>>>,
}

impl Judge {
    /// Runs the operation unharmed to learn what it does.
    pub(crate) fn new(
        program: &Program,
        operation: Operation,
        home: &Path,
    ) -> Result<Self, String> {
        let folder = |name: &str| home.join(name).join("data");
        let (base, done) = (folder("base"), folder("done"));
        operation.begin(program, &base)?;
        fresh(&base, &done)?;
        let before = view(program, operation, &done);
        program.must(&done, operation.line)?;
        let after = view(program, operation, &done);
        program.must(&done, operation.next)?;
        let after_next = view(program, operation, &done);
        let other = folder("next");
        fresh(&base, &other)?;
        program.must(&other, operation.next)?;
        let before_next = view(program, operation, &other);
        if before == after {
            return Err(format!("{}: no reader sees what it did", operation.name));
        }
        let (program, judged) = (program.clone(), Mutex::default());
        Ok(Self { program, operation, base, before, after, before_next, after_next, judged })
    }

    /// Judges a directory, by a next writer too; that one writes into it.
    ///
    /// What readers see depends on the files alone, so files that were judged before are not
    /// judged again.
    pub(crate) fn side(&self, root: &Path) -> Result<Side, Fault> {
        let found = tree(root).map_err(|error| Fault::new("it cannot be read", error))?;
        let key: Bytes = found.into_iter().collect();
        let judged = || self.judged.lock().expect("no thread panics while it holds this");
        let known = judged().get(&key).cloned();
        known.unwrap_or_else(|| {
            let side = self.look(root);
            judged().insert(key, side.clone());
            side
        })
    }

    fn look(&self, root: &Path) -> Result<Side, Fault> {
        let seen = view(&self.program, self.operation, root);
        let (side, expected) = match () {
            () if seen == self.before => (Side::Before, &self.before_next),
            () if seen == self.after => (Side::After, &self.after_next),
            () => return Err(Fault::new("readers see half of it", self.difference(&seen))),
        };
        let next = self.program.run(root, self.operation.next);
        if next.code != Some(0) {
            return Err(Fault::new("the next writer fails", next.words()));
        }
        match view(&self.program, self.operation, root) == *expected {
            true => Ok(side),
            false => Err(Fault::new("the next writer changes what was seen", format!("{side:?}"))),
        }
    }

    fn difference(&self, seen: &View) -> String {
        let mut said = String::new();
        for (at, read) in self.operation.reads.iter().enumerate() {
            if seen[at] == self.before[at] && seen[at] == self.after[at] {
                continue;
            }
            let like = match &seen[at] {
                seen if *seen == self.before[at] => "as before".to_owned(),
                seen if *seen == self.after[at] => "as after".to_owned(),
                (code, text) => format!("other, {code:?}, {} lines", text.lines().count()),
            };
            said.push_str(&format!("desk {read}: {like}\n"));
        }
        said
    }
}

impl Fault {
    fn new(why: &str, seen: impl std::fmt::Display) -> Self {
        Self { why: why.into(), seen: seen.to_string() }
    }
}

/// A fresh copy of a directory, with what lies beside it.
pub(crate) fn fresh(base: &Path, root: &Path) -> Result<(), String> {
    let (from, to) = (base.parent().unwrap_or(base), root.parent().unwrap_or(root));
    let _ = std::fs::remove_dir_all(to);
    copy(from, to).map_err(|error| format!("{}: {error}", to.display()))
}

fn view(program: &Program, operation: Operation, root: &Path) -> View {
    let answer = |read: &&str| {
        let ran = program.run(root, read);
        // That an operation was cut short is said beside the answer, which is as if it were not.
        let told = |line: &&str| !line.contains("was cut short and counts");
        let said = ran.out + &ran.err;
        (ran.code, said.lines().filter(told).collect::<Vec<_>>().join("\n"))
    };
    operation.reads.iter().map(answer).collect()
}
