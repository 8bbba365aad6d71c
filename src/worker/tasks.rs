//! What each job does: a few lines that call the domain. Whether a failure is worth another try is said at each.

mod catalog;
mod chat;
mod chat_rules;
mod contact;
mod desk;

use std::fmt;

use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext, WorkerOptions};

use super::WorkerParts;
use crate::{
    domain::{
        alerts::{
            self,
            jobs::{ForgetOldAlerts, NotifyBackInStock, SendBackInStock},
        },
        catalog::jobs::{CountPopularity, FoldCounts, RebuildWords, TidyMedia},
        chat::{
            desk::jobs::WakeSnoozed,
            jobs::ForgetVisitorChats,
            letters::{NotifyAway, SendAnswers, SendTranscript, TidyFiles},
        },
        checkout::{self, jobs::ForgetOldKeys},
        contact::jobs::{ConfirmCallBack, ForgetOldContacts, SendCallBack, SendMessage, SendMessageCopy},
        inventory::jobs::ReleaseExpired,
        orders::{
            self, Order, OrderError, OrderStatus, Viewer,
            jobs::{SendCancellation, SendConfirmation},
        },
    },
    infra::{jobs::Job, mail::MailError, metrics::METRICS},
    types::{OrderId, StockAlertId},
    views::mails::LetterError,
};

/// Tells the runner about every kind of job.
pub(super) fn define(options: WorkerOptions) -> WorkerOptions {
    options
        .define_job::<SendConfirmation>()
        .define_job::<SendCancellation>()
        .define_job::<ReleaseExpired>()
        .define_job::<ForgetOldKeys>()
        .define_job::<TidyMedia>()
        .define_job::<RebuildWords>()
        .define_job::<CountPopularity>()
        .define_job::<FoldCounts>()
        .define_job::<SendMessage>()
        .define_job::<SendMessageCopy>()
        .define_job::<SendCallBack>()
        .define_job::<ConfirmCallBack>()
        .define_job::<ForgetOldContacts>()
        .define_job::<NotifyBackInStock>()
        .define_job::<SendBackInStock>()
        .define_job::<ForgetOldAlerts>()
        .define_job::<WakeSnoozed>()
        .define_job::<NotifyAway>()
        .define_job::<SendAnswers>()
        .define_job::<SendTranscript>()
        .define_job::<TidyFiles>()
        .define_job::<ForgetVisitorChats>()
}

/// Why a job did not do its work.
enum Failure {
    /// Something is away that will come back.
    Retry(String),
    /// Another try would end the same.
    GiveUp(String),
}

/// An error as the queue stores it.
struct Said(String);

impl TaskHandler for SendConfirmation {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, send_confirmation(&ctx, self.order_id).await)
    }
}

impl TaskHandler for SendCancellation {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, send_cancellation(&ctx, self.order_id).await)
    }
}

impl TaskHandler for ReleaseExpired {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, release_expired(&ctx).await)
    }
}

impl TaskHandler for ForgetOldKeys {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, forget_old_keys(&ctx).await)
    }
}

impl TaskHandler for NotifyBackInStock {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, notify_back_in_stock(&ctx).await)
    }
}

impl TaskHandler for SendBackInStock {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, send_back_in_stock(&ctx, self.alert_id).await)
    }
}

impl TaskHandler for ForgetOldAlerts {
    const IDENTIFIER: &'static str = <Self as Job>::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        finish::<Self>(&ctx, forget_old_alerts(&ctx).await)
    }
}

async fn send_confirmation(ctx: &WorkerContext, order: OrderId) -> Result<(), Failure> {
    let parts = parts(ctx)?;
    let order = load(parts, order).await?;
    if order.status == OrderStatus::Cancelled {
        // Called off before this mail left: the other one says so, and this one would say what is no longer true.
        return Ok(());
    }
    Ok(parts.mailer.send(&parts.letterhead.order_confirmation(&order)?).await?)
}

async fn send_cancellation(ctx: &WorkerContext, order: OrderId) -> Result<(), Failure> {
    let parts = parts(ctx)?;
    let order = load(parts, order).await?;
    Ok(parts.mailer.send(&parts.letterhead.order_cancelled(&order)?).await?)
}

async fn release_expired(ctx: &WorkerContext) -> Result<(), Failure> {
    let cancelled = orders::cancel_expired(&parts(ctx)?.db).await?;
    if cancelled > 0 {
        tracing::info!(cancelled, "orders not paid in time were cancelled");
    }
    Ok(())
}

async fn forget_old_keys(ctx: &WorkerContext) -> Result<(), Failure> {
    let forgotten =
        checkout::forget_old_keys(&parts(ctx)?.db).await.map_err(|error| Failure::Retry(error.to_string()))?;
    tracing::info!(forgotten, "old idempotency keys were deleted");
    Ok(())
}

async fn notify_back_in_stock(ctx: &WorkerContext) -> Result<(), Failure> {
    let told = alerts::notify_due(&parts(ctx)?.db).await.map_err(|error| Failure::Retry(error.to_string()))?;
    if told > 0 {
        tracing::info!(told, "people are told that something is back in stock");
    }
    Ok(())
}

async fn send_back_in_stock(ctx: &WorkerContext, alert: StockAlertId) -> Result<(), Failure> {
    let parts = parts(ctx)?;
    let alert = alerts::by_id(&parts.db, alert).await.map_err(|error| Failure::Retry(error.to_string()))?;
    // Taken off sale before the mail left: there is nothing to tell.
    let Some(alert) = alert else { return Ok(()) };
    Ok(parts.mailer.send(&parts.letterhead.back_in_stock(&alert)?).await?)
}

async fn forget_old_alerts(ctx: &WorkerContext) -> Result<(), Failure> {
    let forgotten = alerts::forget_old(&parts(ctx)?.db).await.map_err(|error| Failure::Retry(error.to_string()))?;
    tracing::info!(forgotten, "old alerts were deleted");
    Ok(())
}

fn parts(ctx: &WorkerContext) -> Result<&WorkerParts, Failure> {
    ctx.get_ext::<WorkerParts>().ok_or_else(|| Failure::Retry("the worker has no parts".to_owned()))
}

async fn load(parts: &WorkerParts, order: OrderId) -> Result<Order, Failure> {
    Ok(orders::by_id(&parts.db, &Viewer::System, order).await?)
}

/// Counts the run, and tells the queue whether to try again. What is given up ends here, with a line in the error log.
fn finish<J: Job>(ctx: &WorkerContext, result: Result<(), Failure>) -> Result<(), Said> {
    let job = ctx.job();
    let (task, is_last) = (J::NAME, job.attempts() >= job.max_attempts());
    let outcome = match &result {
        Ok(()) => "done",
        Err(Failure::Retry(_)) if !is_last => "retried",
        Err(_) => "given_up",
    };
    METRICS.count_job(task, outcome);
    match result {
        Ok(()) => Ok(()),
        Err(Failure::GiveUp(error)) => {
            tracing::error!(task, job = job.id(), error, "a job was given up");
            Ok(())
        }
        Err(Failure::Retry(error)) => {
            tracing::warn!(task, job = job.id(), attempt = job.attempts(), error, "a job failed");
            Err(Said(error))
        }
    }
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<OrderError> for Failure {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::Database(error) => Self::Retry(error.to_string()),
            OrderError::Unknown | OrderError::NotCancellable(_) => Self::GiveUp(error.to_string()),
        }
    }
}

impl From<LetterError> for Failure {
    fn from(error: LetterError) -> Self {
        Self::GiveUp(error.to_string())
    }
}

impl From<MailError> for Failure {
    fn from(error: MailError) -> Self {
        match error {
            MailError::Failed(_) => Self::Retry(error.to_string()),
            MailError::Refused(_) => Self::GiveUp(error.to_string()),
        }
    }
}
