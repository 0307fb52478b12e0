//! Ids of documents and rows (`SO-2609-0014`, `SO-2609-A0014`) and codes of masters (`CX01`).
//!
//! Paths are made from these two only, so a whitelist stands here: nothing that passes can leave
//! its folder, upset a file system, or look like something else.

use std::{collections::BTreeMap, fmt};

use crate::value::day::Month;

/// Most digits the running number of an id may have.
const MAX_DIGITS: usize = 9;

/// An id: prefix, month, site and running number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// Prefix of the kind, two capital letters.
    pub prefix: String,
    /// Month it was given in.
    pub month: Month,
    /// Site of the clone that gave it; empty without sites.
    pub site: String,
    /// Running number in its month and site, from 1.
    pub seq: u32,
}

impl Id {
    /// Reads an id exactly as it is written; nothing shorter or longer passes.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (prefix, digits, tail) = (parts.next()?, parts.next()?, parts.next()?);
        let capitals = |part: &str| part.bytes().all(|byte| byte.is_ascii_uppercase());
        let numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if parts.next().is_some() || prefix.len() != 2 || !capitals(prefix) {
            return None;
        }
        if digits.len() != 4 || !numeric(digits) {
            return None;
        }
        let month = Month::parse(&format!("20{}-{}", &digits[..2], &digits[2..]))?;
        let site = tail.trim_end_matches(|c: char| c.is_ascii_digit());
        let seq = &tail[site.len()..];
        let canonical = seq.len() == 4 || !seq.starts_with('0');
        if site.len() > 3 || !capitals(site) || !(4..=MAX_DIGITS).contains(&seq.len()) || !canonical
        {
            return None;
        }
        let id = Self { prefix: prefix.into(), month, site: site.into(), seq: seq.parse().ok()? };
        (id.seq > 0).then_some(id)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { prefix, month, site, seq } = self;
        write!(f, "{prefix}-{:02}{:02}-{site}{seq:04}", month.year % 100, month.month)
    }
}

/// Ids that are not given again, those just taken back among them: the highest of each prefix,
/// month and site.
pub fn spent(known: &[String], gone: &[String]) -> Vec<String> {
    let mut highest: BTreeMap<(String, Month, String), u32> = BTreeMap::new();
    for id in known.iter().chain(gone).filter_map(|id| Id::parse(id)) {
        let seq = highest.entry((id.prefix, id.month, id.site)).or_default();
        *seq = id.seq.max(*seq);
    }
    let ids = highest.into_iter();
    ids.map(|((prefix, month, site), seq)| Id { prefix, month, site, seq }.to_string()).collect()
}

/// Whether a text may be the code of a master, and so a file name on every system.
pub fn is_code(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=32).contains(&text.len())
        && text.bytes().all(allowed)
        && text.as_bytes()[0].is_ascii_alphanumeric()
        && !is_reserved(text)
}

/// Whether Windows keeps the name for a device.
fn is_reserved(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let device = |name: &str| {
        upper.strip_prefix(name).is_some_and(|digit| matches!(digit.as_bytes(), [b'1'..=b'9']))
    };
    matches!(upper.as_str(), "CON" | "PRN" | "AUX" | "NUL") || device("COM") || device("LPT")
}

/// Whether a text may name a site: one to three capital letters.
pub fn is_site(text: &str) -> bool {
    (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase())
}
