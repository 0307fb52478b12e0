//! How cells of a workbook look: by their type, and bold where they are totals.
//!
//! For the sheets' writer. A figure has as many decimals as its currency gives it.

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder};

use crate::page::Cell;

/// Most decimals of a number.
const DECIMALS: usize = 28;

/// A format for rows, and for totals.
struct Pair([Format; 2]);

/// The formats of a workbook.
pub(super) struct Formats {
    pub(super) header: Format,
    pub(super) header_right: Format,
    pub(super) title: Format,
    pub(super) note: Format,
    text: Pair,
    /// Words that begin like a formula, and stay words when someone edits them.
    guarded: Pair,
    right: Pair,
    date: Pair,
    moment: Pair,
    percent: Pair,
    /// Numbers by their decimals.
    numbers: Vec<Pair>,
}

impl Pair {
    fn new(format: Format) -> Self {
        let total = format.clone().set_bold().set_border_top(FormatBorder::Thin);
        Self([format, total])
    }

    fn of(&self, is_total: bool) -> &Format {
        &self.0[usize::from(is_total)]
    }
}

impl Formats {
    pub(super) fn new() -> Self {
        let coded = |code: &str| Pair::new(Format::new().set_num_format(code));
        let header = Format::new().set_bold().set_border_bottom(FormatBorder::Medium);
        let number = |decimals: usize| match decimals {
            0 => coded("#,##0"),
            _ => coded(&format!("#,##0.{}", "0".repeat(decimals))),
        };
        // As text, whatever it looks like.
        let text = || Format::new().set_num_format("@");
        Self {
            header_right: header.clone().set_align(FormatAlign::Right),
            header,
            title: Format::new().set_bold().set_font_size(14),
            note: Format::new().set_italic(),
            text: Pair::new(text()),
            guarded: Pair::new(text().set_quote_prefix()),
            right: Pair::new(text().set_align(FormatAlign::Right)),
            date: coded("yyyy-mm-dd"),
            moment: coded("yyyy-mm-dd hh:mm"),
            percent: coded("0.0%"),
            numbers: (0..=DECIMALS).map(number).collect(),
        }
    }

    /// The format of a cell.
    pub(super) fn of(&self, cell: &Cell, is_total: bool) -> &Format {
        let pair = match cell {
            Cell::Empty | Cell::Text(_) | Cell::Word(_) | Cell::List(_) | Cell::Ref(_) => {
                &self.text
            }
            Cell::Bool(_) | Cell::NotApplicable | Cell::Masked => &self.right,
            Cell::Date(_) => &self.date,
            Cell::Moment(_) => &self.moment,
            Cell::Percent(_) => &self.percent,
            Cell::Int(_) => &self.numbers[0],
            Cell::Money(amount) => &self.numbers[amount.scale() as usize],
            Cell::Quantity(amount) => &self.numbers[amount.normalize().scale() as usize],
        };
        pair.of(is_total)
    }

    /// The format of words that begin like a formula.
    pub(super) fn guarded(&self, is_total: bool) -> &Format {
        self.guarded.of(is_total)
    }
}
