//! The mails about messages and calls.

use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};

use super::{Failure, finish, parts};
use crate::{
    domain::{
        accounts::System,
        contact::{
            self, CallBack, Message,
            jobs::{ConfirmCallBack, ForgetOldContacts, SendCallBack, SendMessage, SendMessageCopy},
        },
    },
    infra::jobs::Job,
    types::{CallBackId, ContactMessageId},
    worker::WorkerParts,
};

impl TaskHandler for SendMessage {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, send_message(&ctx, self.message_id).await)
    }
}

impl TaskHandler for SendMessageCopy {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, send_copy(&ctx, self.message_id).await)
    }
}

impl TaskHandler for SendCallBack {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, send_call_back(&ctx, self.call_back_id).await)
    }
}

impl TaskHandler for ConfirmCallBack {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, confirm_call_back(&ctx, self.call_back_id).await)
    }
}

impl TaskHandler for ForgetOldContacts {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, forget_old(&ctx).await)
    }
}

async fn send_message(ctx: &WorkerContext, id: ContactMessageId) -> Result<(), Failure> {
    let parts = parts(ctx)?;
    let message = message(parts, id).await?;
    Ok(parts.mailer.send(&parts.letterhead.contact_message(&message)?).await?)
}

async fn send_copy(ctx: &WorkerContext, id: ContactMessageId) -> Result<(), Failure> {
    let parts = parts(ctx)?;
    let message = message(parts, id).await?;
    Ok(parts.mailer.send(&parts.letterhead.contact_copy(&message)?).await?)
}

async fn send_call_back(ctx: &WorkerContext, id: CallBackId) -> Result<(), Failure> {
    let parts = parts(ctx)?;
    let call = call_back(parts, id).await?;
    Ok(parts.mailer.send(&parts.letterhead.call_back(&call)?).await?)
}

async fn confirm_call_back(ctx: &WorkerContext, id: CallBackId) -> Result<(), Failure> {
    let parts = parts(ctx)?;
    let call = call_back(parts, id).await?;
    match parts.letterhead.call_back_confirmation(&call)? {
        Some(mail) => Ok(parts.mailer.send(&mail).await?),
        None => Ok(()),
    }
}

async fn forget_old(ctx: &WorkerContext) -> Result<(), Failure> {
    let forgotten = contact::forget_old(&parts(ctx)?.db, &System::acting()).await.map_err(retry)?;
    tracing::info!(forgotten, "old messages and calls were deleted");
    Ok(())
}

async fn message(parts: &WorkerParts, id: ContactMessageId) -> Result<Message, Failure> {
    let found = contact::message(&parts.db, &System::acting(), id).await.map_err(retry)?;
    found.ok_or_else(|| Failure::GiveUp(format!("there is no message {id}")))
}

async fn call_back(parts: &WorkerParts, id: CallBackId) -> Result<CallBack, Failure> {
    let found = contact::call_back(&parts.db, &System::acting(), id).await.map_err(retry)?;
    found.ok_or_else(|| Failure::GiveUp(format!("there is no call {id}")))
}

fn retry(error: sqlx::Error) -> Failure {
    Failure::Retry(error.to_string())
}
