//! Which rows make one record: those of one key, and the rows of further files that match it.
//!
//! No row is lost in silence: one that leads to no record, and one that says something else than
//! the first row of its record, are found with both lines.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    bind::{Bound, Spot},
    mapping::Scope,
    template::Template,
    value::spoilt,
};
use crate::finding::Finding;

/// The rows of one record: those of each source, by their place in its sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// A list of rows for each source.
    pub rows: Vec<Vec<usize>>,
}

/// The rows of a source, by key.
#[derive(Debug, Default)]
struct Keyed {
    /// Rows of one key, in the order of the file.
    groups: Vec<(String, Vec<usize>)>,
    /// Place of each key in `groups`; empty for a source without keys.
    index: BTreeMap<String, usize>,
    /// Rows that the mapping leaves out.
    skipped: Vec<usize>,
}

/// The groups of a bound mapping in the order of the first file, and how many rows were skipped.
pub(super) fn groups(bound: &Bound<'_>, findings: &mut Vec<Finding>) -> (Vec<Group>, usize) {
    let keyed: Vec<Keyed> =
        (0..bound.sheets.len()).map(|source| keyed(bound, source, findings)).collect();
    let mut used: Vec<BTreeSet<String>> = vec![BTreeSet::new(); keyed.len()];
    let mut groups = Vec::new();
    for (key, rows) in &keyed[0].groups {
        one_head(bound, key, rows, findings);
        let mut group = Group { rows: vec![rows.clone()] };
        for source in 1..keyed.len() {
            let wanted = wanted(bound, source, rows[0]);
            let found = keyed[source].index.get(&wanted).map(|at| &keyed[source].groups[*at].1);
            let found = found.cloned().unwrap_or_default();
            single(bound, source, rows[0], &wanted, &found, findings);
            used[source].insert(wanted);
            group.rows.push(found);
        }
        groups.push(group);
    }
    for source in 1..keyed.len() {
        used[source].extend(keyed[0].skipped.iter().map(|row| wanted(bound, source, *row)));
        orphans(bound, source, &keyed[source], &used[source], findings);
    }
    (groups, keyed.iter().map(|keyed| keyed.skipped.len()).sum())
}

fn keyed(bound: &Bound<'_>, source: usize, findings: &mut Vec<Finding>) -> Keyed {
    let spec = &bound.mapping.sources[source];
    let mut keyed = Keyed::default();
    for row in 0..bound.sheets[source].rows.len() {
        let spot = spot(bound, source, row);
        if !spec.skip.0.is_empty() && spot.holds(&spec.skip) {
            keyed.skipped.push(row);
            continue;
        }
        let Some(template) = &spec.key else {
            keyed.groups.push((String::new(), vec![row]));
            continue;
        };
        let column = template.columns().next();
        if let Some(misfit) = misfit(&spot, template) {
            findings.push(misfit);
            continue;
        }
        let key = template.fill(|column| spot.cell(column));
        if key.is_empty {
            let message = "the key is empty, so it is not known where the row belongs";
            findings.push(Finding::error("import.key", spot.place(column), message));
            continue;
        }
        let next = keyed.groups.len();
        let at = *keyed.index.entry(key.text.clone()).or_insert(next);
        match keyed.groups.get_mut(at) {
            Some((_, rows)) => rows.push(row),
            None => keyed.groups.push((key.text, vec![row])),
        }
    }
    keyed
}

/// A key that a spreadsheet has rounded would bring rows together that do not belong so.
fn misfit(spot: &Spot<'_>, template: &Template) -> Option<Finding> {
    let mut columns = template.columns();
    let (column, misfit) = columns.find_map(|at| Some((at, spoilt(spot.cell(at))?)))?;
    let found = Finding::error("import.value", spot.place(Some(column)), misfit.message);
    Some(Finding { hint: misfit.hint, ..found })
}

fn spot<'a>(bound: &'a Bound<'a>, source: usize, row: usize) -> Spot<'a> {
    let mut rows = vec![None; bound.sheets.len()];
    rows[source] = Some(row);
    Spot { bound, rows }
}

/// The key that a row of the first source leads to in another one.
fn wanted(bound: &Bound<'_>, source: usize, row: usize) -> String {
    let sources = &bound.mapping.sources;
    let template = sources[source].matches.as_ref().or(sources[0].key.as_ref());
    let spot = spot(bound, 0, row);
    let filled = template.map(|template| template.fill(|column| spot.cell(column)));
    filled.filter(|filled| !filled.is_empty).map_or_else(String::new, |filled| filled.text)
}

/// Rows of one record say the same of everything that stands once on it.
fn one_head(bound: &Bound<'_>, key: &str, rows: &[usize], findings: &mut Vec<Finding>) {
    let [first, others @ ..] = rows else { return };
    let sheet = &bound.sheets[0];
    if let (Some(other), false) = (others.first(), bound.mapping.sources[0].has_blocks) {
        let place = sheet.place(sheet.rows[*other].line, "");
        let message = format!("the key \"{key}\" stands on line {} too", sheet.rows[*first].line);
        let found = Finding::error("import.key", place, message);
        findings.push(found.hint("rows of one record need [[fields.…]] with rows"));
        return;
    }
    let names = bound.mapping.columns.iter().zip(&bound.columns);
    let of_head = |(column, (source, _)): &(&super::mapping::Column, &(usize, usize))| {
        column.scope == Scope::Head && *source == 0
    };
    for (_, (_, at)) in names.filter(of_head) {
        let said = &sheet.rows[*first].cells[*at];
        for other in others {
            let now = &sheet.rows[*other].cells[*at];
            if now != said && !now.is_empty() {
                let place = sheet.place(sheet.rows[*other].line, &sheet.headers[*at]);
                let line = sheet.rows[*first].line;
                let message =
                    format!("\"{now}\" here, \"{said}\" on line {line} of the same {key}");
                findings.push(Finding::error("import.key", place, message));
            }
        }
    }
}

/// A source whose rows are no blocks gives one row, where the key leads anywhere.
fn single(
    bound: &Bound<'_>,
    source: usize,
    row: usize,
    wanted: &str,
    found: &[usize],
    findings: &mut Vec<Finding>,
) {
    if bound.mapping.sources[source].has_blocks || wanted.is_empty() || found.len() == 1 {
        return;
    }
    let (head, sheet) = (&bound.sheets[0], &bound.sheets[source]);
    let message = match found.len() {
        0 if sheet.is_torn => return,
        0 => format!("{} has no row for \"{wanted}\"", sheet.file),
        several => format!("{} has {several} rows for \"{wanted}\"", sheet.file),
    };
    let place = head.place(head.rows[row].line, "");
    findings.push(Finding::error("import.key", place, message));
}

/// Rows that would be blocks of a record that is not there.
fn orphans(
    bound: &Bound<'_>,
    source: usize,
    keyed: &Keyed,
    used: &BTreeSet<String>,
    findings: &mut Vec<Finding>,
) {
    if !bound.mapping.sources[source].has_blocks || bound.sheets[0].is_torn {
        return;
    }
    let sheet = &bound.sheets[source];
    for (key, rows) in keyed.groups.iter().filter(|(key, _)| !used.contains(key)) {
        let place = sheet.place(sheet.rows[rows[0]].line, "");
        let message = format!("{} has no row for \"{key}\"", bound.sheets[0].file);
        let found = Finding::error("import.key", place, message);
        findings.push(match rows.len() {
            1 => found,
            several => found.note(format!("{several} rows lead there")),
        });
    }
}
