//! What one clone of a data directory has of its own: who works there, its site, and how git keeps
//! it.
//!
//! A site is only ever taken when someone says so: two clones that took the same letter by
//! themselves would give the same ids.

use std::{collections::BTreeSet, path::Path};

use clap::ArgMatches;

use super::{Context, Done, env, init::new_file};
use crate::{
    error::{Error, Kind as Class, Result},
    record::{
        Kind,
        schema::{Field, Type},
    },
    store::{
        atomic::{self, FileWrite},
        files::{Files, What},
        git::Repository,
        layout, toml as text,
    },
    value::{
        id::{self, Id},
        place::KeyPath,
    },
};

/// The settings of the clone.
const LOCAL: &str = ".desk/local.toml";
/// What a new one begins with.
const HEAD: &str = "# Settings of this clone alone.\n";
/// How git keeps what was committed through a power cut.
const FSYNC: (&str, &str) = ("core.fsync", "added,reference");

/// What is never shared.
const IGNORED: &str = "/.desk/\n/private/\n.tmp-*\n";
/// How git keeps lines; what belongs to a record is kept as it came.
const ATTRIBUTES: &str = "*.toml text eol=lf\n*.csv text eol=lf\n/attachments/** -text\n";

/// What was asked for by flags.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    git: bool,
    /// A site; empty for none.
    site: Option<String>,
    user: Option<String>,
}

impl Wanted {
    pub(super) fn of(matches: &ArgMatches) -> Result<Self> {
        let given = |name: &str| matches.get_one::<String>(name).cloned();
        let site = given("site").map(|site| if site == "none" { String::new() } else { site });
        if let Some(site) = site.as_deref().filter(|site| !site.is_empty() && !id::is_site(site)) {
            let message = format!("site \"{site}\" is not one to three capital letters, or none");
            return Err(Error::usage(message).hint("desk init --site A"));
        }
        Ok(Self { git: matches.get_flag("git"), site, user: given("user") })
    }
}

/// The files that tell git what is shared, and how.
const HOUSEKEEPING: [(&str, &str); 2] = [(".gitignore", IGNORED), (".gitattributes", ATTRIBUTES)];

/// The files that tell git what is shared, and how; where one is there, its missing lines join its
/// end, and every other byte stays.
pub(super) fn housekeeping(root: &Path) -> Result<Vec<FileWrite>> {
    let files = Files::disk(root);
    let made = HOUSEKEEPING.map(|(path, wanted)| {
        let failed = |error| Error::failure(format!("cannot read {path}")).because(error);
        let Some(before) = files.read(path).map_err(failed)? else {
            return Ok(new_file(path, wanted));
        };
        let after = Some(completed(&before, wanted));
        Ok(FileWrite { path: path.into(), before: Some(before), after })
    });
    let writes: Vec<FileWrite> = made.into_iter().collect::<Result<_>>()?;
    Ok(writes.into_iter().filter(|write| write.before != write.after).collect())
}

/// The lines of these that a file lacks.
fn lacking<'a>(there: &[u8], wanted: &'a str) -> Vec<&'a str> {
    let there = String::from_utf8_lossy(there);
    let absent = |line: &&str| !there.lines().any(|known| known.trim() == *line);
    wanted.lines().filter(absent).collect()
}

/// A file with the lines it lacks, in its own line ends.
fn completed(there: &[u8], wanted: &str) -> Vec<u8> {
    let eol = if there.windows(2).any(|pair| pair == b"\r\n") { "\r\n" } else { "\n" };
    let missing = lacking(there, wanted);
    let mut after = there.to_vec();
    if !missing.is_empty() && !after.is_empty() && !after.ends_with(b"\n") {
        after.extend(eol.bytes());
    }
    missing.iter().for_each(|line| after.extend(format!("{line}{eol}").bytes()));
    after
}

/// Prepares git and the clone's own settings for a new data directory.
pub(super) fn prepare(root: &Path, wanted: &Wanted) -> Result<()> {
    let repository = repository(root, wanted)?;
    if let Some(repository) = &repository {
        repository.configure(FSYNC.0, FSYNC.1)?;
    }
    settle(root, wanted.site.clone(), wanted.user.clone())
}

/// The repository around the directory, made where it was asked for.
fn repository(root: &Path, wanted: &Wanted) -> Result<Option<Repository>> {
    match Repository::of(root) {
        Ok(None) if wanted.git => {
            Repository::create(root)?;
            Repository::of(root)
        }
        // Without git a data directory is one all the same.
        Err(_) if !wanted.git => Ok(None),
        found => found,
    }
}

/// Sets up this clone of a data directory that is there.
pub(super) fn set_up(context: &Context, root: &Path, wanted: &Wanted) -> Result<Done> {
    if context.globals.dry_run {
        return Err(Error::usage("setting up a clone has no dry run; it writes no record"));
    }
    let repository = repository(root, wanted)?;
    if repository.is_none() && wanted.site.is_none() && wanted.user.is_none() {
        let message = format!("{} is a data directory already", root.display());
        return Err(Error::new(Class::Conflict, message)
            .hint("desk init --git, --site A or --user CODE set up this clone of it"));
    }
    check_user(context, root, wanted.user.as_deref())?;
    write_missing(context, root)?;
    if let Some(repository) = &repository {
        repository.configure(FSYNC.0, FSYNC.1)?;
    }
    let known = env::local_settings(root)?;
    let (mut site, mut proposed) = (wanted.site.clone(), None);
    if site.is_none() && known.site.is_none() {
        proposed = propose(root, repository.as_ref())?;
        if let Some(letter) = &proposed
            && taken(context, letter)?
        {
            site = proposed.take();
        }
    }
    settle(root, site, wanted.user.clone())?;
    let now = env::local_settings(root)?;
    let site = match now.site.as_deref() {
        None => "site not set".to_owned(),
        Some("") => "no site".to_owned(),
        Some(site) => format!("site {site}"),
    };
    let user = now.user.map_or(String::new(), |user| format!(", user {user}"));
    context.ui.line(&format!("{} is set up: {site}{user}", root.display()))?;
    match proposed {
        Some(letter) => {
            context.ui.note(&format!(
                "other clones or a remote are there, so this one needs a site of its own; \
                 no id here or on any branch has {letter}"
            ));
            context.ui.line(&format!("Next: desk init --site {letter}   (or --site none)"))?;
        }
        None => context.ui.line("Next: desk config list")?,
    }
    Ok(Done::Well)
}

fn check_user(context: &Context, root: &Path, user: Option<&str>) -> Result<()> {
    let Some(user) = user else { return Ok(()) };
    let book = context.desk_at(root)?.book()?;
    let codes = book.ids(Kind::Staff);
    if codes.is_empty() || codes.iter().any(|code| code == user) {
        return Ok(());
    }
    let near = crate::value::text::closest(user, codes.iter().map(String::as_str));
    let error = Error::usage(format!("no member of staff has the code \"{user}\""));
    Err(match near {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error.hint("desk staff list"),
    })
}

/// Writes what tells git how to keep the directory, where it is missing; what stands there stays.
fn write_missing(context: &Context, root: &Path) -> Result<()> {
    let files = Files::disk(root);
    let mut missing = HOUSEKEEPING.map(|(path, wanted)| new_file(path, wanted)).to_vec();
    let mut notes = Vec::new();
    for (path, wanted) in HOUSEKEEPING {
        let Ok(Some(there)) = files.read(path) else { continue };
        missing.retain(|write| write.path != path);
        notes.extend(lacking(&there, wanted).iter().map(|line| format!("{path} lacks: {line}")));
        if String::from_utf8_lossy(&there).contains("merge=union") {
            notes.push(format!("{path} has merge=union, which was seen to corrupt registers"));
        }
    }
    notes.iter().for_each(|words| context.ui.note(words));
    if missing.is_empty() {
        return Ok(());
    }
    let _lock = atomic::lock(root)?;
    atomic::publish(root, &missing)
}

/// The next free letter for a clone that is not the only one.
fn propose(root: &Path, repository: Option<&Repository>) -> Result<Option<String>> {
    let Some(repository) = repository else { return Ok(None) };
    let (has_remote, others) = repository.company()?;
    if !has_remote && others.is_empty() {
        return Ok(None);
    }
    let mut used = used(&Files::disk(root));
    used.extend(repository.names_on_branches()?.iter().filter_map(|path| site_of(path)));
    for other in others {
        used.extend(env::local_settings(&other).ok().and_then(|settings| settings.site));
    }
    let free = |site: &String| !used.contains(site);
    let one = ('A'..='Z').map(String::from);
    let two = ('A'..='Z').flat_map(|first| ('A'..='Z').map(move |next| format!("{first}{next}")));
    Ok(one.chain(two).find(free))
}

/// The sites of the ids and registers of a directory, by the names of their files.
fn used(files: &Files) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    let mut folders = vec![(String::new(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in files.list(&folder).unwrap_or_default() {
            let is_records = !entry.name.starts_with('.') && entry.name != "attachments";
            let path = match folder.as_str() {
                "" => entry.name,
                folder => format!("{folder}/{}", entry.name),
            };
            match entry.what {
                // private/pay/2026-09/PY-2609-A0001.toml lies deepest.
                What::Folder if is_records && depth < 3 => folders.push((path, depth + 1)),
                What::File => used.extend(site_of(&path)),
                _ => {}
            }
        }
    }
    used
}

/// The site in a file's name, where it is one of a document or a register.
fn site_of(path: &str) -> Option<String> {
    let document = layout::stem(layout::file_name(path)).and_then(Id::parse).map(|id| id.site);
    let register = || layout::register(path).map(|(_, site)| site.to_owned());
    document.or_else(register).filter(|site| !site.is_empty())
}

/// Whether a proposed site is taken: someone says so on a terminal, or beforehand.
fn taken(context: &Context, letter: &str) -> Result<bool> {
    let options = &context.ui.options;
    let asks = options.stdin_is_terminal && options.stderr_is_terminal && !options.no_input;
    match context.globals.yes {
        true => Ok(true),
        false if asks => context
            .ui
            .confirm(&format!("other clones or a remote are there: site {letter} for this one?")),
        false => Ok(false),
    }
}

/// Writes what was decided on into the clone's own settings; whatever else stands there stays.
fn settle(root: &Path, site: Option<String>, user: Option<String>) -> Result<()> {
    let values = [("site", site), ("user", user)];
    let values: Vec<(&str, String)> =
        values.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
    if values.is_empty() {
        return Ok(());
    }
    // What cannot be read is not edited either.
    env::local_settings(root)?;
    let _lock = atomic::lock(root)?;
    let failed = |error| Error::failure(format!("cannot read {LOCAL}")).because(error);
    let before = Files::disk(root).read(LOCAL).map_err(failed)?;
    let field = |(key, _): &(&str, String)| Field {
        key: (*key).to_owned(),
        about: String::new(),
        kind: Type::Text,
        required: false,
    };
    let fields: Vec<Field> = values.iter().map(field).collect();
    let edits: Vec<text::Edit> = values
        .into_iter()
        .map(|(key, value)| text::Edit::Set { path: KeyPath::key(key), value: value.into() })
        .collect();
    let kept = before.clone().unwrap_or_else(|| HEAD.as_bytes().to_vec());
    let after = text::edit(&kept, &edits, &fields)
        .map_err(|why| Error::failure(format!("cannot edit {LOCAL}: {why}")))?;
    atomic::publish(root, &[FileWrite { path: LOCAL.into(), before, after: Some(after) }])
}
