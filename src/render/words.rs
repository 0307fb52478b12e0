//! Labels of keys: what people read above a column or beside a fact, in their language.
//!
//! A page speaks keys (`promised_on`); the words for them stand here and in the list beside, once.
//! A key without a word of its own is read from its parts, so that no label is ever missing.

use std::borrow::Cow;

use super::words_zh::{VALUES_ZH, WORDS_ZH};

/// The language of labels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Chinese, as sales offices write it.
    Zh,
}

/// Keys whose English label is not just their words, in alphabetical order.
const WORDS_EN: [(&str, &str); 17] = [
    ("batch_no", "batch no."),
    ("customer_po", "customer PO"),
    ("id", "id"),
    ("max_qty", "maximum"),
    ("min_qty", "minimum"),
    ("mom", "MoM"),
    ("no", "no."),
    ("on_time_in_full", "on time, in full"),
    ("otif", "OTIF"),
    ("pct", "%"),
    ("qty", "quantity"),
    ("shipped_qty", "net shipped qty"),
    ("tax_id", "tax id"),
    ("volume_cm3", "volume (cm3)"),
    ("weight_kg", "weight (kg)"),
    ("yoy", "YoY"),
    ("ytd", "YTD"),
];

impl Language {
    /// Reads `en` or `zh`.
    pub fn parse(name: &str) -> Result<Self, String> {
        match name {
            "en" => Ok(Self::En),
            "zh" => Ok(Self::Zh),
            _ => Err(format!("\"{name}\" is not a language (languages: en, zh)")),
        }
    }
}

/// The label of a key: `promised_on` is `promised on` or `承诺日期`.
pub fn label(key: &str, language: Language) -> Cow<'_, str> {
    match language {
        Language::En => english(key),
        Language::Zh => chinese(key).unwrap_or_else(|| english(key)),
    }
}

/// A word of a closed list as people read it: in English as records have it.
pub(super) fn value(word: &str, language: Language) -> Cow<'_, str> {
    if language == Language::En {
        return Cow::Borrowed(word);
    }
    let key = word.replace(' ', "_");
    let own = self::word(VALUES_ZH, &key).map(Cow::Borrowed);
    own.or_else(|| chinese(&key).map(|label| Cow::Owned(label.into_owned()))).unwrap_or(word.into())
}

fn english(key: &str) -> Cow<'_, str> {
    if let Some(word) = word(&WORDS_EN, key) {
        return Cow::Borrowed(word);
    }
    let spaced = key.replace('_', " ");
    match spaced.strip_suffix(" pct") {
        Some(share) => Cow::Owned(format!("{share} %")),
        None if spaced == key => Cow::Borrowed(key),
        None => Cow::Owned(spaced),
    }
}

/// The word of a key, or the words of its parts one after the other if all are known.
fn chinese(key: &str) -> Option<Cow<'_, str>> {
    if let Some(word) = word(WORDS_ZH, key) {
        return Some(Cow::Borrowed(word));
    }
    let breaks = key.rmatch_indices('_');
    let mut parts =
        breaks.filter_map(|(at, _)| Some((word(WORDS_ZH, &key[..at])?, &key[at + 1..])));
    let (first, rest) = parts.next()?;
    Some(Cow::Owned(format!("{first}{}", chinese(rest)?)))
}

fn word(words: &'static [(&str, &'static str)], key: &str) -> Option<&'static str> {
    let at = words.binary_search_by_key(&key, |(known, _)| known).ok()?;
    Some(words[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_in_order_so_that_every_word_is_found() {
        for words in [WORDS_EN.as_slice(), WORDS_ZH, VALUES_ZH] {
            for pair in words.windows(2) {
                assert!(pair[0].0 < pair[1].0, "{} before {}", pair[0].0, pair[1].0);
            }
        }
    }

    #[test]
    fn keys_have_labels_in_both_languages() {
        assert_eq!(label("qty", Language::En), "quantity");
        assert_eq!(label("promised_on", Language::En), "promised on");
        assert_eq!(label("discount_pct", Language::En), "discount %");
        assert_eq!(label("gross", Language::Zh), "价税合计");
        assert_eq!(label("margin", Language::Zh), "毛利");
        assert_eq!(label("promised_on", Language::Zh), "承诺日期");
    }

    #[test]
    fn words_of_closed_lists_are_told_in_chinese_and_stay_as_they_are_in_english() {
        assert_eq!(value("credit", Language::Zh), "红字发票");
        assert_eq!(value("awaiting review", Language::Zh), "待审核");
        assert_eq!(value("awaiting review", Language::En), "awaiting review");
        assert_eq!(value("write_off", Language::En), "write_off");
        assert_eq!(value("unheard of", Language::Zh), "unheard of");
    }

    #[test]
    fn an_unknown_key_is_read_from_its_parts() {
        assert_eq!(label("invoiced_qty", Language::Zh), "已开票数量");
        assert_eq!(label("frobnication_level", Language::Zh), "frobnication level");
        assert_eq!(label("open__", Language::Zh), "open  ");
        assert_eq!(label("", Language::Zh), "");
    }
}
