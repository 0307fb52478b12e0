//! Templates: words with `{columns}` between them, the one way a mapping speaks of cells.
//!
//! `"{no}"` is a column, `"C{no}"` and `"{first} {last}"` are made of several, `"USD"` is a
//! constant. There is nothing else: no expressions, no formats.

/// Words and columns in turn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template {
    /// Its pieces, in order.
    pub pieces: Vec<Piece>,
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Words as they stand.
    Words(String),
    /// The cell of a column, by its place in the mapping's list of columns.
    Column(usize),
}

/// What a template comes to on one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// The words.
    pub text: String,
    /// Whether every column it names is empty there.
    pub is_empty: bool,
}

impl Template {
    /// Reads a template; `column` gives each name its place.
    pub fn parse(text: &str, mut column: impl FnMut(&str) -> usize) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut words = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            words.push_str(&rest[..at]);
            let brace = &rest[at..at + 1];
            rest = &rest[at + 1..];
            if let Some(behind) = rest.strip_prefix(brace) {
                words.push_str(brace);
                rest = behind;
                continue;
            }
            let end = rest.find('}').filter(|_| brace == "{");
            let end = end.ok_or_else(|| format!("a brace of \"{text}\" stands alone"))?;
            let name = rest[..end].trim();
            if name.is_empty() || name.contains('{') {
                return Err(format!("\"{text}\" names no column between its braces"));
            }
            if !words.is_empty() {
                pieces.push(Piece::Words(std::mem::take(&mut words)));
            }
            pieces.push(Piece::Column(column(name)));
            rest = &rest[end + 1..];
        }
        words.push_str(rest);
        if !words.is_empty() {
            pieces.push(Piece::Words(words));
        }
        Ok(Self { pieces })
    }

    /// A constant.
    pub fn constant(text: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Words(text.into())] }
    }

    /// The columns it names.
    pub fn columns(&self) -> impl Iterator<Item = usize> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Column(column) => Some(*column),
            Piece::Words(_) => None,
        })
    }

    /// The words of a template without columns.
    pub fn as_constant(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Words(words)] => Some(words),
            _ => None,
        }
    }

    /// Fills the cells in; spaces around the whole are dropped.
    pub fn fill<'a>(&self, cell: impl Fn(usize) -> &'a str) -> Filled {
        let mut text = String::new();
        let mut is_empty = true;
        for piece in &self.pieces {
            match piece {
                Piece::Words(words) => text.push_str(words),
                Piece::Column(column) => {
                    let cell = cell(*column);
                    is_empty &= cell.is_empty();
                    text.push_str(cell);
                }
            }
        }
        let is_empty = is_empty && self.as_constant().is_none_or(str::is_empty);
        Filled { text: text.trim().to_owned(), is_empty }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(template: &str, cells: &[(&str, &str)]) -> Result<Filled, String> {
        let mut names = Vec::new();
        let template = Template::parse(template, |name| {
            names.push(name.to_owned());
            names.len() - 1
        })?;
        let cell = |column: usize| {
            let name = names[column].as_str();
            cells.iter().find(|(known, _)| *known == name).map_or("", |(_, cell)| *cell)
        };
        Ok(template.fill(cell))
    }

    #[test]
    fn words_and_columns_are_put_together() {
        let cells = [("no", "7"), ("first", "Jean"), ("客户 名称", "晨星")];
        let text = |template| fill(template, &cells).map(|filled| filled.text);
        assert_eq!(text("C{no}"), Ok("C7".into()));
        assert_eq!(text("{first} {last}"), Ok("Jean".into()), "no space is left at the end");
        assert_eq!(text("{客户 名称}"), Ok("晨星".into()));
        assert_eq!(text("{{{no}}}"), Ok("{7}".into()));
    }

    #[test]
    fn a_template_of_empty_cells_is_empty_and_a_constant_is_not() {
        let is_empty = |template| fill(template, &[]).map(|filled| filled.is_empty);
        assert_eq!(is_empty("C{no}"), Ok(true));
        assert_eq!(is_empty("USD"), Ok(false));
        assert_eq!(is_empty(""), Ok(true));
    }

    #[test]
    fn odd_braces_are_refused() {
        for template in ["{no", "no}", "{}", "{ }", "{a{b}}"] {
            assert!(fill(template, &[]).is_err(), "{template}");
        }
    }
}
