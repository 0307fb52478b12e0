//! The flags that let a rule pass, the same on every act whose gate can be passed over.

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::common::{text, texts};
use crate::ops::allowed::Allowed;

/// An act with these flags; the example is the code of one of its rules.
pub(super) fn allowing(command: Command, example: &str) -> Command {
    let rule = Arg::new("override").long("override").value_name("RULE").action(ArgAction::Append);
    let comment = Arg::new("comment").long("comment").value_name("TEXT");
    let until = Arg::new("until").long("until").value_name("DATE");
    command
        .arg(rule.help(format!("Let a rule pass, such as {example}; needs --comment and --until")))
        .arg(comment.help("Why, kept with the override"))
        .arg(until.help("Last day the override holds"))
}

/// What these flags say.
pub(super) fn allowed(matches: &ArgMatches) -> Allowed {
    Allowed {
        rules: texts(matches, "override"),
        reason: text(matches, "comment").map(str::to_owned),
        until: text(matches, "until").map(str::to_owned),
    }
}
