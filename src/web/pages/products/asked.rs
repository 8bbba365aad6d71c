//! What an address asks of the list; [`crate::views::urls::products`] writes what is read here.

use url::form_urlencoded;

use crate::{
    domain::catalog::{ListQuery, Sort},
    request::AppError,
    types::{Currency, Money, MoneyError, Page, SearchText},
    web::form::FieldErrors,
};

/// More letters than an amount needs; of what is longer, so much is shown again.
const LONGEST_AMOUNT: usize = 40;

/// A read address.
#[derive(Debug)]
pub(super) struct Asked {
    /// What is to be shown. A price that cannot be one is left out; the category is as it was written.
    pub query: ListQuery,
    /// The lowest price as it was typed.
    pub min_price: String,
    /// The highest price as it was typed.
    pub max_price: String,
    /// What is wrong with them.
    pub problems: FieldErrors,
    /// Whether a form left a field empty, so that the list has a shorter address.
    pub has_blanks: bool,
}

impl Asked {
    /// Reads a query string. What is not known is left to others; the first of equal parameters counts.
    ///
    /// # Errors
    /// The page is no page.
    pub(super) fn read(query: &str, currency: Currency) -> Result<Self, AppError> {
        let text = |name| value_of(query, name).unwrap_or_default();
        let page = page_of(query)?;
        let mut problems = FieldErrors::default();
        let (min_price, max_price) = (typed(&text("min_price")), typed(&text("max_price")));
        let mut bound = |name, typed: &str| problems.check(name, amount(typed, currency)).flatten();
        let (mut min, mut max) = (bound("min_price", &min_price), bound("max_price", &max_price));
        if let (Some(least), Some(most)) = (min, max)
            && least.minor() > most.minor()
        {
            problems.add("max_price", "This is below the lowest price.");
            (min, max) = (None, None);
        }
        let query_of_list = ListQuery {
            search: SearchText::read(&text("search")),
            category: Some(text("category")).filter(|category| !category.is_empty()),
            min_price: min,
            max_price: max,
            in_stock: matches!(text("in_stock").as_str(), "1" | "true" | "on" | "yes"),
            sort: Sort::of_id(&text("sort")),
            page,
            ..ListQuery::all()
        };
        Ok(Self { query: query_of_list, min_price, max_price, problems, has_blanks: has_blanks(query) })
    }
}

/// The first value of a query's parameter. Parameters that this page does not know are nobody's fault.
pub(in crate::web::pages) fn value_of(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn has_blanks(query: &str) -> bool {
    const FIELDS: [&str; 6] = ["search", "category", "min_price", "max_price", "in_stock", "sort"];
    form_urlencoded::parse(query.as_bytes())
        .any(|(name, value)| FIELDS.contains(&name.as_ref()) && value.trim().is_empty())
}

fn page_of(query: &str) -> Result<Page, AppError> {
    let Some(text) = value_of(query, "page") else { return Ok(Page::FIRST) };
    Page::parse(&text).map_err(|_| {
        AppError::bad_request("bad_page", "A page is a whole number from 1 to 1,000,000. The list begins at page 1.")
    })
}

fn typed(text: &str) -> String {
    text.trim().chars().take(LONGEST_AMOUNT).collect()
}

// People copy the sign along with the price.
fn amount(typed: &str, currency: Currency) -> Result<Option<Money>, &'static str> {
    let digits = typed.trim_start_matches(currency.symbol()).trim_end_matches(currency.symbol()).trim();
    if typed.is_empty() {
        return Ok(None);
    }
    Money::parse(digits, currency).map(Some).map_err(|error| match error {
        MoneyError::Malformed | MoneyError::CurrencyMismatch => "Please write an amount like 20 or 19.90.",
        MoneyError::Overflow => "Nothing costs that much.",
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::views::urls;

    const USD: Currency = Currency::USD;

    fn read(query: &str) -> Asked {
        Asked::read(query, USD).unwrap()
    }

    fn problems(query: &str) -> Vec<String> {
        let asked = read(query);
        assert_eq!((asked.query.min_price, asked.query.max_price), (None, None), "{query}");
        asked.problems.all().iter().map(|(field, _)| field.clone()).collect()
    }

    #[test]
    fn what_is_no_price_is_said_at_its_field_kept_and_left_out() {
        for bad in ["abc", "-1", "1e400", "1.234", "1,5", "NaN", "%00", "99999999999999999999", "%D9%A1"] {
            assert_eq!(problems(&format!("min_price={bad}")), ["min_price"], "{bad}");
            assert_eq!(problems(&format!("max_price={bad}")), ["max_price"], "{bad}");
        }
        assert_eq!(problems("min_price=20&max_price=10"), ["max_price"]);
        let asked = read("min_price=abc&max_price=10");
        assert_eq!((asked.min_price.as_str(), asked.query.max_price), ("abc", Some(Money::new(1000, USD))));
        assert_eq!(read(&format!("max_price={}", "9".repeat(9_000))).max_price.len(), LONGEST_AMOUNT);
    }

    #[test]
    fn a_price_may_be_written_as_it_is_shown() {
        for good in ["20", "20.0", "20.00", "%2420", "+20+", "$20.00"] {
            assert_eq!(read(&format!("min_price={good}")).query.min_price, Some(Money::new(2000, USD)), "{good}");
        }
    }

    #[test]
    fn what_means_nothing_is_as_if_it_were_not_there() {
        let all = ListQuery::all();
        for query in
            ["", "sort=upwards", "in_stock=0", "in_stock=maybe", "utm_source=mail&x", "search=+%00+", "category="]
        {
            assert_eq!(read(query).query, all, "{query}");
        }
        assert!(read("search=mug&min_price=").has_blanks && read("sort=").has_blanks);
        assert!(!read("search=mug&utm_source=").has_blanks && !read("").has_blanks);
    }

    #[test]
    fn equal_lists_have_one_address() {
        let address = |query: &str| urls::products(&read(query).query);
        let canonical =
            "/products?search=red+mug&category=kitchen&min_price=5&max_price=19.90&in_stock=1&sort=newest&page=2";
        assert_eq!(address(canonical.split_once('?').unwrap().1), canonical);
        assert_eq!(
            address("page=2&sort=newest&in_stock=on&max_price=19.9&min_price=5.00&category=kitchen&search=+red++mug"),
            canonical
        );
        assert_eq!(address("sort=newest&page=1"), "/products", "what is meant anyway is left out");
        assert_eq!(address("search=mug&sort=relevance"), "/products?search=mug");
        assert_eq!(address("sort=relevance"), "/products");
    }

    #[test]
    fn a_page_is_a_number_from_one_on() {
        for bad in ["0", "-1", "two", "", "1000001", "99999999999999999999"] {
            assert!(Asked::read(&format!("page={bad}"), USD).is_err(), "{bad}");
        }
    }

    fn queries() -> impl Strategy<Value = ListQuery> {
        let price = || proptest::option::of(0i64..10_000_000);
        let sort = proptest::option::of(proptest::sample::select(&Sort::ALL[..]));
        let words = (".{0,30}", "[a-zäß&=+%#? -]{0,12}");
        (words, price(), price(), any::<bool>(), sort, 1u32..=1_000_000).prop_map(
            |((search, category), one, other, in_stock, sort, page)| {
                let money = |minor: Option<i64>| minor.map(|minor| Money::new(minor, USD));
                let (min, max) =
                    if one.zip(other).is_some_and(|(one, other)| one > other) { (other, one) } else { (one, other) };
                let query = ListQuery {
                    search: SearchText::read(&search),
                    category: Some(category).filter(|category| !category.trim().is_empty()),
                    min_price: money(min),
                    max_price: money(max),
                    in_stock,
                    sort,
                    page: Page::parse(&page.to_string()).unwrap(),
                    ..ListQuery::all()
                };
                // A sort that is meant anyway is no sort.
                let usual = ListQuery { sort: None, ..query.clone() }.effective_sort();
                ListQuery { sort: Some(query.effective_sort()).filter(|sort| *sort != usual), ..query }
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(query in queries()) {
            let address = urls::products(&query);
            let asked = read(address.split_once('?').map_or("", |(_, query)| query));
            prop_assert_eq!(&asked.query, &query);
            prop_assert!(asked.problems.is_empty() && !asked.has_blanks);
            prop_assert_eq!(urls::products(&asked.query), address);
        }

        #[test]
        fn anything_is_read(query in ".{0,200}") {
            if let Ok(asked) = Asked::read(&query, USD) {
                let address = urls::products(&asked.query);
                prop_assert_eq!(urls::products(&read(address.split_once('?').map_or("", |(_, query)| query)).query), address);
            }
        }
    }
}
