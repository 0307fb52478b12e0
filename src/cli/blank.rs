//! The mark `…` of printed commands, where someone left it in: a hint is copied, and what it leaves
//! to be said is not said yet. Nothing is looked up or written then.

use clap::{ArgMatches, parser::ValueSource};

use crate::error::{Error, Result};

/// What a printed command leaves to be filled in.
const MARK: char = '…';
/// Arguments that are told by where they stand and not by a flag.
const BARE: &[&str] =
    &["id", "subject", "paid", "filter", "pairs", "code", "file", "customer", "party"];

/// Refuses a command that still holds the mark as a value, or within one that is taken apart.
pub(super) fn refused(matches: &ArgMatches) -> Result<()> {
    for id in matches.ids() {
        let name = id.as_str();
        if matches.value_source(name) != Some(ValueSource::CommandLine) {
            continue;
        }
        let Ok(Some(values)) = matches.try_get_many::<String>(name) else { continue };
        if let Some(value) = values.into_iter().find(|value| is_blank(value)) {
            let flag = name.strip_prefix("field.").unwrap_or(name).replace('_', "-");
            let word = if BARE.contains(&name) { name.to_uppercase() } else { format!("--{flag}") };
            let message = format!("{word} still says \"{value}\"");
            return Err(Error::usage(message)
                .hint(format!("{MARK} in a printed command stands for what you know")));
        }
    }
    match matches.subcommand() {
        Some((_, below)) => refused(below),
        None => Ok(()),
    }
}

/// Whether a value is the mark, ends an id with it, or gives it to a key.
fn is_blank(value: &str) -> bool {
    let is_id = |head: &str| {
        head.ends_with('-') && head.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-')
    };
    let is_mark = |held: &str| {
        held.trim().strip_suffix(MARK).is_some_and(|head| head.is_empty() || is_id(head))
    };
    let mut given = value.split(',').filter_map(|part| part.split_once('='));
    is_mark(value) || given.any(|(_, held)| is_mark(held))
}
