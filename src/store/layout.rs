//! Which path a record has, and which record a path can hold. Nobody else builds paths.
//!
//! Ids and codes pass the whitelist of `value::id` before they become a path, so no record can lie
//! outside its folder.

use crate::{
    record::{Form, KINDS, Kind},
    value::{
        day::Month,
        id::{self, Id},
    },
};

/// The file that marks a data directory and holds the company's configuration.
pub const CONFIG: &str = "desk.toml";
/// The folder of confidential fields and kinds.
pub const PRIVATE: &str = "private";
/// Local state: never shared, never records.
pub const LOCAL: &str = ".desk";
/// How names of files being written begin.
pub const TEMPORARY: &str = ".tmp-";

/// Every folder of the format.
const FOLDERS: &[&str] = &[
    "customers",
    "suppliers",
    "products",
    "staff",
    "policies",
    "contracts",
    "orders",
    "shipments",
    "invoices",
    "expenses",
    "bids",
    "meetings",
    "pay",
    "payments",
    "allocations",
    "contacts",
    "stock",
    "channel",
    "freight",
    "files",
    "market",
    "tasks",
    "plans",
    "summaries",
    "appraisals",
    "closings",
];

/// Whether a folder is of the format, and its kind one that this version does not read.
pub fn is_unread(folder: &str) -> bool {
    let is_read = KINDS.iter().any(|kind| kind.info().folder == folder);
    FOLDERS.contains(&folder) && !is_read
}

/// The path of a record; nothing where the id cannot be one of this kind.
pub fn path(kind: Kind, id: &str) -> Option<String> {
    let folder = kind.info().folder;
    match kind.info().form {
        Form::Master => id::is_code(id).then(|| format!("{folder}/{id}.toml")),
        Form::Document => {
            let parsed = document_id(kind, id)?;
            Some(format!("{folder}/{}/{id}.toml", parsed.month))
        }
        Form::Register => {
            let parsed = document_id(kind, id)?;
            let site =
                if parsed.site.is_empty() { String::new() } else { format!("-{}", parsed.site) };
            Some(format!("{folder}/{}{site}.csv", parsed.month))
        }
    }
}

/// Whether what lies at a path may be told of by records of a kind: it is in one of its folders.
pub fn may_be_of(kind: Kind, path: &str) -> bool {
    let public = path.strip_prefix(PRIVATE).and_then(|rest| rest.strip_prefix('/'));
    let inside = public.unwrap_or(path).strip_prefix(kind.info().folder);
    inside.is_some_and(|rest| rest.starts_with('/'))
}

/// The form of a kind's ids, in words.
pub fn form(kind: Kind) -> String {
    match kind.info().form {
        Form::Master => "1-32 letters, digits, - or _, beginning with a letter or digit, and no \
                         name that Windows keeps for itself (CON, NUL, COM1 …)"
            .into(),
        Form::Document | Form::Register => format!("{}-YYMM-NNNN", kind.info().prefix),
    }
}

/// The id, if it is one of this kind.
pub fn document_id(kind: Kind, id: &str) -> Option<Id> {
    Id::parse(id).filter(|id| id.prefix == kind.info().prefix)
}

/// Whether a path is one that an operation may write: a record's, an attachment's, or desk.toml.
///
/// Whatever a change or a journal says, nothing else is ever touched.
pub fn is_written(path: &str) -> bool {
    if path == CONFIG {
        return true;
    }
    let public = path.strip_prefix(PRIVATE).and_then(|rest| rest.strip_prefix('/'));
    let parts: Vec<&str> = public.unwrap_or(path).split('/').collect();
    let is_record = |name: &str| is_attachment_name(name) && name.ends_with(".toml");
    match parts.as_slice() {
        ["attachments", id, name] => {
            (id::is_code(id) || Id::parse(id).is_some()) && is_attachment_name(name)
        }
        [folder, name] => FOLDERS.contains(folder) && (is_record(name) || register(name).is_some()),
        [folder, month, name] => {
            FOLDERS.contains(folder) && Month::parse(month).is_some() && is_record(name)
        }
        _ => false,
    }
}

/// The id or code a file name holds: the name without `.toml`.
pub fn stem(name: &str) -> Option<&str> {
    name.strip_suffix(".toml")
}

/// The month and the site of a register's file; nothing where its name is none.
pub fn register(path: &str) -> Option<(Month, &str)> {
    let name = file_name(path).strip_suffix(".csv")?;
    let (month, site) = (name.get(..7)?, &name[7..]);
    let site = match site.strip_prefix('-') {
        Some(site) => Some(site).filter(|site| id::is_site(site))?,
        None => Some(site).filter(|site| site.is_empty())?,
    };
    Some((Month::parse(month)?, site))
}

/// The name of a path.
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The path of a file that belongs to a record.
pub fn attachment(id: &str, name: &str) -> String {
    format!("attachments/{id}/{name}")
}

/// Whether a name may be that of an attachment: no path, no hidden file, nothing a terminal obeys.
pub fn is_attachment_name(name: &str) -> bool {
    let plain =
        |c: char| !c.is_control() && !matches!(c, '/' | '\\' | ':' | '\u{202a}'..='\u{202e}');
    (1..=200).contains(&name.len())
        && !name.starts_with('.')
        && !name.ends_with(['.', ' '])
        && name.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_records_attachments_and_the_configuration_are_ever_written() {
        for path in [
            "desk.toml",
            "customers/CX01.toml",
            "private/products/A100.toml",
            "orders/2026-09/SO-2609-0014.toml",
            "orders/2026-09/SO-2609-0014-theirs.toml",
            "payments/2026-09-A.csv",
            "attachments/CT-2609-0004/scan.pdf",
        ] {
            assert!(is_written(path), "{path}");
        }
        for path in [
            "",
            "/etc/cron.d/x",
            "../x",
            "orders/../../x.toml",
            "orders/2026-09/../../x.toml",
            ".git/config",
            ".git/hooks/pre-commit",
            ".desk/local.toml",
            "private/.git/config",
            "private/desk.toml/x",
            "orders/.git/config",
            "orders/2026-09/.tmp-x.toml",
            "orders/2026-9/SO-2609-0014.toml",
            "attachments/../x",
            "attachments/CT-2609-0004/../../x",
            "attachments/CON/x",
            "payments/2026-09.sh",
            "elsewhere/2026-09/x.toml",
            "orders\\2026-09\\x.toml",
            "orders/2026-09/a\0.toml",
        ] {
            assert!(!is_written(path), "{path}");
        }
    }
}
