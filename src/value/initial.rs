//! What a Chinese character begins with when spoken, for searches by initials.
//!
//! A table of letters and no more: whole syllables of 41,923 characters would be as many addresses
//! to settle whenever the program starts. The readings are those of the `pinyin` package; a test
//! holds every character against it.

/// A line for each 64 characters that has any: the first one's number in five hexadecimal digits, a
/// space, and a letter for each, `.` where it is not Chinese; in the order of their numbers.
const TABLE: &str = include_str!("initials.txt");

/// Bytes of a line, its end included.
const LINE: usize = 71;
/// Bytes before the letters of a line.
const HEAD: usize = 6;

/// The first letter of a Chinese character's usual reading, lower case; nothing for any other.
pub fn initial(character: char) -> Option<char> {
    if character.is_ascii() {
        return None;
    }
    let code = u32::from(character);
    let (lines, _) = TABLE.as_bytes().as_chunks::<LINE>();
    let at = lines.binary_search_by_key(&(code / 64), block).ok()?;
    let place = usize::try_from(code % 64).ok()?;
    let letter = char::from(*lines[at].get(HEAD + place)?);
    letter.is_ascii_lowercase().then_some(letter)
}

/// Which 64 characters a line is of.
fn block(line: &[u8; LINE]) -> u32 {
    let digits = line[..HEAD - 1].iter().filter_map(|digit| char::from(*digit).to_digit(16));
    digits.fold(0, |number, digit| number * 16 + digit) / 64
}

#[cfg(test)]
mod tests {
    use pinyin::ToPinyin;

    use super::*;

    #[test]
    fn every_character_begins_as_its_pinyin_does() {
        for character in '\0'..=char::MAX {
            let spoken = character.to_pinyin().and_then(|sound| sound.plain().chars().next());
            assert_eq!(initial(character), spoken, "{character}");
        }
    }

    #[test]
    fn the_table_is_in_order() {
        let (lines, rest) = TABLE.as_bytes().as_chunks::<LINE>();
        assert!(rest.is_empty() && lines.iter().all(|line| line[LINE - 1] == b'\n'));
        assert!(lines.is_sorted_by(|one, other| block(one) < block(other)));
    }
}
