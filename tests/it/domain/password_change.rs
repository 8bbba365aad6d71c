//! Changing the password, and signing out from afar.

use ecommerce::{
    domain::{
        accounts::{self, Customer, Device, PasswordChangeError, SignInError},
        sign_in::{self, Credentials},
    },
    types::{Password, SessionId},
};

use crate::{
    domain::accounts::{PASSWORD, customer, hasher, open, password, register, signed_in},
    support::TestDb,
};

const NEW: &str = "battery staple";

async fn change(
    test: &TestDb,
    customer: &Customer,
    current: &str,
    new: &str,
) -> Result<accounts::PasswordChanged, PasswordChangeError> {
    let new = Password::chosen(new.to_owned()).unwrap();
    accounts::change_password(test, &hasher(), customer, &Device::default(), password(current), new).await
}

async fn is_live(test: &TestDb, session: SessionId) -> bool {
    accounts::live_customer(test, session).await.unwrap().is_some()
}

async fn fits(test: &TestDb, typed: &str) -> bool {
    accounts::authenticate(test, &hasher(), "ada", password(typed)).await.is_ok()
}

#[tokio::test]
async fn a_new_password_ends_every_sign_in_but_opens_one_for_who_changed_it() {
    let test = TestDb::new().await;
    let ada = register(&test, "ada").await;
    let bob = signed_in(&test, "bob").await;
    let here = accounts::live_customer(&test, open(&test, ada, true).await).await.unwrap().unwrap();
    let elsewhere = [open(&test, ada, false).await, open(&test, ada, true).await];
    let changed = change(&test, &here, PASSWORD, NEW).await.unwrap();
    assert_eq!((changed.remembered, changed.ended), (true, 2));
    assert!(is_live(&test, changed.session).await && changed.session != here.session());
    for session in [here.session(), elsewhere[0], elsewhere[1]] {
        assert!(!is_live(&test, session).await);
    }
    assert!(is_live(&test, bob.session()).await, "other people stay where they are");
    assert!(fits(&test, NEW).await && !fits(&test, PASSWORD).await);
}

#[tokio::test]
async fn a_refused_change_leaves_password_and_sign_ins() {
    let test = TestDb::new().await;
    let ada = register(&test, "ada").await;
    let (here, elsewhere) = (customer(&test, ada).await, open(&test, ada, false).await);
    for wrong in ["", "wrong", NEW, &PASSWORD.to_uppercase(), &"x".repeat(100_000)] {
        let refused = change(&test, &here, wrong, NEW).await;
        assert!(matches!(refused, Err(PasswordChangeError::Wrong)), "{refused:?}");
    }
    let refused = change(&test, &here, PASSWORD, PASSWORD).await;
    assert!(matches!(refused, Err(PasswordChangeError::Unchanged)), "{refused:?}");
    // Who does not know the password learns nothing from the new one.
    let refused = change(&test, &here, NEW, NEW).await;
    assert!(matches!(refused, Err(PasswordChangeError::Wrong)), "{refused:?}");
    assert!(fits(&test, PASSWORD).await && is_live(&test, elsewhere).await && is_live(&test, here.session()).await);
}

#[tokio::test]
async fn a_sign_in_that_was_ended_changes_nothing_any_more() {
    let test = TestDb::new().await;
    let ada = register(&test, "ada").await;
    let (thief, owner) = (customer(&test, ada).await, customer(&test, ada).await);
    accounts::end_other_sessions(&test, &owner).await.unwrap();
    // The thief's request began before.
    let refused = change(&test, &thief, PASSWORD, NEW).await;
    assert!(matches!(refused, Err(PasswordChangeError::SignedOut)), "{refused:?}");
    assert!(fits(&test, PASSWORD).await && is_live(&test, owner.session()).await);
}

#[tokio::test]
async fn of_two_changes_at_once_one_wins_and_leaves_one_sign_in() {
    let test = TestDb::new().await;
    let ada = register(&test, "ada").await;
    let (first, second) = (customer(&test, ada).await, customer(&test, ada).await);
    let (one, other) = tokio::join!(
        change(&test, &first, PASSWORD, "the first one"),
        change(&test, &second, PASSWORD, "the second one")
    );
    let won: Vec<_> = [one, other].into_iter().filter_map(Result::ok).collect();
    assert_eq!(won.len(), 1);
    let live: i64 = sqlx::query_scalar("SELECT count(*) FROM sessions WHERE ended_at IS NULL")
        .fetch_one(&test.owner)
        .await
        .unwrap();
    assert!(live == 1 && is_live(&test, won[0].session).await);
}

#[tokio::test]
async fn no_sign_in_with_the_old_password_outlives_the_change() {
    let test = TestDb::new().await;
    let ada = register(&test, "ada").await;
    let here = customer(&test, ada).await;
    let (hasher, device) = (hasher(), Device::default());
    let sign_in = async || {
        let credentials = Credentials { login: "ada".into(), password: password(PASSWORD), remember: true };
        sign_in::sign_in(&test, &hasher, credentials, &device, None).await
    };
    let tries = futures_util::future::join_all((0..12).map(|_| sign_in()));
    let (changed, tries) = tokio::join!(change(&test, &here, PASSWORD, NEW), tries);
    let changed = changed.unwrap();
    assert!(tries.iter().all(|one| matches!(one, Ok(_) | Err(SignInError::Wrong))), "{tries:?}");
    for signed_in in tries.into_iter().flatten() {
        assert!(!is_live(&test, signed_in.customer.session()).await);
    }
    assert!(is_live(&test, changed.session).await);
}

#[tokio::test]
async fn a_sign_in_checked_before_the_change_and_opened_after_it_is_refused() {
    let test = TestDb::new().await;
    let ada = register(&test, "ada").await;
    let here = customer(&test, ada).await;
    // The account's row is held: the sign-in has checked its password and waits to open.
    let mut holding = test.owner.begin().await.unwrap();
    sqlx::query("UPDATE users SET full_name = full_name WHERE username = 'ada'").execute(&mut *holding).await.unwrap();
    let (hasher, device) = (hasher(), Device::default());
    let credentials = Credentials { login: "ada".into(), password: password(PASSWORD), remember: false };
    let signing_in = sign_in::sign_in(&test, &hasher, credentials, &device, None);
    let changing = async {
        while waiting(&test).await == 0 {
            tokio::task::yield_now().await;
        }
        let replaced = "UPDATE users SET password_hash = 'another' WHERE username = 'ada'";
        sqlx::query(replaced).execute(&mut *holding).await.unwrap();
        holding.commit().await.unwrap();
    };
    let (signed_in, ()) = tokio::join!(signing_in, changing);
    assert!(matches!(signed_in, Err(SignInError::Wrong)), "{signed_in:?}");
    assert!(is_live(&test, here.session()).await);
}

async fn waiting(test: &TestDb) -> i64 {
    // What another role waits for stands in pg_locks alone.
    let statement = "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                     WHERE NOT l.granted AND a.datname = current_database()";
    sqlx::query_scalar(statement).fetch_one(&test.owner).await.unwrap()
}

#[tokio::test]
async fn one_sees_and_ends_ones_own_live_sign_ins_alone() {
    let test = TestDb::new().await;
    let ada = register(&test, "ada").await;
    let eve = signed_in(&test, "eve").await;
    let (here, other, expired) =
        (customer(&test, ada).await, open(&test, ada, false).await, open(&test, ada, true).await);
    sqlx::query("UPDATE sessions SET expires_at = now() WHERE id = $1")
        .bind(expired)
        .execute(&test.owner)
        .await
        .unwrap();
    let ids = async |customer: &Customer| {
        let sessions = accounts::open_sessions(&test, customer).await.unwrap();
        sessions.into_iter().map(|one| (one.id, one.is_current)).collect::<Vec<_>>()
    };
    assert_eq!(ids(&here).await, [(here.session(), true), (other, false)]);
    assert_eq!(ids(&eve).await, [(eve.session(), true)]);

    assert_eq!(accounts::end_session_of(&test, &eve, other).await.unwrap(), None, "someone else's");
    assert_eq!(accounts::end_session_of(&test, &here, SessionId(uuid::Uuid::nil())).await.unwrap(), None);
    assert!(is_live(&test, other).await);
    for _ in 0..2 {
        assert!(accounts::end_session_of(&test, &here, other).await.unwrap().is_some(), "twice is once");
    }
    assert!(!is_live(&test, other).await && is_live(&test, here.session()).await);
}

#[tokio::test]
async fn signing_out_everywhere_else_leaves_this_device_and_other_people() {
    let test = TestDb::new().await;
    let ada = register(&test, "ada").await;
    let eve = signed_in(&test, "eve").await;
    let (here, there) = (customer(&test, ada).await, customer(&test, ada).await);
    open(&test, ada, true).await;
    assert_eq!(accounts::end_other_sessions(&test, &here).await.unwrap(), 2);
    assert_eq!(accounts::end_other_sessions(&test, &here).await.unwrap(), 0);
    assert!(is_live(&test, here.session()).await && is_live(&test, eve.session()).await);
    assert!(!is_live(&test, there.session()).await);
    // Two devices that end each other at once: no deadlock, and at most one is left.
    let (one, two) = (customer(&test, ada).await, customer(&test, ada).await);
    let (first, second) =
        tokio::join!(accounts::end_other_sessions(&test, &one), accounts::end_other_sessions(&test, &two));
    assert!(first.is_ok() && second.is_ok());
}
