//! What people wrote in the chat, for templates: text, and links where addresses are. Nothing else of it is interpreted.

use url::Url;

/// A piece of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TextPart {
    /// As it was written.
    Text(String),
    /// An address, as it was written, and where it leads: `http` or `https`, without a name or password in it.
    Link {
        /// What is read.
        text: String,
        /// Where it leads.
        url: String,
    },
}

/// A text in its pieces.
#[must_use]
pub fn parts(text: &str) -> Vec<TextPart> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = next_address(rest) {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        let end = from.find(ends_address).unwrap_or(from.len());
        let address = trimmed(&from[..end]);
        match safe(address) {
            Some(url) => {
                push_text(&mut parts, &mut plain);
                parts.push(TextPart::Link { text: address.to_owned(), url });
                rest = &from[address.len()..];
            }
            None => {
                // Its scheme is behind us, whatever follows it.
                let step = from.char_indices().nth(4).map_or(from.len(), |(at, _)| at);
                plain.push_str(&from[..step]);
                rest = &from[step..];
            }
        }
    }
    plain.push_str(rest);
    push_text(&mut parts, &mut plain);
    parts
}

fn push_text(parts: &mut Vec<TextPart>, plain: &mut String) {
    if !plain.is_empty() {
        parts.push(TextPart::Text(std::mem::take(plain)));
    }
}

// Where a word begins with a scheme that browsers may be sent to.
fn next_address(text: &str) -> Option<usize> {
    let is_start = |at: usize| !text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
    let lower = text.to_ascii_lowercase();
    let find = |scheme: &str| lower.match_indices(scheme).map(|(at, _)| at).find(|at| is_start(*at));
    [find("http://"), find("https://")].into_iter().flatten().min()
}

fn ends_address(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || "<>\"'`{}|\\^\u{FFFD}\u{FEFF}".contains(letter)
        || matches!(letter, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202F}' | '\u{2066}'..='\u{2069}')
}

// What ends a sentence is no part of the address, nor is a bracket that was opened before it.
fn trimmed(address: &str) -> &str {
    let mut text = address.trim_end_matches(['.', ',', ';', ':', '!', '?', '…']);
    while text.ends_with(')') && text.matches('(').count() < text.matches(')').count() {
        text = text[..text.len() - 1].trim_end_matches(['.', ',', ';', ':', '!', '?', '…']);
    }
    text
}

fn safe(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.has_host();
    (matches!(url.scheme(), "http" | "https") && is_plain).then(|| url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str) -> Vec<String> {
        let link = |part| if let TextPart::Link { text, .. } = part { Some(text) } else { None };
        parts(text).into_iter().filter_map(link).collect()
    }

    #[test]
    fn addresses_become_links_without_what_ends_the_sentence() {
        assert_eq!(
            links("See https://shop.test/a?b=c, or (http://x.test/y)."),
            ["https://shop.test/a?b=c", "http://x.test/y"]
        );
        assert_eq!(links("HTTPS://SHOP.TEST/wiki/A_(b)"), ["HTTPS://SHOP.TEST/wiki/A_(b)"]);
    }

    #[test]
    fn what_is_no_plain_address_stays_text() {
        for text in [
            "javascript:alert(1)",
            "xhttp://shop.test",
            "http://",
            "https://user:pass@shop.test/",
            "data:text/html,https",
            "http:///",
            "<a href=x>",
        ] {
            assert_eq!(links(text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(parts("a <b> c"), [TextPart::Text("a <b> c".to_owned())]);
        assert_eq!(parts(""), []);
    }

    #[test]
    fn the_pieces_are_the_text() {
        for text in ["http:// http://ä.test/ö é", "https://a.test\nhttps://b.test", "ÄÖhttp://x", "(https://a.test/)…"]
        {
            let whole: String = parts(text)
                .into_iter()
                .map(|part| match part {
                    TextPart::Text(text) | TextPart::Link { text, .. } => text,
                })
                .collect();
            assert_eq!(whole, text);
        }
    }
}
