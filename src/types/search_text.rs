//! What someone searches for.

/// Words to search for, as they were typed: white space folded, what cannot be shown left out, at most 200 letters. Never empty,
/// but it may hold nothing that could be found (`%`, an emoji).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SearchText(String);

impl SearchText {
    /// More than anyone types; what is longer is cut, since a search is never refused.
    pub const MAX_LETTERS: usize = 200;

    /// The search in a field; `None` if nothing was typed.
    #[must_use]
    pub fn read(typed: &str) -> Option<Self> {
        // Marks that reorder what is read would turn the sentence around it as well.
        let hidden = |letter: char| {
            letter.is_control()
                || matches!(letter, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
        };
        let visible: String =
            typed.chars().take(2 * Self::MAX_LETTERS).map(|letter| if hidden(letter) { ' ' } else { letter }).collect();
        let folded = visible.split_whitespace().collect::<Vec<_>>().join(" ");
        let cut: String = folded.chars().take(Self::MAX_LETTERS).collect();
        let text = cut.trim_end().to_owned();
        (!text.is_empty()).then_some(Self(text))
    }

    /// As it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> Option<String> {
        SearchText::read(typed).map(|text| text.as_str().to_owned())
    }

    #[test]
    fn a_search_is_folded_cut_and_never_refused() {
        assert_eq!(read("  enamel \t mug\n").as_deref(), Some("enamel mug"));
        assert_eq!(read(" \u{200f}\u{202e}\0 "), None);
        assert_eq!(read("a\u{202e}b").as_deref(), Some("a b"));
        assert_eq!(read(&"x".repeat(2_000)).map(|text| text.len()), Some(200));
        assert_eq!(read("' OR 1=1 --").as_deref(), Some("' OR 1=1 --"));
    }
}
