//! What the reader finds while it reads a file, explained; and names in the directory that nobody
//! reads.

use super::{Rule, Run};
use crate::{
    book::Book,
    finding::{Finding, Level},
    store::{files::What, layout},
    value::place::Place,
};

const fn reader(code: &'static str, level: Level, about: &'static str) -> Rule {
    Rule::always(code, level, about, Run::Reader)
}

const fn error(code: &'static str, about: &'static str) -> Rule {
    reader(code, Level::Error, about)
}

const fn warning(code: &'static str, about: &'static str) -> Rule {
    reader(code, Level::Warning, about)
}

pub(super) const RULES: &[Rule] = &[
    error(
        "toml.encoding",
        "Files are UTF-8. Nothing of a file with other bytes is read; convert it first.",
    ),
    error(
        "toml.nul",
        "A file holds no NUL bytes; they are what a crash or a copy of a damaged disk leaves behind.",
    ),
    warning(
        "toml.bom",
        "A byte order mark is read past. Written files have none; `desk check --fix` takes it out.",
    ),
    warning("toml.crlf", "Line ends are LF. CRLF is read; `desk check --fix` rewrites it."),
    warning("toml.final_newline", "A file ends with a newline; `desk check --fix` adds it."),
    error(
        "toml.conflict",
        "Git left both sides of a conflict in the file. Keep one of them and take the marks out.",
    ),
    error("toml.too_deep", "Records are flat: tables and lists may nest 16 deep at the most."),
    error("toml.too_large", "A record's file is 1 MiB at the most."),
    error(
        "toml.truncated",
        "The file ends in the middle of something: it was not copied or written to its end.",
    ),
    error("toml.empty", "The file holds no record."),
    error("toml.syntax", "The file is not TOML 1.0."),
    error("toml.duplicate_key", "A key stands once in its table."),
    error(
        "csv.encoding",
        "Registers are UTF-8. Nothing of a file with other bytes is read; convert it first.",
    ),
    error(
        "csv.nul",
        "A row holds no NUL bytes; they are what a crash or a copy of a damaged disk leaves behind.",
    ),
    warning(
        "csv.bom",
        "A byte order mark is read past. Written files have none; `desk check --fix` takes it out.",
    ),
    warning("csv.crlf", "Line ends are LF. CRLF is read; `desk check --fix` rewrites it."),
    warning("csv.final_newline", "A file ends with a newline; `desk check --fix` adds it."),
    error(
        "csv.conflict",
        "Git left both sides of a conflict in the file. Keep one of them and take the marks out; the rows between them \
         are not read until then.",
    ),
    error("csv.too_large", "The register of a month is 256 MiB at the most."),
    error(
        "csv.empty",
        "A register has at least its header; a file without it was lost on the way.",
    ),
    error("csv.header", "The first line names the columns, and commas part the cells."),
    error(
        "csv.duplicate_column",
        "A column stands there once; of two nobody can say which one counts, so no row is read.",
    ),
    error(
        "csv.ragged",
        "Every row has as many cells as the header. A cell that holds a comma stands in quotes.",
    ),
    error(
        "csv.quote",
        "A cell that begins with a quote ends with one, and a quote inside it is written twice.",
    ),
    error(
        "csv.line_break",
        "Cells hold no line breaks, so that one row is one line for git, for merges and for other programs.",
    ),
    error(
        "csv.truncated",
        "The file ends in the middle of a row: it was not copied or written to its end.",
    ),
    error(
        "csv.duplicate_id",
        "An id stands in one row. The first row of that id is read, later ones are left out until they get their own.",
    ),
    reader(
        "csv.spreadsheet",
        Level::Note,
        "What a spreadsheet does to a file is read all the same: other orders of columns, quotes around everything, \
         empty columns and lines.",
    ),
    error(
        "field.unknown",
        "Keys are those of `desk help fields KIND`; a misspelt one would be lost in silence.",
    ),
    error("field.type", "A field holds the type the dictionary gives it."),
    error(
        "field.float",
        "Decimals are quoted strings, so that they stay exactly what was written; `desk check --fix` quotes \
                          a bare one.",
    ),
    error(
        "field.decimal",
        "A decimal is plain digits with an optional point: no exponent, no separators.",
    ),
    error(
        "field.range",
        "Money is 10^12 at the most, quantities 10^9, with 6 decimals at the most, so that no sum can \
                          overflow.",
    ),
    error("field.date", "Dates are native TOML dates (2026-09-23), date-times carry their offset."),
    error("field.choice", "The field holds one word of its closed list."),
    error("field.empty", "A required text is not empty."),
    error("field.missing", "A required field is there."),
    error(
        "field.control",
        "Text holds no control characters; a terminal or a spreadsheet might obey them.",
    ),
    warning(
        "field.bidi",
        "Text should hold no characters that turn the direction of reading; they can hide what it says.",
    ),
    error(
        "line.duplicate_no",
        "A line's number stands once in its document, because others point at the line by it.",
    ),
    error("line.no", "Lines are numbered from 1."),
    error(
        "id.form",
        "Ids and codes become file names, so only plain letters, digits, - and _ are taken.",
    ),
    error("file.name", "A file is named after the id it repeats."),
    error(
        "file.month",
        "A document lies in the folder of its id's month, so that its path follows from its id.",
    ),
    error(
        "file.site",
        "A row lies in the file of its id's site, so that two clones never write the same file.",
    ),
    error(
        "file.date",
        "The date a document was entered lies in the month of its id. When something happened is another \
                        field, such as ordered_on.",
    ),
    error(
        "file.unreadable",
        "The file cannot be read: the system refuses it, or it is not a plain file.",
    ),
    warning("file.stray", "Something in a folder of records is no record; links are not followed."),
    reader(
        "file.unread",
        Level::Note,
        "Folders of the format whose records this version does not read are left alone.",
    ),
    error("private.id", "A confidential file repeats the id of the file it is laid over."),
    error(
        "private.both",
        "A field stands in the public or in the confidential file, not in both: two values could differ.",
    ),
    error("private.alone", "A confidential file is laid over a public one of the same code."),
    error(
        "config.time_zone",
        "The company's time zone decides which day it is, so it must be one that exists.",
    ),
    error(
        "config.range",
        "A setting that every figure rests on is one that can be: a wrong one stops every command.",
    ),
    error("order.no_price", "A line's price stands on the line, in its contract, or in the list."),
    error(
        "amount.exchange_rate",
        "An amount in another currency than the company's needs its exchange rate.",
    ),
];

/// Names at the root and in `private/` that are no part of the format.
pub(super) fn strays(book: &Book) -> Vec<Finding> {
    let mut findings: Vec<Finding> = super::unread_folders(book).into_iter().collect();
    for entry in book.files.list("").unwrap_or_default() {
        let name = entry.name.as_str();
        if entry.what == What::Other && !name.starts_with('.') {
            let message = format!("{name} is a link or no plain file, and is not followed");
            findings.push(Finding::error("file.stray", Place::file(name), message));
        }
    }
    findings.extend(crate::record::KINDS.iter().flat_map(|&kind| orphans(book, kind)));
    findings
}

/// Confidential files without a public one.
fn orphans(book: &Book, kind: crate::record::Kind) -> Vec<Finding> {
    if kind.is_document() {
        return Vec::new();
    }
    let folder = format!("{}/{}", layout::PRIVATE, kind.info().folder);
    let listed = book.files.list(&folder).unwrap_or_default();
    let orphan = |name: &str| {
        layout::stem(name).filter(|code| !name.starts_with('.') && !book.has_file(kind, code)).map(
            |code| {
                let message = format!("there is no {kind} {code} it could be laid over");
                Finding::error("private.alone", Place::file(format!("{folder}/{name}")), message)
            },
        )
    };
    listed.iter().filter_map(|entry| orphan(&entry.name)).collect()
}
