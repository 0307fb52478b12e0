//! The mapping bound to the files: every column found, every row in its group.
//!
//! Columns that are missing are named all at once. A row of a further source that leads to no row
//! of the first is found too, so that no line of a document is lost in silence.

use std::collections::BTreeSet;

use super::{
    group::{self, Group},
    mapping::{Column, Mapping, Scope},
    shape::{Condition, Node, Shape},
    sheet::Sheet,
    template::Template,
};
use crate::{
    finding::Finding,
    value::{place::Place, text::closest},
};

/// The mapping with the rows it is filled from.
#[derive(Debug)]
pub struct Bound<'a> {
    /// The mapping.
    pub mapping: &'a Mapping,
    /// The files, one for each source.
    pub sheets: Vec<Sheet>,
    /// Source and column of each of the mapping's columns.
    pub columns: Vec<(usize, usize)>,
    /// The rows that make one record each.
    pub groups: Vec<Group>,
    /// Rows that the mapping leaves out.
    pub skipped: usize,
}

/// The row that counts in each source while values are filled.
#[derive(Debug, Clone)]
pub struct Spot<'a> {
    /// The whole.
    pub bound: &'a Bound<'a>,
    /// A row for each source, where it has one.
    pub rows: Vec<Option<usize>>,
}

impl<'a> Spot<'a> {
    /// The cell of a column; empty where its source has no row here.
    pub fn cell(&self, column: usize) -> &'a str {
        let (source, at) = self.bound.columns[column];
        let row = self.rows[source].map(|row| &self.bound.sheets[source].rows[row]);
        row.and_then(|row| row.cells.get(at)).unwrap_or_default()
    }

    /// The place of the cell of a column, or of the head's row.
    pub fn place(&self, column: Option<usize>) -> Place {
        let (source, at) = column.map_or((0, None), |column| {
            let (source, at) = self.bound.columns[column];
            (source, Some(at))
        });
        let found = |source: usize| Some((source, self.rows[source]?));
        let Some((source, row)) = found(source).or_else(|| found(0)) else {
            return Place::file(&self.bound.sheets[source].file);
        };
        let sheet = &self.bound.sheets[source];
        let name = at.and_then(|at| sheet.headers.get(at)).map_or("", String::as_str);
        sheet.place(sheet.rows[row].line, name)
    }

    /// Whether a condition holds.
    pub fn holds(&self, condition: &Condition) -> bool {
        let mut cells = condition.0.iter();
        cells.all(|(column, words)| words.iter().any(|word| word == self.cell(*column)))
    }
}

/// Binds a mapping to its sheets; what does not fit goes to `findings`.
pub fn bind<'a>(
    mapping: &'a Mapping,
    sheets: Vec<Sheet>,
    findings: &mut Vec<Finding>,
) -> Option<Bound<'a>> {
    let mut faults: Vec<Finding> = Vec::new();
    let columns = mapping.columns.iter().map(|column| find(mapping, &sheets, column, &mut faults));
    let columns: Option<Vec<_>> = columns.collect::<Vec<_>>().into_iter().collect();
    let mut said = BTreeSet::new();
    faults.retain(|fault| said.insert(fault.message.clone()));
    let is_whole = faults.is_empty();
    findings.append(&mut faults);
    let columns = columns.filter(|_| is_whole)?;
    let bound = Bound { mapping, sheets, columns, groups: Vec::new(), skipped: 0 };
    constants(&bound, &mapping.fields, findings);
    let (groups, skipped) = group::groups(&bound, findings);
    Some(Bound { groups, skipped, ..bound })
}

/// Source and column that the mapping means.
fn find(
    mapping: &Mapping,
    sheets: &[Sheet],
    column: &Column,
    findings: &mut Vec<Finding>,
) -> Option<(usize, usize)> {
    let singles = (1..sheets.len()).filter(|at| !mapping.sources[*at].has_blocks);
    let searched: Vec<usize> = match column.scope {
        Scope::Only(source) => vec![source],
        Scope::Head => [0].into_iter().chain(singles).collect(),
        Scope::Rows(source) => [source, 0].into_iter().chain(singles).collect(),
    };
    let named = |name: &str| searched.iter().find_map(|at| Some((*at, sheets[*at].column(name)?)));
    let qualified = || {
        let (source, name) = column.name.split_once('.')?;
        let is_meant = |at: &&usize| mapping.sources[**at].name.eq_ignore_ascii_case(source);
        let at = searched.iter().find(is_meant)?;
        Some((*at, sheets[*at].column(name)?))
    };
    let found = named(&column.name).or_else(qualified);
    let first = &sheets[*searched.first()?];
    match found {
        Some((at, cell)) => {
            let sheet = &sheets[at];
            let name = &sheet.headers[cell];
            if sheet.headers.iter().filter(|header| *header == name).count() > 1 {
                let message = format!("{} has two columns \"{name}\"", sheet.file);
                let place = sheet.place(sheet.header_line, name);
                let found = Finding::error("import.column", place, message);
                findings.push(found.other(mapping.place(&column.path), "asked for here"));
            }
        }
        None => findings.push(missing(mapping, first, column, sheets, &searched)),
    }
    found
}

fn missing(
    mapping: &Mapping,
    first: &Sheet,
    column: &Column,
    sheets: &[Sheet],
    searched: &[usize],
) -> Finding {
    let message = format!("{} has no column \"{}\"", first.file, column.name);
    let place = first.place(first.header_line, "");
    let found = Finding::error("import.column", place, message)
        .other(mapping.place(&column.path), "asked for here")
        .note(format!("its columns: {}", first.headers.join(", ")));
    let known = searched.iter().flat_map(|at| &sheets[*at].headers).map(String::as_str);
    let only = first.headers.first().filter(|_| first.headers.len() == 1);
    let other =
        only.and_then(|only| [';', '\t', '|', ','].into_iter().find(|mark| only.contains(*mark)));
    match (other, closest(&column.name, known)) {
        (Some(mark), _) => {
            found.hint(format!("say delimiter = {:?} for the source", mark.to_string()))
        }
        (None, Some(near)) => found.hint(format!("did you mean \"{near}\"?")),
        (None, None) => found,
    }
}

/// Warns of a constant that is spelt like a column: its braces were forgotten.
fn constants(bound: &Bound<'_>, shape: &Shape, findings: &mut Vec<Finding>) {
    for entry in &shape.entries {
        match &entry.node {
            Node::Table(shape) => constants(bound, shape, findings),
            Node::Blocks(shapes) => {
                shapes.iter().for_each(|shape| constants(bound, shape, findings));
            }
            Node::Leaf(leaf) => {
                let words = leaf.parts.iter().filter_map(Template::as_constant);
                for word in words {
                    if bound.sheets.iter().any(|sheet| sheet.column(word).is_some()) {
                        let message =
                            format!("\"{word}\" is written as it stands, and is a column too");
                        let place = bound.mapping.place(&leaf.path);
                        let found = Finding::warning("import.mapping", place, message);
                        findings.push(found.hint(format!("its cells are \"{{{word}}}\"")));
                    }
                }
            }
        }
    }
}
