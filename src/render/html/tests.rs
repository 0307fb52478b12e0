//! What a browser is given: words that stay words, figures that stay what they are, and nothing
//! that runs or is fetched.

use std::{collections::BTreeSet, slice};

use rust_decimal::Decimal;

use crate::{
    page::{Chart, Column, Shape},
    render::{
        Format, render,
        tests::{orders, rendered},
    },
};

use super::*;

fn drawn() -> Style {
    Style { charts: true, ..Style::default() }
}

fn html(page: &Page) -> String {
    rendered(slice::from_ref(page), Format::Html, &drawn())
}

/// The tags of a text, without their angles, and the words between them.
fn parsed(html: &str) -> (Vec<&str>, Vec<String>) {
    let (mut tags, mut words) = (Vec::new(), Vec::new());
    for piece in html.split('<').skip(1) {
        let (tag, rest) = piece.split_once('>').expect("every tag is closed");
        tags.push(tag);
        words.push(unescaped(rest));
    }
    (tags, words)
}

fn unescaped(text: &str) -> String {
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    plain.replace("&#39;", "'").replace("&amp;", "&")
}

/// The words that follow a tag.
fn after<'a>((tags, words): &'a (Vec<&str>, Vec<String>), tag: &str) -> Vec<&'a str> {
    let found = tags.iter().zip(words).filter(|(own, _)| **own == tag);
    found.map(|(_, words)| words.as_str()).collect()
}

fn hostile(text: &str) -> Page {
    let cells = vec![Cell::Text(text.into()), Cell::List(vec![text.into()]), Cell::Int(1)];
    let other = vec![Cell::Text(text.into()), Cell::Word(text.into()), Cell::Int(2)];
    let columns = vec![Column::words("name"), Column::words(text), Column::figure("count", &[])];
    let rows = vec![Row::Data(cells.clone()), Row::Data(other), Row::Total(cells)];
    let table = Table { key: "t".into(), columns, rows, ..Table::default() };
    let (labels, figure) = (vec!["name".into()], "count".into());
    Page {
        title: text.into(),
        facts: vec![(text.into(), Cell::Text(text.into()))],
        charts: [Shape::Bars, Shape::Line]
            .map(|shape| {
                let (labels, figure): (Vec<String>, String) =
                    (Vec::clone(&labels), String::clone(&figure));
                Chart { table: "t".into(), labels, figure, shape }
            })
            .into(),
        tables: vec![table],
        notes: vec![text.into()],
        ..Page::default()
    }
}

#[test]
fn words_of_a_record_stay_words_and_come_back_as_they_were() {
    let harmless = html(&hostile("x"));
    let own: BTreeSet<&str> = parsed(&harmless).0.iter().map(|tag| name(tag)).collect();
    let markup = ["<script>alert(1)</script>", "\"><img src=x onerror=y>", "</td>&amp;'", "&lt;"];
    for text in naughty_strings::BLNS.iter().copied().chain(markup) {
        let html = html(&hostile(text));
        assert!(
            !html.contains(|c: char| c != '\n' && crate::value::text::is_unsafe(c)),
            "{text:?}"
        );
        let parsed = parsed(&html);
        let tags: BTreeSet<&str> = parsed.0.iter().map(|tag| name(tag)).collect();
        assert!(tags.is_subset(&own), "{text:?} makes {:?}", tags.difference(&own));
        let shown = cell::one_line(text);
        let cells = after(&parsed, "td");
        assert_eq!(cells[..2], [&shown, &shown], "{text:?}");
        let title = after(&parsed, "h1");
        assert_eq!(title.first().copied().unwrap_or_default(), shown, "{text:?}");
        assert!(after(&parsed, "p").contains(&&*shown), "{text:?}");
    }
}

fn name(tag: &str) -> &str {
    tag.split_whitespace().next().unwrap_or(tag)
}

#[test]
fn nothing_runs_and_nothing_is_fetched() {
    let html = html(&Page { charts: hostile("x").charts, ..orders() });
    for part in ["<script", "src=", "href=", "url(", "@import", "http://", "https://", "<link"] {
        assert!(!html.contains(part), "{part}");
    }
    assert!(html.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""));
    let (tags, _) = parsed(&html);
    assert!(!tags.iter().any(|tag| tag.contains(" on") || tag.contains("style=")));
}

#[test]
fn figures_stand_to_the_right_and_totals_apart() {
    let html = html(&orders());
    let expected = "<tr><td class=\"d\">SO-2609-0014</td><td>晨星医药</td>\
                    <td class=\"d\">2026-09-30</td><td class=\"n\">20</td>\
                    <td class=\"n\">2,560.00</td><td class=\"n\">12.5%</td></tr>\n";
    assert!(html.contains(expected), "{html}");
    assert!(html.contains("<tr class=\"total\"><td>total</td>"), "{html}");
    assert!(html.contains("<dt>as of</dt><dd>2026-09-30</dd>"));
    assert!(html.contains("<p class=\"count\">2 rows</p>"));
    assert!(html.contains("<aside class=\"notes\">\n<p>1 file left out</p>"));
    let zh = Style { language: Language::Zh, ..drawn() };
    let html = rendered(&[orders()], Format::Html, &zh);
    assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\"zh-CN\">"));
    assert!(html.contains("<th scope=\"col\" class=\"n\">数量</th>") && html.contains("2 行"));
}

#[test]
fn tables_of_many_columns_are_printed_across_the_paper() {
    let mut page = orders();
    assert!(html(&page).contains("<section>"));
    let more = ["a", "b", "c", "d", "e"].map(Column::words);
    page.tables[0].columns.extend(more);
    assert!(html(&page).contains("<section class=\"wide\">"));
    let both = rendered(&[orders(), page], Format::Html, &drawn());
    assert_eq!(both.matches("<section").count(), 2);
    assert_eq!(both.matches("<html").count(), 1);
}

#[test]
fn bars_are_as_long_as_their_figures_from_zero_on() {
    let row = |name: &str, amount: i64| {
        Row::Data(vec![name.into(), Cell::Money(Decimal::new(amount * 100, 2))])
    };
    let rows = vec![row("a<b", 300), row("c", -100), row("d", 100)];
    let columns = vec![Column::words("name"), Column::figure("net", &[])];
    let table = Table { key: "t".into(), columns, rows, ..Table::default() };
    let mut chart = hostile("x").charts[0].clone();
    chart.figure = "net".into();
    let page = Page { tables: vec![table], charts: vec![chart], ..Page::default() };
    let svg = html(&page);
    // From -100 to 300 over 400 units from 190 on: zero stands at 290.
    for part in [
        "<figcaption>net · name</figcaption>",
        ">a&lt;b</text><rect fill=\"#2f6f9f\" x=\"290\" y=\"4\" width=\"300\" height=\"16\"/>",
        ">c</text><rect fill=\"#b5493a\" x=\"190\" y=\"26\" width=\"100\" height=\"16\"/>",
        ">d</text><rect fill=\"#2f6f9f\" x=\"290\" y=\"48\" width=\"100\" height=\"16\"/>",
        "<text x=\"596\" y=\"17\">300.00</text>",
    ] {
        assert!(svg.contains(part), "{part} in {svg}");
    }
    let line =
        Page { charts: vec![Chart { shape: Shape::Line, ..page.charts[0].clone() }], ..page };
    // 180 units high from 12 on: 300 at 12, -100 at 192, 100 at 102.
    let svg = html(&line);
    assert!(svg.contains("points=\"110,12 395,192 680,102\""), "{svg}");
    let undrawn = rendered(&[line], Format::Html, &Style::default());
    assert!(!undrawn.contains("<svg"));
}

#[test]
fn a_long_table_is_written_piece_by_piece() {
    struct Pieces(usize, usize);
    impl Write for Pieces {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            self.1 = self.1.max(bytes.len());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut page = orders();
    let row = page.tables[0].rows[0].clone();
    page.tables[0].rows = vec![row; 20_000];
    let mut pieces = Pieces(0, 0);
    assert!(render(&[page], Format::Html, &Style::default(), &mut pieces).is_ok());
    assert!(pieces.0 > 3_000_000, "{}", pieces.0);
    assert!(pieces.1 < 2 * CHUNK, "{}", pieces.1);
}
