//! The command line: `desk NOUN VERB [ID…] [filter…] [--flag]`.
//!
//! Nouns come from the list of kinds, their flags from the field tables; what a verb means is
//! written once, in `common`, and what one noun does beyond it in that noun's own file.

mod allowing;
mod blank;
mod check;
mod clone;
mod commit;
mod common;
mod complete;
mod config;
mod contract;
mod customer;
mod env;
mod expense;
mod explain;
mod find;
mod globals;
mod help;
mod history;
mod import;
mod init;
mod invoice;
mod journal;
mod market;
mod negated;
mod order;
mod payment;
mod period;
mod plan;
mod renumber;
mod report;
mod ship;
mod shown;
mod summary;
mod table;
mod task;
mod today;

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    process::ExitCode,
};

use chrono::Utc;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use crate::{
    book::Book,
    desk::{Clock, Desk, Mode, Outcome},
    error::{Error, Kind as Class, Result},
    finding::{self, Finding},
    ops::Actor,
    page::Page,
    record::{KINDS, Kind, change::Change},
    render::{Format, Language},
    report::{Made, add_new, whole},
    rules::gate::Gate,
    store::files::Files,
    ui::{Color, Options, Ui},
    value::{
        day::{Day, Moment},
        id,
        period::Period,
    },
};
use env::{Env, Settings};
use globals::Globals;

/// How a command ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// It did what was asked.
    Well,
    /// It did, and had to leave something out, or found an error.
    LeftOut,
    /// It found nothing, and `--fail-empty` was given.
    Empty,
}

/// What a command works with.
pub(crate) struct Context {
    pub(crate) globals: Globals,
    env: Env,
    own: Settings,
    ui: Ui,
}

/// The whole command line.
pub fn command() -> Command {
    let root = Command::new("desk")
        .version(env!("CARGO_PKG_VERSION"))
        .arg_required_else_help(true)
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .infer_long_args(false)
        .help_template("{about}\n\n{usage-heading} {usage}{after-help}\n\nOptions:\n{options}");
    let about =
        "A sales back office over plain files: take orders, review them, follow contracts, report.";
    let mut root = Globals::augment_args(root).about(about).after_help(help::groups());
    for &kind in KINDS {
        root = root.subcommand(common::command(kind));
    }
    for tool in tools() {
        root = root.subcommand(tool);
    }
    root
}

fn tools() -> Vec<Command> {
    vec![
        report::command(),
        explain::command(),
        today::command(),
        check::command(),
        find::command(),
        import::command(),
        period::command(),
        journal::log(),
        journal::undo(),
        journal::redo(),
        renumber::command(),
        init::command(),
        config::command(),
        complete::command(),
        complete::man(),
        help::command(),
    ]
}

/// Runs the program: arguments in, exit code out.
pub fn main() -> ExitCode {
    clap_complete::CompleteEnv::with_factory(command).complete();
    let words = negated::apart(std::env::args_os());
    let matches = match command().try_get_matches_from(words) {
        Ok(matches) => matches,
        Err(error) => {
            // Help and version leave through here too; a closed pipe is no failure.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let ran = Context::new(&matches)
        .map_err(tell_plainly)
        .and_then(|context| context.run(&matches).map_err(|error| context.tell(&error)));
    match ran {
        Ok(Done::Well) => ExitCode::SUCCESS,
        Ok(Done::LeftOut) => ExitCode::from(3),
        Ok(Done::Empty) => ExitCode::from(6),
        Err(class) => ExitCode::from(class as u8),
    }
}

/// Starts the threads that read files side by side; where the system gives none, this one does.
fn prepare_threads() {
    if rayon::ThreadPoolBuilder::new().build_global().is_err() {
        // A second failure leaves what the first left, which is a pool.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global();
    }
}

/// Says why a command could not even begin.
fn tell_plainly(error: Error) -> Class {
    Ui::new(options(&Globals::default(), &Env::read(), None)).error(&error, &[]);
    error.kind
}

/// How output looks, from flags, environment and terminal.
fn options(globals: &Globals, env: &Env, own_pager: Option<&str>) -> Options {
    let size = terminal_size::terminal_size();
    let language = globals.lang.as_deref().or(env.language.as_deref());
    Options {
        color: globals
            .color
            .as_deref()
            .and_then(|word| Color::parse(word).ok())
            .unwrap_or_default(),
        quiet: globals.quiet,
        pager: !globals.no_pager,
        charts: !globals.no_chart,
        no_input: globals.no_input,
        language: language.and_then(|word| Language::parse(word).ok()).unwrap_or_default(),
        stdin_is_terminal: std::io::stdin().is_terminal(),
        stdout_is_terminal: std::io::stdout().is_terminal(),
        stderr_is_terminal: std::io::stderr().is_terminal(),
        width: size.map(|(width, _)| width.0.into()),
        height: size.map(|(_, height)| height.0.into()),
        no_color: env.no_color.clone(),
        clicolor_force: env.force_color.clone(),
        term: env.term.clone(),
        columns: env.columns.clone(),
        pager_command: env.pager.clone().or(own_pager.map(str::to_owned)),
        less: env.less.clone(),
    }
}

impl Context {
    fn new(matches: &ArgMatches) -> Result<Self> {
        let globals =
            Globals::from_arg_matches(matches).map_err(|error| Error::usage(error.to_string()))?;
        let env = Env::read();
        let own = env.own_settings()?;
        if let Some(word) = &globals.color {
            Color::parse(word).map_err(|why| Error::usage(format!("--color: {why}")))?;
        }
        let mut globals = globals;
        globals.lang =
            globals.lang.or_else(|| env.language.clone()).or_else(|| own.language.clone());
        if let Some(word) = &globals.lang {
            Language::parse(word).map_err(|why| Error::usage(format!("--lang: {why}")))?;
        }
        let ui = Ui::new(options(&globals, &env, own.pager.as_deref()));
        let mut context = Self { globals, env, own, ui };
        if context.globals.lang.is_none() {
            let company = context.root().ok().and_then(|root| Desk::language(&root));
            let language = company.and_then(|word| Language::parse(&word).ok());
            context.ui.options.language = language.unwrap_or_default();
        }
        Ok(context)
    }

    fn run(&self, matches: &ArgMatches) -> Result<Done> {
        let Some((name, below)) = matches.subcommand() else { return Ok(Done::Well) };
        blank::refused(below)?;
        prepare_threads();
        if let Some(kind) = Kind::of_noun(name) {
            return common::run(self, kind, below);
        }
        match name {
            "report" => report::run(self, below),
            "explain" => explain::run(self, below),
            "today" => today::run(self, below),
            "check" => check::run(self, below),
            "find" => find::run(self, below),
            "import" => import::run(self, below),
            "period" => period::run(self, below),
            "log" => journal::run_log(self, below),
            "undo" => journal::run_undo(self, below),
            "redo" => journal::run_redo(self, below),
            "renumber" => renumber::run(self, below),
            "init" => init::run(self, below),
            "config" => config::run(self, below),
            "completions" => complete::run(self, below),
            "man" => complete::run_man(self),
            _ => help::run(self, below),
        }
    }

    /// Asks before something that cannot be taken back easily: on a terminal only, and not with
    /// `--yes` or `--no-input`.
    pub(crate) fn agrees(&self, question: &str) -> Result<bool> {
        let Options { no_input, stdin_is_terminal, stderr_is_terminal, .. } = self.ui.options;
        let asks = stdin_is_terminal && stderr_is_terminal;
        if self.globals.yes || self.globals.dry_run || no_input || !asks {
            return Ok(true);
        }
        self.ui.confirm(question)
    }

    /// The data directory.
    pub(crate) fn root(&self) -> Result<PathBuf> {
        let named = self.globals.dir.as_ref().or(self.env.dir.as_ref());
        let Some(dir) = named else {
            let here = std::env::current_dir();
            return Desk::discover(
                &here.map_err(|error| Error::failure("cannot tell the folder").because(error))?,
            );
        };
        match dir.join(crate::store::layout::CONFIG).is_file() {
            true => Ok(dir.clone()),
            false => Err(Error::usage(format!(
                "{} is no data directory: it has no desk.toml",
                dir.display()
            ))
            .hint(format!("desk init {}", dir.display()))),
        }
    }

    /// The desk over the data directory.
    pub(crate) fn desk(&self) -> Result<Desk> {
        let root = self.root()?;
        let local = env::local_settings(&root)?;
        let site = self.env.site.clone().or(local.site).unwrap_or_default();
        if !site.is_empty() && !id::is_site(&site) {
            return Err(Error::usage(format!(
                "site \"{site}\" is not one to three capital letters"
            )));
        }
        let user = self.env.user.clone().or(local.user).or_else(|| self.own.user.clone());
        let (now, cache) = (self.clock()?, !self.globals.no_cache);
        let (command, rev) = (self.env.command.clone(), self.globals.rev.clone());
        Ok(Desk { root, user, site, now, cache, command, rev })
    }

    /// The desk over a data directory that was just made.
    pub(crate) fn desk_at(&self, root: &Path) -> Result<Desk> {
        let (user, site) = (self.env.user.clone(), String::new());
        Ok(Desk {
            root: root.to_owned(),
            user,
            site,
            now: self.clock()?,
            cache: !self.globals.no_cache,
            command: self.env.command.clone(),
            rev: None,
        })
    }

    /// The same context for a page whose columns were chosen already.
    pub(crate) fn without_columns(&self) -> Self {
        let globals = Globals { cols: Vec::new(), ..self.globals.clone() };
        Self { globals, env: self.env.clone(), own: self.own.clone(), ui: self.ui.clone() }
    }

    /// The same context with csv where no format was asked for.
    pub(crate) fn as_csv(&self) -> Self {
        let asked = self.globals.format.is_some() || self.globals.output.is_some();
        let format = if asked { self.globals.format.clone() } else { Some("csv".into()) };
        let globals = Globals { format, ..self.globals.clone() };
        Self { globals, env: self.env.clone(), own: self.own.clone(), ui: self.ui.clone() }
    }

    fn clock(&self) -> Result<Clock> {
        let Some(text) = &self.env.today else { return Ok(Clock::System(Utc::now())) };
        let moment = || text.parse::<Moment>().map(Clock::Given);
        text.parse::<Day>().map(Clock::GivenDay).or_else(|_| moment()).map_err(|_| {
            Error::usage(format!(
                "DESK_TODAY \"{text}\" is neither a date nor a date-time with offset"
            ))
        })
    }

    /// The period that was asked for; everything where none was.
    pub(crate) fn period(&self, book: &Book) -> Result<Period> {
        let Some(text) = &self.globals.period else { return Ok(Period::default()) };
        Period::parse(text, book.today, &book.config.calendar())
            .map_err(|why| Error::usage(format!("-p: {why}")))
    }

    /// The day to see everything from, if one was asked for.
    pub(crate) fn as_of(&self, book: &Book) -> Result<Option<Day>> {
        let Some(text) = &self.globals.as_of else { return Ok(None) };
        let period = Period::parse(text, book.today, &book.config.calendar());
        let day =
            period.ok().filter(|period| period.from == period.to).and_then(|period| period.to);
        day.map(Some).ok_or_else(|| match text.parse::<Day>() {
            Ok(_) => Error::usage(format!("--as-of {text} is not of the years 1900 to 2199")),
            Err(_) => Error::usage(format!("--as-of takes a date, not \"{text}\"")),
        })
    }

    /// Writes an operation's change, or says what it would write.
    pub(crate) fn write(
        &self,
        desk: &Desk,
        gate: Gate,
        operation: impl FnOnce(&Book, Actor<'_>) -> Result<Change>,
    ) -> Result<Done> {
        let actor = Actor { user: desk.user()?, site: &desk.site };
        let mode = if self.globals.dry_run { Mode::DryRun } else { Mode::Write };
        self.operate(desk, mode, || desk.write(mode, gate, |book| operation(book, actor)))
    }

    fn told(&self, desk: &Desk, outcome: &Outcome, mode: Mode) -> Result<Done> {
        for line in &outcome.change.lines {
            // What is done is done, even where it cannot be told on the way it was meant to be.
            self.ui.line(line).map_err(|error| match mode {
                Mode::Write => {
                    let names = outcome.change.names();
                    error.hint(format!("it was written all the same: {names}"))
                }
                Mode::DryRun => error,
            })?;
        }
        if let Some(next) = &outcome.change.next {
            self.ui.line(&format!("Next: {next}"))?;
        }
        if mode == Mode::DryRun {
            for write in &outcome.writes {
                shown::difference(write).iter().try_for_each(|line| self.ui.line(line))?;
            }
            self.ui.note("dry run: nothing was written");
        }
        let staged = outcome.writes.iter().map(|write| (write.path.clone(), write.after.clone()));
        let files = Files::disk(&desk.root).with(staged);
        self.ui.warnings(&shown::located(&files, &outcome.warnings));
        if let Some(files) = finding::files(&outcome.left_out) {
            self.ui.note(&format!("left out: {files} (see desk check)"));
        }
        Ok(Done::Well)
    }

    /// Shows what a look at the data directory makes, and what could not be read for it.
    pub(crate) fn look(&self, desk: &Desk, make: impl Fn(&Book) -> Result<Made>) -> Result<Done> {
        let (files, made) = desk.read(|book| Ok((book.files.clone(), whole(book, make(book)?))))?;
        self.show(&files, made)
    }

    /// Shows pages as they are, and what was found or could not be read for them.
    pub(crate) fn look_at(
        &self,
        make: impl Fn(&Book) -> Result<(Vec<Page>, Vec<Finding>)>,
    ) -> Result<Done> {
        let (files, pages, found) = self.desk()?.read(|book| {
            let (pages, mut found) = make(book)?;
            add_new(&mut found, book.left_out());
            Ok((book.files.clone(), pages, found))
        })?;
        self.pages(&pages)?;
        Ok(self.tell_left_out(&files, &found).unwrap_or(Done::Well))
    }

    /// Shows a page, and says what was left out of it.
    pub(crate) fn show(&self, files: &Files, made: Made) -> Result<Done> {
        let Made { mut page, left_out } = made;
        table::shape(&mut page, &self.globals)?;
        let empty = page.tables.iter().all(|table| table.rows.is_empty()) && page.record.is_none();
        let page = [page];
        self.pages(&page)?;
        self.tell_rest(&page[0])?;
        if let Some(done) = self.tell_left_out(files, &left_out) {
            return Ok(done);
        }
        Ok(if empty && self.globals.fail_empty { Done::Empty } else { Done::Well })
    }

    /// Says which tables of a page are not in a format that holds one alone.
    fn tell_rest(&self, page: &Page) -> Result<()> {
        let others = self.format()?.left_out(page, self.globals.table.as_deref());
        if let Some(first) = others.first() {
            let others = others.join(", ");
            self.ui.note(&format!("one table alone is shown, not {others} (--table {first})"));
        }
        Ok(())
    }

    /// Says what was left out of what was shown, if anything was.
    pub(crate) fn tell_left_out(&self, files: &Files, left_out: &[Finding]) -> Option<Done> {
        if left_out.is_empty() {
            return None;
        }
        self.ui.warnings(&shown::located(files, left_out));
        Some(Done::LeftOut)
    }

    /// Shows pages in the format that was asked for.
    pub(crate) fn pages(&self, pages: &[Page]) -> Result<()> {
        let style = self.ui.style(self.globals.table.clone());
        self.ui.pages(pages, self.format()?, &style, self.globals.output.as_deref())
    }

    /// `-O`, else what the extension of `-o` says.
    pub(crate) fn format(&self) -> Result<Format> {
        if let Some(name) = &self.globals.format {
            return Format::parse(name).map_err(|why| Error::usage(format!("-O: {why}")));
        }
        let Some(output) = self.globals.output.as_deref().filter(|path| *path != Path::new("-"))
        else {
            return Ok(Format::default());
        };
        Format::from_extension(output).ok_or_else(|| {
            Error::usage(format!("{} does not say which format", output.display())).hint("-O csv")
        })
    }

    /// Shows why a command stopped, with the places of its findings.
    fn tell(&self, error: &Error) -> Class {
        let files = self.root().map_or_else(|_| Files::memory(Default::default()), Files::disk);
        let files = files.with(error.staged.iter().cloned());
        self.ui.error(error, &shown::located(&files, &error.findings));
        error.kind
    }
}

/// The findings that count as errors.
pub(crate) fn errors(findings: &[Finding]) -> usize {
    findings.iter().filter(|finding| finding.level == finding::Level::Error).count()
}
