//! The links between the pages of a list, for `ui::pagination`.

/// Links to the pages around the current one, with gaps: `1 … 4 5 6 … 9`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pagination {
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
    /// Numbers and gaps, in order.
    pub items: Vec<PageLink>,
}

/// A page's number, or a gap (neither current nor with an address).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageLink {
    /// `3`, or `…`.
    pub label: String,
    /// Where it leads; not for the current page.
    pub url: Option<String>,
    /// Whether this page is shown.
    pub current: bool,
}

impl Pagination {
    /// For page `current` of `pages`; `url` gives a page's address.
    #[must_use]
    pub fn new(current: u32, pages: i64, url: impl Fn(u32) -> String) -> Self {
        let pages = u32::try_from(pages).unwrap_or(u32::MAX);
        let mut items = Vec::new();
        let mut last = 0;
        for page in shown(current, pages) {
            if page > last + 1 {
                items.push(PageLink { label: "…".to_owned(), url: None, current: false });
            }
            let url = (page != current).then(|| url(page));
            items.push(PageLink { label: page.to_string(), url, current: page == current });
            last = page;
        }
        let previous = (current > 1 && current <= pages).then(|| url(current - 1));
        Self { previous, next: (current < pages).then(|| url(current + 1)), items }
    }
}

// The first, the last, the current one with its neighbours; a gap of one page would be no shorter than its number.
fn shown(current: u32, pages: u32) -> Vec<u32> {
    let near = current.saturating_sub(1)..=current.saturating_add(1);
    let mut shown: Vec<u32> = [1, pages].into_iter().chain(near).filter(|page| (1..=pages).contains(page)).collect();
    if shown.contains(&3) {
        shown.push(2);
    }
    if pages > 2 && shown.contains(&(pages - 2)) {
        shown.push(pages - 1);
    }
    shown.sort_unstable();
    shown.dedup();
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(current: u32, pages: i64) -> String {
        let pagination = Pagination::new(current, pages, |page| format!("/p{page}"));
        pagination.items.iter().map(|item| item.label.clone()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn far_pages_are_left_out_and_a_single_one_is_not() {
        assert_eq!(labels(1, 1), "1");
        assert_eq!(labels(1, 3), "1 2 3");
        assert_eq!(labels(1, 9), "1 2 … 9");
        assert_eq!(labels(4, 9), "1 2 3 4 5 … 9");
        assert_eq!(labels(5, 9), "1 … 4 5 6 … 9");
        assert_eq!(labels(7, 9), "1 … 6 7 8 9");
    }

    #[test]
    fn the_first_page_has_none_before_and_the_last_none_after() {
        let first = Pagination::new(1, 3, |page| page.to_string());
        assert_eq!((first.previous, first.next.as_deref()), (None, Some("2")));
        let last = Pagination::new(3, 3, |page| page.to_string());
        assert_eq!((last.previous.as_deref(), last.next), (Some("2"), None));
    }
}
