//! A data directory of its own for each test, commands typed into it, and what they leave behind.
//!
//! Nothing of the machine reaches the program: the environment is cleared, the clock is
//! `DESK_TODAY`, the configuration folder is empty, git reads no configuration.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use snapbox::{Assert, IntoData};
use tempfile::TempDir;

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_desk");
/// The project's own folder.
pub(crate) const PROJECT: &str = env!("CARGO_MANIFEST_DIR");

/// A data directory, and who works there when.
pub(crate) struct Desk {
    home: TempDir,
    root: PathBuf,
    environment: BTreeMap<String, String>,
}

/// A command that ended.
pub(crate) struct Ran {
    line: String,
    code: i32,
    stdout: String,
    stderr: String,
}

impl Desk {
    /// A copy of the example company, on 2026-09-23, with li-min at work.
    pub(crate) fn example() -> Self {
        let desk = Self::empty();
        copy(&Path::new(PROJECT).join("data-example"), &desk.root);
        desk
    }

    /// A copy of the worked contract, on 2026-09-23, with li-min at work.
    pub(crate) fn worked() -> Self {
        let desk = Self::empty();
        copy(&Path::new(PROJECT).join("tests/worked"), &desk.root);
        desk
    }

    /// A folder that is no data directory yet.
    pub(crate) fn empty() -> Self {
        let home = tempfile::tempdir().expect("a temporary folder can be made");
        let root = home.path().join("data");
        fs::create_dir(&root).expect("the folder was just made");
        let fixed = [
            ("DESK_TODAY", "2026-09-23"),
            ("DESK_USER", "li-min"),
            ("COLUMNS", "100"),
            ("NO_COLOR", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_SYSTEM", "/dev/null"),
        ];
        let fixed = fixed.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { home, root, environment: fixed.into() }
    }

    /// A data directory of these files, with a desk.toml if they hold none.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let desk = Self::empty();
        desk.write(
            "desk.toml",
            "[company]\nname = \"Test\"\ntime_zone = \"Asia/Shanghai\"\n\n[defaults]\ncurrency = \"CNY\"\n",
        );
        files.iter().for_each(|(path, text)| desk.write(path, text));
        desk
    }

    /// The same with a variable of the environment set.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// The same with a variable of the environment taken away.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.environment.remove(name);
        self
    }

    /// A folder outside the data directory.
    pub(crate) fn outside(&self) -> &Path {
        self.home.path()
    }

    /// Runs a typed line: words as a shell splits them, `NAME=VALUE` in front for the environment;
    /// `desk` may be left out.
    pub(crate) fn run(&self, line: &str) -> Ran {
        self.run_with(line, "")
    }

    /// The same with words on standard input.
    pub(crate) fn run_with(&self, line: &str, input: &str) -> Ran {
        let mut child =
            self.command(line).spawn().unwrap_or_else(|error| panic!("{line}: {error}"));
        let mut pipe = child.stdin.take().expect("standard input is a pipe");
        // The program need not read what it is given.
        let _ = pipe.write_all(input.as_bytes());
        drop(pipe);
        let out = child.wait_with_output().unwrap_or_else(|error| panic!("{line}: {error}"));
        let text = |bytes: Vec<u8>| {
            String::from_utf8(bytes).unwrap_or_else(|_| panic!("{line}: output is not UTF-8"))
        };
        Ran {
            line: line.to_owned(),
            code: out.status.code().unwrap_or(-1),
            stdout: text(out.stdout),
            stderr: text(out.stderr),
        }
    }

    /// The process of a typed line, not yet started.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut words = split(line).into_iter().peekable();
        let mut command = self.process(PROGRAM);
        while let Some((name, value)) =
            words.peek().and_then(|word| word.split_once('=')).filter(|(name, _)| is_variable(name))
        {
            command.env(name, value);
            words.next();
        }
        words.next_if(|word| word == "desk");
        command.args(words);
        command
    }

    /// A shell in the data directory that finds the programs of a folder first.
    pub(crate) fn shell(&self, programs: &Path) -> Command {
        let mut command = self.process("bash");
        let mut path = programs.as_os_str().to_owned();
        path.push(":");
        path.push(path_variable().unwrap_or_default());
        command.env("PATH", path);
        command
    }

    /// A process in the data directory that knows of nothing but it.
    fn process(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env_clear();
        command.env("PATH", path_variable().unwrap_or_default());
        command.env("HOME", self.home.path()).env("XDG_CONFIG_HOME", self.home.path());
        command.envs(&self.environment);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// A file's path.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// A file's text.
    #[track_caller]
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Writes a file, its folders too.
    #[expect(clippy::disallowed_methods, reason = "a test writes what a person would have written")]
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        let folder = path.parent().expect("a file stands in a folder");
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, text))
            .expect("it can be written");
    }

    /// Replaces words of a file, which must stand there once.
    #[track_caller]
    pub(crate) fn change(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert_eq!(text.matches(from).count(), 1, "{name} holds {from:?} once");
        self.write(name, text.replace(from, to));
    }

    /// Every file with its bytes, the local state of `.desk` left out.
    pub(crate) fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        let mut tree = BTreeMap::new();
        read_tree(&self.root, "", &mut tree);
        tree
    }

    /// What changed since a tree: names of files, and the lines that went and came.
    pub(crate) fn changes(&self, before: &BTreeMap<String, Vec<u8>>) -> String {
        let after = self.tree();
        let mut said = String::new();
        let names: std::collections::BTreeSet<&String> =
            before.keys().chain(after.keys()).collect();
        for name in names {
            let text = |tree: &BTreeMap<String, Vec<u8>>| {
                tree.get(name).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
            };
            let (old, new) = (text(before), text(&after));
            if old == new {
                continue;
            }
            said.push_str(&format!("{name}\n"));
            let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
            said.push_str(&difference(&old, &new));
        }
        said
    }
}

impl Ran {
    /// It exits with 0.
    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        self.code(0)
    }

    /// It exits with this code.
    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self}");
        self
    }

    /// Standard output is this, `...` standing for any lines and `[..]` for any words.
    #[track_caller]
    pub(crate) fn stdout(self, expected: impl IntoData) -> Self {
        same(&self.line, &self.stdout, expected);
        self
    }

    /// Standard output is this to the byte.
    #[track_caller]
    pub(crate) fn stdout_is(self, expected: &str) -> Self {
        assert_eq!(self.stdout, expected, "{}", self.line);
        self
    }

    /// Standard error is this.
    #[track_caller]
    pub(crate) fn stderr(self, expected: impl IntoData) -> Self {
        same(&self.line, &self.stderr, expected);
        self
    }

    /// Standard output has these words.
    #[track_caller]
    pub(crate) fn has(self, words: &str) -> Self {
        assert!(self.stdout.contains(words), "no {words:?} in {self}");
        self
    }

    /// Standard output has not these words.
    #[track_caller]
    pub(crate) fn has_not(self, words: &str) -> Self {
        assert!(!self.stdout.contains(words), "{words:?} in {self}");
        self
    }

    /// Standard error has these words.
    #[track_caller]
    pub(crate) fn stderr_has(self, words: &str) -> Self {
        assert!(self.stderr.contains(words), "no {words:?} in {self}");
        self
    }

    /// Standard error has a finding of this rule.
    #[track_caller]
    pub(crate) fn stderr_code(&self, code: &str) {
        assert!(self.stderr.contains(&format!("error[{code}]")), "no {code} in {self}");
    }

    /// Nothing went to standard error.
    #[track_caller]
    pub(crate) fn quietly(self) -> Self {
        assert_eq!(self.stderr, "", "{self}");
        self
    }

    /// Its exit code.
    pub(crate) fn exit(&self) -> i32 {
        self.code
    }

    /// Standard output.
    pub(crate) fn text(&self) -> &str {
        &self.stdout
    }

    /// What it wrote to standard error.
    pub(crate) fn errors(&self) -> &str {
        &self.stderr
    }

    /// Standard output read as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// The rows of a csv, each by the names of its columns.
    #[track_caller]
    pub(crate) fn rows(&self) -> Vec<BTreeMap<String, String>> {
        let mut reader = csv::Reader::from_reader(self.stdout.as_bytes());
        let rows = reader.deserialize().collect::<Result<Vec<_>, _>>();
        rows.unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// One column of a csv.
    #[track_caller]
    pub(crate) fn column(&self, name: &str) -> Vec<String> {
        let rows = self.rows().into_iter();
        rows.map(|mut row| row.remove(name).unwrap_or_else(|| panic!("no {name} in {self}")))
            .collect()
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { line, code, stdout, stderr } = self;
        write!(f, "\n$ {line}\n{stdout}{stderr}[exit {code}]")
    }
}

/// Two texts are the same, wildcards of the expected one apart.
#[track_caller]
pub(crate) fn same(what: &str, actual: &str, expected: impl IntoData) {
    if let Some(why) = differs(actual, expected) {
        panic!("$ {what}\n{why}");
    }
}

/// How two texts differ, wildcards of the expected one apart.
pub(crate) fn differs(actual: &str, expected: impl IntoData) -> Option<String> {
    let assert = Assert::new().action_env("SNAPSHOTS").normalize_paths(false);
    let compared = assert.try_eq(None, actual.to_owned().into_data(), expected.into_data());
    compared.err().map(|why| why.to_string())
}

#[expect(clippy::disallowed_methods, reason = "git, head and sh are found by it")]
fn path_variable() -> Option<std::ffi::OsString> {
    std::env::var_os("PATH")
}

/// The lines that go and come, `-` and `+`, those that stay left out.
fn difference(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    // Longest common subsequence of what follows each pair of lines.
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for (at, line) in old.iter().enumerate().rev() {
        for (to, other) in new.iter().enumerate().rev() {
            common[at][to] = match line == other {
                true => common[at + 1][to + 1] + 1,
                false => common[at + 1][to].max(common[at][to + 1]),
            };
        }
    }
    let (mut at, mut to, mut said) = (0, 0, String::new());
    while at < old.len() || to < new.len() {
        if at < old.len() && to < new.len() && old[at] == new[to] {
            (at, to) = (at + 1, to + 1);
        } else if to == new.len() || at < old.len() && common[at + 1][to] >= common[at][to + 1] {
            said.push_str(&format!("-{}\n", old[at].trim_end_matches('\n')));
            at += 1;
        } else {
            said.push_str(&format!("+{}\n", new[to].trim_end_matches('\n')));
            to += 1;
        }
    }
    said
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

/// Words as a shell splits them: blanks, `'…'` and `"…"`, `\` outside single quotes.
pub(crate) fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut open) = (Vec::new(), String::new(), None, false);
    let mut letters = line.chars();
    while let Some(c) = letters.next() {
        match (quote, c) {
            (Some(end), c) if c == end => quote = None,
            (Some('\''), c) => word.push(c),
            (_, '\\') => word.extend(letters.next()),
            (Some(_), c) => word.push(c),
            (None, '\'' | '"') => (quote, open) = (Some(c), true),
            (None, c) if c.is_whitespace() => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            (None, c) => word.push(c),
        }
    }
    if open || !word.is_empty() {
        words.push(word);
    }
    words
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a temporary folder can be written");
    for entry in fs::read_dir(from).expect("the example is there") {
        let entry = entry.expect("the example can be listed");
        let target = to.join(entry.file_name());
        if entry.file_name() == ".desk" {
            continue;
        }
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("the example can be read");
        }
    }
}

fn read_tree(folder: &Path, prefix: &str, tree: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let entry = entry.expect("it can be listed");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        match entry.path().is_dir() {
            true if name == ".desk" || name == ".git" => {}
            true => read_tree(&entry.path(), &format!("{name}/"), tree),
            false => {
                tree.insert(name, fs::read(entry.path()).expect("it can be read"));
            }
        }
    }
}
