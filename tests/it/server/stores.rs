//! Redis as it is there, and as it is away.

use std::{env, time::Duration};

use ecommerce::infra::{rate_limit::Verdict, redis::Redis};
use secrecy::SecretString;
use tokio::time::{Instant, timeout};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
};

fn redis_url() -> SecretString {
    let url =
        env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL: run deployment/test.sh, which starts a Redis for the tests");
    url.into()
}

fn unique(name: &str) -> String {
    format!("{name}-{}-{:?}", std::process::id(), Instant::now())
}

async fn connected() -> Redis {
    let redis = Redis::connect(&redis_url()).unwrap();
    redis.version_within(Duration::from_secs(5)).await.unwrap();
    redis
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
    let limiter = Redis::connect(&"redis://127.0.0.1:1".to_owned().into()).unwrap().rate_limiter();
    let asked = Instant::now();
    for _ in 0..3 {
        assert_eq!(limiter.check("a", 9).await, Verdict::Allowed);
    }
    assert!(matches!(limiter.check("a", 9).await, Verdict::RetryAfter(_)));
    assert_eq!(limiter.check("b", 1).await, Verdict::Allowed, "at least one");
    assert!(asked.elapsed() < Duration::from_secs(1), "nobody waits for a Redis that is away");
}

#[tokio::test]
async fn a_session_is_kept_for_every_server() {
    let (one, two) = (connected().await.session_store(), connected().await.session_store());
    let expiry_date = time::OffsetDateTime::now_utc() + time::Duration::minutes(1);
    let mut record = Record { id: Id::default(), data: [("sign_in".to_owned(), "x".into())].into(), expiry_date };
    one.create(&mut record).await.unwrap();
    let loaded = two.load(&record.id).await.unwrap().expect("it is there");
    assert_eq!(loaded.data, record.data);
    two.delete(&record.id).await.unwrap();
    assert!(one.load(&record.id).await.unwrap().is_none());
}

#[tokio::test]
async fn without_redis_a_session_fails_fast() {
    let store = Redis::connect(&"redis://127.0.0.1:1".to_owned().into()).unwrap().session_store();
    let id = Id::default();
    let loading = timeout(Duration::from_secs(1), store.load(&id));
    assert!(loading.await.expect("within a second").is_err());
}
