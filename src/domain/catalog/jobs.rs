//! The catalogue's background jobs.

use serde::{Deserialize, Serialize};

use crate::infra::jobs::Job;

/// Removes pictures that nothing shows any more.
#[derive(Serialize, Deserialize, Debug)]
pub struct TidyMedia {}

impl Job for TidyMedia {
    const NAME: &'static str = "catalog.tidy_media";
}
