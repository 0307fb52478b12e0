//! The operations that are broken off at every point, on a company of a few records.

use std::path::{Path, PathBuf};

use crate::desk::{Program, copy};

/// An operation: one command that changes several records or none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    /// What it is called in the figures.
    pub(crate) name: &'static str,
    /// Commands that lead to where it starts.
    pub(crate) prepare: &'static [&'static str],
    /// The command.
    pub(crate) line: &'static str,
    /// Words of which a message that says what was written has one.
    pub(crate) names: &'static [&'static str],
    /// Commands whose answers must be those from before or those from after, all together.
    pub(crate) reads: &'static [&'static str],
    /// The next writer's command.
    pub(crate) next: &'static str,
}

const NEXT: &str = "order add CX02 --line 'A100 x 3'";

/// Every operation that is judged.
pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "order add",
        prepare: &[],
        line: "order add CX01 --line 'A100 x 1'",
        names: &["SO-2609-0003"],
        reads: &["check", "order export", "order show SO-2609-0003 -O json"],
        next: NEXT,
    },
    Operation {
        name: "order set",
        prepare: &[],
        line: "order set SO-2609-0002 promised_on=2026-10-09 'remarks=两箱一起发'",
        names: &["SO-2609-0002"],
        reads: &["check", "order export", "order show SO-2609-0002 -O json"],
        next: NEXT,
    },
    Operation {
        name: "order review",
        prepare: &[],
        line: "DESK_USER=wang order review SO-2609-0002",
        names: &["SO-2609-0002"],
        reads: &["check", "order export", "order show SO-2609-0002 -O json"],
        next: NEXT,
    },
    Operation {
        name: "task add",
        prepare: &[],
        line: "task add 'call the clinic' --owner wang",
        names: &["TK-2609-0002"],
        reads: &["check", "task export"],
        next: "task add 'and again' --owner wang",
    },
    Operation {
        name: "customer lead",
        prepare: &[],
        line: "customer lead CX02 --stage prospect --next-on 2026-09-30 --step 'send samples'",
        names: &["CX02"],
        reads: &["check", "task export", "customer export"],
        next: NEXT,
    },
    Operation {
        name: "payment add",
        prepare: &[],
        line: "payment add CX01 2000 --method transfer --match SO-2609-0001",
        names: &["PM-2609-0001"],
        reads: &["check", "payment export", "allocation export"],
        next: "payment add CX02 100 --method cash --match SO-2609-0002",
    },
    Operation {
        name: "import",
        prepare: &[],
        line: "import ../import.toml ../orders.csv",
        names: &["SO-2608-0001", "SO-2609-0003", "SO-2610-0001"],
        reads: &["check", "order export", "order show SO-2610-0001 -O json"],
        next: NEXT,
    },
    Operation {
        name: "undo",
        prepare: &["import ../import.toml ../orders.csv", "order set SO-2609-0001 'remarks=加急'"],
        line: "undo 1",
        names: &["SO-2608-0001", "SO-2609-0003", "SO-2610-0001", "operation 1"],
        reads: &["check", "order export", "order show SO-2610-0001 -O json"],
        next: NEXT,
    },
    Operation {
        name: "redo",
        prepare: &["order set SO-2609-0002 promised_on=2026-10-09", "undo"],
        line: "redo",
        names: &["SO-2609-0002", "operation 1"],
        reads: &["check", "order export", "order show SO-2609-0002 -O json"],
        next: NEXT,
    },
];

/// The folder of this harness.
pub(crate) fn own_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/durability")
}

/// Makes the small company in a folder, with an import's files beside it.
pub(crate) fn company(root: &Path) -> Result<(), String> {
    let own = own_folder();
    let beside = root.parent().ok_or("a data directory lies in a folder")?;
    let files = ["import.toml", "orders.csv"];
    let copied = copy(&own.join("company"), root).and_then(|()| {
        files.iter().try_for_each(|file| std::fs::copy(own.join(file), beside.join(file)).map(drop))
    });
    copied.map_err(|error| format!("{}: {error}", root.display()))
}

impl Operation {
    /// Whether the program has such a command.
    pub(crate) fn is_known(&self, program: &Program) -> bool {
        let noun = self.line.split(' ').find(|word| !word.contains('='));
        let help = format!("{} --help", noun.unwrap_or_default());
        program.run(Path::new("/"), &help).code == Some(0)
    }

    /// Makes the company as the operation finds it.
    pub(crate) fn begin(&self, program: &Program, root: &Path) -> Result<(), String> {
        company(root)?;
        self.prepare.iter().try_for_each(|line| program.must(root, line).map(drop))
    }
}
