//! What the charts of a page show: the bars and points of a table as it stands, in the reader's
//! language.
//!
//! For every format that draws. Lengths are whole steps of the longest, worked out exactly, so that
//! a picture is the same in every run; what is not drawn for want of room is said in its title.

use rust_decimal::Decimal;

use crate::{
    page::{Cell, Chart, Page, Row, Shape, Table},
    value::text::cut,
};

use super::{Language, cell, label};

/// Columns of the widest label.
const LABEL: usize = 24;

/// A chart with its figures.
#[derive(Debug, PartialEq)]
pub(super) struct Picture {
    pub(super) title: String,
    pub(super) shape: Shape,
    pub(super) points: Vec<Point>,
}

/// One bar, or one point of a line.
#[derive(Debug, PartialEq)]
pub(super) struct Point {
    pub(super) label: String,
    /// The figure as the table shows it.
    pub(super) shown: String,
    pub(super) value: Decimal,
}

/// Where the columns of a chart stand in its table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) labels: Vec<usize>,
    pub(super) figure: usize,
}

/// Finds the columns of a chart; none where its table does not show them.
pub(super) fn spot(chart: &Chart, table: &Table) -> Option<Spot> {
    let place = |key: &String| table.columns.iter().position(|column| column.key == *key);
    let labels: Vec<usize> = chart.labels.iter().filter_map(place).collect();
    if labels.is_empty() {
        return None;
    }
    place(&chart.figure).map(|figure| Spot { labels, figure })
}

/// The title of a chart: what is drawn, by what.
pub(super) fn title(chart: &Chart, table: &Table, spot: &Spot, language: Language) -> String {
    let mut keys = vec![chart.figure.as_str()];
    keys.extend(spot.labels.iter().map(|at| table.columns[*at].key.as_str()));
    let words: Vec<_> = keys.iter().map(|key| label(key, language)).collect();
    cell::one_line(&words.join(" · ")).into_owned()
}

/// The charts of a table with at least two figures to compare, each of so many points at the most:
/// of bars the largest, of a line the last.
pub(super) fn pictures(
    page: &Page,
    table: &Table,
    language: Language,
    (bars, points): (usize, usize),
) -> Vec<Picture> {
    let own = page.charts.iter().filter(|chart| chart.table == table.key);
    let drawn = own.filter_map(|chart| {
        let spot = spot(chart, table)?;
        let title = title(chart, table, &spot, language);
        let rows = table.rows.iter().filter_map(|row| point(row, &spot, language));
        let mut picture = Picture { title, shape: chart.shape, points: rows.collect() };
        picture.keep(if chart.shape == Shape::Bars { bars } else { points }, language);
        let says = picture.points.iter().any(|point| !point.value.is_zero());
        (says && picture.points.len() > 1).then_some(picture)
    });
    drawn.collect()
}

fn point(row: &Row, spot: &Spot, language: Language) -> Option<Point> {
    let Row::Data(cells) = row else { return None };
    let figure = cells.get(spot.figure)?;
    let value = number(figure)?;
    let words = spot.labels.iter().filter_map(|at| cells.get(*at));
    let words: Vec<String> = words.map(|cell| cell::for_people(cell, language)).collect();
    let mut label = words.join(" · ");
    if label.is_empty() {
        // What has no name is called as its row begins.
        label = cells.first().map(|cell| cell::for_people(cell, language)).unwrap_or_default();
    }
    let label = cut(&label, LABEL).into_owned();
    Some(Point { label, shown: cell::for_people(figure, language), value })
}

fn number(cell: &Cell) -> Option<Decimal> {
    match cell {
        Cell::Int(whole) => Some(Decimal::from(*whole)),
        Cell::Quantity(value) | Cell::Money(value) | Cell::Percent(value) => Some(*value),
        _ => None,
    }
}

impl Picture {
    /// Keeps so many points, and says so in the title.
    fn keep(&mut self, most: usize, language: Language) {
        let all = self.points.len();
        if all <= most {
            return;
        }
        let kept = match self.shape {
            Shape::Bars => {
                let mut sizes: Vec<Decimal> = self.points.iter().map(|p| p.value.abs()).collect();
                sizes.sort_by(|one, other| other.cmp(one));
                let least = sizes[most.saturating_sub(1)];
                let above = sizes.iter().filter(|size| **size > least).count();
                let mut ties = most - above;
                self.points.retain(|point| match point.value.abs().cmp(&least) {
                    std::cmp::Ordering::Greater => true,
                    std::cmp::Ordering::Equal if ties > 0 => {
                        ties -= 1;
                        true
                    }
                    _ => false,
                });
                ["the largest", "最大的"]
            }
            Shape::Line => {
                self.points.drain(..all - most);
                ["the last", "最近的"]
            }
        };
        self.title.push_str(&match language {
            Language::En => format!(" ({} {most} of {all})", kept[0]),
            Language::Zh => format!("（{all} 个中{} {most} 个）", kept[1]),
        });
    }

    /// The lowest and the highest figure, zero among them.
    pub(super) fn range(&self) -> (Decimal, Decimal) {
        let values = || self.points.iter().map(|point| point.value);
        let lowest = values().min().unwrap_or_default().min(Decimal::ZERO);
        (lowest, values().max().unwrap_or_default().max(Decimal::ZERO))
    }
}

/// Whole steps, of so many between `low` and `high`, at which a value stands; never beyond them.
pub(super) fn steps(value: Decimal, (low, high): (Decimal, Decimal), steps: u32) -> u32 {
    // Figures of any size: those too far apart for a difference are made smaller first.
    let less = |number: Decimal| number.checked_div(Decimal::TEN).unwrap_or(number);
    let (value, low, high) = match high.checked_sub(low) {
        Some(_) => (value, low, high),
        None => (less(value), less(low), less(high)),
    };
    let part = value.checked_sub(low).unwrap_or_default();
    let whole = high.checked_sub(low).unwrap_or_default();
    let share = part.checked_div(whole).unwrap_or_default();
    let at = share.checked_mul(Decimal::from(steps)).unwrap_or_default().round();
    u32::try_from(at).unwrap_or(0).min(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: i64) -> Decimal {
        Decimal::from(value)
    }

    #[test]
    fn steps_are_parts_of_the_whole_for_figures_of_any_size() {
        let range = (number(-50), number(150));
        assert_eq!(steps(number(-50), range, 8), 0);
        assert_eq!(steps(number(0), range, 8), 2);
        assert_eq!(steps(number(100), range, 8), 6);
        assert_eq!(steps(number(150), range, 8), 8);
        let widest = (Decimal::MIN, Decimal::MAX);
        assert_eq!(
            [Decimal::MIN, Decimal::ZERO, Decimal::MAX].map(|v| steps(v, widest, 8)),
            [0, 4, 8]
        );
        assert_eq!(steps(number(1), (number(0), number(0)), 8), 0, "nothing to hold it against");
    }

    #[test]
    fn of_many_bars_the_largest_are_kept_in_the_order_of_the_table() {
        let point = |value: i64| Point {
            label: value.to_string(),
            shown: value.to_string(),
            value: number(value),
        };
        let points = [3, -9, 5, 5, 1].map(point).into();
        let mut picture = Picture { title: "net".into(), shape: Shape::Bars, points };
        picture.keep(3, Language::En);
        let kept: Vec<&str> = picture.points.iter().map(|p| p.label.as_str()).collect();
        assert_eq!(kept, ["-9", "5", "5"]);
        assert_eq!(picture.title, "net (the largest 3 of 5)");
        picture.shape = Shape::Line;
        picture.keep(1, Language::Zh);
        assert_eq!(picture.points.len(), 1);
        assert_eq!(picture.points[0].label, "5", "of a line the last");
    }
}
