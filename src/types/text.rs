//! Free text from people, cleaned at the edge: no control characters, no invisible reordering, a length in letters.

use thiserror::Error;

/// Why a text was refused. The messages are shown beside the field.
#[derive(Debug, Error, PartialEq, Eq, Clone)]
pub enum TextError {
    /// Nothing but white space.
    #[error("Please fill this in")]
    Empty,
    /// More letters than the field takes.
    #[error("Please use at most {0} characters")]
    TooLong(usize),
    /// NUL and other control characters, or marks that reorder what is read.
    #[error("This contains characters that cannot be shown")]
    Unprintable,
}

/// A single line: white space folded, 1 to `max` letters.
///
/// # Errors
/// Empty, too long, or with control or override characters.
pub fn line_of(text: &str, max: usize) -> Result<String, TextError> {
    let line = line_or_empty(text, max)?;
    if line.is_empty() { Err(TextError::Empty) } else { Ok(line) }
}

/// A single line in which a line end is refused instead of folded: for what goes into a header of a mail.
///
/// # Errors
/// Empty, too long, or with a line end, a tab, another control or an override character.
pub fn one_line_of(text: &str, max: usize) -> Result<String, TextError> {
    if text.chars().any(char::is_control) { Err(TextError::Unprintable) } else { line_of(text, max) }
}

/// A single line that may be empty.
///
/// # Errors
/// Too long, or with control or override characters.
pub fn line_or_empty(text: &str, max: usize) -> Result<String, TextError> {
    check(text, max)?;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > max { Err(TextError::TooLong(max)) } else { Ok(line) }
}

/// Several lines that may be empty, with `\n` between them.
///
/// # Errors
/// Too long, or with control (but for line ends and tabs) or override characters.
pub fn lines_of(text: &str, max: usize) -> Result<String, TextError> {
    check(text, max)?;
    let lines = text.replace("\r\n", "\n").replace('\r', "\n").trim().to_owned();
    if lines.chars().count() > max { Err(TextError::TooLong(max)) } else { Ok(lines) }
}

// White space at the ends is forgiven, but not without a bound: a megabyte of blanks is refused before it is folded.
fn check(text: &str, max: usize) -> Result<(), TextError> {
    if text.len() > max.saturating_mul(8).max(1_000) {
        return Err(TextError::TooLong(max));
    }
    if text.chars().any(is_unprintable) { Err(TextError::Unprintable) } else { Ok(()) }
}

fn is_unprintable(letter: char) -> bool {
    let overrides =
        matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}');
    overrides || (letter.is_control() && !matches!(letter, '\n' | '\r' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_folded_and_bounded() {
        assert_eq!(line_of("  Ada \t Lovelace\n", 40).as_deref(), Ok("Ada Lovelace"));
        assert_eq!(line_of(" \n ", 40), Err(TextError::Empty));
        assert_eq!(line_of(&"x".repeat(10_000), 200), Err(TextError::TooLong(200)));
    }

    #[test]
    fn what_goes_into_a_header_has_no_line_ends() {
        for bad in ["Ada\r\nBcc: x@y.example", "Ada\n", "\tAda", "Ada\u{85}x"] {
            assert_eq!(one_line_of(bad, 40), Err(TextError::Unprintable), "{bad:?}");
        }
        assert_eq!(one_line_of(" Ada  Lovelace ", 40).as_deref(), Ok("Ada Lovelace"));
    }

    #[test]
    fn control_and_override_characters_are_refused() {
        for bad in ["a\0b", "a\u{202E}b", "a\u{1b}[31m", "\u{2066}x"] {
            assert_eq!(line_of(bad, 40), Err(TextError::Unprintable), "{bad:?}");
        }
        assert_eq!(
            line_of("مرحبا", 40).as_deref(),
            Ok("مرحبا"),
            "right-to-left letters themselves are a name like any other"
        );
    }
}
