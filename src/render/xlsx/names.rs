//! Names of sheets: what a table is called, as far as a spreadsheet takes it, and none twice.
//!
//! For the sheets' writer.

use crate::render::cell::one_line;

/// Characters of the longest name, in UTF-16.
const LONGEST: usize = 31;
/// Signs that no name has.
const REFUSED: [char; 7] = ['*', '?', ':', '[', ']', '\\', '/'];

/// The names given so far.
#[derive(Debug, Default)]
pub(super) struct Names {
    used: Vec<String>,
}

impl Names {
    /// A name for these words that no sheet has yet.
    pub(super) fn next(&mut self, words: &str) -> String {
        let words = one_line(words).replace(REFUSED, " ");
        let words = words.trim_matches(['\'', ' ']);
        // A spreadsheet keeps one name for itself.
        let is_own = words.is_empty() || words.eq_ignore_ascii_case("history");
        let words = if is_own { format!("sheet {words}") } else { words.to_owned() };
        let numbered = (2_usize..).map(|number| format!(" {number}"));
        let mut tails = std::iter::once(String::new()).chain(numbered);
        let name = tails.find_map(|tail| {
            let name = format!("{}{tail}", cut(words.trim(), LONGEST - tail.len()));
            let is_new = !self.used.contains(&name.to_lowercase());
            is_new.then_some(name)
        });
        let name = name.expect("numbers do not end");
        self.used.push(name.to_lowercase());
        name
    }
}

/// The first characters of words, so many in UTF-16.
fn cut(words: &str, most: usize) -> &str {
    let mut units = 0;
    let beyond = words.char_indices().find(|(_, character)| {
        units += character.len_utf16();
        units > most
    });
    beyond.map_or(words, |(at, _)| &words[..at]).trim_matches(['\'', ' '])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_such_as_a_spreadsheet_takes_and_none_comes_twice() {
        let mut names = Names::default();
        let given = ["orders", "Orders", "a/b:c", "'", "History", "", &"晨".repeat(40)];
        let names = given.map(|words| names.next(words));
        let long = "晨".repeat(31);
        let expected = ["orders", "Orders 2", "a b c", "sheet", "sheet History", "sheet 2", &long];
        assert_eq!(names, expected);
    }
}
