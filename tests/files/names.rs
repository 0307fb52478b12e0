//! Names nobody would choose, and ids that would leave their folder: kept as they are or refused,
//! never obeyed.

use std::collections::BTreeMap;

use naughty_strings::BLNS;
use salesdesk::{
    desk::{Clock, Desk as Directory, Mode},
    error,
    ops::{Actor, record},
    record::{Kind, customer::Customer},
    rules::gate::Gate,
    store::layout,
};

use crate::desk::{Desk, TODAY, tests};

/// Characters that no output may hold: a terminal would obey them.
fn is_obeyed(character: char) -> bool {
    let turns = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let hides = matches!(character, '\u{200b}'..='\u{200f}');
    (character.is_control() && character != '\n') || turns || hides
}

#[test]
fn naughty_names_are_kept_as_they_are_or_refused() {
    let desk = Desk::of(&[&tests().join("check/base")]);
    let directory = Directory {
        root: desk.root(),
        user: Some("li-min".into()),
        site: String::new(),
        now: Clock::GivenDay(TODAY.parse().expect("a day")),
        cache: false,
        command: String::new(),
        rev: None,
    };
    let actor = Actor { user: "li-min", site: "" };
    let mut kept = BTreeMap::new();
    for (at, name) in BLNS.iter().enumerate() {
        let code = format!("N{at:03}");
        let given = [("name".to_owned(), (*name).to_owned())];
        let written = directory.write(Mode::Write, Gate::Acts, |book| {
            record::add(book, actor, Kind::Customer, Some(&code), &given)
        });
        match written {
            Ok(_) => drop(kept.insert(code, *name)),
            Err(refused) => {
                assert_eq!(refused.kind, error::Kind::Refused, "{name:?}: {refused}");
                assert!(!refused.findings.is_empty(), "{name:?}: {refused}");
                let has_control = name.chars().any(char::is_control);
                assert!(name.trim().is_empty() || has_control, "{name:?} was refused");
            }
        }
    }
    assert!(kept.len() > 450, "only {} names were kept", kept.len());
    let book = directory.book().expect("a book");
    for (code, name) in &kept {
        let customer = book.get::<Customer>(code).expect("what was written is read");
        assert_eq!(&customer.rec.name, name);
    }
    let codes: Vec<&str> = kept.keys().map(String::as_str).collect();
    for format in ["table", "plain", "csv", "tsv", "json", "jsonl", "md"] {
        shown(&desk, &["customer", "list", "--cols", "id,name", "-O", format], format);
    }
    shown(&desk, &[&["customer", "show"][..], &codes].concat(), "show");
    shown(&desk, &["find", "a"], "find");
    let json = desk.run(&["customer", "list", "--cols", "id,name", "-O", "json"]).exits(0);
    let page: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    let rows = page["tables"]["customer"].as_array().expect("a table");
    let held = |row: &&serde_json::Value| kept.contains_key(row["id"].as_str().unwrap_or_default());
    let read = rows.iter().filter(held).map(|row| (row["id"].as_str(), row["name"].as_str()));
    let wanted = kept.iter().map(|(code, name)| (Some(code.as_str()), Some(*name)));
    assert!(read.eq(wanted), "JSON gives every name back as it is");
    let checked = desk.run(&["check"]).exits(0);
    assert!(!checked.out.contains(is_obeyed), "check prints what a terminal obeys");
}

fn shown(desk: &Desk, arguments: &[&str], what: &str) {
    let ran = desk.run(arguments).exits(0);
    // Machine formats give back what is there; control characters cannot be there.
    let is_for_machines = ["csv", "tsv", "json", "jsonl"].contains(&what);
    let control = |c: char| c.is_control() && c != '\n' && !(what == "tsv" && c == '\t');
    let bad = if is_for_machines { ran.out.find(control) } else { ran.out.find(is_obeyed) };
    assert_eq!(bad.map(|at| &ran.out[at.saturating_sub(30)..]), None, "{what}");
}

const IDS: &[&str] = &[
    "../x",
    "../../desk",
    "..",
    ".",
    "/etc/passwd",
    "a/b",
    "a\\b",
    ".git",
    ".desk",
    "CON",
    "con",
    "nul",
    "COM1",
    "LPT9",
    "CX99.",
    "CX99 ",
    " CX99",
    "CX\u{202e}99",
    "CX\u{200b}99",
    "СX99",
    "ＣＸ９９",
    "CX99\n",
    "CX99\u{7}",
    "CX99.toml",
    "_CX99",
    "",
    "C234567890123456789012345678901234",
];

#[test]
fn ids_that_are_no_ids_are_refused_and_touch_no_path() {
    let desk = Desk::of(&[&tests().join("check/base"), &tests().join("edit/order-set/in")]);
    let before = crate::edit::files(&desk.root().join(".."));
    for id in IDS {
        for noun in ["customer", "product", "staff"] {
            desk.run(&[noun, "add", "--name", "X", "--", id]).exits(2);
        }
        desk.run(&["customer", "copy", "--", "CX01", id]).exits(2);
        // A part of a name may mean a record; these are part of none.
        for verb in [&["show"][..], &["set", "--remarks", "x"], &["void", "--reason", "x"]] {
            for noun in ["customer", "order"] {
                if ["", ".", "con"].contains(id) {
                    continue;
                }
                let ran = desk.run(&[&[noun], verb, &["--", id]].concat()).exits(2);
                assert!(!ran.err.contains(is_obeyed), "{}", ran.err);
            }
        }
    }
    for id in ["../SO-2609-0001", "SO-2609-0001/", "SO-2609-0001.", "SO-26090001", "SO/2609/0001"] {
        desk.run(&["order", "show", id]).exits(2);
        desk.run(&["order", "set", id, "--remarks", "x"]).exits(2);
        desk.run(&["order", "add", id, "--line", "A100 x 1"]).exits(2);
    }
    assert!(crate::edit::files(&desk.root().join("..")) == before, "a file was touched");
    for kind in salesdesk::record::KINDS {
        for id in IDS.iter().chain(&["CX\0", "\0", "SO-2609-0001\0", "SO-2609-0001/../x"]) {
            assert_eq!(layout::path(*kind, id), None, "{kind} {id:?}");
        }
    }
}
