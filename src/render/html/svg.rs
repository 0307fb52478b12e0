//! Charts as SVG inside the page: bars with their labels and figures, a line over periods.
//!
//! For a browser, a mail and paper. Each shape carries its own colour, because not every program that
//! shows a page gives its style to pictures. Coordinates are whole numbers, so the same figures give
//! the same bytes.

use rust_decimal::Decimal;

use crate::{
    page::Shape,
    render::chart::{Picture, steps},
};

use super::escaped;

/// Units across.
const WIDTH: u32 = 720;
/// Where bars begin and how long the longest is: labels stand before, figures behind.
const LEFT: u32 = 190;
const LONGEST: u32 = 400;
/// Units from one bar to the next.
const STEP: u32 = 22;
/// Where a line begins and ends, its height and what is above it.
const LINE_LEFT: u32 = 110;
const LINE_WIDTH: u32 = 570;
const LINE_HEIGHT: u32 = 180;
const LINE_TOP: u32 = 12;
/// Most points that are marked and can be pointed at, and most labels below a line.
const MARKED: usize = 60;
const LABELS: usize = 6;
/// Colours of bars and lines, of bars below zero, and of the axis.
const ABOVE: &str = "#2f6f9f";
const BELOW: &str = "#b5493a";
const AXIS: &str = "#999999";

/// Adds a chart as a figure with its caption.
pub(super) fn push(picture: &Picture, html: &mut String) {
    let title = escaped(&picture.title);
    let (height, inner) = match picture.shape {
        Shape::Bars => bars(picture),
        Shape::Line => line(picture),
    };
    html.push_str(&format!(
        "<figure>\n<figcaption>{title}</figcaption>\n\
         <svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}\" \
         font-size=\"12\" fill=\"#333333\">\n\
         {inner}</svg>\n</figure>\n"
    ));
}

fn bars(picture: &Picture) -> (u32, String) {
    let range = picture.range();
    let at = |value: Decimal| LEFT + steps(value, range, LONGEST);
    let zero = at(Decimal::ZERO);
    let mut svg = String::new();
    let mut top = 4;
    for point in &picture.points {
        let end = at(point.value);
        let (from, to) = (zero.min(end), zero.max(end));
        let colour = if point.value.is_sign_negative() { BELOW } else { ABOVE };
        let (label, shown) = (escaped(&point.label), escaped(&point.shown));
        let (text, labels, figures) = (top + 13, LEFT - 8, to + 6);
        svg.push_str(&format!(
            "<text x=\"{labels}\" y=\"{text}\" text-anchor=\"end\">{label}</text>\
             <rect fill=\"{colour}\" x=\"{from}\" y=\"{top}\" width=\"{}\" height=\"16\"/>\
             <text x=\"{figures}\" y=\"{text}\">{shown}</text>\n",
            to - from
        ));
        top += STEP;
    }
    svg.push_str(&format!(
        "<line stroke=\"{AXIS}\" x1=\"{zero}\" y1=\"0\" x2=\"{zero}\" y2=\"{top}\"/>\n"
    ));
    (top, svg)
}

fn line(picture: &Picture) -> (u32, String) {
    let range = picture.range();
    let last = u32::try_from(picture.points.len()).unwrap_or(u32::MAX).saturating_sub(1).max(1);
    let across = |at: u32| LINE_LEFT + at * LINE_WIDTH / last;
    let down = |value| LINE_TOP + LINE_HEIGHT - steps(value, range, LINE_HEIGHT);
    let zero = down(Decimal::ZERO);
    let mut svg = format!(
        "<line stroke=\"{AXIS}\" x1=\"{LINE_LEFT}\" y1=\"{zero}\" x2=\"{}\" y2=\"{zero}\"/>\n",
        LINE_LEFT + LINE_WIDTH
    );
    svg.push_str(&scale(picture, down));
    let spots: Vec<(u32, u32)> =
        (0..).zip(&picture.points).map(|(at, point)| (across(at), down(point.value))).collect();
    let path: Vec<String> = spots.iter().map(|(x, y)| format!("{x},{y}")).collect();
    svg.push_str(&format!(
        "<polyline fill=\"none\" stroke=\"{ABOVE}\" stroke-width=\"2\" points=\"{}\"/>\n",
        path.join(" ")
    ));
    if spots.len() <= MARKED {
        for ((x, y), point) in spots.iter().zip(&picture.points) {
            let (label, shown) = (escaped(&point.label), escaped(&point.shown));
            svg.push_str(&format!(
                "<circle fill=\"{ABOVE}\" cx=\"{x}\" cy=\"{y}\" r=\"3\">\
                 <title>{label}: {shown}</title></circle>\n"
            ));
        }
    }
    let below = LINE_TOP + LINE_HEIGHT + 20;
    let every = picture.points.len().div_ceil(LABELS).max(1);
    for ((x, _), point) in spots.iter().zip(&picture.points).step_by(every) {
        let label = escaped(&point.label);
        svg.push_str(&format!(
            "<text x=\"{x}\" y=\"{below}\" text-anchor=\"middle\">{label}</text>\n"
        ));
    }
    (below + 10, svg)
}

/// The lowest and the highest figure beside the line, as the table shows them.
fn scale(picture: &Picture, down: impl Fn(Decimal) -> u32) -> String {
    let ends = [
        picture.points.iter().min_by_key(|point| point.value),
        picture.points.iter().max_by_key(|point| point.value),
    ];
    let text = |point: &crate::render::chart::Point| {
        let (x, y, shown) = (LINE_LEFT - 8, down(point.value) + 4, escaped(&point.shown));
        format!("<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\">{shown}</text>\n")
    };
    let is_flat = ends[0].map(|point| point.value) == ends[1].map(|point| point.value);
    ends.into_iter().flatten().skip(usize::from(is_flat)).map(text).collect()
}
