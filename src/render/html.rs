//! Pages as one HTML file: title, facts, tables, charts, notes.
//!
//! For a browser, a mail and paper. The file holds all it needs: no script, no request, no element
//! of another origin, and its own policy forbids them. Whatever a record says is escaped and stays
//! words. It is written piece by piece, however long a table is.

mod svg;

use std::{io, io::Write};

use crate::page::{Cell, Page, Row, Table};

use super::{Language, Style, cell, chart, label, shown_tables, text};

/// Bytes that are gathered before they are written.
const CHUNK: usize = 1 << 16;
/// More columns than these are printed across the paper.
const WIDE: usize = 10;
/// Most bars of a chart, and most points of a line.
const MOST: (usize, usize) = (30, 400);
const CSS: &str = include_str!("html/style.css");

/// Writes pages one below the other, each on paper of its own.
pub(super) fn write(pages: &[Page], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut html = head(pages, style.language);
    for page in pages {
        section(page, style, &mut html, out)?;
    }
    html.push_str("</body>\n</html>\n");
    out.write_all(html.as_bytes())
}

fn head(pages: &[Page], language: Language) -> String {
    let tag = if language == Language::Zh { "zh-CN" } else { "en" };
    let titles: Vec<&str> = pages.iter().map(|page| page.title.as_str()).collect();
    let title = escaped(&titles.join(" · "));
    format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>\n{CSS}</style>\n</head>\n<body>\n"
    )
}

fn section(page: &Page, style: &Style, html: &mut String, out: &mut dyn Write) -> io::Result<()> {
    let language = style.language;
    let tables: Vec<&Table> = shown_tables(page, style).collect();
    let is_wide = tables.iter().any(|table| table.columns.len() > WIDE);
    html.push_str(if is_wide { "<section class=\"wide\">\n" } else { "<section>\n" });
    if !page.title.trim().is_empty() {
        html.push_str(&format!("<h1>{}</h1>\n", escaped(&page.title)));
    }
    facts(page, language, html);
    for table in tables {
        if page.tables.len() > 1 {
            html.push_str(&format!("<h2>{}</h2>\n", escaped(&label(&table.key, language))));
        }
        if style.charts {
            for picture in chart::pictures(page, table, language, MOST) {
                svg::push(&picture, html);
            }
        }
        if table.rows.is_empty() {
            let empty = text::empty_sentence(table, language);
            html.push_str(&format!("<p class=\"empty\">{}</p>\n", escaped(&empty)));
            continue;
        }
        rows(table, language, html, out)?;
        if page.tables.len() == 1 && page.record.is_none() {
            html.push_str(&format!("<p class=\"count\">{}</p>\n", text::count(table, language)));
        }
    }
    if !page.notes.is_empty() {
        html.push_str("<aside class=\"notes\">\n");
        for note in &page.notes {
            html.push_str(&format!("<p>{}</p>\n", escaped(note)));
        }
        html.push_str("</aside>\n");
    }
    html.push_str("</section>\n");
    Ok(())
}

fn facts(page: &Page, language: Language, html: &mut String) {
    let said: Vec<_> = page.facts.iter().filter(|(_, value)| text::is_said(value)).collect();
    if said.is_empty() {
        return;
    }
    html.push_str("<dl>\n");
    for (key, value) in said {
        let values = text::fact_lines(value, language);
        let values: Vec<String> = values.iter().map(|line| escaped(line)).collect();
        let label = escaped(&label(key, language));
        html.push_str(&format!("<dt>{label}</dt><dd>{}</dd>\n", values.join("<br>")));
    }
    html.push_str("</dl>\n");
}

fn rows(
    table: &Table,
    language: Language,
    html: &mut String,
    out: &mut dyn Write,
) -> io::Result<()> {
    html.push_str("<div class=\"scroll\"><table>\n<thead><tr>");
    for column in &table.columns {
        html.push_str(if column.right {
            "<th scope=\"col\" class=\"n\">"
        } else {
            "<th scope=\"col\">"
        });
        push_escaped(&label(&column.key, language), html);
        html.push_str("</th>");
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        html.push_str(match row {
            Row::Data(_) => "<tr>",
            Row::Total(_) => "<tr class=\"total\">",
        });
        for (at, column) in table.columns.iter().enumerate() {
            let cell = row.cells().get(at).unwrap_or(&Cell::Empty);
            html.push_str(match cell {
                _ if column.right => "<td class=\"n\">",
                Cell::Date(_) | Cell::Moment(_) | Cell::Ref(_) => "<td class=\"d\">",
                _ => "<td>",
            });
            push_escaped(&cell::for_people(cell, language), html);
            html.push_str("</td>");
        }
        html.push_str("</tr>\n");
        if html.len() >= CHUNK {
            out.write_all(html.as_bytes())?;
            html.clear();
        }
    }
    html.push_str("</tbody>\n</table></div>\n");
    Ok(())
}

/// Words in one line that a browser shows as they stand.
fn escaped(words: &str) -> String {
    let mut html = String::with_capacity(words.len());
    push_escaped(words, &mut html);
    html
}

fn push_escaped(words: &str, html: &mut String) {
    let words = cell::one_line(words);
    if !words.contains(['&', '<', '>', '"', '\'']) {
        return html.push_str(&words);
    }
    for character in words.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(character),
        }
    }
}

#[cfg(test)]
mod tests;
