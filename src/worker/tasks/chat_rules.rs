//! What is no longer kept of the chat.

use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};

use super::{Failure, finish, parts};
use crate::{
    domain::{accounts::System, chat::jobs::ForgetVisitorChats},
    infra::jobs::Job,
};

impl TaskHandler for ForgetVisitorChats {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, forget_visitor_chats(&ctx).await)
    }
}

async fn forget_visitor_chats(ctx: &WorkerContext) -> Result<(), Failure> {
    let forgotten = parts(ctx)?.chat.forget_old_visitors(&System::acting()).await;
    let forgotten = forgotten.map_err(|error| Failure::Retry(error.to_string()))?;
    tracing::info!(forgotten, "old conversations of visitors were removed");
    Ok(())
}
