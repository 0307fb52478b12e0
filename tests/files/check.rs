//! Every rule has a smallest data directory that breaks it, and the text a clerk then reads.
//!
//! `tests/check/CODE/` holds only the files that cause the finding; `base/` lies below. `setup` is
//! a shell script for what cannot be kept in a repository; `cmd` holds the refused command of a
//! gate, which takes the place of `desk check`. What is printed is compared with `expected.txt`
//! whole; after reading it, `DESK_BLESS=1 cargo test --test files` keeps it.

use std::{collections::BTreeSet, fs};

use salesdesk::{
    finding::Level,
    rules::{self, When},
};

use crate::desk::{Desk, blesses, names, tests};

const BASE: &str = "base";

fn codes() -> Vec<String> {
    names(&tests().join("check")).into_iter().filter(|name| name != BASE).collect()
}

#[test]
fn every_rule_has_its_fixture_and_no_fixture_is_left_over() {
    let rules: BTreeSet<String> = rules::rules().map(|rule| rule.code.to_owned()).collect();
    let folders: BTreeSet<String> = codes().into_iter().collect();
    let without: Vec<_> = rules.difference(&folders).collect();
    let left_over: Vec<_> = folders.difference(&rules).collect();
    assert!(without.is_empty(), "rules without tests/check/CODE: {without:?}");
    assert!(left_over.is_empty(), "folders that are no rule: {left_over:?}");
}

#[test]
fn the_base_is_clean() {
    let desk = Desk::of(&[&tests().join("check").join(BASE)]);
    let ran = desk.run(&["check"]).exits(0);
    assert_eq!(ran.out, "8 records checked: 0 errors, 0 warnings\n", "{}", ran.err);
}

#[test]
fn each_fixture_reads_as_expected() {
    let mut wrong = Vec::new();
    for code in codes() {
        let folder = tests().join("check").join(&code);
        let desk = Desk::of(&[&tests().join("check").join(BASE), &folder]);
        if let Ok(setup) = fs::read_to_string(folder.join("setup")) {
            desk.script(&setup).exits(0);
        }
        let command = fs::read_to_string(folder.join("cmd")).unwrap_or("desk check\n".into());
        let ran = desk.script(&command);
        assert!(!ran.err.contains("panicked"), "{code}: {}", ran.err);
        let seen = format!("$ {command}{}", ran.transcript());
        let kept = folder.join("expected.txt");
        if blesses() {
            fs::write(&kept, &seen).expect("the expected text is written");
        }
        let expected = fs::read_to_string(&kept).unwrap_or_default();
        if seen != expected {
            wrong.push(format!("{code}: expected\n{expected}\nbut saw\n{seen}"));
        }
        let rule = rules::rule(&code).expect("folders are rules");
        let found = format!("{}[{code}]: ", rule.level.name());
        if !seen.contains(&found) {
            wrong.push(format!("{code}: nothing says {found}"));
        }
        let fails = rule.level == Level::Error;
        if fails && ran.code != 3 {
            wrong.push(format!("{code}: an error, but the exit code is {}", ran.code));
        }
        if rule.when == When::Always && folder.join("cmd").exists() {
            wrong.push(format!("{code}: is found by `desk check`, and needs no cmd"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The hints of a text that are whole commands, without what is said behind them.
fn commands(text: &str) -> Vec<&str> {
    let hints = text
        .lines()
        .filter_map(|line| line.strip_prefix("hint: ").or_else(|| line.strip_prefix("Next: ")));
    let whole = hints.filter(|hint| hint.starts_with("desk ") && !hint.contains('…'));
    whole.map(|hint| hint.split("   (").next().unwrap_or(hint)).collect()
}

#[test]
fn a_hint_that_is_a_whole_command_works() {
    let mut tried = 0;
    for code in codes() {
        let folder = tests().join("check").join(&code);
        let expected = fs::read_to_string(folder.join("expected.txt")).unwrap_or_default();
        for hint in commands(&expected) {
            let desk = Desk::of(&[&tests().join("check").join(BASE), &folder]);
            let ran = desk.script(&format!("DESK_USER=wang {hint}"));
            let looks = [" list ", " show "].iter().any(|word| hint.contains(word));
            let mends_the_rest = hint.ends_with("--fix") || code == "review.open";
            assert!(ran.code == 0 || mends_the_rest, "{code}: {hint}\n{}", ran.transcript());
            tried += 1;
            if code.starts_with("review.") || hint.ends_with(" list") || looks || mends_the_rest {
                continue;
            }
            let after = desk.run(&["check"]);
            assert!(!after.out.contains(&code), "{code}: {hint}\n{}", after.out);
        }
    }
    assert!(tried >= 10, "only {tried} hints are whole commands");
}
