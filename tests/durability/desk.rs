//! Commands typed into a data directory, and copies of such directories.
//!
//! Nothing of the machine reaches the program: the environment is cleared, the day is fixed, and
//! one thread beside the first one reads, so that two runs make the same system calls.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The day all of this happens on.
const TODAY: &str = "2026-09-23";

/// A program under test.
#[derive(Debug, Clone)]
pub(crate) struct Program(pub(crate) PathBuf);

/// A command that ended.
#[derive(Debug, Clone)]
pub(crate) struct Ran {
    /// Exit code; none where a signal ended it.
    pub(crate) code: Option<i32>,
    /// What it printed.
    pub(crate) out: String,
    /// What it complained of.
    pub(crate) err: String,
}

impl Ran {
    /// The id that a success names first.
    pub(crate) fn id(&self) -> Option<&str> {
        let (first, rest) = self.out.split_once(' ')?;
        (first.contains('-') && !rest.is_empty()).then_some(first)
    }

    /// Its last words, for a report of what went wrong.
    pub(crate) fn words(&self) -> String {
        let Self { code, out, err } = self;
        let code = code.map_or("killed".to_owned(), |code| format!("exit {code}"));
        format!("{code}\n{out}{err}").trim_end().to_owned()
    }
}

impl Program {
    /// A typed line in a data directory, not yet started: `NAME=VALUE` in front goes to the
    /// environment, `prefix` is a program that runs it.
    pub(crate) fn command(&self, root: &Path, prefix: &[String], line: &str) -> Command {
        let (mut variables, mut words) = (Vec::new(), Vec::new());
        for word in split(line) {
            match word.split_once('=') {
                Some((name, value)) if words.is_empty() => {
                    variables.push((name.into(), value.into()))
                }
                _ => words.push(word),
            }
        }
        let mut line: Vec<String> = prefix.to_vec();
        line.push(self.0.display().to_string());
        line.extend(words);
        let mut command = Command::new(&line[0]);
        command
            .args(&line[1..])
            .current_dir(root)
            .env_clear()
            .envs(fixed())
            .envs(variables.into_iter().collect::<BTreeMap<String, String>>());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a typed line to its end.
    pub(crate) fn run(&self, root: &Path, line: &str) -> Ran {
        ran(&mut self.command(root, &[], line))
    }

    /// Runs a line that must succeed.
    pub(crate) fn must(&self, root: &Path, line: &str) -> Result<Ran, String> {
        let ran = self.run(root, line);
        match ran.code {
            Some(0) => Ok(ran),
            _ => Err(format!("desk {line}: {}", ran.words())),
        }
    }
}

/// Runs a command to its end.
pub(crate) fn ran(command: &mut Command) -> Ran {
    match command.output() {
        Ok(out) => Ran {
            code: out.status.code(),
            out: String::from_utf8_lossy(&out.stdout).into_owned(),
            err: String::from_utf8_lossy(&out.stderr).into_owned(),
        },
        Err(error) => Ran { code: Some(127), out: String::new(), err: error.to_string() },
    }
}

/// Runs a tool of the machine, such as git or mount.
pub(crate) fn tool(root: &Path, line: &str) -> Result<Ran, String> {
    let words = split(line);
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).current_dir(root).envs(fixed()).stdin(Stdio::null());
    let ran = ran(&mut command);
    match ran.code {
        Some(0) => Ok(ran),
        _ => Err(format!("{line}: {}", ran.words())),
    }
}

fn fixed() -> [(&'static str, &'static str); 9] {
    [
        ("DESK_TODAY", TODAY),
        ("DESK_USER", "li-min"),
        ("NO_COLOR", "1"),
        ("COLUMNS", "100"),
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("HOME", "/nonexistent"),
        ("RAYON_NUM_THREADS", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_SYSTEM", "/dev/null"),
    ]
}

/// Words as a shell splits them: blanks, and `'…'`.
fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut open) = (Vec::new(), String::new(), false, false);
    for c in line.chars() {
        match c {
            '\'' => (quoted, open) = (!quoted, true),
            ' ' if !quoted => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            c => word.push(c),
        }
    }
    if open || !word.is_empty() {
        words.push(word);
    }
    words
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &target)?,
            false => drop(fs::copy(entry.path(), target)?),
        }
    }
    Ok(())
}

/// Every file with its bytes: the lock and the cache left out, temporary files under one name.
pub(crate) fn tree(root: &Path) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut tree = BTreeMap::new();
    gather(root, "", &mut tree)?;
    Ok(tree)
}

fn gather(folder: &Path, prefix: &str, tree: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if path == ".desk/lock" || path == ".desk/cache" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            tree.insert(path.clone(), Vec::new());
            gather(&entry.path(), &format!("{path}/"), tree)?;
        } else if name.starts_with(".tmp-") {
            let bytes = fs::read(entry.path())?;
            tree.insert(format!("{prefix}.tmp-{}", bytes.len()), bytes);
        } else {
            tree.insert(path, fs::read(entry.path())?);
        }
    }
    Ok(())
}
