//! What a device is called in plain words, from what its browser calls itself.

/// A device in words: `Firefox on Windows`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceName {
    /// Browser and system, as far as they are known.
    pub words: String,
    /// Whether it is held in a hand.
    pub is_mobile: bool,
}

// The first that fits: nearly every browser also calls itself Safari, and most also Chrome.
const BROWSERS: [(&str, &str); 16] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("OPiOS/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex Browser"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python-", "A Python program"),
];

const SYSTEMS: [(&str, &str, bool); 8] = [
    ("iPhone", "iPhone", true),
    ("iPad", "iPad", true),
    ("Android", "Android", true),
    ("Windows", "Windows", false),
    ("CrOS", "ChromeOS", false),
    ("Macintosh", "Mac", false),
    ("Linux", "Linux", false),
    ("FreeBSD", "FreeBSD", false),
];

/// Names a device. What a browser says of itself is never shown as it is.
#[must_use]
pub fn name(user_agent: &str) -> DeviceName {
    let browser = BROWSERS.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name);
    let system = SYSTEMS.iter().find(|(mark, _, _)| user_agent.contains(mark));
    let words = match (browser, system) {
        (Some(browser), Some((_, system, _))) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some((_, system, _))) => format!("A browser on {system}"),
        (None, None) => "An unknown device".to_owned(),
    };
    DeviceName { words, is_mobile: system.is_some_and(|(_, _, is_mobile)| *is_mobile) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_browsers_are_told_apart() {
        for (user_agent, words, is_mobile) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0",
                "Firefox on Windows",
                false,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge on Windows",
                false,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
                "Safari on Mac",
                false,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1",
                "Chrome on iPhone",
                true,
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
                true,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0 Safari/537.36",
                "Chrome on Linux",
                false,
            ),
            ("curl/8.5.0", "curl", false),
            ("python-requests/2.32", "A Python program", false),
            ("Mozilla/5.0 (X11; Linux x86_64)", "A browser on Linux", false),
            ("", "An unknown device", false),
            ("<script>alert(1)</script>", "An unknown device", false),
        ] {
            assert_eq!(name(user_agent), DeviceName { words: words.to_owned(), is_mobile }, "{user_agent}");
        }
    }
}
