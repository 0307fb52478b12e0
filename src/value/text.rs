//! Words on a terminal and in a search: columns, cutting, cleaning, pinyin initials, near misses.
//!
//! [`clean`] is the one place that decides which characters no terminal may obey; whoever prints a
//! text of the data passes it through here. Columns are those of a terminal that shows characters
//! of ambiguous width (`…`, `×`) in one.

use std::{borrow::Cow, iter};

use pinyin::ToPinyin;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What [`clean`] writes in place of a character that must not be obeyed.
pub const SUBSTITUTE: char = '\u{FFFD}';

/// The mark of a text that was cut: ASCII, because `…` is two columns wide on some terminals.
pub const CUT_MARK: char = '~';

/// Longest text, in characters, that is also searched by its initials: a name, not a remark, in
/// which nearly every pair of letters would be found.
const LONGEST_NAME: usize = 40;

/// Longest word, in characters, for which a near miss is looked for.
const LONGEST_WORD: usize = 64;

/// The columns a text takes on a terminal: Chinese characters two, combining marks none.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Fills a text up with spaces on its right; a wider text stays as it is.
pub fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", blank(text, columns))
}

/// Fills a text up with spaces on its left, as figures are; a wider text stays as it is.
pub fn pad_left(text: &str, columns: usize) -> String {
    format!("{}{text}", blank(text, columns))
}

fn blank(text: &str, columns: usize) -> String {
    " ".repeat(columns.saturating_sub(width(text)))
}

/// Cuts a text that is wider than `columns`, ending it with [`CUT_MARK`]; the result is never
/// wider, and one column narrower where a Chinese character would have to be halved.
pub fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let Some(room) = columns.checked_sub(1) else { return Cow::Borrowed("") };
    let mut used = 0;
    let mut end = 0;
    for (at, character) in text.char_indices() {
        used += character.width().unwrap_or(1);
        if used > room {
            break;
        }
        end = at + character.len_utf8();
    }
    // A sequence may be wider than its characters (an emoji with its variation selector).
    while width(&text[..end]) > room {
        end = text[..end].char_indices().next_back().map_or(0, |(at, _)| at);
    }
    Cow::Owned(format!("{}{CUT_MARK}", &text[..end]))
}

/// Replaces every character that a terminal would obey or that would hide or reorder others by
/// [`SUBSTITUTE`]: controls (line feed and tab among them), the escape of ANSI sequences,
/// direction marks, zero-width characters, line and paragraph separators.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let shown = |character| if is_unsafe(character) { SUBSTITUTE } else { character };
    Cow::Owned(text.chars().map(shown).collect())
}

/// Whether a character is one that [`clean`] replaces. Variation selectors are not: the rare
/// characters of people's names need them.
pub fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{AD}'                    // soft hyphen
            | '\u{61C}'                 // Arabic letter mark
            | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' // fillers without a shape
            | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'   // zero-width characters, direction marks
            | '\u{2028}'..='\u{202E}'   // separators, embeddings, overrides
            | '\u{2060}'..='\u{206F}'   // word joiner, invisible operators, isolates
            | '\u{FEFF}'                // byte order mark
            | '\u{FFF0}'..='\u{FFFB}'   // annotations
            | '\u{FFFE}' | '\u{FFFF}'   // no characters, and in no XML
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E00FF}' | '\u{E01F0}'..='\u{E0FFF}') // tags
}

/// A text as searches compare it: lower case, full-width forms as their half-width ones.
pub fn fold(text: &str) -> String {
    text.chars().map(half_width).flat_map(char::to_lowercase).collect()
}

fn half_width(character: char) -> char {
    match character {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character)
        }
        _ => character,
    }
}

/// The initials of a name, lower case: of a Chinese character that of its pinyin, of a word in
/// letters its first, and digits as they stand (`晨星医药` is `cxyy`, `北京301医院` is `bj301yy`).
pub fn initials(text: &str) -> String {
    sounds(text).iter().filter_map(|readings| readings.first()).collect()
}

/// What each sign of a name may begin with when spoken; the first is the usual reading.
fn sounds(text: &str) -> Vec<Vec<char>> {
    let mut in_word = false;
    let mut found = Vec::new();
    for character in fold(text).chars() {
        let chinese = readings(character);
        let starts_word = !in_word && character.is_alphabetic();
        in_word = chinese.is_empty() && character.is_alphabetic();
        if !chinese.is_empty() {
            found.push(chinese);
        } else if starts_word || character.is_ascii_digit() {
            found.push(vec![character]);
        }
    }
    found
}

/// The initials of a Chinese character, none for any other. Where names of places, firms and
/// people commonly use a second reading, it comes after the first.
fn readings(character: char) -> Vec<char> {
    let usual = character.to_pinyin().and_then(|sound| sound.plain().chars().next());
    let heard = match character {
        '重' | '长' | '曾' | '朝' | '藏' | '查' | '种' => "cz",
        '行' => "hx",
        '厦' | '宿' | '莘' => "sx",
        '单' => "ds",
        '乐' => "ly",
        '沈' | '盛' | '参' => "cs",
        '会' => "hk",
        '解' => "jx",
        '仇' => "cq",
        '区' => "oq",
        '翟' => "dz",
        '尉' => "wy",
        '召' | '术' => "sz",
        '茜' => "qx",
        '调' => "dt",
        '贾' => "gj",
        _ => "",
    };
    let mut found: Vec<char> = usual.into_iter().collect();
    for letter in heard.chars() {
        if !found.contains(&letter) {
            found.push(letter);
        }
    }
    found
}

/// Whether a text contains a word, regardless of case and width, or is a name with Chinese
/// characters whose pinyin initials contain it (one letter: begin with it). `needle` is already
/// folded, see [`fold`].
pub fn matches(haystack: &str, needle: &str) -> bool {
    fold(haystack).contains(needle) || has_initials(haystack, needle)
}

fn has_initials(name: &str, needle: &str) -> bool {
    let wanted = !needle.is_empty() && needle.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !wanted || name.is_ascii() || name.chars().nth(LONGEST_NAME).is_some() {
        return false;
    }
    if !name.chars().any(|character| character.to_pinyin().is_some()) {
        return false;
    }
    let sounds = sounds(name);
    let spoken = |at: &[Vec<char>]| {
        iter::zip(at, needle.chars()).all(|(readings, letter)| readings.contains(&letter))
    };
    let starts = if needle.len() == 1 { 1 } else { sounds.len() };
    sounds.windows(needle.len()).take(starts).any(spoken)
}

/// The candidate a mistyped word most likely meant, or nothing where none is near.
///
/// Near is one slip (a letter wrong, missing, extra or swapped) for every three letters, or a
/// beginning of at least three letters; of equally near ones the first counts.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = fold(word);
    let length = typed.chars().count();
    if length > LONGEST_WORD {
        return None;
    }
    let near = |candidate: &'a str| {
        let known = fold(candidate);
        let distance = strsim::damerau_levenshtein(&typed, &known);
        let longest = length.max(known.chars().count());
        let begun = length >= 3 && known.starts_with(&typed);
        match distance {
            _ if begun => Some((1, candidate)),
            _ if distance < length && distance <= (longest / 3).clamp(1, 3) => {
                Some((distance, candidate))
            }
            _ => None,
        }
    };
    let nearest = candidates.into_iter().filter_map(near).min_by_key(|(distance, _)| *distance);
    nearest.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn chinese_is_two_columns_wide() {
        assert_eq!(width("晨星 A1"), 7);
        assert_eq!(pad("晨星", 6), "晨星  ");
        assert_eq!(pad_left("2,560.00", 10), "  2,560.00");
        assert_eq!(pad("晨星医药", 6), "晨星医药");
    }

    #[test]
    fn a_cut_never_halves_a_character_nor_exceeds_its_columns() {
        assert_eq!(cut("晨星医药", 8), "晨星医药");
        assert_eq!(cut("晨星医药", 7), "晨星医~");
        assert_eq!(cut("晨星医药", 6), "晨星~");
        assert_eq!(cut("e\u{301}te\u{301}", 2), "e\u{301}~");
        assert_eq!(cut("\u{2764}\u{fe0f}ab", 2), "\u{2764}~");
        assert_eq!(cut("abc", 1), "~");
        assert_eq!(cut("abc", 0), "");
        assert_eq!(cut("", 0), "");
    }

    #[test]
    fn nothing_that_a_terminal_obeys_survives_cleaning() {
        assert_eq!(clean("晨星 \u{1b}[31mred\u{7}"), "晨星 \u{fffd}[31mred\u{fffd}");
        let hidden = "\u{9b}\u{7f}\u{0}\r\n\t\
            \u{202e}\u{2066}\u{2069}\u{200b}\u{200d}\u{feff}\u{2028}\u{2029}";
        assert!(clean(hidden).chars().all(|character| character == SUBSTITUTE));
        assert_eq!(clean(hidden).chars().count(), hidden.chars().count());
    }

    #[test]
    fn ordinary_text_is_not_even_copied() {
        for text in ["晨星医药（上海）", "Łódź — “x”", "葛\u{e0100}", "한국", "Ж", "a b"]
        {
            assert!(matches!(clean(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn no_naughty_string_leaves_a_control_character() {
        for text in naughty_strings::BLNS {
            assert!(!clean(text).contains(is_unsafe), "{text:?}");
            assert!(!clean(text).chars().any(char::is_control), "{text:?}");
        }
    }

    #[test]
    fn initials_are_those_of_pinyin_words_and_digits() {
        assert_eq!(initials("晨星医药"), "cxyy");
        assert_eq!(initials("北京301医院"), "bj301yy");
        assert_eq!(initials("Morning Star 3M"), "ms3m");
        assert_eq!(initials("晨星Medical（上海）"), "cxmsh");
        assert_eq!(initials("ＡＢＣ药业"), "ayy");
        assert_eq!(initials(""), "");
    }

    #[test]
    fn a_search_ignores_case_and_width() {
        assert!(matches("Morning Star", "star"));
        assert!(matches("ＡＢＣ药业", "abc"));
        assert!(matches("晨星医药", "星医"));
        assert!(!matches("晨星医药", "abc"));
    }

    #[test]
    fn a_search_finds_chinese_names_by_initials() {
        assert!(matches("晨星医药", "cx"));
        assert!(matches("晨星医药", "xyy"));
        assert!(matches("晨星医药", "c"));
        assert!(!matches("晨星医药", "x"), "one letter must begin the initials");
        assert!(matches("北京301医院", "bj301"));
        assert!(!matches("Morning Star", "ms"), "letters are searched as written");
        assert!(!matches(&"晨星医药".repeat(20), "cx"), "a remark has no initials");
    }

    #[test]
    fn second_readings_of_names_are_found() {
        assert!(matches("重庆医药", "cqyy") && matches("重庆医药", "zqyy"));
        assert!(matches("中国银行", "zgyh"));
        assert!(matches("长沙市", "css") && matches("厦门市", "xms"));
        assert!(matches("单雄信", "sxx") && matches("曾国藩", "zgf"));
    }

    #[test]
    fn a_near_miss_is_guessed_and_a_far_one_is_not() {
        let keys = ["customer", "contract", "stage", "staff", "promised_on", "id"];
        let guess = |word| closest(word, keys);
        assert_eq!(guess("custmer"), Some("customer"));
        assert_eq!(guess("stgae"), Some("stage"));
        assert_eq!(guess("promised"), Some("promised_on"));
        assert_eq!(guess("Promised-on"), Some("promised_on"));
        assert_eq!(guess("dl"), None);
        assert_eq!(guess("x"), None);
        assert_eq!(guess("zebra"), None);
        assert_eq!(guess(""), None);
        assert_eq!(guess(&"customer".repeat(100_000)), None);
    }

    proptest! {
        #[test]
        fn cutting_keeps_within_its_columns(text in any::<String>(), columns in 0_usize..40) {
            prop_assert!(width(&cut(&text, columns)) <= columns);
            prop_assert!(width(&pad(&text, columns)) >= columns);
        }

        #[test]
        fn searching_and_guessing_never_panic(text in any::<String>(), needle in any::<String>()) {
            matches(&text, &fold(&needle));
            initials(&text);
            closest(&needle, [text.as_str()]);
            prop_assert!(!clean(&text).contains(is_unsafe));
        }
    }
}
