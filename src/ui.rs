//! The only writer to the terminal: pages, success lines, notes, findings, errors, questions.
//!
//! For `cli`, which reads the environment once and passes it down as plain values. Escape
//! sequences leave only where colour is on; whoever closes the other end of a pipe early is left
//! in peace: such a write ends quietly and the command with exit code 0. A file is written beside
//! itself and renamed, so that it is whole or not there.

mod file;
mod shown;

use std::{
    io,
    io::{BufRead, Write},
    path::Path,
    process::{Command, Stdio},
};

use anstream::{AutoStream, ColorChoice};

use crate::{
    error::{Error, Result},
    page::Page,
    render::{Format, Language, Style, render},
    value::text::clean,
};

use file::write_file;
pub use shown::{Look, Shown, Spot, error_text, findings_json, findings_lines, findings_text};

/// When output has colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Color {
    /// On a terminal, unless the environment says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What the command line, the environment and the terminal say about output.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `--color`.
    pub color: Color,
    /// `-q`: no success lines.
    pub quiet: bool,
    /// Whether a pager may be used: not `--no-pager`.
    pub pager: bool,
    /// `--no-input`: never ask.
    pub no_input: bool,
    /// Language of labels.
    pub language: Language,
    /// Whether charts are drawn: not `--no-chart`.
    pub charts: bool,
    /// Whether standard input is a terminal.
    pub stdin_is_terminal: bool,
    /// Whether standard output is a terminal.
    pub stdout_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub stderr_is_terminal: bool,
    /// Columns of the terminal.
    pub width: Option<usize>,
    /// Lines of the terminal.
    pub height: Option<usize>,
    /// `NO_COLOR`, as the environment has it.
    pub no_color: Option<String>,
    /// `CLICOLOR_FORCE`, as the environment has it.
    pub clicolor_force: Option<String>,
    /// `TERM`, as the environment has it.
    pub term: Option<String>,
    /// `COLUMNS`, as the environment has it.
    pub columns: Option<String>,
    /// `PAGER`, as the environment has it: never from the data directory.
    pub pager_command: Option<String>,
    /// `LESS`, as the environment has it.
    pub less: Option<String>,
}

/// The terminal of one command.
#[derive(Debug, Clone, Default)]
pub struct Ui {
    /// What it was told.
    pub options: Options,
}

impl Color {
    /// Reads `auto`, `always` or `never`.
    pub fn parse(name: &str) -> Result<Self, String> {
        match name {
            "auto" => Ok(Self::Auto),
            "always" => Ok(Self::Always),
            "never" => Ok(Self::Never),
            _ => Err(format!("\"{name}\" is not one of auto, always, never")),
        }
    }
}

impl Ui {
    /// The terminal as the edge of the program found it.
    pub fn new(options: Options) -> Self {
        Self { options }
    }

    /// The style of pages on standard output: wrapped to `COLUMNS`, or to the terminal.
    pub fn style(&self, table: Option<String>) -> Style {
        Style {
            width: self.width(self.options.stdout_is_terminal),
            color: self.has_color(self.options.stdout_is_terminal),
            language: self.options.language,
            charts: self.options.charts,
            table,
        }
    }

    /// Shows pages on standard output, through a pager where they are longer than the screen, or
    /// writes them to a file, without colour and wrapping; `-` is standard output.
    pub fn pages(
        &self,
        pages: &[Page],
        format: Format,
        style: &Style,
        file: Option<&Path>,
    ) -> Result<()> {
        let is_stdout = |file: &&Path| ["-", "/dev/stdout"].map(Path::new).contains(file);
        let file = file.filter(|file| !is_stdout(file));
        let to_terminal = file.is_none() && self.options.stdout_is_terminal;
        let charts = style.charts && (to_terminal || format.is_document());
        let mut style = Style { charts, ..style.clone() };
        if let Some(file) = file {
            style = Style { width: None, color: false, ..style };
            return write_file(file, |out| render(pages, format, &style, out));
        }
        if format == Format::Xlsx && to_terminal {
            let error = Error::usage("xlsx is a file, which a terminal cannot show");
            return Err(error.hint("-o report.xlsx"));
        }
        if format.is_for_machines() || format.is_document() {
            // As it is: such formats hold no escape sequence that would have to be taken out.
            let mut out = UnlessClosed(AutoStream::always_ansi(io::stdout().lock()));
            render(pages, format, &style, &mut out)?;
            return out.flush().map_err(stdout_failed);
        }
        let mut bytes = Vec::new();
        render(pages, format, &style, &mut bytes)?;
        self.paged(&bytes)
    }

    /// Says what a command did, on standard output; silent with `-q`.
    pub fn line(&self, line: &str) -> Result<()> {
        if self.options.quiet {
            return Ok(());
        }
        self.to_stdout(format!("{}\n", clean(line)).as_bytes())
    }

    /// Writes text that is the program's own, such as help, on standard output as it is.
    pub fn raw(&self, text: &[u8]) -> Result<()> {
        to_stdout_as_is(text)
    }

    /// Says something beside the result, on standard error.
    pub fn note(&self, note: &str) {
        self.to_stderr(&format!("note: {}\n", clean(note)));
    }

    /// Shows findings as the result of a command, on standard output; `short` is a line each.
    pub fn findings(&self, findings: &[Shown], short: bool) -> Result<()> {
        let text = if short {
            findings_lines(findings)
        } else {
            findings_text(findings, self.look(self.options.stdout_is_terminal))
        };
        self.paged(text.as_bytes())
    }

    /// Shows findings as one JSON array, on standard output.
    pub fn findings_json(&self, findings: &[Shown]) -> Result<()> {
        to_stdout_as_is(findings_json(findings).as_bytes())
    }

    /// Shows findings beside the result of a command, on standard error.
    pub fn warnings(&self, findings: &[Shown]) {
        self.to_stderr(&findings_text(findings, self.look(self.options.stderr_is_terminal)));
    }

    /// Shows why a command stopped, on standard error. Findings of the error that nobody looked
    /// up are shown without their source.
    pub fn error(&self, error: &Error, findings: &[Shown]) {
        let look = self.look(self.options.stderr_is_terminal);
        self.to_stderr(&error_text(error, findings, look));
    }

    /// Asks a question that `yes` answers with go; anything else, the end of input too, is no.
    ///
    /// Without a terminal, or with `--no-input`, it is a usage error that names `--yes`.
    pub fn confirm(&self, question: &str) -> Result<bool> {
        let answer = self.answer(&format!("{question} [y/N]"), "--yes")?;
        Ok(is_yes(&answer))
    }

    /// Asks a question and gives the line that answers it.
    ///
    /// Without a terminal, or with `--no-input`, it is a usage error that names the flag.
    pub fn answer(&self, question: &str, flag: &str) -> Result<String> {
        if !self.can_ask() {
            let message = format!("cannot ask \"{}\" here", clean(question));
            return Err(Error::usage(message).hint(format!("{flag} answers it beforehand")));
        }
        self.to_stderr(&format!("{} ", clean(question)));
        let mut answer = String::new();
        match io::stdin().lock().read_line(&mut answer) {
            Ok(_) => Ok(answer.trim().to_owned()),
            Err(cause) => Err(Error::failure("reading the answer failed").because(cause)),
        }
    }

    /// Whether someone can be asked.
    pub fn can_ask(&self) -> bool {
        let Options { no_input, stdin_is_terminal, stderr_is_terminal, .. } = self.options;
        !no_input && stdin_is_terminal && stderr_is_terminal
    }

    fn look(&self, is_terminal: bool) -> Look {
        Look { color: self.has_color(is_terminal), width: self.width(is_terminal) }
    }

    /// `COLUMNS`, or the terminal's columns where the output is one.
    fn width(&self, is_terminal: bool) -> Option<usize> {
        let columns = self.options.columns.as_deref().and_then(|columns| columns.parse().ok());
        let columns = columns.filter(|&columns: &usize| columns > 0);
        columns.or(self.options.width.filter(|_| is_terminal))
    }

    /// The flag counts before the environment, `NO_COLOR` before `CLICOLOR_FORCE`.
    fn has_color(&self, is_terminal: bool) -> bool {
        let Options { color, no_color, clicolor_force, term, .. } = &self.options;
        let is_set = |value: &Option<String>| value.as_deref().is_some_and(|v| !v.is_empty());
        match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if is_set(no_color) => false,
            Color::Auto if is_set(clicolor_force) && clicolor_force.as_deref() != Some("0") => true,
            Color::Auto => is_terminal && term.as_deref() != Some("dumb"),
        }
    }

    /// The pager for an output of so many lines: program and arguments.
    fn pager(&self, lines: usize) -> Option<Vec<&str>> {
        let options = &self.options;
        let is_long = options.height.is_some_and(|height| lines >= height);
        if !options.pager || !options.stdout_is_terminal || !is_long {
            return None;
        }
        let command = options.pager_command.as_deref().unwrap_or("less");
        let words: Vec<&str> = command.split_whitespace().collect();
        (!words.is_empty() && words != ["cat"]).then_some(words)
    }

    /// Writes to standard output, through the pager where it is wanted and can be started.
    fn paged(&self, bytes: &[u8]) -> Result<()> {
        let lines = bytes.iter().filter(|&&byte| byte == b'\n').count();
        let Some(words) = self.pager(lines) else { return self.to_stdout(bytes) };
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).stdin(Stdio::piped());
        if self.options.less.is_none() {
            command.env("LESS", "FRX");
        }
        let Ok(mut child) = command.spawn() else { return self.to_stdout(bytes) };
        let written = child.stdin.take().map_or(Ok(()), |mut input| input.write_all(bytes));
        child
            .wait()
            .map_err(|cause| Error::failure("waiting for the pager failed").because(cause))?;
        unless_closed(written, "writing to the pager failed")
    }

    fn to_stdout(&self, bytes: &[u8]) -> Result<()> {
        let choice = choice(self.has_color(self.options.stdout_is_terminal));
        let mut out = AutoStream::new(io::stdout().lock(), choice);
        let written = out.write_all(bytes).and_then(|()| out.flush());
        unless_closed(written, "writing to standard output failed")
    }

    fn to_stderr(&self, text: &str) {
        let choice = choice(self.has_color(self.options.stderr_is_terminal));
        let mut out = AutoStream::new(io::stderr().lock(), choice);
        // Where the message about a failure cannot be written, nobody can be told of it.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}

fn choice(color: bool) -> ColorChoice {
    if color { ColorChoice::Always } else { ColorChoice::Never }
}

/// Machine formats hold no escape sequence that would have to be taken out.
fn to_stdout_as_is(bytes: &[u8]) -> Result<()> {
    let mut out = AutoStream::always_ansi(io::stdout().lock());
    let written = out.write_all(bytes).and_then(|()| out.flush());
    unless_closed(written, "writing to standard output failed")
}

/// A pipe that was closed at its other end has had what it wanted.
fn unless_closed(written: io::Result<()>, failure: &str) -> Result<()> {
    match written {
        Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|cause| Error::failure(failure).because(cause)),
    }
}

fn stdout_failed(cause: io::Error) -> Error {
    Error::failure("writing to standard output failed").because(cause)
}

/// A writer to a pipe: once its other end is closed, what follows goes nowhere.
struct UnlessClosed<W>(W);

impl<W: Write> Write for UnlessClosed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Ok(bytes.len()),
            other => other,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "是" | "好")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn ui(options: Options) -> Ui {
        Ui::new(options)
    }

    fn set(value: &str) -> Option<String> {
        Some(value.to_owned())
    }

    #[test]
    fn the_flag_decides_on_colour_then_the_environment_then_the_terminal() {
        let plain = Options::default;
        assert!(ui(plain()).has_color(true) && !ui(plain()).has_color(false));
        assert!(!ui(Options { no_color: set("1"), ..plain() }).has_color(true));
        assert!(ui(Options { no_color: set(""), ..plain() }).has_color(true));
        assert!(ui(Options { clicolor_force: set("1"), ..plain() }).has_color(false));
        assert!(!ui(Options { clicolor_force: set("0"), ..plain() }).has_color(false));
        assert!(!ui(Options { term: set("dumb"), ..plain() }).has_color(true));
        let both = Options { no_color: set("1"), clicolor_force: set("1"), ..plain() };
        assert!(!ui(both.clone()).has_color(true));
        assert!(ui(Options { color: Color::Always, ..both }).has_color(false));
    }

    #[test]
    fn columns_of_the_environment_count_before_the_terminals() {
        let terminal = Options { width: Some(80), stdout_is_terminal: true, ..Options::default() };
        assert_eq!(ui(terminal.clone()).style(None).width, Some(80));
        let told = Options { columns: set("60"), ..terminal.clone() };
        assert_eq!(ui(told).style(None).width, Some(60));
        let odd = Options { columns: set("0"), stdout_is_terminal: false, ..terminal };
        assert_eq!(ui(odd).style(None).width, None);
    }

    #[test]
    fn a_pager_serves_only_long_output_on_a_terminal() {
        let wanted = Options {
            pager: true,
            stdout_is_terminal: true,
            height: Some(24),
            ..Options::default()
        };
        assert_eq!(ui(wanted.clone()).pager(24), Some(vec!["less"]));
        assert_eq!(ui(wanted.clone()).pager(23), None);
        let command = |words: &str| Options { pager_command: set(words), ..wanted.clone() };
        assert_eq!(ui(command("more -d")).pager(99), Some(vec!["more", "-d"]));
        assert_eq!(ui(command("")).pager(99), None);
        assert_eq!(ui(command("cat")).pager(99), None);
        let piped = Options { stdout_is_terminal: false, ..wanted.clone() };
        assert_eq!(ui(piped).pager(99), None);
        assert_eq!(ui(Options { pager: false, ..wanted }).pager(99), None);
    }

    #[test]
    fn without_a_terminal_a_question_is_an_error_that_names_the_flag() {
        let asked = ui(Options::default()).confirm("void 3 orders?");
        let error = asked.expect_err("there is nobody to ask");
        assert_eq!(error.kind, crate::error::Kind::Usage);
        assert!(error.hints[0].contains("--yes"));
        assert!(is_yes("Y\n") && is_yes("yes") && is_yes("是\n"));
        assert!(!is_yes("") && !is_yes("no") && !is_yes("yep"));
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        let closed = Err(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(unless_closed(closed, "writing").is_ok());
        let full = Err(io::Error::from(io::ErrorKind::StorageFull));
        assert!(unless_closed(full, "writing").is_err());
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_stays_beside_it() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("orders.csv");
        let page = Page { key: "orders".into(), ..Page::default() };
        let style = Style { color: true, width: Some(10), ..Style::default() };
        for title in ["first", "晨星"] {
            let page = Page { title: title.into(), ..page.clone() };
            let written = Ui::default().pages(&[page], Format::Table, &style, Some(&path));
            assert!(written.is_ok());
            assert_eq!(fs::read_to_string(&path)?, format!("{title}\n"));
        }
        assert_eq!(fs::read_dir(folder.path())?.count(), 1);
        Ok(())
    }
}
