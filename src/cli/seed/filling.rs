//! Filling a shop up to many products.

use std::{
    fmt,
    time::{Duration, Instant},
};

use anyhow::Context;

use super::{
    catalogue, embedded,
    invented::{Inventor, Model},
    pictures,
    words::Words,
};
use crate::{
    cli::progress::Progress,
    domain::{
        accounts::System,
        catalog::{self, DatedDraft},
    },
    infra::{clock, database::Db},
    types::Currency,
};

// Products a transaction: enough that the round trips do not count, few enough that each statement takes a moment.
const BATCH: usize = 2_000;

/// What filling up found and made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filled {
    /// Products in the shop now.
    pub products: u64,
    /// How many of them are new.
    pub new: usize,
    /// How long it took.
    pub took: Duration,
}

impl fmt::Display for Filled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, tenths) = (self.took.as_secs(), self.took.subsec_millis() / 100);
        write!(f, "Filled up: {} products ({} new), in {seconds}.{tenths} s", self.products, self.new)
    }
}

/// Adds invented products, priced in `currency`, until the shop has `wanted`; it needs the demo shop, whose categories and pictures
/// they take. With as many there already, nothing changes.
///
/// # Errors
/// The demo shop is not there, or the database cannot be written to; batches stored until then stay.
pub async fn fill_up(db: &Db, currency: Currency, wanted: u32) -> anyhow::Result<Filled> {
    let started = Instant::now();
    let found = catalog::numbered(db).await?;
    let missing = usize::try_from(u64::from(wanted).saturating_sub(found.products))?;
    let inventor = inventor(currency).await?;
    let mut progress = Progress::new("products stored", missing);
    let (mut new, mut number) = (0, found.highest);
    while new < missing {
        let batch: Vec<DatedDraft> = (0..BATCH.min(missing - new))
            .filter_map(|_| {
                number += 1;
                inventor.product(number).transpose()
            })
            .collect::<Result<_, _>>()?;
        let stored = catalog::put_many(db, &System::acting(), &batch).await;
        let stored = stored.with_context(|| format!("products up to number {number}"))?;
        anyhow::ensure!(stored > 0, "the products up to number {number} are there already, or there is no demo shop");
        new += stored;
        progress.advance(stored);
    }
    Ok(Filled { products: found.products + u64::try_from(new)?, new, took: started.elapsed() })
}

async fn inventor(currency: Currency) -> anyhow::Result<Inventor> {
    let shop = catalogue::read(embedded::CATALOGUE, currency)?;
    let motif = |plan: &catalogue::Plan| plan.scenes.first().map(|scene| scene.motif.clone()).unwrap_or_default();
    let motifs: Vec<String> = shop.products.iter().map(motif).collect();
    let (drafts, _) = pictures::complete(None, shop.products).await?;
    let models = motifs.into_iter().zip(drafts).map(|(motif, draft)| Model { motif, draft }).collect();
    Ok(Inventor { words: Words::read()?, models, currency, now: clock::now() })
}
