//! Accounts, sign-ins and visitors.

use std::time::{Duration, Instant};

use ecommerce::{
    domain::accounts::{self, AccountError, Customer, Device, ProfileChange, Registration, Role, SignInError, System},
    infra::{database::Db, passwords::PasswordHasher, tokens},
    types::{Address, Password, SessionId, UserId},
};
use secrecy::ExposeSecret;
use sqlx::PgPool;

use crate::support::TestDb;

pub const PASSWORD: &str = "correct horse";

pub fn hasher() -> PasswordHasher {
    PasswordHasher::new(2).unwrap()
}

pub fn password(text: &str) -> Password {
    Password::given(text.to_owned())
}

fn registration(username: &str, email: &str) -> Registration {
    Registration {
        username: username.parse().unwrap(),
        email: email.parse().unwrap(),
        password: password(PASSWORD),
        full_name: "Ada Lovelace".into(),
        phone: Some("+1 555 0100".parse().unwrap()),
        address: None,
    }
}

fn address(city: &str) -> Address {
    Address {
        name: "Ada".into(),
        line1: "12 Mill Lane".into(),
        city: city.into(),
        postal_code: "05401".into(),
        country: "United States".into(),
        ..Address::default()
    }
}

pub async fn register(db: &Db, username: &str) -> UserId {
    let registration = registration(username, &format!("{username}@mail.test.com"));
    accounts::register(db, &hasher(), registration).await.unwrap()
}

pub async fn open(db: &Db, user: UserId, remembered: bool) -> SessionId {
    let mut tx = db.begin().await.unwrap();
    let device = Device { ip: "192.0.2.1".into(), user_agent: "Browser/\u{0}1 ".repeat(100) };
    let session = accounts::open_session(&mut tx, user, &device, remembered).await.unwrap();
    tx.commit().await.unwrap();
    session
}

pub async fn customer(db: &Db, user: UserId) -> Customer {
    let session = open(db, user, false).await;
    accounts::live_customer(db, session).await.unwrap().unwrap()
}

/// Someone new, signed in.
pub async fn signed_in(db: &Db, username: &str) -> Customer {
    customer(db, register(db, username).await).await
}

async fn set(owner: &PgPool, statement: &'static str) {
    sqlx::query(statement).execute(owner).await.unwrap();
}

#[tokio::test]
async fn a_new_account_is_a_customer_with_what_it_gave() {
    let test = TestDb::new().await;
    let with_address =
        Registration { address: Some(address("Burlington")), ..registration("Ada", "Ada@Mail.test.com") };
    let id = accounts::register(&test, &hasher(), with_address).await.unwrap();
    let customer = customer(&test, id).await;
    let user = customer.user();
    assert_eq!((customer.id(), user.username.as_str(), user.email.as_str()), (id, "Ada", "Ada@Mail.test.com"));
    assert_eq!((user.display_name(), user.phone.as_deref()), ("Ada Lovelace", Some("+1 555 0100")));
    assert_eq!(user.address, Some(address("Burlington")));
    assert_eq!((user.roles.as_slice(), user.role()), ([Role::Customer].as_slice(), Role::Customer));
    assert!(customer.as_staff().is_none());
    let hash: String = sqlx::query_scalar("SELECT password_hash FROM users").fetch_one(&test.owner).await.unwrap();
    assert!(hash.starts_with("$argon2id$") && !hash.contains(PASSWORD));
}

#[tokio::test]
async fn names_and_mail_addresses_are_taken_whatever_their_case() {
    let test = TestDb::new().await;
    let hasher = hasher();
    accounts::register(&test, &hasher, registration("ada", "ada@mail.test.com")).await.unwrap();
    let error = accounts::register(&test, &hasher, registration("ADA", "other@mail.test.com")).await.unwrap_err();
    assert!(matches!(error, AccountError::UsernameTaken), "{error:?}");
    let error = accounts::register(&test, &hasher, registration("other", "ADA@MAIL.TEST.COM")).await.unwrap_err();
    assert!(matches!(error, AccountError::EmailTaken), "{error:?}");
    let roles: i64 = sqlx::query_scalar("SELECT count(*) FROM user_roles").fetch_one(&test.owner).await.unwrap();
    assert_eq!(roles, 1, "nothing is left of the refused ones");
}

#[tokio::test]
async fn of_equal_registrations_at_once_one_wins() {
    let test = TestDb::new().await;
    let hasher = hasher();
    let tries = (0..5).map(|_| accounts::register(&test.db, &hasher, registration("ada", "ada@mail.test.com")));
    let results = futures_util::future::join_all(tries).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(results.iter().all(|r| matches!(r, Ok(_) | Err(AccountError::UsernameTaken | AccountError::EmailTaken))));
}

#[tokio::test]
async fn one_signs_in_by_name_or_mail_address() {
    let test = TestDb::new().await;
    let (hasher, ada) = (hasher(), register(&test, "ada").await);
    for login in ["ada", "ADA", " ada ", "ada@mail.test.com", "Ada@Mail.test.COM"] {
        assert_eq!(
            accounts::authenticate(&test, &hasher, login, password(PASSWORD)).await.unwrap().user(),
            ada,
            "{login}"
        );
    }
}

#[tokio::test]
async fn whatever_does_not_fit_gets_the_same_answer() {
    let test = TestDb::new().await;
    let hasher = hasher();
    register(&test, "ada").await;
    register(&test, "disabled").await;
    register(&test, "anonymised").await;
    set(&test.owner, "UPDATE users SET disabled_at = now() WHERE username = 'disabled'").await;
    set(&test.owner, "UPDATE users SET anonymised_at = now() WHERE username = 'anonymised'").await;
    for (login, typed) in [
        ("ada", "wrong password"),
        ("ada", ""),
        ("nobody", PASSWORD),
        ("nobody@mail.test.com", PASSWORD),
        ("disabled", PASSWORD),
        ("disabled@mail.test.com", PASSWORD),
        ("anonymised", PASSWORD),
        ("", PASSWORD),
        ("a\0da", PASSWORD),
        ("ada' OR '1'='1", PASSWORD),
        ("ad_", PASSWORD),
        (&"x".repeat(100_000), PASSWORD),
        ("nobody", "no account has this"),
    ] {
        let answer = accounts::authenticate(&test, &hasher, login, password(typed)).await;
        assert!(matches!(answer, Err(SignInError::Wrong)), "{login:?}: {answer:?}");
    }
}

#[tokio::test]
async fn an_unknown_name_takes_as_long_as_a_known_one() {
    let test = TestDb::new().await;
    let hasher = hasher();
    register(&test, "ada").await;
    let fastest = async |login: &str| {
        let mut fastest = Duration::MAX;
        for _ in 0..5 {
            let started = Instant::now();
            accounts::authenticate(&test, &hasher, login, password("wrong password")).await.unwrap_err();
            fastest = fastest.min(started.elapsed());
        }
        fastest
    };
    let (known, unknown) = (fastest("ada").await, fastest("nobody").await);
    // The hash is some hundred times the rest: without it this would be a hundredth.
    assert!(unknown * 2 > known && known * 2 > unknown, "{known:?} and {unknown:?}");
}

#[tokio::test]
async fn a_session_lives_24_hours_and_a_remembered_one_30_days() {
    let test = TestDb::new().await;
    let ada = register(&test, "ada").await;
    let (short, long) = (open(&test, ada, false).await, open(&test, ada, true).await);
    let live = async |session| accounts::live_customer(&test, session).await.unwrap().is_some();
    assert!(live(short).await && live(long).await);
    let later = "UPDATE sessions SET created_at = created_at - d, expires_at = expires_at - d
                 FROM (SELECT interval '23 hours 59 minutes' AS d) x";
    set(&test.owner, later).await;
    assert!(live(short).await && live(long).await);
    set(&test.owner, "UPDATE sessions SET expires_at = expires_at - interval '1 minute'").await;
    assert!(!live(short).await && live(long).await);
    set(&test.owner, "UPDATE sessions SET expires_at = expires_at - interval '28 days 23 hours 59 minutes'").await;
    assert!(live(long).await);
    set(&test.owner, "UPDATE sessions SET expires_at = expires_at - interval '1 minute'").await;
    assert!(!live(long).await);
}

#[tokio::test]
async fn an_ended_session_or_a_disabled_account_is_out_at_once() {
    let test = TestDb::new().await;
    let ada = register(&test, "ada").await;
    let (first, second) = (customer(&test, ada).await, customer(&test, ada).await);
    assert_ne!(first.session(), second.session());
    accounts::end_session(&test, &first).await.unwrap();
    accounts::end_session(&test, &first).await.unwrap();
    assert!(accounts::live_customer(&test, first.session()).await.unwrap().is_none());
    assert!(accounts::live_customer(&test, second.session()).await.unwrap().is_some(), "the other device stays");
    set(&test.owner, "UPDATE users SET disabled_at = now()").await;
    assert!(accounts::live_customer(&test, second.session()).await.unwrap().is_none());
    assert!(accounts::live_customer(&test, SessionId(uuid::Uuid::nil())).await.unwrap().is_none());
}

#[tokio::test]
async fn a_session_notes_its_use_every_five_minutes_only() {
    let test = TestDb::new().await;
    let session = open(&test, register(&test, "ada").await, false).await;
    let seen_minutes_ago = async || {
        let ago = "SELECT (extract(epoch FROM now() - last_seen_at) / 60)::bigint FROM sessions";
        sqlx::query_scalar::<_, i64>(ago).fetch_one(&test.owner).await.unwrap()
    };
    set(&test.owner, "UPDATE sessions SET last_seen_at = now() - interval '4 minutes'").await;
    accounts::live_customer(&test, session).await.unwrap().unwrap();
    assert_eq!(seen_minutes_ago().await, 4);
    set(&test.owner, "UPDATE sessions SET last_seen_at = now() - interval '6 minutes'").await;
    accounts::live_customer(&test, session).await.unwrap().unwrap();
    assert_eq!(seen_minutes_ago().await, 0);
}

#[tokio::test]
async fn a_sessions_row_holds_a_browsers_long_name_cut() {
    let test = TestDb::new().await;
    open(&test, register(&test, "ada").await, false).await;
    let row: (String, i32) =
        sqlx::query_as("SELECT ip, char_length(user_agent) FROM sessions").fetch_one(&test.owner).await.unwrap();
    assert_eq!(row, ("192.0.2.1".to_owned(), 400));
}

#[tokio::test]
async fn a_profile_changes_only_where_it_is_asked_to() {
    let test = TestDb::new().await;
    let ada = register(&test, "ada").await;
    let bob = register(&test, "bob").await;
    let customer = customer(&test, ada).await;
    let unchanged = accounts::update_profile(&test, &customer, ProfileChange::default()).await.unwrap();
    assert_eq!(&unchanged, customer.user());

    for city in ["Burlington", "Portland"] {
        let change = ProfileChange { address: Some(Some(address(city))), ..ProfileChange::default() };
        let user = accounts::update_profile(&test, &customer, change).await.unwrap();
        assert_eq!(user.address, Some(address(city)));
        assert_eq!(user.full_name, "Ada Lovelace");
    }
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM addresses").fetch_one(&test.owner).await.unwrap();
    assert_eq!(kept, 1);

    let change = ProfileChange {
        full_name: Some(String::new()),
        phone: Some(None),
        address: Some(None),
        email: Some("new@mail.test.com".parse().unwrap()),
    };
    let user = accounts::update_profile(&test, &customer, change).await.unwrap();
    assert_eq!((user.display_name(), user.email.as_str()), ("ada", "new@mail.test.com"));
    assert_eq!((user.phone, user.address), (None, None));

    let taken = ProfileChange {
        full_name: Some("Eve".into()),
        email: Some("BOB@mail.test.com".parse().unwrap()),
        ..ProfileChange::default()
    };
    let error = accounts::update_profile(&test, &customer, taken).await.unwrap_err();
    assert!(matches!(error, AccountError::EmailTaken), "{error:?}");
    let ada = accounts::live_customer(&test, customer.session()).await.unwrap().unwrap();
    assert_eq!((ada.user().full_name.as_str(), ada.user().email.as_str()), ("", "new@mail.test.com"));
    assert_ne!(ada.id(), bob);
}

#[tokio::test]
async fn a_visitor_is_known_by_the_token_alone() {
    let test = TestDb::new().await;
    let (visitor, token) = accounts::new_visitor(&test).await.unwrap();
    let token = token.expose_secret();
    assert_eq!(accounts::visitor_by_token(&test, token).await.unwrap(), Some(visitor));
    for stranger in ["", "x", "a\0b", &tokens::random(), &token[1..]] {
        assert_eq!(accounts::visitor_by_token(&test, stranger).await.unwrap(), None, "{stranger:?}");
    }
    let stored: Vec<u8> = sqlx::query_scalar("SELECT token_hash FROM visitors").fetch_one(&test.owner).await.unwrap();
    assert_eq!(stored, tokens::hash(token));

    let seen = "SELECT last_seen_at > now() - interval '1 minute' FROM visitors";
    set(&test.owner, "UPDATE visitors SET last_seen_at = now() - interval '23 hours'").await;
    accounts::visitor_by_token(&test, token).await.unwrap();
    assert!(!sqlx::query_scalar::<_, bool>(seen).fetch_one(&test.owner).await.unwrap());
    set(&test.owner, "UPDATE visitors SET last_seen_at = now() - interval '25 hours'").await;
    accounts::visitor_by_token(&test, token).await.unwrap();
    assert!(sqlx::query_scalar::<_, bool>(seen).fetch_one(&test.owner).await.unwrap());
}

#[tokio::test]
async fn an_account_that_is_put_again_only_gains_roles() {
    let test = TestDb::new().await;
    let (hasher, system) = (hasher(), System::acting());
    let put = async |email: &str, roles: &[Role]| {
        accounts::put_account(&test, &hasher, &system, registration("admin", email), roles).await
    };
    assert!(put("admin@mail.test.com", &[Role::Staff]).await.unwrap());
    assert!(!put("ignored@mail.test.com", &[Role::Staff, Role::Agent]).await.unwrap());
    let id = accounts::authenticate(&test, &hasher, "admin@mail.test.com", password(PASSWORD)).await.unwrap().user();
    let customer = customer(&test, id).await;
    assert_eq!(customer.user().roles, [Role::Agent, Role::Staff]);
    assert_eq!(customer.as_staff().unwrap().customer().id(), id);

    let other = registration("other", "admin@mail.test.com");
    let error = accounts::put_account(&test, &hasher, &system, other, &[Role::Staff]).await.unwrap_err();
    assert!(matches!(error, AccountError::EmailTaken), "{error:?}");
}

#[tokio::test]
async fn demo_accounts_are_told_from_a_shops_own() {
    let test = TestDb::new().await;
    let (hasher, system) = (hasher(), System::acting());
    for (name, email, is_demo) in [
        ("admin", "owner@mail.test.com", false),
        ("ada", "ada@x.example", false),
        ("john_doe", "john_doe@fernhill.example", true),
    ] {
        accounts::put_account(&test, &hasher, &system, registration(name, email), &[Role::Customer]).await.unwrap();
        assert_eq!(accounts::has_demo_accounts(&test).await.unwrap(), is_demo, "{name}");
    }
}
