//! Completions with the ids of the data directory, and the manual page.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command};
use clap_complete::{CompletionCandidate, env::Shells};

use super::{Context, Done};
use crate::{
    desk::Desk,
    error::{Error, Result},
    record::{Form, Kind},
    store::{
        files::{Files, What},
        layout,
        load::{Loaded, load},
    },
};

/// Most ids offered.
const MOST: usize = 2000;

pub(super) fn command() -> Command {
    Command::new("completions")
        .about("Print the completions of a shell")
        .arg(
            Arg::new("shell")
                .value_name("SHELL")
                .required(true)
                .value_parser(["bash", "zsh", "fish", "elvish", "powershell"])
                .help("Which shell"),
        )
        .after_help("Example:\n  source <(desk completions bash)")
}

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let shell = matches.get_one::<String>("shell").map_or("bash", String::as_str);
    let shells = Shells::builtins();
    let completer = shells
        .completer(shell)
        .ok_or_else(|| Error::usage(format!("no completions for {shell}")))?;
    let mut script = Vec::new();
    completer
        .write_registration("COMPLETE", "desk", "desk", "desk", &mut script)
        .map_err(|error| Error::failure("cannot write the completions").because(error))?;
    context.ui.raw(&script)?;
    Ok(Done::Well)
}

pub(super) fn man() -> Command {
    Command::new("man").about("Print the manual page").after_help("Example:\n  desk man > desk.1")
}

pub(super) fn run_man(context: &Context) -> Result<Done> {
    let mut page = Vec::new();
    let mut whole = super::command();
    whole.build();
    let failed = |error| Error::failure("cannot write the manual").because(error);
    clap_mangen::Man::new(whole.clone()).render(&mut page).map_err(failed)?;
    for noun in whole.get_subcommands() {
        let man = clap_mangen::Man::new(noun.clone());
        man.render_name_section(&mut page).map_err(failed)?;
        man.render_synopsis_section(&mut page).map_err(failed)?;
        man.render_subcommands_section(&mut page).map_err(failed)?;
    }
    context.ui.raw(&page)?;
    Ok(Done::Well)
}

/// The ids of a kind, from file names or the rows of registers alone: completing must be quick and
/// say nothing.
pub(super) fn ids(kind: Kind) -> Vec<CompletionCandidate> {
    let named = std::env::args_os().collect::<Vec<_>>();
    let after = named.iter().position(|word| word == "-C").and_then(|at| named.get(at + 1));
    let dir = after.map(PathBuf::from).or_else(|| super::env::Env::read().dir);
    let found = dir.or_else(|| Desk::discover(&std::env::current_dir().ok()?).ok());
    let Some(files) = found.map(Files::disk) else { return Vec::new() };
    let folder = kind.info().folder;
    let mut names = Vec::new();
    let folders = match kind.info().form {
        Form::Document => {
            let months = files.list(folder).unwrap_or_default().into_iter().rev();
            months
                .filter(|month| month.what == What::Folder)
                .map(|month| format!("{folder}/{}", month.name))
                .collect()
        }
        _ => vec![folder.to_owned()],
    };
    for folder in folders {
        let listed = files.list(&folder).unwrap_or_default().into_iter().rev();
        for file in listed {
            let path = format!("{folder}/{}", file.name);
            names.extend(layout::stem(&file.name).map(str::to_owned));
            if kind.info().form == Form::Register && names.len() < MOST {
                let loaded = load(&files, kind, &path);
                names.extend(loaded.iter().flat_map(Loaded::ids).map(str::to_owned));
            }
        }
        if names.len() >= MOST {
            break;
        }
    }
    names.into_iter().take(MOST).map(CompletionCandidate::new).collect()
}
