//! The bytes of a CSV file as text, and in which encoding they were.
//!
//! A mark at the beginning decides; then strict UTF-8 over the whole file; then UTF-16 by the
//! pattern of its zero bytes; then GB18030. Nothing is ever replaced in silence: what fits none of
//! them whole is an error.

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

/// Largest file that is read, in bytes.
pub const MAX_FILE: usize = 256 * 1024 * 1024;

/// What the files of spreadsheets begin with: `.xlsx` and `.ods`, and `.xls`.
const WORKBOOKS: [&[u8]; 2] = [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"];

/// A file's text, and the name of the encoding it was in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark.
    pub text: String,
    /// Such as `UTF-8` or `GB18030`.
    pub encoding: &'static str,
    /// Whether the encoding was guessed from the bytes alone and could be another one.
    pub is_guess: bool,
}

/// Decodes a file: as `named` says, or as its bytes show.
pub fn decode(bytes: &[u8], named: Option<&'static Encoding>) -> Result<Decoded, String> {
    if bytes.len() > MAX_FILE {
        let limit = MAX_FILE / 1024 / 1024;
        return Err(format!("has {} bytes, more than {limit} MiB", bytes.len()));
    }
    if WORKBOOKS.iter().any(|mark| bytes.starts_with(mark)) {
        return Err("is a workbook: save it as CSV".into());
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return whole(&bytes[mark..], encoding, false);
    }
    if let Some(encoding) = named {
        return whole(bytes, encoding, false);
    }
    let has_zero = bytes.contains(&0);
    if !has_zero && std::str::from_utf8(bytes).is_ok() {
        return whole(bytes, UTF_8, false);
    }
    match has_zero {
        true => match utf_16(bytes) {
            Some(encoding) => whole(bytes, encoding, true),
            None => Err("holds NUL bytes: it is no text, or a damaged one".into()),
        },
        false if is_damaged(bytes) => Err(not_whole(bytes, UTF_8)),
        false => whole(bytes, GB18030, true).map_err(|_| {
            "is neither UTF-8, UTF-16 nor GB18030: save it as UTF-8, or name its encoding".into()
        }),
    }
}

/// The encoding of a name as browsers know it (`gbk`, `windows-1252`, `shift_jis`).
pub fn named(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label(label.as_bytes())
}

fn whole(bytes: &[u8], encoding: &'static Encoding, is_guess: bool) -> Result<Decoded, String> {
    let name = encoding.name();
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    let text = text.ok_or_else(|| not_whole(bytes, encoding))?.into_owned();
    if text.contains('\0') {
        return Err("holds NUL characters: it is no text, or a damaged one".into());
    }
    Ok(Decoded { text, encoding: name, is_guess })
}

fn not_whole(bytes: &[u8], encoding: &'static Encoding) -> String {
    let name = encoding.name();
    match std::str::from_utf8(bytes) {
        Err(fault) if encoding == UTF_8 => {
            let line = bytes[..fault.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
            format!("is {name}, but not on line {}", line + 1)
        }
        _ => format!("is not {name} to its end"),
    }
}

/// Whether a text is UTF-8 but for a few spots: read as another encoding all of it would be wrong.
fn is_damaged(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += chunk.invalid().len();
    }
    good > bad.saturating_mul(10)
}

/// Letters of Western tables have a zero in the one or in the other half of each pair of bytes.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    let (mut first, mut second) = (0_usize, 0_usize);
    for pair in bytes.chunks_exact(2) {
        first += usize::from(pair[0] == 0);
        second += usize::from(pair[1] == 0);
    }
    // One stray zero is damage, not a pattern. Where nothing but Western letters stands, each has
    // one; among Chinese words at least the marks between cells do.
    let share = if bytes.is_ascii() { 2 } else { 8 };
    match () {
        () if first.max(second).saturating_mul(share) < bytes.len() / 2 => None,
        // In a line end or a comma only the zero half tells the order of bytes.
        () if second > first.saturating_mul(4) => Some(UTF_16LE),
        () if first > second.saturating_mul(4) => Some(UTF_16BE),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoding(bytes: &[u8]) -> Result<(String, &'static str), String> {
        decode(bytes, None).map(|decoded| (decoded.text, decoded.encoding))
    }

    fn units(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn every_encoding_is_told_and_its_text_is_the_same() {
        let text = "编号,名称\n1,晨星\n";
        let (gb, _, _) = GB18030.encode(text);
        let marked = |mark: &[u8], rest: Vec<u8>| [mark, &rest].concat();
        for (bytes, name) in [
            (text.as_bytes().to_vec(), "UTF-8"),
            (marked(b"\xef\xbb\xbf", text.as_bytes().to_vec()), "UTF-8"),
            (marked(b"\xff\xfe", units(text, u16::to_le_bytes)), "UTF-16LE"),
            (marked(b"\xfe\xff", units(text, u16::to_be_bytes)), "UTF-16BE"),
            (units(text, u16::to_le_bytes), "UTF-16LE"),
            (units(text, u16::to_be_bytes), "UTF-16BE"),
            (gb.into_owned(), "gb18030"),
        ] {
            assert_eq!(encoding(&bytes), Ok((text.into(), name)), "{bytes:?}");
        }
    }

    #[test]
    fn utf_8_is_strict_over_the_whole_file() {
        let mut bytes = "no,name\n".repeat(100_000).into_bytes();
        bytes.extend("晨星\n".repeat(100).into_bytes());
        assert_eq!(decode(&bytes, None).map(|d| d.encoding), Ok("UTF-8"));
        bytes.extend(b"\xb3\xbf\xd0\xc7\n");
        let why = "is UTF-8, but not on line 100101";
        assert_eq!(encoding(&bytes), Err(why.into()), "and not GB18030 with other names");
    }

    #[test]
    fn a_marked_file_that_breaks_its_mark_names_the_line() {
        let why = encoding(b"\xef\xbb\xbfa,b\n1,\xff\n").unwrap_err();
        assert_eq!(why, "is UTF-8, but not on line 2");
    }

    #[test]
    fn a_named_encoding_is_taken_and_a_guess_says_that_it_is_one() {
        let latin = decode(b"caf\xe9,1\n", named("windows-1252")).unwrap();
        assert_eq!((latin.text.as_str(), latin.is_guess), ("café,1\n", false));
        assert!(decode(b"\xb3\xbf\xd0\xc7\n", None).unwrap().is_guess);
    }

    #[test]
    fn no_text_is_refused() {
        assert!(encoding(b"a,b\0\n").is_err());
        assert!(encoding(&[0; 64]).is_err());
        assert!(encoding(b"no,name\n1,a\0b\n\n").unwrap_err().starts_with("holds NUL bytes"));
        let why = encoding(b"PK\x03\x04\0\0\0\0\x08\0\x21\0").unwrap_err();
        assert_eq!(why, "is a workbook: save it as CSV");
    }
}
