//! Finding the record someone means: a whole id, any unique ending of one, a code, or part of a
//! name.

use super::Book;
use crate::{
    error::{Error, Result},
    record::{Entry, Form, Kind},
    value::{id::Id, text},
};

/// Most candidates a message names.
const SHOWN: usize = 8;

/// How well a text means a master, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    /// It is the code.
    Code,
    /// It is a whole name.
    Name,
    /// It is part of a name, or the end of a code.
    Part,
}

impl Book {
    /// The id of the one record that a text means.
    pub fn resolve(&self, kind: Kind, text: &str) -> Result<String> {
        if self.has_file(kind, text) {
            return Ok(text.to_owned());
        }
        if text.is_empty() {
            return Err(Error::usage(format!("no {kind} was named")));
        }
        let found = match kind.info().form {
            Form::Master => self.matching_masters(kind, text).1,
            Form::Document | Form::Register => self.matching_ids(kind, text),
        };
        match found.as_slice() {
            [only] => Ok(only.clone()),
            [] => Err(self.unknown(kind, text)),
            several => Err(ambiguous(kind.noun(), text, several)),
        }
    }

    /// The record that a text means.
    pub fn resolved(&self, kind: Kind, text: &str) -> Result<&dyn Entry> {
        let id = self.resolve(kind, text)?;
        self.entry(kind, &id).ok_or_else(|| {
            let path = crate::store::layout::path(kind, &id).unwrap_or_default();
            let findings = self.left_out().into_iter().filter(|finding| finding.place.file == path);
            Error::refused(format!("{id} cannot be read"), findings.collect())
                .hint(format!("mend it: desk {kind} edit {id}"))
        })
    }

    /// The customer, supplier or member of staff that a text means.
    pub fn resolve_party(&self, text: &str) -> Result<(Kind, String)> {
        let kinds = [Kind::Customer, Kind::Supplier, Kind::Staff];
        if let Some(&kind) = kinds.iter().find(|&&kind| self.has_file(kind, text)) {
            return Ok((kind, text.to_owned()));
        }
        if text.is_empty() {
            return Err(Error::usage("no party was named"));
        }
        // A supplier by part of a name is none where a customer is meant as well as that.
        let mut found: Vec<(How, Kind, String)> = Vec::new();
        for kind in kinds {
            let (how, ids) = self.matching_masters(kind, text);
            found.extend(ids.into_iter().map(|id| (how, kind, id)));
        }
        let best = found.iter().map(|(how, ..)| *how).min();
        found.retain(|(how, ..)| Some(*how) == best);
        match found.as_slice() {
            [(_, kind, id)] => Ok((*kind, id.clone())),
            [] => Err(Error::usage(format!("no customer, supplier or member of staff \"{text}\""))
                .hint(format!("desk find {text}"))),
            several => {
                let ids: Vec<String> = several.iter().map(|(.., id)| id.clone()).collect();
                Err(ambiguous("customer, supplier and staff", text, &ids))
            }
        }
    }

    /// The id that a text means, of the kind a reference names; kinds this version does not know
    /// are taken as written.
    pub fn resolve_noun(&self, noun: &str, text: &str) -> Result<String> {
        match noun {
            "party" => self.resolve_party(text).map(|(_, id)| id),
            nouns if nouns.contains('|') => self.resolve_among(nouns, text).map(|(_, id)| id),
            noun => match Kind::of_noun(noun) {
                Some(kind) => self.resolve(kind, text),
                None => Ok(text.to_owned()),
            },
        }
    }

    /// The record that a text means, of several kinds (`order|contract`); the whole id of a kind
    /// this version does not read is taken as written.
    pub fn resolve_among(&self, nouns: &str, text: &str) -> Result<(Option<Kind>, String)> {
        let kinds = Kind::of_reference(nouns);
        let wanted = nouns.replace('|', " or ");
        let upper = text.to_ascii_uppercase();
        if let Some(id) = Id::parse(&upper) {
            let kind = Kind::of_prefix(&id.prefix);
            return match kind.filter(|kind| kinds.contains(kind)) {
                Some(kind) => Ok((Some(kind), self.resolve(kind, &upper)?)),
                None if kind.is_none() => Ok((None, upper)),
                None => Err(Error::usage(format!("{upper} is no {wanted}"))),
            };
        }
        let mut found = Vec::new();
        for &kind in kinds.iter().filter(|_| !text.is_empty()) {
            found.extend(self.matching_ids(kind, text).into_iter().map(|id| (kind, id)));
        }
        match found.as_slice() {
            [(kind, id)] => Ok((Some(*kind), id.clone())),
            [] => Err(Error::usage(format!("no {wanted} \"{text}\""))),
            several => {
                let ids: Vec<String> = several.iter().map(|(_, id)| id.clone()).collect();
                Err(ambiguous(&wanted, text, &ids))
            }
        }
    }

    fn matching_ids(&self, kind: Kind, text: &str) -> Vec<String> {
        let upper = text.to_ascii_uppercase();
        let mut ids = self.ids(kind);
        ids.retain(|id| id.ends_with(&upper));
        let exact = ids.iter().position(|id| *id == upper);
        match exact {
            Some(at) => vec![ids.swap_remove(at)],
            None => ids,
        }
    }

    /// Codes without regard to case, then whole names, then parts of names and endings of codes.
    fn matching_masters(&self, kind: Kind, text: &str) -> (How, Vec<String>) {
        let mut codes = self.ids(kind);
        codes.retain(|code| code.eq_ignore_ascii_case(text));
        if !codes.is_empty() {
            return (How::Code, codes);
        }
        let wanted = text.to_lowercase();
        let entries = self.entries(kind);
        let ids = |matches: &dyn Fn(&&&dyn Entry) -> bool| -> Vec<String> {
            entries
                .iter()
                .filter(|entry| matches(entry))
                .map(|entry| entry.common().id.clone())
                .collect()
        };
        let whole = ids(&|entry| entry.names().iter().any(|name| name.to_lowercase() == wanted));
        if !whole.is_empty() {
            return (How::Name, whole);
        }
        let parts = ids(&|entry| {
            let named = entry.names().iter().any(|name| text::matches(name, &wanted));
            named || entry.common().id.to_lowercase().ends_with(&wanted)
        });
        (How::Part, parts)
    }

    fn unknown(&self, kind: Kind, text: &str) -> Error {
        let error = Error::usage(format!("no {kind} \"{text}\""));
        let ids = self.ids(kind);
        let near = text::closest(text, ids.iter().map(String::as_str));
        match near {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error.hint(format!("desk {kind} list")),
        }
    }
}

fn ambiguous(wanted: &str, text: &str, several: &[String]) -> Error {
    let shown = several.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    let more = match several.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Error::usage(format!(
        "\"{text}\" may be any of {} {wanted} records: {shown}{more}",
        several.len()
    ))
    .hint("give more of it")
}
