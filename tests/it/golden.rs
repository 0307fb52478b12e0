//! Every report over the example, byte for byte, in the formats people and programs read.

use std::{fs, path::Path};

use crate::desk::{Desk, PROJECT};

/// Parameters of each report; a new report needs a line here.
const REPORTS: &[(&str, &str)] = &[
    ("sales", "-p 2026-Q3 --by category --compare previous"),
    ("orders", "--as-of 2026-09-23"),
    ("contracts", "-p 2026"),
    ("deliveries", "-p 2026-09"),
    ("invoices", "-p 2026"),
    ("expenses", "-p 2026-09 --by district"),
    ("receivables", "--as-of 2026-09-23"),
    ("ledger", "-p 2026-09"),
    ("statement", "customer:CX01 -p 2026-09"),
    ("customers", "-p 2026-09"),
    ("leads", "--as-of 2026-09-23"),
    ("market", "-p 2026-09 --by topic"),
];
const FORMATS: &[(&str, &str)] =
    &[("table", "txt"), ("csv", "csv"), ("json", "json"), ("md", "md")];

#[test]
fn reports_are_what_they_were() {
    let desk = Desk::example();
    let folder = Path::new(PROJECT).join("tests/golden");
    for (name, params) in REPORTS {
        for (format, extension) in FORMATS {
            let line = format!("report {name} {params} -O {format}");
            // csv says which tables it leaves out.
            let ran = desk.run(&line).succeeds();
            let ran = if *extension == "csv" { ran } else { ran.quietly() };
            let path = folder.join(format!("{name}.{extension}"));
            if rewriting() {
                rewrite(&path, ran.text());
            }
            let golden = fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("{}: {error}; UPDATE_GOLDEN=1", path.display()));
            let differs = golden.lines().zip(ran.text().lines()).position(|(old, new)| old != new);
            assert!(
                golden == ran.text(),
                "{} is not what $ {line} gives, from line {}: {ran}",
                path.display(),
                differs.map_or(0, |at| at + 1),
            );
        }
    }
}

#[test]
fn every_report_is_among_them() {
    let names = Desk::empty().run("report list -O csv").succeeds().column("name");
    assert_eq!(names, REPORTS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}

#[expect(clippy::disallowed_methods, reason = "asked of whoever runs the tests")]
fn rewriting() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1")
}

#[expect(
    clippy::disallowed_methods,
    reason = "rewritten when asked for, and read before it is kept"
)]
fn rewrite(path: &Path, text: &str) {
    fs::write(path, text).expect("tests/golden can be written");
}
