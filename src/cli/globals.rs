//! The flags that every command takes.

use std::path::PathBuf;

use clap::Args;

/// Flags of every command.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// Data directory; else DESK_DIR, else the one at or above this folder
    #[arg(short = 'C', long = "dir", value_name = "DIR", global = true, hide_short_help = true)]
    pub(super) dir: Option<PathBuf>,
    /// Days: 2026-09, 2026-Q3, this-month, 2026-09-01..2026-09-15, ..today (desk help periods)
    #[arg(short, long, value_name = "PERIOD", global = true, hide_short_help = true)]
    pub(super) period: Option<String>,
    /// Show everything as of a day
    #[arg(long, value_name = "DATE", global = true, hide_short_help = true)]
    pub(super) as_of: Option<String>,
    /// Columns to show, in this order
    #[arg(long, value_name = "A,B", value_delimiter = ',', global = true, hide_short_help = true)]
    pub(super) cols: Vec<String>,
    /// Sort by a column; downwards with a leading -
    #[arg(
        long,
        value_name = "[-]COLUMN",
        allow_hyphen_values = true,
        global = true,
        hide_short_help = true
    )]
    pub(super) sort: Option<String>,
    /// Show the first N rows
    #[arg(long, value_name = "N", global = true, hide_short_help = true, value_parser = at_least_one)]
    pub(super) limit: Option<usize>,
    /// Format: table, plain, csv, tsv, json, jsonl, md, html, xlsx
    #[arg(
        short = 'O',
        long = "format",
        value_name = "FORMAT",
        global = true,
        hide_short_help = true
    )]
    pub(super) format: Option<String>,
    /// Write to a file; its extension decides the format
    #[arg(short, long, value_name = "FILE", global = true, hide_short_help = true)]
    pub(super) output: Option<PathBuf>,
    /// Which table, where there are several; head: the figures above them
    #[arg(long, value_name = "NAME", global = true, hide_short_help = true)]
    pub(super) table: Option<String>,
    /// Count and list void records too
    #[arg(long, global = true, hide_short_help = true)]
    pub(super) include_void: bool,
    /// Exit 6 where nothing is found
    #[arg(long, global = true, hide_short_help = true)]
    pub(super) fail_empty: bool,
    /// Say what would be done, with the difference, and write nothing
    #[arg(short = 'n', long, global = true, hide_short_help = true)]
    pub(super) dry_run: bool,
    /// Commit the written files, and nothing else, in git
    #[arg(long, global = true, hide_short_help = true)]
    pub(super) commit: bool,
    /// Answer every question with yes
    #[arg(short, long, global = true, hide_short_help = true)]
    pub(super) yes: bool,
    /// Never ask
    #[arg(long, global = true, hide_short_help = true)]
    pub(super) no_input: bool,
    /// Say nothing when all is well
    #[arg(short, long, global = true, hide_short_help = true)]
    pub(super) quiet: bool,
    /// Colour: auto, always, never
    #[arg(long, value_name = "WHEN", global = true, hide_short_help = true)]
    pub(super) color: Option<String>,
    /// Never use a pager
    #[arg(long, global = true, hide_short_help = true)]
    pub(super) no_pager: bool,
    /// Draw no charts
    #[arg(long, global = true, hide_short_help = true)]
    pub(super) no_chart: bool,
    /// Language of labels: en, zh
    #[arg(long, value_name = "LANG", global = true, hide_short_help = true)]
    pub(super) lang: Option<String>,
    /// Read every file, whatever the cache says
    #[arg(long, global = true, hide_short_help = true)]
    pub(super) no_cache: bool,
    /// Read the directory as a commit has it, or the last one by the end of a day; writes nothing
    #[arg(long, value_name = "COMMIT|DATE", global = true, hide_short_help = true)]
    pub(super) rev: Option<String>,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    let most: usize = text.parse().map_err(|_| "not a whole number".to_owned())?;
    if most == 0 { Err("at least 1".into()) } else { Ok(most) }
}
