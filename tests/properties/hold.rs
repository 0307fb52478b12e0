//! What holds for any bytes a data directory may hold: one function for each promise, given
//! whatever bytes a generator made.
//!
//! The properties call them with likely bytes, the fuzz targets with unlikely ones. Each panics,
//! with the input in hand, where its promise is broken; nothing else here panics.

use std::collections::BTreeMap;

use salesdesk::{
    book::Book,
    config::Config,
    filter::Filter,
    import::{self, mapping::Mapping},
    record::{Form, KINDS, Kind, schema::Field, schema::Type},
    store::{csv, files::Files, layout, load, stage, toml as text},
    value::{
        day::{Day, Moment},
        period::{Calendar, Period},
        place::{
            At, KeyPath,
            Step::{Index, Key},
        },
    },
};
use serde_json::{Value, json};

/// The day that relative periods are read on.
const TODAY: &str = "2026-09-23";

/// The number of an id that no input has.
const FREE: &str = "77345678";

/// A file of a kind is read without a panic, and its record, printed, is read as the same record.
pub fn record(kind: Kind, bytes: &[u8]) {
    if kind.info().form == Form::Register {
        return register(kind, bytes);
    }
    let read = text::read("x.toml", bytes, kind.fields());
    for finding in &read.findings {
        if let At::Span(span) = &finding.place.at {
            assert!(span.start <= span.end && span.end <= bytes.len(), "{finding:?} is outside");
            text::line_column(bytes, span.start);
        }
    }
    let id = read.table.as_ref().and_then(|table| table.get("id")?.get_ref().as_str());
    let Some(path) = layout::path(kind, id.unwrap_or_default()) else { return };
    let loaded = |bytes: &[u8]| {
        let files = Files::memory([(path.clone(), bytes.to_vec())].into());
        load::load(&files, kind, &path).expect("the file is there")
    };
    let first = loaded(bytes);
    for finding in &first.findings {
        if let At::Key(path) = &finding.place.at {
            text::locate(bytes, path);
        }
    }
    let [entry] = first.entries.as_slice() else { return };
    let value = entry.value();
    let printed = text::print(&value, kind.fields());
    let again = loaded(printed.as_bytes());
    let [other] = again.entries.as_slice() else {
        panic!("printed, it is no record: {:?}\n{printed}", again.findings);
    };
    assert_eq!(other.value(), value, "printed, it is another record\n{printed}");
    assert_eq!(text::print(&other.value(), kind.fields()), printed, "printing is not stable");
}

/// A register is read without a panic; each row, written into a fresh file, is read as the same
/// row; a cell of it that is set changes nothing else.
pub fn register(kind: Kind, bytes: &[u8]) {
    let path = format!("{}/2026-09.csv", kind.info().folder);
    let loaded = csv::load(kind, &path, bytes);
    for finding in &loaded.findings {
        if let At::Cell { row, column } = &finding.place.at {
            csv::locate(bytes, *row, column);
        }
    }
    let values = |bytes: &[u8]| -> Vec<Value> {
        let entries = csv::load(kind, &path, bytes).entries;
        entries.iter().map(|entry| Value::Object(entry.value())).collect()
    };
    let whole = values(bytes);
    for entry in loaded.entries.iter().take(4) {
        let value = entry.value();
        let cells = csv::cells(kind, &value).expect("what was read from cells fits into cells");
        let fresh = csv::append(kind, None, &cells).expect("a fresh file takes a row");
        assert_eq!(values(&fresh), [Value::Object(value.clone())], "written, it is another row");
        assert_no_breaks(&fresh);
        // A file that is not whole may refuse to be edited; one that is edited stays the same.
        if let Ok(Some(new)) = csv::set(bytes, &entry.common().id, &cells) {
            assert_eq!(values(&new), whole, "its own cells change the file");
        }
        let mut other = cells.clone();
        let id = other.iter_mut().find(|(key, _)| key == "id").expect("a row has an id");
        id.1 = format!("{}-2609-{FREE}", kind.info().prefix);
        if let Ok(more) = csv::append(kind, Some(bytes), &other) {
            let rows = |bytes: &[u8]| csv::load(kind, &path, bytes).ids().count();
            let added = rows(&more).saturating_sub(rows(bytes));
            assert_eq!(added, 1, "a row was added\n{}", String::from_utf8_lossy(&more));
        }
    }
}

fn assert_no_breaks(file: &[u8]) {
    let lines = file.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(lines, 2, "a header and a row: {}", String::from_utf8_lossy(file));
}

/// An edit of a value changes that value and no byte outside it; one that cannot is refused.
///
/// `at` chooses the field, `to` its new value.
pub fn edit(kind: Kind, bytes: &[u8], at: usize, to: usize) {
    let Ok(old) = std::str::from_utf8(bytes) else { return };
    let Ok(tree) = toml::from_str::<toml::Table>(old.trim_start_matches('\u{feff}')) else {
        return;
    };
    let choices = [
        json!("CX02"),
        json!("2026-10-01"),
        json!("12.5"),
        json!(7),
        json!(true),
        Value::Null,
        json!(["a", "b"]),
    ];
    let value = choices[to % choices.len()].clone();
    let paths = paths(kind.fields(), &tree);
    let Some(path) = paths.get(at % paths.len().max(1)) else { return };
    let edit = text::Edit::Set { path: path.clone(), value: value.clone() };
    let Ok(new) = text::edit(bytes, &[edit], kind.fields()) else { return };
    let new = String::from_utf8(new).expect("an edit of text gives text");
    let other: toml::Table =
        toml::from_str(new.trim_start_matches('\u{feff}')).expect("it is TOML still");
    if new == old {
        return;
    }
    let (rest, present) = without(tree, path);
    assert_eq!(rest, without(other, path).0, "another field changed: {path} = {value}");
    if present {
        // What goes and comes lies on the lines of the value; all before and behind them stays.
        let held = text::locate(bytes, path).expect("a value that is there has a place");
        let first = old[..held.start].rfind('\n').map_or(0, |at| at + 1);
        let last = old[held.end..].find('\n').map_or(old.len(), |at| held.end + at + 1);
        let (before, behind) = (&old[..first], &old[last..]);
        let stays = new.starts_with(before)
            && new.ends_with(behind)
            && new.len() >= before.len() + behind.len();
        assert!(stays, "{path} is {held:?}, and more than its lines changed\n{old}\n---\n{new}");
    } else {
        // Nothing goes: the new text is the old one with bytes put in at one place.
        let front = old.bytes().zip(new.bytes()).take_while(|(old, new)| old == new).count();
        let back = old.bytes().rev().zip(new.bytes().rev()).take_while(|(old, new)| old == new);
        assert!(
            front + back.count() >= old.len(),
            "bytes went for a new {path}\n{old}\n---\n{new}"
        );
    }
}

/// The paths of single values: all that the fields name at the top, and those in tables there are.
fn paths(fields: &[Field], tree: &toml::Table) -> Vec<KeyPath> {
    let mut paths = Vec::new();
    for field in fields {
        let path = KeyPath::key(&field.key);
        match (&field.kind, tree.get(&field.key)) {
            (Type::Table(below), Some(toml::Value::Table(_))) => {
                paths.extend(below.iter().map(|below| path.clone().then(&below.key)));
            }
            (Type::Blocks(below), Some(toml::Value::Array(items))) => {
                for at in 0..items.len().min(4) {
                    paths.extend(below.iter().map(|below| path.clone().nth(at).then(&below.key)));
                }
            }
            (Type::Table(_) | Type::Blocks(_), _) => {}
            _ => paths.push(path),
        }
    }
    paths
}

/// The tree without a value, and whether it was there.
fn without(mut tree: toml::Table, path: &KeyPath) -> (toml::Table, bool) {
    let table = match path.0.as_slice() {
        [Key(_)] => Some(&mut tree),
        [Key(top), Key(_)] => tree.get_mut(top).and_then(toml::Value::as_table_mut),
        [Key(top), Index(at), Key(_)] => {
            tree.get_mut(top).and_then(|list| list.as_array_mut()?.get_mut(*at)?.as_table_mut())
        }
        _ => None,
    };
    let removed = match (table, path.0.last()) {
        (Some(table), Some(Key(last))) => table.remove(last),
        _ => None,
    };
    (tree, removed.is_some())
}

/// A period has its ends in order, and knows the one before.
pub fn period(words: &str, closes_on: u32) {
    let today: Day = TODAY.parse().expect("a day");
    for closes_on in [None, Some(closes_on % 31 + 1)] {
        let calendar = Calendar { closes_on, fiscal_year_starts: closes_on.unwrap_or(1) % 12 + 1 };
        let Ok(period) = Period::parse(words, today, &calendar) else { continue };
        if let (Some(from), Some(to)) = (period.from, period.to) {
            assert!(from <= to, "{words}: {from} is after {to}");
            assert!(period.contains(from) && period.contains(to), "{words}: its ends are its own");
        }
        if let (Some(from), Some(to)) =
            (period.from, period.previous(&calendar).and_then(|one| one.to))
        {
            assert!(to < from, "{words}: the period before ends on {to}, this begins on {from}");
        }
        period.last_year(&calendar);
    }
}

/// The words of a filter are read, and tested on a record, without a panic; a term and its
/// negation never agree.
pub fn filter(kind: Kind, words: &str, record: &Value) {
    let today: Day = TODAY.parse().expect("a day");
    let read = |words: &[String]| Filter::parse(words, kind.fields(), today, &Calendar::default());
    let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
    if let Ok(filter) = read(&words) {
        filter.matches(record);
    }
    let is_sign = |c: char| c == '-' || c.is_whitespace() || c.is_control();
    let one = words[0].trim_start_matches(is_sign);
    if let (Ok(term), Ok(negated)) = (read(&[one.to_owned()]), read(&[format!("-{one}")]))
        && term.terms.len() == 1
        && negated.terms.len() == 1
    {
        assert_ne!(term.matches(record), negated.matches(record), "{one} and -{one} agree");
    }
}

/// An import makes records that can be read again, or none.
pub fn import(mapping: &[u8], csv: &[u8]) {
    let Ok(mapping) = Mapping::read("mapping.toml", mapping) else { return };
    let now: Moment = format!("{TODAY}T12:00:00+08:00").parse().expect("a moment");
    let files: BTreeMap<String, Vec<u8>> = [
        ("customers/CX01.toml".to_owned(), b"id = \"CX01\"\nname = \"Sunrise\"\n".to_vec()),
        (
            "products/A100.toml".to_owned(),
            b"id = \"A100\"\nname = \"Thermometer\"\nunit = \"pc\"\n".to_vec(),
        ),
    ]
    .into();
    let files = Files::memory(files);
    let book = Book::new(files.clone(), Config::default(), Vec::new(), now);
    let source = |spec: &import::mapping::Source| import::Source {
        name: spec.name.clone(),
        file: format!("{}.csv", spec.name),
        bytes: csv.to_vec(),
    };
    let sources: Vec<import::Source> = mapping.sources.iter().map(source).collect();
    let options = import::Options { user: Some("wang".into()), ..import::Options::default() };
    let Ok(plan) = import::plan(&book, &mapping, &sources, &options) else { return };
    let Ok(writes) = stage::stage(&files, &plan.change) else { return };
    for write in writes {
        let known =
            KINDS.iter().find(|kind| write.path.starts_with(&format!("{}/", kind.info().folder)));
        let Some(&kind) = known else { continue };
        let Some(after) = write.after else { continue };
        let staged = files.with([(write.path.clone(), Some(after.clone()))]);
        let loaded = load::load(&staged, kind, &write.path).expect("it is staged");
        let whole = loaded.findings.iter().all(|finding| finding.code != "file.syntax");
        assert!(
            whole,
            "{}: {:?}\n{}",
            write.path,
            loaded.findings,
            String::from_utf8_lossy(&after)
        );
    }
}
