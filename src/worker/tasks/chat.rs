//! The mails about conversations, and their files.

use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};

use super::{Failure, finish, parts};
use crate::{
    domain::{
        accounts::System,
        chat::letters::{NotifyAway, SendAnswers, SendTranscript, TidyFiles},
    },
    infra::jobs::Job,
};

impl TaskHandler for NotifyAway {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, notify_away(&ctx).await)
    }
}

impl TaskHandler for SendAnswers {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, send_answers(&ctx, &self).await)
    }
}

impl TaskHandler for SendTranscript {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, send_transcript(&ctx, &self).await)
    }
}

impl TaskHandler for TidyFiles {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, tidy_files(&ctx).await)
    }
}

async fn notify_away(ctx: &WorkerContext) -> Result<(), Failure> {
    let told = parts(ctx)?.chat.notify_away(&System::acting()).await.map_err(retry)?;
    if told > 0 {
        tracing::info!(told, "customers who are away get their answers by mail");
    }
    Ok(())
}

async fn send_answers(ctx: &WorkerContext, job: &SendAnswers) -> Result<(), Failure> {
    let parts = parts(ctx)?;
    // Read before the mail left: nobody needs it any more.
    let Some(letter) = parts.chat.answers(&System::acting(), job).await.map_err(retry)? else { return Ok(()) };
    Ok(parts.mailer.send(&parts.letterhead.chat_answers(&letter, job)?).await?)
}

async fn send_transcript(ctx: &WorkerContext, job: &SendTranscript) -> Result<(), Failure> {
    let parts = parts(ctx)?;
    let Some(letter) = parts.chat.transcript(&System::acting(), job).await.map_err(retry)? else { return Ok(()) };
    Ok(parts.mailer.send(&parts.letterhead.chat_transcript(&letter, job)?).await?)
}

async fn tidy_files(ctx: &WorkerContext) -> Result<(), Failure> {
    let parts = parts(ctx)?;
    let removed = parts.chat.tidy_files(&parts.media, &System::acting()).await.map_err(retry)?;
    tracing::info!(removed, "files of conversations that nothing names were removed");
    Ok(())
}

fn retry(error: impl std::fmt::Display) -> Failure {
    Failure::Retry(error.to_string())
}
