//! Conditions that begin with `-` (`-district:east`) told apart from flags, before the command line
//! is parsed.
//!
//! They are put behind `--`, where no flag is looked for, so that flags may stand before, between
//! and behind conditions.

use std::ffi::OsString;

/// Commands that take conditions.
const TAKING: &[&str] = &["list", "ls", "export", "report"];

/// The words of a command line with its negated conditions last, behind `--`.
pub(super) fn apart(words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let (mut kept, mut negated) = (Vec::new(), Vec::new());
    let mut words = words.into_iter();
    let mut taking = false;
    for word in words.by_ref() {
        if word == "--" {
            break;
        }
        taking |= TAKING.iter().any(|verb| word == *verb);
        if taking && word.to_str().is_some_and(is_negated) {
            negated.push(word);
        } else {
            kept.push(word);
        }
    }
    negated.extend(words);
    if !negated.is_empty() {
        kept.push("--".into());
    }
    kept.extend(negated);
    kept
}

/// `-key:…`, the key being longer than a short flag.
fn is_negated(word: &str) -> bool {
    let key = word.strip_prefix('-').and_then(|rest| rest.split_once([':', '：']));
    key.is_some_and(|(key, _)| {
        key.len() > 1
            && key.starts_with(|first: char| first.is_ascii_alphabetic())
            && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        let words = apart(line.split(' ').map(OsString::from));
        let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
        assert_eq!(words.join(" "), expected);
    }

    #[test]
    fn negated_conditions_go_behind_the_flags() {
        check("desk order list -stage:quote -O csv", "desk order list -O csv -- -stage:quote");
        check("desk order ls x -stage: --limit 3", "desk order ls x --limit 3 -- -stage:");
        check("desk report sales -line.product:A100", "desk report sales -- -line.product:A100");
        check("desk order list -ab:1 -- -star", "desk order list -- -ab:1 -star");
    }

    #[test]
    fn flags_and_values_of_flags_stay() {
        check("desk order list -p 2026 --sort -gross", "desk order list -p 2026 --sort -gross");
        check("desk -C list:x order show 1", "desk -C list:x order show 1");
        check("desk order set 1 --remarks -ab:1", "desk order set 1 --remarks -ab:1");
        check("desk order list -- a", "desk order list -- a");
    }
}
