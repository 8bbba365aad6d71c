//! `ecommerce seed`: the demo shop "Fernhill", stored through the domain. Running it again changes nothing.

mod catalogue;
mod colour;
mod embedded;
mod people;
mod pictures;
mod scene;

use std::{io::Write, time::Instant};

use anyhow::{Context, bail};

use crate::{
    config::Config,
    domain::{accounts::System, catalog},
    infra::{
        database::{self, Db},
        passwords::PasswordHasher,
    },
};

/// Stores the demo shop and says what it did.
///
/// # Errors
/// In production; or the database, the media folder or a file of the demo shop is not as it should be.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let started = Instant::now();
    if config.is_production() {
        bail!("seed makes accounts with public passwords: it refuses to run with APP_ENV=production");
    }
    let shop = catalogue::read(embedded::CATALOGUE, config.shop.currency)?;
    let db = Db::new(database::pool(&config.database.url, 2)?);
    let hasher = PasswordHasher::new(config.limits.password_jobs)?;
    let media_dir = config.paths.media_dir.clone();

    let (new_people, people) = people::put(&db, &hasher).await?;
    let categories = shop.categories.len();
    for draft in shop.categories {
        let slug = draft.slug.clone();
        catalog::put_category(&db, &System::acting(), draft).await.with_context(|| format!("category {slug}"))?;
    }
    let (drafts, made) = pictures::complete(media_dir, shop.products).await?;
    let (products, variants) = (drafts.len(), drafts.iter().map(|draft| draft.variants.len()).sum::<usize>());
    for draft in drafts {
        let slug = draft.slug.clone();
        catalog::put_product(&db, &System::acting(), draft).await.with_context(|| format!("product {slug}"))?;
    }
    let seconds = started.elapsed().as_secs();
    writeln!(
        std::io::stdout(),
        "Demo shop: {products} products in {variants} variants, {categories} categories, {} pictures ({} new), \
         {people} accounts ({new_people} new); {seconds} s",
        made.all,
        made.new,
    )?;
    Ok(())
}
