//! The environment and the settings of the user and the clone: read once, here, and passed down as
//! values.
//!
//! Flag > environment > `.desk/local.toml` > the user's own `config.toml` > `desk.toml`. Programs
//! to run (editor, pager) are taken from the environment and the user's own file only, never from
//! the data directory.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::error::{Error, Result};

/// What the environment says.
#[derive(Debug, Clone, Default)]
pub(super) struct Env {
    pub(super) dir: Option<PathBuf>,
    pub(super) user: Option<String>,
    pub(super) site: Option<String>,
    pub(super) language: Option<String>,
    pub(super) today: Option<String>,
    pub(super) editor: Option<String>,
    pub(super) pager: Option<String>,
    pub(super) less: Option<String>,
    pub(super) no_color: Option<String>,
    pub(super) force_color: Option<String>,
    pub(super) term: Option<String>,
    pub(super) columns: Option<String>,
    pub(super) config_home: Option<PathBuf>,
    /// The command line as a shell would take it again.
    pub(super) command: String,
}

/// What a settings file may say.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// Staff code of whoever works here.
    pub(super) user: Option<String>,
    /// Site of this clone.
    pub(super) site: Option<String>,
    /// Language of labels.
    pub(super) language: Option<String>,
    /// Editor command.
    pub(super) editor: Option<String>,
    /// Pager command.
    pub(super) pager: Option<String>,
}

impl Env {
    /// Reads the environment of the process.
    #[expect(clippy::disallowed_methods, reason = "the one home of the environment")]
    pub(super) fn read() -> Self {
        let text = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let home = || text("HOME").map(|home| PathBuf::from(home).join(".config"));
        Self {
            dir: env::var_os("DESK_DIR").filter(|dir| !dir.is_empty()).map(PathBuf::from),
            user: text("DESK_USER"),
            site: text("DESK_SITE"),
            language: text("DESK_LANG"),
            today: text("DESK_TODAY"),
            editor: text("VISUAL").or_else(|| text("EDITOR")),
            pager: text("PAGER"),
            less: text("LESS"),
            no_color: text("NO_COLOR"),
            force_color: text("CLICOLOR_FORCE"),
            term: text("TERM"),
            columns: text("COLUMNS"),
            command: command_line(env::args_os()),
            config_home: text("XDG_CONFIG_HOME").map(PathBuf::from).or_else(home),
        }
    }

    /// The user's own settings.
    pub(super) fn own_settings(&self) -> Result<Settings> {
        match &self.config_home {
            Some(home) => settings(
                &home.join("desk").join("config.toml"),
                "it may hold user, site, language, editor and pager",
            ),
            None => Ok(Settings::default()),
        }
    }
}

/// Words as a shell takes them again; the program is `desk` wherever it lies.
fn command_line(words: impl Iterator<Item = OsString>) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,@%+".contains(c);
    let quoted = |word: OsString| {
        let word = word.to_string_lossy().into_owned();
        match !word.is_empty() && word.chars().all(plain) {
            true => word,
            false => format!("'{}'", word.replace('\'', r"'\''")),
        }
    };
    let words = words.skip(1).map(quoted);
    std::iter::once("desk".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// The settings of a clone; programs named there are not taken.
pub(super) fn local_settings(root: &Path) -> Result<Settings> {
    let path = root.join(crate::store::layout::LOCAL).join("local.toml");
    // It lies among the data, which may come from anyone: a pipe there would never end.
    if std::fs::symlink_metadata(&path).is_ok_and(|found| !found.is_file()) {
        let message = format!("cannot read {}: local.toml is no plain file", path.display());
        return Err(Error::refused(message, Vec::new()).hint(format!("rm -r {}", path.display())));
    }
    let local = settings(&path, "it may hold user and site")?;
    Ok(Settings { user: local.user, site: local.site, ..Settings::default() })
}

fn settings(path: &Path, hint: &str) -> Result<Settings> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Settings::default());
        }
        Err(error) => {
            return Err(Error::failure(format!("cannot read {}", path.display())).because(error));
        }
    };
    toml::from_str(&text).map_err(|error| {
        // The parser's own words list every key of the user's settings.
        let why = error.message().split(", expected ").next().unwrap_or_default().to_owned();
        Error::usage(format!("cannot read {}: {why}", path.display())).hint(hint)
    })
}
