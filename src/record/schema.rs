//! The field table of a record kind, made from its struct.
//!
//! One table serves everything that speaks of fields: the reader's checks, did-you-mean, flags,
//! columns, filters, templates, help, editors' schemas and `docs/records.md`.

use serde_json::Value;

/// One field of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Key in the file, the column and the flag (`promised_on` is `--promised-on`).
    pub key: String,
    /// What it is, from the struct's documentation.
    pub about: String,
    /// What it holds.
    pub kind: Type,
    /// Whether a record without it is an error.
    pub required: bool,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// Any words, one line or more.
    Text,
    /// The id or code of a record: a noun (`customer`), several (`payment|invoice`), `party`
    /// (customer, supplier or staff) or `any`.
    Ref(String),
    /// A staff code, or a name, which is a warning.
    Person,
    /// A word of an open list in desk.toml (`districts`).
    Listed(String),
    /// An amount: quoted decimal or whole number.
    Money,
    /// A quantity: quoted decimal or whole number.
    Quantity,
    /// A fraction or factor: quoted decimal or whole number.
    Rate,
    /// Percent points: quoted decimal or whole number.
    Percent,
    /// A whole number from 0.
    Int,
    /// `true` or `false`.
    Bool,
    /// A local date.
    Day,
    /// A date-time with offset.
    Moment,
    /// One of a closed list.
    OneOf(Vec<String>),
    /// A plain list of one type.
    List(Box<Type>),
    /// One sub-table: `[void]`.
    Table(Vec<Field>),
    /// Repeated blocks: `[[line]]`.
    Blocks(Vec<Field>),
    /// Anything: a part of the format that this version does not check.
    Any,
}

impl Type {
    /// Whether cells of this type stand to the right.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Money | Self::Quantity | Self::Rate | Self::Percent | Self::Int)
    }

    /// The fields below, of a table or of blocks.
    pub fn fields(&self) -> Option<&[Field]> {
        match self {
            Self::Table(fields) | Self::Blocks(fields) => Some(fields),
            _ => None,
        }
    }

    /// The type in words, for messages and the dictionary.
    pub fn name(&self) -> String {
        match self {
            Self::Text => "text".into(),
            Self::Ref(noun) => format!("{} id", noun.replace('|', " or ")),
            Self::Person => "staff code".into(),
            Self::Listed(list) => format!("one of {list}"),
            Self::Money => "money".into(),
            Self::Quantity => "quantity".into(),
            Self::Rate => "rate".into(),
            Self::Percent => "percent points".into(),
            Self::Int => "whole number".into(),
            Self::Bool => "true or false".into(),
            Self::Day => "date".into(),
            Self::Moment => "date-time".into(),
            Self::OneOf(words) => words.join(" | "),
            Self::List(item) => format!("list of {}", item.name()),
            Self::Table(_) => "table".into(),
            Self::Blocks(_) => "blocks".into(),
            Self::Any => "anything".into(),
        }
    }
}

/// The field of a key.
pub fn field<'a>(fields: &'a [Field], key: &str) -> Option<&'a Field> {
    fields.iter().find(|field| field.key == key)
}

/// The field table of a struct, in the order of its declaration.
pub fn fields_of<T: schemars::JsonSchema>() -> Vec<Field> {
    let settings = schemars::generate::SchemaSettings::draft2020_12();
    let mut generator =
        settings.with(|settings| settings.inline_subschemas = true).into_generator();
    fields(generator.root_schema_for::<T>().as_value())
}

fn fields(object: &Value) -> Vec<Field> {
    let required = object["required"].as_array();
    let is_required =
        |key: &str| required.is_some_and(|keys| keys.iter().any(|required| required == key));
    let Some(properties) = object["properties"].as_object() else { return Vec::new() };
    let field = |(key, schema): (&String, &Value)| Field {
        key: key.clone(),
        about: schema["description"].as_str().unwrap_or_default().replace('\n', " "),
        kind: kind(schema),
        required: is_required(key),
    };
    properties.iter().map(field).collect()
}

fn kind(schema: &Value) -> Type {
    if let Some(target) = schema["ref"].as_str() {
        let target = if target == "person" { Type::Person } else { Type::Ref(target.into()) };
        let is_list = schema["items"].is_object();
        return if is_list { Type::List(Box::new(target)) } else { target };
    }
    if let Some(list) = schema["list"].as_str() {
        return Type::Listed(list.into());
    }
    if let Some(options) = schema["anyOf"].as_array() {
        let some = options.iter().find(|option| option["type"] != "null");
        return some.map_or(Type::Any, kind);
    }
    let listed = words(schema);
    if !listed.is_empty() {
        return Type::OneOf(listed);
    }
    match schema["format"].as_str() {
        Some("money") => return Type::Money,
        Some("quantity") => return Type::Quantity,
        Some("rate") => return Type::Rate,
        Some("percent") => return Type::Percent,
        Some("date") => return Type::Day,
        Some("date-time") => return Type::Moment,
        _ => {}
    }
    plain_kind(schema)
}

fn plain_kind(schema: &Value) -> Type {
    let is = |name: &str| match &schema["type"] {
        Value::String(only) => only == name,
        Value::Array(several) => several.iter().any(|one| one == name),
        _ => false,
    };
    if is("array") {
        return match kind(&schema["items"]) {
            Type::Table(fields) => Type::Blocks(fields),
            item => Type::List(Box::new(item)),
        };
    }
    if is("object") && schema["properties"].is_object() {
        return Type::Table(fields(schema));
    }
    match () {
        () if is("string") => Type::Text,
        () if is("integer") => Type::Int,
        () if is("boolean") => Type::Bool,
        () => Type::Any,
    }
}

/// The words of a closed list: one `enum`, or a `const` each where variants are documented.
fn words(schema: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(listed) = schema["enum"].as_array() {
        return listed.iter().filter_map(text).collect();
    }
    let variants = schema["oneOf"].as_array().into_iter().flatten();
    let mut listed = Vec::new();
    for variant in variants {
        match &variant["const"] {
            Value::String(word) => listed.push(word.clone()),
            _ => listed.extend(words(variant)),
        }
    }
    listed
}
