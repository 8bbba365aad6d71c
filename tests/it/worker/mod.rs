//! Jobs through a real worker with the application's rights, mails through a real SMTP server.

mod alerts;
mod chat;
mod contact;
mod mails;

use std::time::Duration;

use ecommerce::{
    cli,
    config::Config,
    infra::{live::Live, mail::Mailer, media::MediaStore},
    views::mails::Letterhead,
    worker::{self, WorkerError, WorkerParts},
};
use tokio::{sync::oneshot, task::JoinHandle};

use crate::support::{
    TestDb,
    goods::{self, count},
    placing::config,
    sales,
};

/// A worker that runs until it is stopped.
struct Running {
    stop: oneshot::Sender<()>,
    handle: JoinHandle<Result<(), WorkerError>>,
}

impl Running {
    fn start(test: &TestDb, config: &Config) -> Self {
        Self::start_with(test, config, MediaStore::in_memory())
    }

    fn start_with(test: &TestDb, config: &Config, media: MediaStore) -> Self {
        let letterhead = Letterhead::new(config);
        let mailer = Mailer::new(&config.mail, letterhead.shop_name()).unwrap();
        let (stop, stopped) = oneshot::channel();
        let chat = cli::start::chat(config, &test.db, Live::pair().0);
        let parts = WorkerParts { chat, db: test.db.clone(), media, mailer, letterhead };
        let handle = tokio::spawn(worker::run(parts, async move {
            let _ = stopped.await;
        }));
        Self { stop, handle }
    }

    async fn stop(self) {
        let _ = self.stop.send(());
        tokio::time::timeout(Duration::from_secs(12), self.handle).await.unwrap().unwrap().unwrap();
    }
}

/// Waits up to 15 s for something to become true.
async fn eventually(what: &str, mut is_true: impl AsyncFnMut() -> bool) {
    for _ in 0..300 {
        if is_true().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} did not happen");
}

async fn jobs(test: &TestDb) -> i64 {
    count(&test.owner, "SELECT count(*) FROM graphile_worker.jobs").await
}

#[tokio::test]
async fn the_schedules_jobs_do_their_work_and_unknown_ones_wait() {
    let test = TestDb::new().await;
    let folder = tempfile::tempdir().unwrap();
    let mug = goods::variant(&test.owner, "Mug", 1200, 9).await;
    let owner = ecommerce::domain::accounts::Owner::Visitor(goods::visitor(&test.owner).await);
    sales::pending(&test, owner, mug, 2).await;
    for statement in [
        "UPDATE stock_reservations SET expires_at = now() - interval '1 second'",
        "INSERT INTO idempotency_keys (owner, key, fingerprint, created_at)
         VALUES ('user:1', 'forgotten', '', now() - interval '31 days')",
        "SELECT graphile_worker.add_job('inventory.release_expired', '{}'::json)",
        "SELECT graphile_worker.add_job('checkout.forget_old_keys', '{}'::json)",
        "SELECT graphile_worker.add_job('catalog.fold_counts', '{}'::json)",
        "SELECT graphile_worker.add_job('something.later', '{}'::json)",
    ] {
        sqlx::query(statement).execute(&test.owner).await.unwrap();
    }
    let config = config(&[("MAIL_DIR", folder.path().to_str().unwrap())]);
    let running = Running::start(&test, &config);
    eventually("the work", async || jobs(&test).await == 1).await;
    running.stop().await;
    assert_eq!(goods::level(&test.owner, mug).await, (9, 0));
    assert_eq!(count(&test.owner, "SELECT count(*) FROM idempotency_keys").await, 0);
    assert_eq!(count(&test.owner, "SELECT count(*) FROM orders WHERE status = 'cancelled'").await, 1);
    // Three changes before: listed, then no longer sold out.
    assert_eq!(count(&test.owner, "SELECT count(*) FROM listing_counts").await, 1);
    let mails: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(mails.len(), 1, "the cancellation's mail");
}

#[tokio::test]
async fn a_worker_whose_connections_are_cut_goes_on_by_itself() {
    let test = TestDb::new().await;
    let folder = tempfile::tempdir().unwrap();
    let config = config(&[("MAIL_DIR", folder.path().to_str().unwrap())]);
    let running = Running::start(&test, &config);
    let connections =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'ecommerce_user'";
    eventually("the start", async || count(&test.owner, connections).await > 2).await;
    sqlx::query("SELECT graphile_worker.add_job('checkout.forget_old_keys', '{}'::json)")
        .execute(&test.owner)
        .await
        .unwrap();
    eventually("the first job", async || jobs(&test).await == 0).await;
    let admin = sqlx::PgPool::connect_with(crate::support::database::options()).await.unwrap();
    let name: String = sqlx::query_scalar("SELECT current_database()::text").fetch_one(&test.owner).await.unwrap();
    sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usename = 'ecommerce_user'",
    )
    .bind(name)
    .execute(&admin)
    .await
    .unwrap();
    sqlx::query("SELECT graphile_worker.add_job('checkout.forget_old_keys', '{}'::json)")
        .execute(&test.owner)
        .await
        .unwrap();
    eventually("the second job", async || jobs(&test).await == 0).await;
    running.stop().await;
}

#[tokio::test]
async fn a_bulk_of_jobs_drains_quickly_and_each_effect_happens() {
    let test = TestDb::new().await;
    let folder = tempfile::tempdir().unwrap();
    let mug = goods::variant(&test.owner, "Mug", 1200, 99).await;
    let owner = ecommerce::domain::accounts::Owner::Visitor(goods::visitor(&test.owner).await);
    for _ in 0..60 {
        sales::paid(&test, owner, mug, 1).await;
    }
    assert_eq!(jobs(&test).await, 60);
    let config = config(&[("MAIL_DIR", folder.path().to_str().unwrap())]);
    let running = Running::start(&test, &config);
    eventually("all of them", async || jobs(&test).await == 0).await;
    running.stop().await;
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 60);
}

#[tokio::test]
async fn the_jobs_of_a_worker_that_was_killed_are_taken_over() {
    let test = TestDb::new().await;
    let folder = tempfile::tempdir().unwrap();
    let mug = goods::variant(&test.owner, "Mug", 1200, 9).await;
    let owner = ecommerce::domain::accounts::Owner::Visitor(goods::visitor(&test.owner).await);
    sales::paid(&test, owner, mug, 1).await;
    for statement in [
        "INSERT INTO graphile_worker._private_workers (id, last_heartbeat_at) VALUES ('killed', now() - interval '31 seconds')",
        "UPDATE graphile_worker._private_jobs SET locked_by = 'killed', locked_at = now() - interval '31 seconds', attempts = 1",
    ] {
        sqlx::query(statement).execute(&test.owner).await.unwrap();
    }
    let config = config(&[("MAIL_DIR", folder.path().to_str().unwrap())]);
    let running = Running::start(&test, &config);
    eventually("the take-over", async || jobs(&test).await == 0).await;
    running.stop().await;
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn an_idle_worker_lets_the_database_rest() {
    let test = TestDb::new().await;
    let folder = tempfile::tempdir().unwrap();
    let config = config(&[("MAIL_DIR", folder.path().to_str().unwrap())]);
    let running = Running::start(&test, &config);
    sqlx::query("SELECT graphile_worker.add_job('checkout.forget_old_keys', '{}'::json)")
        .execute(&test.owner)
        .await
        .unwrap();
    eventually("the first job", async || jobs(&test).await == 0).await;
    let statements = async || {
        let statement = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()";
        count(&test.owner, statement).await
    };
    // A rate needs a time to be measured over; the fault this looks for made thousands a second.
    let before = statements().await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let a_second = (statements().await - before) / 4;
    running.stop().await;
    assert!(a_second < 60, "{a_second} transactions a second with nothing to do");
}
