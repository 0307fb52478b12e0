//! The mapping file: which kind of record the rows become, and which column fills which field.
//!
//! It is read like a record, along a field table: that of the file's own keys, with the fields of
//! the kind in `[fields]`. So a misspelt field, source or key is found with its place, all of them
//! at once, before a row is looked at.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    decode,
    shape::{Condition, Shape, Walk},
    sheet::Reading,
    template::Template,
    value::{Formats, NumberForm, is_date_format},
};
use crate::{
    error::{Error, Result},
    finding::{Finding, Level},
    record::{
        KINDS, Kind,
        schema::{self, Field, Type, fields_of},
    },
    store::toml as text,
    value::place::{At, KeyPath, Place},
};

/// A mapping file that was read.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// Name of the file, for messages.
    pub file: String,
    /// Its bytes, for messages.
    pub bytes: Vec<u8>,
    /// What a row, or the rows of one key, become.
    pub kind: Kind,
    /// The field by which a record made earlier is known again.
    pub known_by: Option<String>,
    /// The CSV files; the first has the heads of the records.
    pub sources: Vec<Source>,
    /// What fills the fields.
    pub fields: Shape,
    /// The columns that anything in the mapping names.
    pub columns: Vec<Column>,
}

/// A CSV file as the mapping speaks of it.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name: that of the file without `.csv`.
    pub name: String,
    /// Rows of one key belong together.
    pub key: Option<Template>,
    /// What its key is compared with: cells of the first source.
    pub matches: Option<Template>,
    /// Rows that are left out.
    pub skip: Condition,
    /// How it is read.
    pub reading: Reading,
    /// Whether its rows become blocks.
    pub has_blocks: bool,
}

/// A column that the mapping names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its header, perhaps after the name of its source and a point.
    pub name: String,
    /// Where it is looked for.
    pub scope: Scope,
    /// Where the mapping names it.
    pub path: KeyPath,
}

/// Where a column is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In the first source, then in those whose rows are no blocks.
    Head,
    /// In the source of a block's rows, then as [`Scope::Head`].
    Rows(usize),
    /// In one source only.
    Only(usize),
}

/// The mapping's own keys.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Keys {
    /// Kind of record to make.
    kind: String,
    /// Field that holds the source's own number, by which a record is known again.
    known_by: Option<String>,
    /// How dates and numbers are written.
    formats: Option<FormatKeys>,
    /// The CSV files.
    #[serde(default)]
    source: Vec<SourceKeys>,
    /// What fills the fields.
    fields: Value,
}

/// How dates and numbers are written where a field does not say.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
struct FormatKeys {
    /// Format of dates.
    date: Option<String>,
    /// A number as an example.
    number: Option<NumberForm>,
}

/// The keys of a source.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct SourceKeys {
    /// Name of the file without `.csv`.
    name: String,
    /// Rows of one key belong together.
    key: Option<String>,
    /// Cells of the first source that the key is compared with.
    #[serde(rename = "match")]
    matches: Option<String>,
    /// Rows that are left out.
    skip: Option<Value>,
    /// Character between two cells.
    delimiter: Option<String>,
    /// Encoding, where it cannot be told.
    encoding: Option<String>,
    /// Line of the header.
    header: Option<u32>,
}

impl Mapping {
    /// Reads a mapping file; everything that is wrong with it is in the error.
    pub fn read(file: &str, bytes: &[u8]) -> Result<Self> {
        let mut findings = Vec::new();
        let mapping = read(file, bytes, &mut findings);
        for finding in &mut findings {
            place(&mut finding.place, bytes);
            finding.others.iter_mut().for_each(|(other, _)| place(other, bytes));
        }
        let is_wrong = findings.iter().any(|finding| finding.level == Level::Error);
        let refused = || Error::refused(format!("{file} cannot be read"), findings);
        mapping.filter(|_| !is_wrong).ok_or_else(refused)
    }

    /// The place of a key of the mapping.
    pub fn place(&self, path: &KeyPath) -> Place {
        let mut found = Place::key(&self.file, path.clone());
        place(&mut found, &self.bytes);
        found
    }
}

/// Looks the bytes of a key up: this file lies outside the data directory, where nobody else does.
fn place(place: &mut Place, bytes: &[u8]) {
    if let At::Key(path) = &place.at {
        place.at = text::locate(bytes, path).map_or(At::File, At::Span);
    }
}

fn read(file: &str, bytes: &[u8], findings: &mut Vec<Finding>) -> Option<Mapping> {
    // Closings are made by the acts that freeze, and come from nowhere else.
    let may = |kind: &Kind| *kind != Kind::Closing;
    let nouns: Vec<String> =
        KINDS.iter().copied().filter(may).map(|kind| kind.to_string()).collect();
    let mut fields = fields_of::<Keys>();
    refine(&mut fields, "kind", Type::OneOf(nouns));
    let first = text::read(file, bytes, &fields);
    let noun = first.table.as_ref().and_then(|table| table.get("kind")?.get_ref().as_str());
    let Some(kind) = noun.and_then(Kind::of_noun).filter(may) else {
        findings.extend(first.findings);
        return None;
    };
    refine(&mut fields, "fields", Type::Table(targets(kind.fields(), kind, true)));
    let whole = text::read(file, bytes, &fields);
    let broken = whole.findings.iter().any(|finding| finding.level == Level::Error);
    findings.extend(whole.findings);
    let table = whole.table?;
    let value = text::value(&table, &fields);
    let tree = value.get("fields").and_then(Value::as_object).cloned().unwrap_or_default();
    let keys: Keys = match serde_json::from_value(value) {
        Ok(keys) => keys,
        // Then the reader has found what does not fit.
        Err(_) if broken => return None,
        Err(why) => {
            findings.push(Finding::error("import.mapping", Place::file(file), why.to_string()));
            return None;
        }
    };
    Some(assemble(file, bytes, kind, keys, &tree, findings))
}

fn refine(fields: &mut [Field], key: &str, kind: Type) {
    fields.iter_mut().filter(|field| field.key == key).for_each(|field| field.kind = kind.clone());
}

/// The field table of `[fields]`: any value may fill a single field; a table says when it is
/// there, blocks also which rows they come from.
fn targets(fields: &[Field], kind: Kind, is_top: bool) -> Vec<Field> {
    let own = |key: &str, about: &str, kind| Field {
        key: key.into(),
        about: about.into(),
        kind,
        required: false,
    };
    let when = || own("when", "Cells it is there for.", Type::Any);
    let rows = || own("rows", "Source whose rows become a block each.", Type::Text);
    let target = |field: &Field| {
        let below = |fields: &[Field]| targets(fields, kind, false);
        let target = match &field.kind {
            Type::Table(fields) => Type::Table([vec![when()], below(fields)].concat()),
            Type::Blocks(fields) => Type::Blocks([vec![when(), rows()], below(fields)].concat()),
            _ => Type::Any,
        };
        let given = is_top && field.key == "id" && !kind.info().prefix.is_empty();
        let counted = !is_top && field.key == "no";
        Field { kind: target, required: field.required && !given && !counted, ..field.clone() }
    };
    fields.iter().map(target).collect()
}

fn assemble(
    file: &str,
    bytes: &[u8],
    kind: Kind,
    keys: Keys,
    tree: &Map<String, Value>,
    findings: &mut Vec<Finding>,
) -> Mapping {
    let names: Vec<String> = keys.source.iter().map(|source| source.name.clone()).collect();
    let formats = formats(file, keys.formats.as_ref(), findings);
    let mut walk = Walk { file, sources: &names, formats, columns: Vec::new(), findings };
    let mut sources: Vec<Source> =
        keys.source.iter().enumerate().map(|(at, keys)| source(at, keys, &mut walk)).collect();
    let fields = walk.shape(tree, kind.fields(), &KeyPath::key("fields"), Scope::Head);
    for at in fields.row_sources() {
        sources[at].has_blocks = true;
    }
    let columns = walk.columns;
    check_sources(file, &sources, findings);
    check_known_by(file, kind, keys.known_by.as_deref(), tree, findings);
    if sources.is_empty() {
        let reading = Reading { delimiter: b',', header_line: 1, encoding: None };
        let (key, matches, skip) = (None, None, Condition::default());
        let has_blocks = false;
        sources.push(Source { name: String::new(), key, matches, skip, reading, has_blocks });
    }
    Mapping {
        file: file.to_owned(),
        bytes: bytes.to_vec(),
        kind,
        known_by: keys.known_by,
        sources,
        fields,
        columns,
    }
}

fn formats(file: &str, keys: Option<&FormatKeys>, findings: &mut Vec<Finding>) -> Formats {
    let mut formats = Formats::default();
    let Some(keys) = keys else { return formats };
    formats.number = keys.number.unwrap_or_default();
    if let Some(date) = &keys.date {
        if !is_date_format(date) {
            let path = KeyPath::key("formats").then("date");
            let message = format!("\"{date}\" is no format of dates such as %d/%m/%Y");
            findings.push(Finding::at("import.mapping", file, path, message));
        }
        formats.date.clone_from(date);
    }
    formats
}

fn source(at: usize, keys: &SourceKeys, walk: &mut Walk<'_>) -> Source {
    let path = KeyPath::key("source").nth(at);
    let template = |text: &Option<String>, key: &str, scope, walk: &mut Walk<'_>| {
        let text = text.as_deref()?;
        Some(walk.template(text, &path.then(key), scope))
    };
    let mut wrong = |key: &str, message: String| {
        let path = path.then(key);
        walk.findings.push(Finding::at("import.mapping", walk.file, path, message));
    };
    let delimiter = keys.delimiter.as_deref().unwrap_or(",");
    let delimiter = match delimiter.as_bytes() {
        [one] if *one != b'"' && *one != b'\n' => *one,
        _ => {
            wrong("delimiter", format!("\"{delimiter}\" is not one plain character"));
            b','
        }
    };
    let encoding = keys.encoding.as_deref().and_then(|name| {
        let found = decode::named(name);
        if found.is_none() {
            wrong("encoding", format!("\"{name}\" is no encoding such as gbk or windows-1252"));
        }
        found
    });
    let header_line = keys.header.map_or(1, |line| usize::try_from(line).unwrap_or(1)).max(1);
    let skip = keys.skip.as_ref();
    let own = Scope::Only(at);
    Source {
        name: keys.name.clone(),
        key: template(&keys.key, "key", own, walk),
        matches: template(&keys.matches, "match", Scope::Only(0), walk),
        skip: skip
            .map_or_else(Condition::default, |skip| walk.condition(skip, &path.then("skip"), own)),
        reading: Reading { delimiter, header_line, encoding },
        has_blocks: false,
    }
}

fn check_sources(file: &str, sources: &[Source], findings: &mut Vec<Finding>) {
    let mut seen = BTreeMap::new();
    for (at, source) in sources.iter().enumerate() {
        let path = KeyPath::key("source").nth(at);
        let mut wrong = |key: &str, message: &str| {
            findings.push(Finding::at("import.mapping", file, path.then(key), message));
        };
        if seen.insert(source.name.to_lowercase(), at).is_some() {
            wrong("name", &format!("two sources are called \"{}\"", source.name));
        }
        if at > 0 && source.key.is_none() {
            wrong("key", "a further source needs a key that leads from its rows to the first's");
        }
        let joined = source.matches.is_some() || sources[0].key.is_some();
        if at > 0 && !joined {
            wrong("match", "the first source has no key, so this one says what its key matches");
        }
        if at == 0 && source.matches.is_some() {
            wrong("match", "the first source matches nothing: the others match it");
        }
        if at == 0 && source.has_blocks && source.key.is_none() {
            wrong("key", "its rows become blocks, so a key says which rows make one record");
        }
    }
}

fn check_known_by(
    file: &str,
    kind: Kind,
    known_by: Option<&str>,
    tree: &Map<String, Value>,
    findings: &mut Vec<Finding>,
) {
    let Some(key) = known_by else { return };
    let mut wrong = |message: String| {
        let path = KeyPath::key("known_by");
        findings.push(Finding::at("import.mapping", file, path, message));
    };
    let field = schema::field(kind.fields(), key);
    if field.is_none_or(|field| field.kind.fields().is_some()) {
        wrong(format!("`{key}` is no single field of {kind}"));
    } else if !tree.contains_key(key) {
        wrong(format!("nothing fills `{key}`, by which records are to be known again"));
    } else if tree.contains_key("id") {
        wrong("records with an id of their own are known by it".to_owned());
    }
}
