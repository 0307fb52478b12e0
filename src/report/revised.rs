//! What a page seen from a past day must say of records that were changed since: a record says what
//! it is now, and keeps no older lines or terms; git does.

use crate::{
    book::Book,
    record::{Doc, Entry, contract::Contract},
    value::day::Day,
};

/// That records were revised or amended after the day a page is seen from: a record says what it is
/// now, and keeps no older lines or terms.
pub(super) fn revised_since<'a>(
    book: &Book,
    entries: impl Iterator<Item = &'a dyn Entry>,
    as_of: Day,
) -> Option<String> {
    let later = |entry: &&dyn Entry| {
        let revised = entry.common().revision.iter().map(|own| own.at);
        let contract = Doc::<Contract>::of(*entry);
        let amended = contract.into_iter().flat_map(|own| &own.rec.amendment).map(|own| own.at);
        revised.chain(amended).any(|at| at.day_in(book.zone) > as_of)
    };
    let ids: Vec<&str> = entries.filter(later).map(|entry| entry.common().id.as_str()).collect();
    let (were, their) = if ids.len() == 1 { ("was", "its") } else { ("were", "their") };
    let told = || {
        format!(
            "{} {were} changed after {as_of}: {their} lines and terms are those of now; --rev {as_of} \
         reads what was committed by then",
            ids.join(", ")
        )
    };
    (!ids.is_empty()).then(told)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{config::Config, record::Kind, store::files::Files};

    #[test]
    fn an_amendment_is_told_on_pages_of_days_before_it() {
        let contract = "id = \"CT-2601-0001\"\ndate = 2026-01-10\nside = \"sale\"\n\
                        party = \"CX01\"\n\n[[amendment]]\n\
                        at = 2026-01-20T09:00:00+08:00\nby = \"li-min\"\ntext = \"line.1.qty 10 → 9\"\n";
        let path = "contracts/2026-01/CT-2601-0001.toml".to_owned();
        let files = Files::memory(BTreeMap::from([(path, contract.into())]));
        let now = "2026-09-23T10:00:00+08:00".parse().expect("a moment");
        let book = Book::new(files, Config::default(), Vec::new(), now);
        let told = |day: &str| {
            let entries = book.entries(Kind::Contract).into_iter();
            revised_since(&book, entries, day.parse().expect("a day"))
        };
        let note = "CT-2601-0001 was changed after 2026-01-19: its lines and terms are those of now; \
                    --rev 2026-01-19 reads what was committed by then";
        assert_eq!(told("2026-01-19").as_deref(), Some(note));
        assert_eq!(told("2026-01-20"), None);
    }
}
