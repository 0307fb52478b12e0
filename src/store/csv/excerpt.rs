//! One row of a register with its header, for an editor, and put back: no other byte of the file
//! changes.
//!
//! Rows that cannot be read are given out too, so that they can be mended.

use std::ops::Range;

use super::{
    line::{BOM, Line, content, is_blank, lines, split},
    raw,
};

/// A row as it stands, with its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    header: String,
    row: String,
    /// The bytes of the row, without its line end.
    span: Range<usize>,
    /// The column of the id.
    id_at: usize,
}

/// What was done to an excerpt that is more than an edit of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// The header is another one, or the text is none.
    Header,
    /// The row is gone.
    Removed,
    /// Further rows were added.
    Added,
    /// The row has another id.
    Id,
}

/// The row of an id, as it stands; nothing where no row has it.
///
/// An error says why its bytes cannot be told for certain.
pub fn excerpt(bytes: &[u8], id: &str) -> Result<Option<Excerpt>, String> {
    let text = raw::text("", bytes).map_err(|finding| finding.message)?;
    if raw::has_conflict(text) {
        return Err("git left a conflict in it".into());
    }
    let mut rows = lines(text).filter(|line| !is_blank(text, &line.span));
    let header = rows.next().ok_or("it has no header")?;
    let mut cells = Vec::new();
    split(text, header.span.clone(), &mut cells);
    let id_at = cells.iter().position(|cell| content(text, cell) == "id");
    let id_at = id_at.ok_or("it has no column `id`")?;
    let is_of = |line: &Line| id_in(text, line, id_at).is_some_and(|found| found == id);
    let found: Vec<Line> = rows.filter(is_of).collect();
    match found.as_slice() {
        [] => Ok(None),
        [row] => Ok(Some(Excerpt {
            header: text[header.span].to_owned(),
            row: text[row.span.clone()].to_owned(),
            span: row.span.clone(),
            id_at,
        })),
        [first, second, ..] => {
            Err(format!("{id} stands in lines {} and {}", first.number, second.number))
        }
    }
}

/// The id of a row, as far as its quotes close.
fn id_in(text: &str, line: &Line, id_at: usize) -> Option<String> {
    let mut cells = Vec::new();
    split(text, line.span.clone(), &mut cells);
    cells.get(id_at).map(|cell| content(text, cell).into_owned())
}

impl Excerpt {
    /// The header and the row, a line each.
    pub fn text(&self) -> String {
        format!("{}\n{}\n", self.header, self.row)
    }

    /// The file it was taken from with the row as an editor left it.
    ///
    /// # Errors
    /// Says what else was done to the excerpt.
    pub fn put_back(&self, file: &[u8], id: &str, edited: &[u8]) -> Result<Vec<u8>, Misfit> {
        let text = std::str::from_utf8(edited).map_err(|_| Misfit::Header)?;
        let mut rows = lines(text).filter(|line| !is_blank(text, &line.span));
        let words = |line: &Line| text[line.span.clone()].trim_end_matches('\r').to_owned();
        let header = rows.next().ok_or(Misfit::Removed)?;
        if words(&header).trim_start_matches(BOM) != self.header {
            return Err(Misfit::Header);
        }
        let row = rows.next().ok_or(Misfit::Removed)?;
        if rows.next().is_some() {
            return Err(Misfit::Added);
        }
        if id_in(text, &row, self.id_at).as_deref() != Some(id) {
            return Err(Misfit::Id);
        }
        let mut after = file.to_vec();
        after.splice(self.span.clone(), words(&row).into_bytes());
        Ok(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "id,note\r\nA-1,x\r\nA-2,\"y, z\"\r\nA-3,\"open\r\n";

    fn taken(id: &str) -> Excerpt {
        excerpt(FILE.as_bytes(), id).expect("a register").expect("a row")
    }

    #[test]
    fn a_row_goes_out_with_its_header_and_comes_back_alone() {
        let row = taken("A-2");
        assert_eq!(row.text(), "id,note\nA-2,\"y, z\"\n");
        let back = row.put_back(FILE.as_bytes(), "A-2", b"id,note\nA-2,q\n").expect("one row");
        assert_eq!(back, b"id,note\r\nA-1,x\r\nA-2,q\r\nA-3,\"open\r\n");
        let mended = taken("A-3").put_back(FILE.as_bytes(), "A-3", b"id,note\nA-3,w");
        assert_eq!(mended.expect("one row"), b"id,note\r\nA-1,x\r\nA-2,\"y, z\"\r\nA-3,w\r\n");
    }

    #[test]
    fn anything_but_the_row_is_a_misfit() {
        let back = |edited: &str| taken("A-1").put_back(FILE.as_bytes(), "A-1", edited.as_bytes());
        assert_eq!(back("id,note\n"), Err(Misfit::Removed));
        assert_eq!(back(""), Err(Misfit::Removed));
        assert_eq!(back("note,id\nx,A-1\n"), Err(Misfit::Header));
        assert_eq!(back("id,note\nA-1,x\nA-4,x\n"), Err(Misfit::Added));
        assert_eq!(back("id,note\nA-9,x\n"), Err(Misfit::Id));
    }

    #[test]
    fn what_cannot_be_told_apart_is_not_given_out() {
        assert_eq!(excerpt(b"id\nA-1\n", "A-2"), Ok(None));
        assert!(excerpt(b"id\nA-1\nA-1\n", "A-1").is_err());
        assert!(excerpt(b"id\n<<<<<<< HEAD\nA-1\n", "A-1").is_err());
        assert!(excerpt(b"", "A-1").is_err());
    }
}
