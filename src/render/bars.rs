//! Charts of block characters for a terminal: bars below a table, a sparkline over periods.
//!
//! For people. Blocks stand at the end of their line, because terminals do not agree on their
//! width.

use crate::{
    page::{Page, Shape, Table},
    value::text::{pad, pad_left, width},
};

use super::{
    Style,
    chart::{self, Picture},
};

/// Most bars of a chart, and most points of a line.
const MOST: (usize, usize) = (20, 60);
/// Columns of a terminal that does not say how many it has.
const WIDTH: usize = 80;
/// Columns of the longest and of the shortest bar that says anything.
const LONGEST: usize = 40;
const SHORTEST: usize = 8;
/// An eighth of a block to a whole one, lying and standing.
const LYING: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
const STANDING: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// A block of a bar below zero.
const BELOW: char = '░';

/// The charts of a table, each a block of lines.
pub(super) fn blocks(page: &Page, table: &Table, style: &Style) -> Vec<Vec<String>> {
    let columns = style.width.unwrap_or(WIDTH);
    let pictures = chart::pictures(page, table, style.language, MOST);
    let drawn = pictures.iter().filter_map(|picture| match picture.shape {
        Shape::Bars => bars(picture, columns),
        Shape::Line => Some(line(picture)),
    });
    drawn.collect()
}

/// A line for each bar; nothing where the terminal is too narrow for bars.
fn bars(picture: &Picture, columns: usize) -> Option<Vec<String>> {
    let widest = |of: fn(&chart::Point) -> &String| {
        picture.points.iter().map(|point| width(of(point))).max().unwrap_or(0)
    };
    let (labels, figures) = (widest(|point| &point.label), widest(|point| &point.shown));
    let room = columns.checked_sub(labels + figures + 4).filter(|room| *room >= SHORTEST)?;
    let room = u32::try_from(room.min(LONGEST)).unwrap_or(0);
    let largest = picture.points.iter().map(|point| point.value.abs()).max()?;
    let mut lines = vec![picture.title.clone()];
    for point in &picture.points {
        let range = (rust_decimal::Decimal::ZERO, largest);
        let eighths = chart::steps(point.value.abs(), range, room * 8);
        let bar = bar(eighths, point.value.is_sign_negative(), point.value.is_zero());
        let (label, figure) = (pad(&point.label, labels), pad_left(&point.shown, figures));
        let line = format!("{label}  {figure}  {bar}");
        lines.push(line.trim_end_matches(' ').to_owned());
    }
    Some(lines)
}

/// A bar of so many eighths of a block; what is not nothing has one at least.
fn bar(eighths: u32, is_below: bool, is_zero: bool) -> String {
    if is_zero {
        return String::new();
    }
    let eighths = eighths.max(1) as usize;
    if is_below {
        return BELOW.to_string().repeat(eighths.div_ceil(8));
    }
    let mut bar = LYING[7].to_string().repeat(eighths / 8);
    if let Some(part) = (eighths % 8).checked_sub(1) {
        bar.push(LYING[part]);
    }
    bar
}

/// First and last figure with their periods, and the sparkline between all of them.
fn line(picture: &Picture) -> Vec<String> {
    let range = picture.range();
    let level = |point: &chart::Point| STANDING[chart::steps(point.value, range, 7) as usize];
    let spark: String = picture.points.iter().map(level).collect();
    let end = |point: &chart::Point| format!("{}  {}", point.label, point.shown);
    let ends: Vec<String> =
        [picture.points.first(), picture.points.last()].into_iter().flatten().map(end).collect();
    vec![picture.title.clone(), format!("{}  {spark}", ends.join("  …  "))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_eighths_and_never_nothing() {
        assert_eq!(bar(20, false, false), "██▌");
        assert_eq!(bar(16, false, false), "██");
        assert_eq!(bar(0, false, false), "▏", "a little is more than nothing");
        assert_eq!(bar(0, false, true), "");
        assert_eq!(bar(17, true, false), "░░░");
    }
}
