//! `desk import`: CSV files into records by a mapping file, all of them or none.

use std::{io::Read, path::Path};

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{Context, Done, Globals, common, shown};
use crate::{
    desk::{Desk, Mode, Outcome},
    error::{Error, Result},
    finding::Finding,
    import::{self, Options, Plan, Source, decode::MAX_FILE, mapping::Mapping},
    report::Made,
    rules::gate::Gate,
    store::files::Files,
};

const HELP: &str = "\
docs/import.md explains mapping files. Look first: -n says what would be made.

Examples:
  desk import customers.toml customers.csv -n
  desk import customers.toml customers.csv --update
  desk import orders.toml orders.csv orderdetails.csv --history
  desk import orders.toml orders=export-2026.csv lines=positions.csv";

/// Records that a dry run shows unless --limit says otherwise.
const SHOWN: usize = 10;

pub(super) fn command() -> Command {
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    Command::new("import")
        .about("Make records of CSV files, as a mapping file says: all of them, or none")
        .arg(
            Arg::new("mapping")
                .value_name("MAPPING.toml")
                .required(true)
                .help("Which column fills which field"),
        )
        .arg(
            Arg::new("file")
                .value_name("[NAME=]FILE.csv")
                .required(true)
                .num_args(1..)
                .help("The files; each stands for the source of its name"),
        )
        .arg(flag("history", "The past, as recorded elsewhere: without the gates of acts"))
        .arg(flag("update", "Change records that are there and differ"))
        .after_help(HELP)
}

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let file = common::text(matches, "mapping").unwrap_or_default();
    let bytes = read(file)?;
    let mapping = Mapping::read(file, &bytes).map_err(|mut error| {
        error.staged.push((file.to_owned(), Some(bytes.clone())));
        error
    })?;
    let files = common::texts(matches, "file");
    let sources = files.iter().map(|file| source(file)).collect::<Result<Vec<_>>>()?;
    let desk = context.desk()?;
    let history = matches.get_flag("history");
    let options = Options {
        update: matches.get_flag("update"),
        history,
        user: if history { None } else { Some(desk.user()?.to_owned()) },
        site: desk.site.clone(),
    };
    let mode = if context.globals.dry_run { Mode::DryRun } else { Mode::Write };
    let turn = context.turn(&desk)?;
    context.commit_finished(&desk, turn.as_ref())?;
    let (mut plan, outcome) = planned(&desk, mode, &mapping, &sources, &options)?;
    let committed = context.commit(&desk, turn.as_ref(), &outcome.change.lines, &outcome.paths());
    let texts = import::locate::locate(&mapping, &sources, &mut plan.findings);
    context.ui.warnings(&shown::located(&Files::disk(&desk.root).with(texts), &plan.findings));
    let done = told(context, &desk, &plan, &outcome, mode)?;
    committed.map(|()| done)
}

fn planned(
    desk: &Desk,
    mode: Mode,
    mapping: &Mapping,
    sources: &[Source],
    options: &Options,
) -> Result<(Plan, Outcome)> {
    let gate = if options.history { Gate::History } else { Gate::Acts };
    let mut plan = None;
    let written = desk.write(mode, gate, |book| {
        let mut made = import::plan(book, mapping, sources, options)?;
        let change = std::mem::take(&mut made.change);
        plan = Some(made);
        Ok(change)
    });
    match (written, plan) {
        (Ok(mut outcome), Some(plan)) => {
            let writes = outcome.writes.iter();
            let staged: Vec<_> =
                writes.map(|write| (write.path.clone(), write.after.clone())).collect();
            import::point_at_rows(&mut outcome.warnings, &plan.origins, &staged);
            without_flags(&mut outcome.warnings);
            Ok((plan, outcome))
        }
        (Err(mut error), plan) => {
            let origins = plan.map(|plan| plan.origins).unwrap_or_default();
            import::point_at_rows(&mut error.findings, &origins, &error.staged);
            without_flags(&mut error.findings);
            error.staged.extend(import::locate::locate(mapping, sources, &mut error.findings));
            Err(error)
        }
        (Ok(_), None) => Err(Error::failure("the import planned nothing")),
    }
}

/// Takes out the hints that name a flag of `add`: rows have fields.
fn without_flags(findings: &mut [Finding]) {
    for finding in findings {
        finding.hint.take_if(|hint| hint.starts_with("--"));
    }
}

fn told(
    context: &Context,
    desk: &Desk,
    plan: &Plan,
    outcome: &Outcome,
    mode: Mode,
) -> Result<Done> {
    if mode == Mode::Write {
        plan.page.notes.iter().for_each(|note| context.ui.note(note));
        return context.told(desk, outcome, mode);
    }
    let staged = outcome.writes.iter().map(|write| (write.path.clone(), write.after.clone()));
    let files = Files::disk(&desk.root).with(staged);
    first_rows(context)?.show(&files, Made { page: plan.page.clone(), left_out: Vec::new() })?;
    context.ui.note("dry run: nothing was written");
    context.ui.warnings(&shown::located(&files, &outcome.warnings));
    Ok(Done::Well)
}

/// The same context, which shows people the first rows only unless they ask for more.
fn first_rows(context: &Context) -> Result<Context> {
    let shown = if context.format()?.is_for_machines() { None } else { Some(SHOWN) };
    let limit = context.globals.limit.or(shown);
    let globals = Globals { limit, ..context.globals.clone() };
    let (env, own, ui) = (context.env.clone(), context.own.clone(), context.ui.clone());
    Ok(Context { globals, env, own, ui })
}

/// A file, or `NAME=FILE` where its name is not that of its source.
fn source(given: &str) -> Result<Source> {
    let whole = Path::new(given).is_file();
    let (name, file) = match given.split_once('=').filter(|_| !whole) {
        Some((name, file)) => (name.to_owned(), file),
        None => {
            let stem = Path::new(given).file_stem().map(|stem| stem.to_string_lossy().into_owned());
            (stem.unwrap_or_default(), given)
        }
    };
    Ok(Source { name, file: file.to_owned(), bytes: read(file)? })
}

fn read(file: &str) -> Result<Vec<u8>> {
    let failed = |error| Error::usage(format!("cannot read {file}")).because(error);
    let limit = u64::try_from(MAX_FILE).unwrap_or(u64::MAX);
    let found = std::fs::File::open(file).map_err(failed)?;
    let mut bytes = Vec::new();
    // What a device or a pipe will give, its size does not say.
    let size = found.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(size).unwrap_or(u64::MAX) > limit {
        return Err(Error::usage(format!("{file} has more than {} MiB", limit >> 20)));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        desk::Clock,
        store::{atomic, atomic::FileWrite, layout},
    };

    const MAPPING: &str = "kind = \"order\"\nknown_by = \"customer_po\"\n\n[[source]]\n\
        name = \"orders\"\nkey = \"{no}\"\n\n[fields]\ndate = \"{day}\"\ncustomer = \"{who}\"\n\
        customer_po = \"{no}\"\n\n[[fields.line]]\nrows = \"orders\"\nproduct = \"{what}\"\n\
        qty = \"{qty}\"\nprice = 1\n";

    fn desk(root: &Path) -> Desk {
        let file = |path: &str, text: &str| FileWrite {
            path: path.into(),
            before: None,
            after: Some(text.into()),
        };
        let files = [
            file(layout::CONFIG, "[company]\ntime_zone = \"UTC\"\n"),
            file("customers/C1.toml", "id = \"C1\"\nname = \"C\"\n"),
            file("products/A1.toml", "id = \"A1\"\nname = \"A\"\n"),
        ];
        atomic::publish(root, &files).unwrap();
        let today = "2026-09-23".parse().unwrap();
        let now = Clock::GivenDay(today);
        Desk {
            root: root.into(),
            user: None,
            site: String::new(),
            now,
            cache: false,
            command: String::new(),
            rev: None,
        }
    }

    fn import(desk: &Desk, mode: Mode, rows: &str) -> Result<(Plan, Outcome)> {
        let mapping = Mapping::read("m.toml", MAPPING.as_bytes())?;
        let bytes = format!("no,day,who,what,qty\n{rows}").into_bytes();
        let source = Source { name: "orders".into(), file: "orders.csv".into(), bytes };
        let options = Options { history: true, ..Options::default() };
        planned(desk, mode, &mapping, &[source], &options)
    }

    fn orders(desk: &Desk) -> Vec<String> {
        desk.book().unwrap().ids(crate::record::Kind::Order)
    }

    #[cfg(unix)]
    #[test]
    fn what_has_no_end_is_refused() {
        let error = read("/dev/zero").unwrap_err();
        assert_eq!(error.message, "/dev/zero has more than 256 MiB");
    }

    #[test]
    fn all_is_written_or_nothing_is() {
        let folder = tempfile::tempdir().unwrap();
        let desk = desk(folder.path());
        let good = "1,2026-09-01,C1,A1,2\n2,2026-09-02,C1,A1,3\n";
        let error = import(&desk, Mode::Write, &good.replace("A1,3", "Z9,3")).unwrap_err();
        assert_eq!(error.findings[0].notes, ["from orders.csv row 3"]);
        assert!(import(&desk, Mode::Write, &good.replace("A1,3", "A1,x")).is_err());
        assert_eq!(orders(&desk), [""; 0]);

        let (plan, _) = import(&desk, Mode::DryRun, good).unwrap();
        assert_eq!(plan.page.tables[0].rows.len(), 2);
        assert_eq!(orders(&desk), [""; 0]);

        import(&desk, Mode::Write, good).unwrap();
        assert_eq!(orders(&desk), ["SO-2609-0001", "SO-2609-0002"]);
        let (_, again) = import(&desk, Mode::Write, good).unwrap();
        assert!(again.writes.is_empty());
    }
}
