//! Markdown of the shop's owner as HTML that a template may show: no markup of theirs passes, and links lead to safe places alone.

use std::fmt;

use askama::filters::HtmlSafe;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream, html};

// What search engines show of a page.
const SUMMARY: usize = 160;

/// HTML that only this renderer makes, so that templates show it as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SafeHtml(String);

/// A text, rendered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rendered {
    /// Its first line, if that is a heading of the first level; for the page's h1.
    pub title: Option<String>,
    /// The beginning of its first paragraph, without markup.
    pub summary: String,
    /// The rest; headings begin at the second level.
    pub body: SafeHtml,
}

impl fmt::Display for SafeHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for SafeHtml {}

impl SafeHtml {
    /// The HTML as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Renders a text in which `{{name}}` stands for what `fact` gives; a name that it does not know stays as it is.
///
/// Markup in the text is shown as text, pictures as their description. Of links those to http, https, mailto, tel and paths of the shop
/// remain; of others the text.
#[must_use]
pub fn render(markdown: &str, fact: &dyn Fn(&str) -> Option<String>) -> Rendered {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let events: Vec<Event<'_>> = TextMergeStream::new(Parser::new_ext(markdown, options))
        .map(|event| without_markup(event))
        .map(|event| filled(event, fact))
        .collect();
    let (title, events) = without_title(events);
    // Two texts of the first level besides the title would be two more of them on the page: everything moves down by one.
    let shift = usize::from(events.iter().any(|event| is_heading(event, HeadingLevel::H1)));
    let mut links = Links::default();
    let events: Vec<_> = events.into_iter().filter_map(|event| links.only_safe(moved_down(event, shift))).collect();
    let mut body = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut body, events.iter().cloned());
    Rendered { title, summary: summary(&events), body: SafeHtml(body) }
}

/// The text with `{{name}}` replaced by what is known of it.
fn fill(text: &str, fact: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        out.push_str(before);
        match behind.split_once("}}") {
            Some((name, after)) if fact(name.trim()).is_some() => {
                out.push_str(&fact(name.trim()).unwrap_or_default());
                rest = after;
            }
            _ => {
                out.push_str("{{");
                rest = behind;
            }
        }
    }
    out + rest
}

fn filled<'a>(event: Event<'a>, fact: &dyn Fn(&str) -> Option<String>) -> Event<'a> {
    let fill = |text: CowStr<'a>| if text.contains("{{") { CowStr::from(fill(&text, fact)) } else { text };
    match event {
        Event::Text(text) => Event::Text(fill(text)),
        Event::Code(text) => Event::Code(fill(text)),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            // In an address the braces may have been written as what they are in one.
            let dest_url = CowStr::from(dest_url.replace("%7B", "{").replace("%7D", "}"));
            Event::Start(Tag::Link { link_type, dest_url: fill(dest_url), title, id })
        }
        other => other,
    }
}

fn without_markup(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::Start(Tag::Heading { level, .. }) => {
            Event::Start(Tag::Heading { level, id: None, classes: Vec::new(), attrs: Vec::new() })
        }
        other => other,
    }
}

fn is_heading(event: &Event<'_>, wanted: HeadingLevel) -> bool {
    matches!(event, Event::Start(Tag::Heading { level, .. }) if *level == wanted)
}

// The heading that a text begins with is the page's; its markup is not.
fn without_title(mut events: Vec<Event<'_>>) -> (Option<String>, Vec<Event<'_>>) {
    if !events.first().is_some_and(|event| is_heading(event, HeadingLevel::H1)) {
        return (None, events);
    }
    let end = events.iter().position(|event| matches!(event, Event::End(TagEnd::Heading(_)))).unwrap_or(0);
    let rest = events.split_off((end + 1).min(events.len()));
    let title = plain(&events);
    ((!title.is_empty()).then_some(title), rest)
}

fn plain(events: &[Event<'_>]) -> String {
    let mut text = String::new();
    for event in events {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(part),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
    }
    text.trim().to_owned()
}

fn moved_down(event: Event<'_>, shift: usize) -> Event<'_> {
    let lower = |level: HeadingLevel| HeadingLevel::try_from(level as usize + shift).unwrap_or(HeadingLevel::H6);
    match event {
        Event::Start(Tag::Heading { level, id, classes, attrs }) => {
            Event::Start(Tag::Heading { level: lower(level), id, classes, attrs })
        }
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level))),
        other => other,
    }
}

// Whether the link that is open, if one is, was kept.
#[derive(Default)]
struct Links {
    dropped: bool,
}

impl Links {
    fn only_safe<'a>(&mut self, event: Event<'a>) -> Option<Event<'a>> {
        match event {
            Event::Start(Tag::Link { ref dest_url, .. }) => {
                self.dropped = !is_safe(dest_url);
                (!self.dropped).then_some(event)
            }
            Event::End(TagEnd::Link) => (!std::mem::take(&mut self.dropped)).then_some(event),
            // Its description is text within it.
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
            other => Some(other),
        }
    }
}

fn is_safe(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    let known = ["https://", "http://", "mailto:", "tel:"].iter().any(|scheme| lower.starts_with(scheme));
    let local = url.starts_with('#') || (url.starts_with('/') && !url.starts_with("//") && !url.starts_with("/\\"));
    (known || local) && !url.chars().any(|letter| letter.is_control())
}

fn summary(events: &[Event<'_>]) -> String {
    let start = events.iter().position(|event| matches!(event, Event::Start(Tag::Paragraph)));
    let paragraph = start.and_then(|start| events.get(start..)).unwrap_or_default();
    let end = paragraph.iter().position(|event| matches!(event, Event::End(TagEnd::Paragraph)));
    let text = plain(paragraph.get(..end.unwrap_or(0)).unwrap_or_default());
    if text.chars().count() <= SUMMARY {
        return text;
    }
    let cut: String = text.chars().take(SUMMARY - 1).collect();
    let words = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{}…", words.trim_end_matches([',', ';', ':', '.']))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn body(markdown: &str) -> String {
        let fact = |name: &str| match name {
            "shop_name" => Some("Hill & <b>Sons</b>".to_owned()),
            "contact_email" => Some("hello@fernhill.example".to_owned()),
            _ => None,
        };
        render(markdown, &fact).body.0
    }

    #[test]
    fn a_text_becomes_a_page_with_its_first_heading_apart() {
        let page = render("# Shipping\n\nWe send *fast*.\n\n## Costs\n\n- one\n", &|_| None);
        assert_eq!(page.title.as_deref(), Some("Shipping"));
        assert_eq!(page.summary, "We send fast.");
        assert_eq!(page.body.0, "<p>We send <em>fast</em>.</p>\n<h2>Costs</h2>\n<ul>\n<li>one</li>\n</ul>\n");
    }

    #[test]
    fn no_second_h1_reaches_the_page() {
        assert_eq!(body("# One\n\n# Two\n\n## Three\n\n###### Six"), "<h2>Two</h2>\n<h3>Three</h3>\n<h6>Six</h6>\n");
        assert!(render("text\n\n# One", &|_| None).title.is_none());
    }

    #[test]
    fn markup_is_text() {
        let html = body("<script>alert(1)</script>\n\nHi <img src=x onerror=alert(1)> <b>there</b>");
        assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<b>"), "{html}");
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{html}");
        assert_eq!(body("## x {#id onclick=alert(1)}"), "<h2>x {#id onclick=alert(1)}</h2>\n");
    }

    #[test]
    fn links_lead_to_safe_places_alone() {
        for safe in ["https://a.example/x", "mailto:a@b.example", "tel:+1202", "/returns", "#costs"] {
            assert!(body(&format!("[x]({safe})")).contains(&format!("<a href=\"{safe}\">x</a>")), "{safe}");
        }
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "/\\evil.example",
            "vbscript:x",
            "returns",
            "&#106;avascript:x",
            "<java\tscript:x>",
        ] {
            let html = body(&format!("a [x]({bad}) b"));
            assert!(!html.contains("href"), "{bad}: {html}");
        }
        assert!(!body("<javascript:alert(1)>").contains("href"));
        assert_eq!(body("![a mug](https://evil.example/x.png)"), "<p>a mug</p>\n");
    }

    #[test]
    fn placeholders_are_filled_as_text() {
        assert_eq!(
            body("{{shop_name}} `{{ shop_name }}` {{unknown}} {{"),
            "<p>Hill &amp; &lt;b&gt;Sons&lt;/b&gt; <code>Hill &amp; &lt;b&gt;Sons&lt;/b&gt;</code> {{unknown}} {{</p>\n"
        );
        assert_eq!(
            body("[{{contact_email}}](mailto:{{contact_email}})"),
            "<p><a href=\"mailto:hello@fernhill.example\">hello@fernhill.example</a></p>\n"
        );
    }

    #[test]
    fn a_long_first_paragraph_is_cut_between_words() {
        let page = render(&"words and more ".repeat(40), &|_| None);
        assert!(page.summary.chars().count() <= 160 && page.summary.ends_with('…'), "{}", page.summary);
    }

    proptest! {
        #[test]
        fn whatever_is_written_no_script_and_no_handler_comes_out(
            text in "([<>\"'=/ \n#*`\\[\\]()!-]|script|onerror|javascript:|data:|img|a|&#x6a;|\\{\\{shop_name\\}\\}){0,40}"
        ) {
            let html = body(&text).to_lowercase();
            for tag in html.split('<').skip(1) {
                let name: String = tag.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '/').collect();
                prop_assert!(!["script", "img", "iframe", "b"].contains(&name.as_str()), "{}", html);
                let inside = tag.split('>').next().unwrap_or_default();
                prop_assert!(!inside.contains("onerror=") || inside.starts_with("a href"), "{}", html);
            }
            prop_assert!(!html.contains("href=\"javascript:") && !html.contains("href=\"data:"), "{}", html);
        }
    }
}
