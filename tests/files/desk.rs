//! A hermetic place to run the built program in: a data directory of its own, a cleared
//! environment, a fixed day, no colour, no settings of whoever runs the tests.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// The day all tests live on.
pub(crate) const TODAY: &str = "2026-09-23";

/// What a run of the program gave.
pub(crate) struct Ran {
    /// Exit code; none where a signal ended it, as no test allows.
    pub(crate) code: i32,
    /// What it printed.
    pub(crate) out: String,
    /// What it complained of.
    pub(crate) err: String,
}

impl Ran {
    /// All that it said, and its exit code, as fixtures keep it.
    pub(crate) fn transcript(&self) -> String {
        format!("{}{}# exit {}\n", self.out, self.err, self.code)
    }

    /// Demands an exit code, and that the program did not panic.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert!(!self.err.contains("panicked"), "{}", self.err);
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self
    }
}

/// A data directory of one test.
pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    /// A copy of folders, later ones laid over earlier ones.
    pub(crate) fn of(layers: &[&Path]) -> Self {
        let desk = Self { folder: TempDir::new().expect("a folder for the test") };
        for layer in layers {
            copy(layer, &desk.root());
        }
        desk
    }

    /// The data directory.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The bytes of a file.
    pub(crate) fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.root().join(path)).expect("the file is there")
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }

    /// Runs `desk` in the directory.
    pub(crate) fn run<S: AsRef<str>>(&self, arguments: &[S]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_desk"));
        command.args(arguments.iter().map(AsRef::as_ref));
        self.ran(&mut command)
    }

    /// Runs a shell script that calls `desk` by its name.
    pub(crate) fn script(&self, script: &str) -> Ran {
        let mut command = Command::new("/bin/sh");
        self.ran(command.args(["-e", "-c", script]))
    }

    fn ran(&self, command: &mut Command) -> Ran {
        let bin = Path::new(env!("CARGO_BIN_EXE_desk")).parent().expect("a program has a folder");
        let mut path = OsString::from(bin);
        path.push(":/usr/bin:/bin");
        let ran = command
            .env_clear()
            .envs([("DESK_TODAY", TODAY), ("DESK_USER", "li-min"), ("NO_COLOR", "1")])
            .envs([("COLUMNS", "100"), ("LC_ALL", "C.UTF-8")])
            .env("PATH", path)
            .env("HOME", self.folder.path())
            .current_dir(self.root())
            .output()
            .expect("the program runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints UTF-8");
        Ran { code: ran.status.code().unwrap_or(-1), out: text(ran.stdout), err: text(ran.stderr) }
    }
}

/// The folder of the tests.
pub(crate) fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// The example company.
pub(crate) fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data-example")
}

/// The names in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let listed = fs::read_dir(folder).expect("the folder is there");
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry.expect("an entry").file_name().into_string().expect("a plain name")
    };
    let mut names: Vec<String> = listed.map(name).collect();
    names.sort();
    names
}

/// Whether whoever runs the tests asks to take what they see as what they expect: DESK_BLESS=1.
pub(crate) fn blesses() -> bool {
    std::env::var_os("DESK_BLESS").is_some()
}

/// Copies a folder; of what only steers a test, nothing.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for name in names(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        let steers = ["setup", "cmd", "expected.txt", ".desk"].contains(&name.as_str());
        match from.is_dir() {
            _ if steers => {}
            true => copy(&from, &to),
            false => drop(fs::copy(&from, &to).expect("a file to copy")),
        }
    }
}
