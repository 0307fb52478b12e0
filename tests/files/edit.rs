//! What a command leaves alone in the files it edits: comments, order, spelling, line ends.
//!
//! `tests/edit/CASE/` holds `in/` (laid over `tests/check/base`), the command in `cmd`, and in
//! `out/` the files it changes, compared byte for byte; every other file stays as it was.
//! After reading the difference, `DESK_BLESS=1 cargo test --test files edit` keeps it.

use std::{collections::BTreeMap, fs, path::Path};

use crate::desk::{Desk, blesses, names, tests};

/// Files by path.
pub(crate) type Bytes = BTreeMap<String, Vec<u8>>;

/// Every file below a folder; local state is nobody's record.
pub(crate) fn files(folder: &Path) -> Bytes {
    let mut found = Bytes::new();
    for name in names(folder).into_iter().filter(|name| name != ".desk") {
        let path = folder.join(&name);
        if path.is_dir() {
            let below = files(&path).into_iter();
            found.extend(below.map(|(path, bytes)| (format!("{name}/{path}"), bytes)));
        } else {
            found.insert(name, fs::read(path).expect("a file"));
        }
    }
    found
}

fn bless(out: &Path, changed: &Bytes) {
    drop(fs::remove_dir_all(out));
    for (path, bytes) in changed {
        let path = out.join(path);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
}

#[test]
fn each_edit_changes_what_it_says_and_no_other_byte() {
    let folder = tests().join("edit");
    let mut wrong = Vec::new();
    for case in names(&folder) {
        let case_folder = folder.join(&case);
        let desk = Desk::of(&[&tests().join("check/base"), &case_folder.join("in")]);
        let before = files(&desk.root());
        let command = fs::read_to_string(case_folder.join("cmd")).expect("a command");
        let ran = desk.script(&command);
        if ran.code != 0 {
            wrong.push(format!("{case}: {}", ran.transcript()));
            continue;
        }
        let after = files(&desk.root());
        assert!(before.keys().all(|path| after.contains_key(path)), "{case}: a file is gone");
        let is_changed = |(path, bytes): &(String, Vec<u8>)| before.get(path) != Some(bytes);
        let changed: Bytes = after.into_iter().filter(is_changed).collect();
        let out = case_folder.join("out");
        if blesses() {
            bless(&out, &changed);
        }
        let expected = if out.is_dir() { files(&out) } else { Bytes::new() };
        if changed != expected {
            let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
            let seen: Vec<_> = changed.iter().map(|(p, b)| format!("{p}\n{}", text(b))).collect();
            wrong.push(format!("{case}: changed otherwise:\n{}", seen.join("\n")));
        }
        let checked = desk.run(&["check"]);
        if checked.code != 0 {
            wrong.push(format!("{case}: not clean afterwards:\n{}", checked.transcript()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
