//! Which module may use which: the layers of ARCHITECTURE.md, kept by reading the `crate::` names
//! of the sources.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use crate::desk::PROJECT;

/// A module at the top of the crate, and the modules it may use besides itself.
const LAYERS: &[(&str, &[&str])] = &[
    // Plain values know nothing of the trade.
    ("value", &[]),
    // A finding is data about a place; it must be made anywhere, so it needs no more than places.
    ("finding", &["value"]),
    // An error carries findings; whoever can fail may use it.
    ("error", &["finding", "value"]),
    // What is shown is typed cells; formats and language come later.
    ("page", &["value", "error"]),
    // A fact is made of one document alone, so it cannot know a book.
    ("fact", &["value"]),
    // Records are what files hold; they give facts and never look around.
    ("record", &["fact", "value", "finding"]),
    // desk.toml is read by the field tables of records.
    ("config", &["record", "value", "finding", "error"]),
    // Bytes to records and back, without a rule of the trade.
    ("store", &["record", "fact", "value", "finding", "error"]),
    // Everything derived; it never asks who wants to know.
    ("book", &["store", "record", "fact", "value", "finding", "config", "error"]),
    // Conditions over any record; no kind is known here.
    ("filter", &["record", "value", "error"]),
    // Rules read a book and give findings; they change nothing and show nothing. The store's
    // layout names the folders that are not read.
    ("rules", &["book", "store", "record", "fact", "value", "finding", "config"]),
    // Made-up orders are text of files, from values alone.
    ("demo", &["value", "error"]),
    // A report is a page made of facts.
    (
        "report",
        &[
            "book", "filter", "rules", "record", "fact", "value", "finding", "page", "config",
            "error",
        ],
    ),
    // Acts read a book and give a change as data; they write nothing. Rules say what may be
    // passed over, the store how a change would look.
    (
        "ops",
        &[
            "book", "filter", "rules", "store", "record", "fact", "value", "finding", "config",
            "error",
        ],
    ),
    // Foreign files to changes, through the operations of the trade.
    (
        "import",
        &[
            "ops", "book", "filter", "rules", "store", "record", "fact", "value", "finding",
            "page", "config", "error",
        ],
    ),
    // Pages to bytes; no record, no book.
    ("render", &["page", "value", "error"]),
    // The one place where reading, gate and writing meet.
    (
        "desk",
        &[
            "ops", "book", "filter", "rules", "store", "record", "fact", "value", "finding",
            "page", "config", "error",
        ],
    ),
    // The only writer to the terminal; it knows pages and findings, no book.
    ("ui", &["render", "page", "value", "finding", "error"]),
];

/// Modules that may use everything: the command line alone.
const TOP: &[&str] = &["cli"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("they can be listed").path();
        match path.is_dir() {
            true => sources(&path, found),
            false if path.extension().is_some_and(|extension| extension == "rs") => {
                found.push(path)
            }
            false => {}
        }
    }
}

/// The modules that each module uses, with the file that does.
fn uses() -> BTreeMap<String, BTreeMap<String, PathBuf>> {
    let root = Path::new(PROJECT).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut uses: BTreeMap<String, BTreeMap<String, PathBuf>> = BTreeMap::new();
    for path in files {
        let inside = path.strip_prefix(&root).expect("it was found there");
        let first = inside.iter().next().and_then(|first| first.to_str()).unwrap_or_default();
        let module = first.trim_end_matches(".rs").to_owned();
        if ["main", "lib"].contains(&module.as_str()) {
            continue;
        }
        let text = fs::read_to_string(&path).expect("it can be read");
        let used = uses.entry(module).or_default();
        for name in crate_names(&without_tests(&text)) {
            used.entry(name).or_insert_with(|| inside.to_owned());
        }
    }
    uses
}

/// The text up to its unit tests, which may bring anything together, and without comments.
fn without_tests(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let code = |line: &&str| !line.trim_start().starts_with("//");
    text.lines().filter(code).collect::<Vec<_>>().join("\n")
}

/// The names right behind `crate::`, those in braces one by one.
fn crate_names(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for rest in text.split("crate::").skip(1) {
        let word = |text: &str| -> String {
            text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
        };
        let Some(list) = rest.strip_prefix('{') else {
            names.insert(word(rest));
            continue;
        };
        let (mut depth, mut start) = (0, true);
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => start = true,
                c if start && !c.is_whitespace() => {
                    names.insert(word(&list[at..]));
                    start = false;
                }
                _ => {}
            }
        }
    }
    names
}

#[test]
fn names_behind_crate_are_read() {
    let text = "use crate::{\n    book::{Book, stage},\n    error::Result,\n};\nlet x = crate::value::day::Day;\npub(crate) fn f() {}";
    assert_eq!(crate_names(text), ["book", "error", "value"].map(str::to_owned).into());
    assert_eq!(without_tests("a\n// crate::ui\n#[cfg(test)]\nmod tests {\ncrate::cli"), "a");
}

#[test]
fn every_module_keeps_to_its_layer() {
    let layers: BTreeMap<&str, &[&str]> = LAYERS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (module, used) in uses() {
        if TOP.contains(&module.as_str()) {
            continue;
        }
        let Some(allowed) = layers.get(module.as_str()) else {
            wrong.push(format!("{module} has no layer: give it one in {}", file!()));
            continue;
        };
        for (name, path) in used {
            let known = layers.contains_key(name.as_str()) || TOP.contains(&name.as_str());
            if known && name != module && !allowed.contains(&name.as_str()) {
                wrong.push(format!("src/{}: {module} may not use {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\nPass data in, or move what is needed down.", wrong.join("\n"));
}

#[test]
fn no_two_layers_use_each_other() {
    let layers: BTreeMap<&str, &[&str]> = LAYERS.iter().copied().collect();
    for (at, (module, allowed)) in LAYERS.iter().enumerate() {
        for name in *allowed {
            assert!(!layers[name].contains(module), "{module} and {name}");
            let below = LAYERS[..at].iter().any(|(earlier, _)| earlier == name);
            assert!(below, "{module} may use {name}, which stands above it in the table");
        }
    }
}

#[test]
fn only_the_ui_writes_to_the_terminal_and_only_its_home_reads_the_environment() {
    let root = Path::new(PROJECT).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let allowed = |words: &str| match words {
        "anstream::" => &["ui.rs", "ui/"][..],
        "env::var" => &["cli/env.rs"],
        _ => &["cli/", "desk.rs"],
    };
    for path in files {
        let inside = path.strip_prefix(&root).expect("it was found there").display().to_string();
        let text = without_tests(&fs::read_to_string(&path).expect("it can be read"));
        for words in ["anstream::", "env::var", "Utc::now"] {
            let fine = inside.ends_with("tests.rs")
                || allowed(words).iter().any(|home| inside.starts_with(home));
            assert!(fine || !text.contains(words), "{words} in src/{inside}");
        }
    }
}

/// A compiler hands one copy of an argument to two calls where it thinks that neither changes it
/// (rust-lang/rust#155241): a figure is made anew, not changed where it was given.
#[test]
fn no_function_changes_a_figure_it_was_given_in_place() {
    let root = Path::new(PROJECT).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    for path in files {
        let text = without_tests(&fs::read_to_string(&path).expect("it can be read"));
        for line in text.lines().filter(|line| !line.contains("let mut")) {
            let is_figure = |rest: &str| {
                let kind = rest.split_once(": ").map_or("", |(_, kind)| kind);
                let name = rest.split(": ").next().unwrap_or_default();
                !name.starts_with("self")
                    && ["Decimal", "Amount", "Money", "Option<Decimal>"]
                        .iter()
                        .any(|figure| kind.starts_with(figure))
            };
            let mut given = line.split("mut ").skip(1);
            assert!(!given.any(is_figure), "{}: {line}", path.display());
        }
    }
}
