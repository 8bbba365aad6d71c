//! Signing in and registering, with what the visitor brought.

use ecommerce::{
    domain::{
        accounts::{self, AccountError, Device, Owner, Registration, SignInError},
        cart::{self, Item, JoinReport, NewItem},
        sign_in::{self, Credentials, SignedIn},
    },
    infra::{database::Db, passwords::PasswordHasher},
    types::{Password, Quantity, VariantId, VisitorId},
};

use crate::support::{
    TestDb,
    goods::{count, in_cart, variant, visitor},
};

fn hasher() -> PasswordHasher {
    PasswordHasher::new(2).unwrap()
}

fn registration(username: &str) -> Registration {
    Registration {
        username: username.parse().unwrap(),
        email: format!("{username}@mail.test.com").parse().unwrap(),
        password: Password::given("correct horse".into()),
        full_name: String::new(),
        phone: None,
        address: None,
    }
}

async fn enter(db: &Db, login: &str, password: &str, visitor: Option<VisitorId>) -> Result<SignedIn, SignInError> {
    let credentials = Credentials { login: login.into(), password: Password::given(password.into()), remember: true };
    sign_in::sign_in(db, &hasher(), credentials, &Device::default(), visitor).await
}

async fn add(db: &Db, owner: Owner, variant: VariantId, pieces: i64) {
    let quantity = Quantity::try_from(pieces).unwrap();
    cart::add_item(db, owner, NewItem { item: Item::Variant(variant), quantity }).await.unwrap();
}

async fn guest_order(test: &TestDb, visitor: VisitorId, number: &str) {
    let statement = "INSERT INTO orders (number, visitor_id, status, currency, subtotal_minor, shipping_minor, tax_minor, total_minor,
                             prices_include_tax, delivery_method, payment_method, contact_email, shipping_address)
                     VALUES ($1, $2, 'processing', 'USD', 100, 0, 8, 100, true, 'standard', 'cod', 'a@b.co', '{}')";
    sqlx::query(statement).bind(number).bind(visitor).execute(&test.owner).await.unwrap();
}

#[tokio::test]
async fn registering_signs_in_and_brings_cart_and_orders_along() {
    let test = TestDb::new().await;
    let mug = variant(&test.owner, "Mug", 1_000, 9).await;
    let (guest, other) = (visitor(&test.owner).await, visitor(&test.owner).await);
    add(&test, Owner::Visitor(guest), mug, 2).await;
    guest_order(&test, guest, "AAAA-BBBB-CCCC").await;
    guest_order(&test, other, "AAAA-BBBB-DDDD").await;

    let registered =
        sign_in::register(&test, &hasher(), registration("ada"), &Device::default(), Some(guest)).await.unwrap();
    let ada = registered.customer.id();
    assert_eq!(registered.joined, JoinReport { moved: 1, ..JoinReport::default() });
    assert_eq!(in_cart(&test, Some(Owner::Customer(ada))).await, 2);
    let live = accounts::live_customer(&test, registered.customer.session()).await.unwrap().unwrap();
    assert_eq!(live.id(), ada);
    let joined: i64 = sqlx::query_scalar("SELECT count(*) FROM orders WHERE user_id = $1")
        .bind(ada)
        .fetch_one(&test.owner)
        .await
        .unwrap();
    assert_eq!(joined, 1, "its own and nobody else's");
}

#[tokio::test]
async fn signing_in_sums_both_carts_and_says_what_is_short() {
    let test = TestDb::new().await;
    let mug = variant(&test.owner, "Mug", 1_000, 3).await;
    let device = Device::default();
    let ada = sign_in::register(&test, &hasher(), registration("ada"), &device, None).await.unwrap().customer.id();
    let guest = visitor(&test.owner).await;
    add(&test, Owner::Customer(ada), mug, 2).await;
    add(&test, Owner::Visitor(guest), mug, 2).await;
    let signed_in = enter(&test, "ada@mail.test.com", "correct horse", Some(guest)).await.unwrap();
    assert_eq!(signed_in.customer.id(), ada);
    assert_eq!(signed_in.joined.reduced, ["Mug"]);
    assert_eq!(in_cart(&test, Some(Owner::Customer(ada))).await, 3);
    assert_eq!(enter(&test, "ada", "correct horse", Some(guest)).await.unwrap().joined, JoinReport::default());
    let remembered = "SELECT count(*) FROM sessions WHERE remembered AND expires_at > now() + interval '29 days'";
    assert_eq!(count(&test.owner, remembered).await, 2);
}

#[tokio::test]
async fn who_is_not_let_in_leaves_everything_as_it_was() {
    let test = TestDb::new().await;
    let mug = variant(&test.owner, "Mug", 1_000, 9).await;
    let guest = visitor(&test.owner).await;
    add(&test, Owner::Visitor(guest), mug, 2).await;
    sign_in::register(&test, &hasher(), registration("ada"), &Device::default(), None).await.unwrap();

    for (login, password) in [("ada", "wrong"), ("nobody", "correct horse")] {
        let answer = enter(&test, login, password, Some(guest)).await;
        assert!(matches!(answer, Err(SignInError::Wrong)), "{answer:?}");
    }
    let again = sign_in::register(&test, &hasher(), registration("ada"), &Device::default(), Some(guest)).await;
    assert!(matches!(again, Err(AccountError::UsernameTaken)), "{again:?}");
    assert_eq!(in_cart(&test, Some(Owner::Visitor(guest))).await, 2);
    assert_eq!(count(&test.owner, "SELECT count(*) FROM sessions").await, 1);
}

#[tokio::test]
async fn signing_in_while_the_visitor_orders_waits_and_brings_the_order() {
    let test = TestDb::new().await;
    let mug = variant(&test.owner, "Mug", 1_000, 9).await;
    let guest = visitor(&test.owner).await;
    add(&test, Owner::Visitor(guest), mug, 2).await;
    let device = Device::default();
    let ada = sign_in::register(&test, &hasher(), registration("ada"), &device, None).await.unwrap().customer.id();

    let mut checkout = test.begin().await.unwrap();
    cart::load_locked_in_tx(&mut checkout, Owner::Visitor(guest)).await.unwrap();
    let db = test.db.clone();
    let entering = tokio::spawn(async move { enter(&db, "ada", "correct horse", Some(guest)).await });
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    assert!(!entering.is_finished());
    let statement = "INSERT INTO orders (number, visitor_id, status, currency, subtotal_minor, shipping_minor, tax_minor, total_minor,
                             prices_include_tax, delivery_method, payment_method, contact_email, shipping_address)
                     VALUES ('AAAA-BBBB-CCCC', $1, 'processing', 'USD', 100, 0, 8, 100, true, 'standard', 'cod', 'a@b.co', '{}')";
    sqlx::query(statement).bind(guest).execute(&mut *checkout).await.unwrap();
    cart::clear_in_tx(&mut checkout, Owner::Visitor(guest)).await.unwrap();
    checkout.commit().await.unwrap();

    assert_eq!(entering.await.unwrap().unwrap().joined, JoinReport::default());
    assert_eq!(in_cart(&test, Some(Owner::Customer(ada))).await, 0, "what was ordered is not in a cart again");
    assert_eq!(count(&test.owner, "SELECT count(*) FROM orders WHERE user_id IS NOT NULL").await, 1);
}
