//! The catalogue kept up to date: its words, its counts, and its pictures' files.

use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};

use super::{Failure, finish, parts};
use crate::{
    domain::{
        accounts::System,
        catalog::{
            self,
            jobs::{CountPopularity, FoldCounts, RebuildWords, TidyMedia},
        },
    },
    infra::jobs::Job,
};

impl TaskHandler for TidyMedia {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, tidy_media(&ctx).await)
    }
}

impl TaskHandler for RebuildWords {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, rebuild_words(&ctx).await)
    }
}

impl TaskHandler for CountPopularity {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, count_popularity(&ctx).await)
    }
}

impl TaskHandler for FoldCounts {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, fold_counts(&ctx).await)
    }
}

async fn tidy_media(ctx: &WorkerContext) -> Result<(), Failure> {
    let parts = parts(ctx)?;
    let tidied = catalog::tidy_media(&parts.db, &parts.media, &System::acting()).await;
    let removed = tidied.map_err(|error| Failure::Retry(error.to_string()))?;
    tracing::info!(removed, "files of pictures that nothing shows were removed");
    Ok(())
}

async fn rebuild_words(ctx: &WorkerContext) -> Result<(), Failure> {
    let changed = catalog::rebuild_words(&parts(ctx)?.db).await.map_err(|error| Failure::Retry(error.to_string()))?;
    tracing::info!(changed, "the words of the catalogue are up to date");
    Ok(())
}

async fn count_popularity(ctx: &WorkerContext) -> Result<(), Failure> {
    let changed =
        catalog::count_popularity(&parts(ctx)?.db).await.map_err(|error| Failure::Retry(error.to_string()))?;
    tracing::info!(changed, "what was bought lately is counted");
    Ok(())
}

async fn fold_counts(ctx: &WorkerContext) -> Result<(), Failure> {
    let folded = catalog::fold_counts(&parts(ctx)?.db).await.map_err(|error| Failure::Retry(error.to_string()))?;
    if folded > 0 {
        tracing::info!(folded, "changes of counts were folded");
    }
    Ok(())
}
