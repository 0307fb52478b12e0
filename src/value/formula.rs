//! Words that a spreadsheet might take for a formula, and the `'` that keeps it from doing so.
//!
//! For everything that writes or reads CSV. [`guarded`] and [`unguarded`] undo each other on
//! every text, those that begin with `'` themselves included.

use std::borrow::Cow;

/// What begins a formula in some spreadsheet.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// Whether a text could be taken for a formula, or for one that is guarded already.
pub fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA)
}

/// The text as it is written into a cell: with `'` before what could be a formula.
pub fn guarded(text: &str) -> Cow<'_, str> {
    if is_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text that a cell means: without the `'` that guards it.
pub fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| is_formula(text)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guarded_is_read_as_it_was() {
        for text in
            ["", "'", "A100", "'quoted'", "=1+1", "'=1", "''=1", "+86 138", "-", "＝1", "\t"]
        {
            assert_eq!(unguarded(&guarded(text)), text);
        }
        assert_eq!(guarded("=1+1"), "'=1+1");
        assert_eq!(guarded("'quoted'"), "'quoted'");
    }
}
