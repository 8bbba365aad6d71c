//! `ecommerce seed`: the demo shop "Fernhill", stored through the domain. Running it again changes nothing.

mod catalogue;
mod colour;
mod embedded;
mod filling;
mod invented;
mod people;
mod pictures;
mod prepared;
mod scene;
mod words;

use std::{
    fmt,
    io::Write,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use clap::Args;

pub use filling::{Filled, fill_up};

use crate::{
    cli::start,
    config::Config,
    domain::{accounts::System, catalog},
    infra::{
        database::{self, Db},
        live::Live,
        media::MediaStore,
        passwords::PasswordHasher,
    },
    types::Currency,
};

/// What a run found and made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Categories, nested ones included.
    pub categories: usize,
    /// Products.
    pub products: usize,
    /// Variants of all products.
    pub variants: usize,
    /// Pictures of all products.
    pub pictures: usize,
    /// How many of them had to be drawn.
    pub new_pictures: usize,
    /// Demo accounts.
    pub accounts: usize,
    /// How many of them were not there.
    pub new_accounts: usize,
    /// How long it took.
    pub took: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Demo shop: {} products in {} variants, {} categories, {} pictures ({} new), {} accounts ({} new), in {}.{} s",
            self.products,
            self.variants,
            self.categories,
            self.pictures,
            self.new_pictures,
            self.accounts,
            self.new_accounts,
            self.took.as_secs(),
            self.took.subsec_millis() / 100,
        )
    }
}

/// What may be asked for besides the demo shop.
#[derive(Args, Clone, Copy, Default, Debug)]
pub struct Options {
    /// Fills up to this many products with invented ones, for measuring.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub products: Option<u32>,
    /// Only draws the demo shop's pictures into the media store; the database is not touched. For making a release archive.
    #[arg(long, conflicts_with = "products")]
    pub pictures_only: bool,
}

/// Stores the demo shop and says what it did.
///
/// # Errors
/// In production; or the database or the media store cannot be written to.
pub async fn run(config: &Config, options: Options) -> anyhow::Result<()> {
    if options.pictures_only {
        return draw(config).await;
    }
    if config.is_production() {
        bail!("seed makes accounts with public passwords: it refuses to run with APP_ENV=production");
    }
    let db = Db::new(database::pool(&config.database.url, 2)?);
    let hasher = PasswordHasher::new(config.limits.password_jobs)?;
    let media = MediaStore::open(&config.media).context("the media store")?;
    let report = store(&db, &hasher, config.shop.currency, Some(&media)).await?;
    writeln!(std::io::stdout(), "{report}")?;
    // Nobody listens to what is seeded.
    prepared::put_labels(&start::chat(config, &db, Live::pair().0)).await?;
    if let Some(wanted) = options.products {
        let filled = fill_up(&db, config.shop.currency, wanted).await?;
        writeln!(std::io::stdout(), "{filled}")?;
    }
    // What jobs keep fresh, at once: a shop may be seeded without a worker.
    let words = catalog::rebuild_words(&db).await?;
    let popular = catalog::count_popularity(&db).await?;
    catalog::fold_counts(&db).await?;
    writeln!(std::io::stdout(), "Searches: {words} words and the popularity of {popular} products brought up to date")?;
    Ok(())
}

async fn draw(config: &Config) -> anyhow::Result<()> {
    let media = MediaStore::open(&config.media).context("the media store")?;
    let shop = catalogue::read(embedded::CATALOGUE, config.shop.currency)?;
    let (_, made) = pictures::complete(Some(&media), shop.products).await?;
    writeln!(std::io::stdout(), "{} pictures ({} new)", made.all, made.new)?;
    Ok(())
}

/// Stores the demo shop with prices in `currency`. Without a media store the pictures are named but not drawn: for tests.
///
/// # Errors
/// The database or the media store cannot be written to.
pub async fn store(
    db: &Db,
    hasher: &PasswordHasher,
    currency: Currency,
    media: Option<&MediaStore>,
) -> anyhow::Result<Report> {
    let started = Instant::now();
    let shop = catalogue::read(embedded::CATALOGUE, currency)?;
    let (new_accounts, accounts) = people::put(db, hasher).await?;
    prepared::put(db).await.context("the prepared answers")?;
    let categories = shop.categories.len();
    for draft in shop.categories {
        let slug = draft.slug.clone();
        catalog::put_category(db, &System::acting(), draft).await.with_context(|| format!("category {slug}"))?;
    }
    // Pictures first: a product that is shown has its files already.
    let (drafts, made) = pictures::complete(media, shop.products).await?;
    let (products, variants) = (drafts.len(), drafts.iter().map(|draft| draft.variants.len()).sum());
    for draft in drafts {
        let slug = draft.slug.clone();
        catalog::put_product(db, &System::acting(), draft).await.with_context(|| format!("product {slug}"))?;
    }
    let (pictures, new_pictures) = (made.all, made.new);
    let took = started.elapsed();
    Ok(Report { categories, products, variants, pictures, new_pictures, accounts, new_accounts, took })
}
