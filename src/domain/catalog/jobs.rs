//! The catalogue's background jobs.

use serde::{Deserialize, Serialize};

use crate::infra::jobs::Job;

/// Removes pictures that nothing shows any more.
#[derive(Serialize, Deserialize, Debug)]
pub struct TidyMedia {}

impl Job for TidyMedia {
    const NAME: &'static str = "catalog.tidy_media";
}

/// Makes the words that typing errors are mended by what the catalogue says. Enqueued by each change of it, and by the schedule.
#[derive(Serialize, Deserialize, Debug)]
pub struct RebuildWords {}

impl RebuildWords {
    /// Its key in the queue: however many changes there are, one waits.
    pub const KEY: &'static str = "catalog.rebuild_words";
}

impl Job for RebuildWords {
    const NAME: &'static str = "catalog.rebuild_words";
    const MAX_ATTEMPTS: i16 = 3;
}

/// Counts what was bought lately. Enqueued by the schedule alone.
#[derive(Serialize, Deserialize, Debug)]
pub struct CountPopularity {}

impl Job for CountPopularity {
    const NAME: &'static str = "catalog.count_popularity";
    const MAX_ATTEMPTS: i16 = 3;
}

/// Folds what was added to the counts of listed products. Enqueued by the schedule alone.
#[derive(Serialize, Deserialize, Debug)]
pub struct FoldCounts {}

impl Job for FoldCounts {
    const NAME: &'static str = "catalog.fold_counts";
    const MAX_ATTEMPTS: i16 = 1;
}
