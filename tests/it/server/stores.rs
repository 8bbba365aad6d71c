//! Redis as it is there, and as it is away.

use std::{env, time::Duration};

use ecommerce::infra::{
    rate_limit::Verdict,
    redis::{self, Redis},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, sleep, timeout};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
};

use crate::support::Proxy;

fn redis_url() -> SecretString {
    let url =
        env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL: run deployment/test.sh, which starts a Redis for the tests");
    url.into()
}

fn unique(name: &str) -> String {
    format!("{name}-{}-{:?}", std::process::id(), Instant::now())
}

fn record() -> Record {
    let expiry_date = time::OffsetDateTime::now_utc() + time::Duration::minutes(1);
    Record { id: Id::default(), data: [("sign_in".to_owned(), "x".into())].into(), expiry_date }
}

async fn behind_a_proxy() -> (Redis, Proxy) {
    let (proxy, url) = Proxy::before(redis_url().expose_secret()).await;
    (Redis::open(&url.into(), Duration::from_secs(5)).await.unwrap(), proxy)
}

async fn connected() -> Redis {
    Redis::open(&redis_url(), Duration::from_secs(5)).await.unwrap()
}

#[tokio::test]
async fn two_servers_share_one_limit() {
    let (one, two) = (connected().await.rate_limiter(), connected().await.rate_limiter());
    let key = unique("shared");
    for _ in 0..3 {
        assert_eq!(one.check(&key, 6).await, Verdict::Allowed);
        assert_eq!(two.check(&key, 6).await, Verdict::Allowed);
    }
    for limiter in [&one, &two] {
        let Verdict::RetryAfter(seconds) = limiter.check(&key, 6).await else { panic!("the seventh is allowed") };
        assert!((9..=10).contains(&seconds), "a sixth of a minute: {seconds}");
    }
    assert_eq!(one.check(&unique("another"), 6).await, Verdict::Allowed);
}

#[tokio::test]
async fn a_hundred_at_once_get_exactly_the_limit() {
    let limiter = connected().await.rate_limiter();
    let key = unique("crowd");
    let checks = (0..100).map(|_| limiter.check(&key, 10));
    let verdicts = futures_util::future::join_all(checks).await;
    assert_eq!(verdicts.into_iter().filter(|verdict| *verdict == Verdict::Allowed).count(), 10);
}

#[tokio::test]
async fn without_redis_a_server_grants_its_third_at_once() {
    let (redis, proxy) = behind_a_proxy().await;
    let limiter = redis.rate_limiter();
    assert_eq!(limiter.check(&unique("before"), 1).await, Verdict::Allowed);
    proxy.stop();
    // What was in hand when the connection broke may take its time-out.
    limiter.check(&unique("breaking"), 1).await;
    let (asked, key) = (Instant::now(), unique("a"));
    for _ in 0..3 {
        assert_eq!(limiter.check(&key, 9).await, Verdict::Allowed);
    }
    assert!(matches!(limiter.check(&key, 9).await, Verdict::RetryAfter(_)));
    assert_eq!(limiter.check(&unique("b"), 1).await, Verdict::Allowed, "at least one");
    assert!(asked.elapsed() < Duration::from_millis(500), "nobody waits for a Redis that is away");
}

#[tokio::test]
async fn sessions_fail_fast_while_redis_is_away_and_are_back_with_it() {
    let (redis, mut proxy) = behind_a_proxy().await;
    let (store, mut record) = (redis.session_store(), record());
    store.create(&mut record).await.unwrap();
    proxy.stop();
    for _ in 0..3 {
        let loading = timeout(Duration::from_millis(700), store.load(&record.id));
        assert!(loading.await.expect("an error at once").is_err());
    }
    sleep(Duration::from_secs(2)).await;
    proxy.start().await;
    let back = Instant::now();
    while store.load(&record.id).await.ok().flatten().is_none() {
        assert!(back.elapsed() < Duration::from_secs(5), "it does not come back");
        sleep(Duration::from_millis(50)).await;
    }
    assert!(back.elapsed() < Duration::from_secs(3), "{:?}", back.elapsed());
}

#[tokio::test]
async fn what_is_no_redis_is_said_at_once() {
    let refused = Redis::open(&"redis://127.0.0.1:1/0".to_owned().into(), Duration::from_secs(2)).await.unwrap_err();
    assert!(redis::is_away(&refused) && refused.to_string().contains("refused"), "{refused}");
    let no_database = format!("{}/250", redis_url().expose_secret().trim_end_matches("/0"));
    let wrong = Redis::open(&no_database.into(), Duration::from_secs(2)).await.unwrap_err();
    assert!(!redis::is_away(&wrong), "{wrong}");
}

#[tokio::test]
async fn a_session_is_kept_for_every_server() {
    let (one, two) = (connected().await.session_store(), connected().await.session_store());
    let mut record = record();
    one.create(&mut record).await.unwrap();
    let loaded = two.load(&record.id).await.unwrap().expect("it is there");
    assert_eq!(loaded.data, record.data);
    two.delete(&record.id).await.unwrap();
    assert!(one.load(&record.id).await.unwrap().is_none());
}
