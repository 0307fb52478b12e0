//! Two clones of a company that work apart and are merged by plain git.
//!
//! With sites nothing collides, and every record of both sides is there with its last values.
//! Without sites an id that both gave is a conflict of git, or a finding of `check`: never silent.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{Options, Tally, crowd::listed, desk::tool, operation::company, random::Random};

/// Merges two clones with sites, then two without.
pub(crate) fn merged(options: &Options) -> Result<Vec<Tally>, String> {
    let operations = if options.short { 40 } else { 1_000 };
    Ok(vec![with_sites(options, operations)?, without_sites(options)?])
}

/// What a clone holds when it is done: each record that it wrote, with the words it wrote last.
type Written = BTreeMap<(&'static str, String), String>;

fn with_sites(options: &Options, operations: usize) -> Result<Tally, String> {
    let home = options.scratch()?;
    let clones = two(home.path())?;
    let mut tally =
        Tally::new(format!("two clones with sites, {operations} operations each"), "records");
    let mut written = Vec::new();
    for (at, (clone, site)) in clones.iter().zip(["A", "B"]).enumerate() {
        let seed = u64::try_from(at + 1).unwrap_or(1);
        written.push(work(options, clone, site, operations, seed)?);
        tool(clone, "git add -A")?;
        tool(clone, "git commit -q -m work")?;
    }
    if let Err(why) =
        tool(&clones[0], &format!("git pull -q --no-rebase --no-edit {} main", clones[1].display()))
    {
        tally.bad("the merge", "git finds a conflict", &why);
        return Ok(tally);
    }
    let check = options.program.run(&clones[0], "check");
    if check.code != Some(0) {
        tally.bad("the merge", "check finds faults", &check.words());
    }
    let mut there = BTreeMap::new();
    for noun in ["order", "task"] {
        there.insert(noun, words(options, &clones[0], noun)?);
    }
    for ((noun, id), last) in written.into_iter().flatten() {
        let found = there[noun].get(&id);
        tally.count(
            (found != Some(&last)).then(|| format!("{id} holds {found:?}, written was {last:?}")),
        );
    }
    Ok(tally)
}

fn without_sites(options: &Options) -> Result<Tally, String> {
    let mut tally = Tally::new("two clones without sites", "merges");
    for line in
        ["order add CX01 --line 'A100 x 1' --remarks", "task add 'call' --owner wang --remarks"]
    {
        let home = options.scratch()?;
        let clones = two(home.path())?;
        let mut ids = Vec::new();
        for (clone, side) in clones.iter().zip(["one", "other"]) {
            let line = if line.starts_with("task") {
                format!("task add 'call the {side}' --owner wang")
            } else {
                format!("{line} {side}")
            };
            let ran = options.program.must(clone, &line)?;
            ids.push(ran.id().unwrap_or_default().to_owned());
            tool(clone, "git add -A")?;
            tool(clone, "git commit -q -m work")?;
        }
        let pulled = tool(
            &clones[0],
            &format!("git pull -q --no-rebase --no-edit {} main", clones[1].display()),
        );
        let check = options.program.run(&clones[0], "check");
        let silent = ids[0] == ids[1] && pulled.is_ok() && check.code == Some(0);
        tally.count(
            silent.then(|| format!("{} stands for two records, and nobody says so", ids[0])),
        );
        // A conflict leaves marks in the file, which a check must find too.
        let unseen = pulled.is_err() && check.code == Some(0);
        tally.count(unseen.then(|| "git left a conflict that check does not see".to_owned()));
    }
    Ok(tally)
}

/// Two clones of one company.
fn two(home: &Path) -> Result<[PathBuf; 2], String> {
    let origin = home.join("origin");
    company(&origin)?;
    std::fs::write(origin.join(".gitignore"), ".desk/\n").map_err(|error| error.to_string())?;
    tool(&origin, "git init -q -b main")?;
    who(&origin)?;
    tool(&origin, "git add -A")?;
    tool(&origin, "git commit -q -m company")?;
    let clones = ["one", "other"].map(|name| home.join(name));
    for clone in &clones {
        tool(home, &format!("git clone -q {} {}", origin.display(), clone.display()))?;
        who(clone)?;
    }
    Ok(clones)
}

fn who(clone: &Path) -> Result<(), String> {
    tool(clone, "git config user.name wang")?;
    tool(clone, "git config user.email wang@example.com").map(drop)
}

/// Random operations of a site: new records, and edits of its own.
fn work(
    options: &Options,
    clone: &Path,
    site: &str,
    operations: usize,
    seed: u64,
) -> Result<Written, String> {
    let mut random = Random::new(seed);
    let mut written = Written::new();
    for nth in 0..operations {
        let own =
            usize::try_from(random.below(u64::try_from(written.len()).unwrap_or(0))).unwrap_or(0);
        let own = written.keys().nth(own).cloned();
        let (noun, line, words) = match (random.below(5), own) {
            (0 | 1, Some((noun, id))) => {
                let (field, words) = (field(noun), format!("{site} {nth}"));
                (noun, format!("{noun} set {id} '{field}={words}'"), words)
            }
            (2 | 3, _) => {
                ("task", format!("task add '{site} {nth}' --owner wang"), format!("{site} {nth}"))
            }
            _ => (
                "order",
                format!("order add CX01 --line 'A100 x 1' --remarks '{site} {nth}'"),
                format!("{site} {nth}"),
            ),
        };
        let ran = options.program.must(clone, &format!("DESK_SITE={site} {line}"))?;
        let id = ran.id().ok_or_else(|| format!("desk {line} names no id: {}", ran.words()))?;
        written.insert((noun, id.to_owned()), words);
    }
    Ok(written)
}

/// The field that holds a record's words.
fn field(noun: &str) -> &'static str {
    if noun == "task" { "title" } else { "remarks" }
}

/// The words of every record of a noun.
fn words(options: &Options, root: &Path, noun: &str) -> Result<BTreeMap<String, String>, String> {
    let ids = listed(&options.program, root, noun)?;
    let line = format!("{noun} list --cols {} -O csv --include-void", field(noun));
    let ran = options.program.must(root, &line)?;
    Ok(ids.into_iter().zip(ran.out.lines().skip(1).map(str::to_owned)).collect())
}
