//! What the support desk leaves to the worker.

use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};

use super::{Failure, finish, parts};
use crate::{
    domain::{accounts::System, chat::desk::jobs::WakeSnoozed},
    infra::jobs::Job,
};

impl TaskHandler for WakeSnoozed {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, wake_snoozed(&ctx).await)
    }
}

async fn wake_snoozed(ctx: &WorkerContext) -> Result<(), Failure> {
    let woken = parts(ctx)?.chat.wake_snoozed(&System::acting()).await;
    let woken = woken.map_err(|error| Failure::Retry(error.to_string()))?;
    if woken > 0 {
        tracing::info!(woken, "conversations that were put aside are open again");
    }
    Ok(())
}
