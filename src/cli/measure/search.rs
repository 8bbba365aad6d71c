//! Searches with one typing error, and lists with what their filters show.

use std::{
    fmt,
    io::Write,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::ensure;
use clap::Args;

use super::errors::{Chance, mistype, significant};
use crate::{
    config::Config,
    domain::catalog::{self, CategoryNode, Hints, ListQuery, Listing, Sort},
    infra::database::{self, Db},
    types::{Money, Page, PerPage, SearchText},
};

// Among so many a product counts as found.
const FIRST: usize = 3;

/// How much is measured, and what is asked for.
#[derive(Args, Clone, Copy, Debug)]
pub struct Options {
    /// How many searches.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub count: u32,
    /// Another seed makes other searches.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Percent of the mistyped searches that have to find what was meant; else the command fails.
    #[arg(long, value_name = "PERCENT", default_value_t = 95, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub at_least: u32,
    /// Names each search that did not find it.
    #[arg(long)]
    pub misses: bool,
}

/// One kind of request, asked many times.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Figures {
    /// How many were asked.
    pub asked: usize,
    /// How many found what was meant.
    pub found: usize,
    /// What was asked without finding it, and what was meant.
    pub missed: Vec<String>,
    times: Vec<Duration>,
}

/// What was measured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Products of the shop.
    pub products: i64,
    /// With one error.
    pub mistyped: Figures,
    /// The same without it.
    pub as_written: Figures,
    /// Lists narrowed by category, price and stock, with what their filters show.
    pub filtered: Figures,
}

impl Figures {
    fn add(&mut self, took: Duration, found: bool, asked: impl FnOnce() -> String) {
        self.times.push(took);
        self.asked += 1;
        self.found += usize::from(found);
        if !found {
            self.missed.push(asked());
        }
    }

    /// Percent that found what was meant, rounded down to a tenth, in tenths.
    #[must_use]
    pub fn permille(&self) -> usize {
        (self.found * 1_000).checked_div(self.asked).unwrap_or(0)
    }

    // The time that this many percent were not slower than.
    fn within(&self, percent: usize) -> Duration {
        let mut times = self.times.clone();
        times.sort_unstable();
        times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = |time: Duration| format!("{}.{} ms", time.as_micros() / 1_000, time.as_micros() / 100 % 10);
        let (share, median, slow) = (self.permille(), tenths(self.within(50)), tenths(self.within(95)));
        write!(f, "{:>3}.{} % of {}, median {median}, 95th percentile {slow}", share / 10, share % 10, self.asked)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} products; found among the first {FIRST}, with page, count and filters:", self.products)?;
        writeln!(f, "  with one error   {}", self.mistyped)?;
        writeln!(f, "  without          {}", self.as_written)?;
        write!(f, "  filtered lists   {}", self.filtered)
    }
}

pub(super) async fn run(config: &Config, options: Options) -> anyhow::Result<ExitCode> {
    let db = Db::new(database::pool(&config.database.url, 2)?);
    let report = measure(&db, options).await?;
    let mut out = std::io::stdout();
    if options.misses {
        for missed in &report.mistyped.missed {
            writeln!(out, "not found: {missed}")?;
        }
    }
    writeln!(out, "{report}")?;
    let is_enough = report.mistyped.permille() >= usize::try_from(options.at_least)? * 10;
    Ok(if is_enough { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Asks the searches one after the other.
///
/// # Errors
/// The shop is empty, or the database failed.
pub async fn measure(db: &Db, options: Options) -> anyhow::Result<Report> {
    let tree = catalog::category_tree(db).await?;
    let products: i64 = tree.iter().map(|node| node.product_count).sum();
    ensure!(products > 0, "there are no products to search for: run `ecommerce seed` first");
    let anchors = catalog::anchors(db, &ListQuery::all(), &tree).await?;
    let hints = Hints { tree: Some(&tree), anchors: Some(&anchors), prices: None };
    let mut chance = Chance::new(options.seed);
    let (mut mistyped, mut as_written, mut filtered) = (Figures::default(), Figures::default(), Figures::default());
    while mistyped.asked < usize::try_from(options.count)? {
        let name = any_name(db, products, hints, &mut chance).await?;
        let words = some_words(&name, &mut chance);
        if words.is_empty() {
            continue;
        }
        let (mut typed, place) = (words.clone(), chance.below(words.len()));
        typed[place] = mistype(&words[place], &mut chance);
        for (words_asked, figures) in [(&typed, &mut mistyped), (&words, &mut as_written)] {
            let text = words_asked.join(" ");
            let query = ListQuery { search: SearchText::read(&text), ..ListQuery::all() };
            let started = Instant::now();
            let listing = catalog::list_with(db, &query, hints).await?;
            figures.add(started.elapsed(), holds(&listing, &words), || format!("{text} ({name})"));
        }
        let query = any_filter(&tree, &mut chance);
        // Servers keep them for all lists of a category.
        let prices = catalog::prices(db, &query, &tree).await?;
        let started = Instant::now();
        let listing = catalog::list_with(db, &query, Hints { prices: Some(&prices), ..hints }).await?;
        filtered.add(started.elapsed(), listing.total.count >= 0, String::new);
    }
    Ok(Report { products, mistyped, as_written, filtered })
}

async fn any_name(db: &Db, products: i64, hints: Hints<'_>, chance: &mut Chance) -> anyhow::Result<String> {
    let place = chance.below(usize::try_from(products.min(1_000_000))?) + 1;
    let query =
        ListQuery { page: Page::parse(&place.to_string())?, per_page: PerPage::parse("1")?, ..ListQuery::all() };
    // Its own prices would be asked for each time.
    let none = catalog::Prices::default();
    let listing = catalog::list_with(db, &query, Hints { prices: Some(&none), ..hints }).await?;
    Ok(listing.items.into_iter().next().map(|item| item.name).unwrap_or_default())
}

// One or two words of the name, as they stand in it.
fn some_words(name: &str, chance: &mut Chance) -> Vec<String> {
    let mut words = significant(name);
    let wanted = 1 + chance.below(2);
    while words.len() > wanted {
        words.remove(chance.below(words.len()));
    }
    words
}

fn holds(listing: &Listing, words: &[String]) -> bool {
    listing.items.iter().take(FIRST).any(|item| {
        let name = item.name.to_lowercase();
        let held: Vec<&str> = name.split(|letter: char| !letter.is_alphanumeric()).collect();
        words.iter().all(|word| held.contains(&word.as_str()))
    })
}

fn any_filter(tree: &[CategoryNode], chance: &mut Chance) -> ListQuery {
    let category = tree.get(chance.below(tree.len() + 1)).map(|node| node.slug.clone());
    let least = i64::try_from(chance.below(50)).unwrap_or(0) * 100;
    let sort = Sort::ALL.get(chance.below(Sort::ALL.len())).copied();
    ListQuery {
        category,
        min_price: Some(Money::new(least, crate::types::Currency::USD)),
        max_price: Some(Money::new(least * 2 + 2_000, crate::types::Currency::USD)),
        in_stock: chance.below(2) == 0,
        sort,
        ..ListQuery::all()
    }
}
