//! Carts: adding, changing, what their owners are told, and what many do at once.

use ecommerce::{
    domain::{
        accounts::Owner,
        cart::{self, CartError, Item, LineNotice, NewItem},
    },
    infra::database::Db,
    types::{CartLineId, Currency, Money, ProductId, Quantity, UserId, VariantId, VisitorId},
};
use futures_util::future::join_all;
use sqlx::PgPool;

use crate::support::{
    TestDb,
    goods::{in_cart, user, variant, visitor},
};

fn quantity(pieces: i64) -> Quantity {
    Quantity::try_from(pieces).unwrap()
}

fn pieces_of(variant: VariantId, pieces: i64) -> NewItem {
    NewItem { item: Item::Variant(variant), quantity: quantity(pieces) }
}

async fn add(db: &Db, owner: Owner, variant: VariantId, pieces: i64) -> CartLineId {
    cart::add_item(db, owner, pieces_of(variant, pieces)).await.unwrap().1
}

async fn set_stock(owner: &PgPool, variant: VariantId, on_hand: i32) {
    let statement = "UPDATE stock_levels SET on_hand = $2 WHERE variant_id = $1";
    sqlx::query(statement).bind(variant).bind(on_hand).execute(owner).await.unwrap();
}

async fn set_price(owner: &PgPool, variant: VariantId, price: i64) {
    let statement = "UPDATE product_variants SET price_minor = $2 WHERE id = $1";
    sqlx::query(statement).bind(variant).bind(price).execute(owner).await.unwrap();
}

async fn held(db: &Db, owner: Owner) -> Vec<(VariantId, i32)> {
    let cart = cart::load(db, Some(owner)).await.unwrap();
    cart.lines.iter().map(|line| (line.variant_id, line.quantity.get())).collect()
}

async fn join(db: &Db, visitor: VisitorId, user: UserId) -> cart::JoinReport {
    let mut tx = db.begin().await.unwrap();
    let report = cart::join_in_tx(&mut tx, visitor, user).await.unwrap();
    tx.commit().await.unwrap();
    report
}

#[tokio::test]
async fn a_cart_shows_what_was_put_in_at_todays_prices() {
    let test = TestDb::new().await;
    let (mug, pan) = (variant(&test.owner, "Mug", 1_990, 5).await, variant(&test.owner, "Pan", 4_500, 5).await);
    let owner = Owner::Visitor(visitor(&test.owner).await);
    let (cart, line) = cart::add_item(&test, owner, pieces_of(mug, 2)).await.unwrap();
    assert_eq!(cart.lines[0].id, line);
    add(&test, owner, pan, 1).await;
    assert_eq!(add(&test, owner, mug, 1).await, line, "a line that is there grows");

    let cart = cart::load(&test, Some(owner)).await.unwrap();
    let mug_line = &cart.lines[0];
    assert_eq!((mug_line.product_name.as_str(), mug_line.sku.is_empty(), mug_line.available), ("Mug", false, 5));
    assert_eq!((mug_line.unit_price.minor(), mug_line.line_total.minor(), mug_line.tax_rate.0), (1_990, 5_970, 800));
    assert_eq!((cart.lines.len(), cart.subtotal.minor(), cart.item_count()), (2, 10_470, 4));
    assert!(cart.is_buyable() && cart.lines.iter().all(|line| line.notices.is_empty()));
    assert_eq!(in_cart(&test, Some(owner)).await, 4);
}

#[tokio::test]
async fn nobody_and_newcomers_have_an_empty_cart() {
    let test = TestDb::new().await;
    let newcomer = Owner::Visitor(visitor(&test.owner).await);
    for owner in [None, Some(newcomer)] {
        let cart = cart::load(&test, owner).await.unwrap();
        assert!(cart.is_empty() && !cart.is_buyable());
        assert_eq!(cart.subtotal, Money::zero(Currency::USD));
        assert_eq!(in_cart(&test, owner).await, 0);
    }
    let mut tx = test.begin().await.unwrap();
    assert!(cart::load_locked_in_tx(&mut tx, newcomer).await.unwrap().is_empty());
    cart::clear_in_tx(&mut tx, newcomer).await.unwrap();
    assert!(cart::accept_changes(&test, newcomer).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_product_puts_its_default_variant_into_the_cart() {
    let test = TestDb::new().await;
    let mug = variant(&test.owner, "Mug", 1_990, 5).await;
    let product: i64 =
        sqlx::query_scalar("SELECT product_id FROM product_variants").fetch_one(&test.owner).await.unwrap();
    let owner = Owner::Customer(user(&test.owner, "ada").await);
    let new = NewItem { item: Item::Product(ProductId(product)), quantity: Quantity::ONE };
    cart::add_item(&test, owner, new).await.unwrap();
    assert_eq!(held(&test, owner).await, [(mug, 1)]);
}

#[tokio::test]
async fn a_line_never_asks_for_more_than_can_be_sold() {
    let test = TestDb::new().await;
    let mug = variant(&test.owner, "Mug", 1_990, 5).await;
    sqlx::query("UPDATE stock_levels SET reserved = 1").execute(&test.owner).await.unwrap();
    let owner = Owner::Visitor(visitor(&test.owner).await);
    let line = add(&test, owner, mug, 3).await;

    let short = |error: CartError| match error {
        CartError::InsufficientStock { available, in_cart, name } => (available, in_cart, name),
        other => panic!("{other:?}"),
    };
    let error = cart::add_item(&test, owner, pieces_of(mug, 2)).await.unwrap_err();
    assert_eq!(short(error), (4, 3, "Mug".to_owned()));
    let error = cart::set_quantity(&test, owner, line, quantity(5)).await.unwrap_err();
    assert_eq!(short(error), (4, 3, "Mug".to_owned()));
    assert_eq!(held(&test, owner).await, [(mug, 3)], "a refused change changes nothing");
    cart::set_quantity(&test, owner, line, quantity(4)).await.unwrap();
    assert_eq!(held(&test, owner).await, [(mug, 4)]);
}

#[tokio::test]
async fn a_cart_holds_at_most_999_of_a_thing_and_100_things() {
    let test = TestDb::new().await;
    let owner = Owner::Visitor(visitor(&test.owner).await);
    let mug = variant(&test.owner, "Mug", 1, 5_000).await;
    add(&test, owner, mug, 999).await;
    let error = cart::add_item(&test, owner, pieces_of(mug, 1)).await.unwrap_err();
    assert!(matches!(error, CartError::TooMany), "{error:?}");
    for number in 1..100 {
        let thing = variant(&test.owner, &format!("Thing {number}"), 1, 1).await;
        add(&test, owner, thing, 1).await;
    }
    let last = variant(&test.owner, "Last", 1, 1).await;
    let error = cart::add_item(&test, owner, pieces_of(last, 1)).await.unwrap_err();
    assert!(matches!(error, CartError::Full), "{error:?}");
    assert_eq!(cart::load(&test, Some(owner)).await.unwrap().lines.len(), 100);
}

#[tokio::test]
async fn unknown_and_archived_things_do_not_come_into_a_cart() {
    let test = TestDb::new().await;
    let owner = Owner::Visitor(visitor(&test.owner).await);
    let (old, kept) = (variant(&test.owner, "Old", 1, 9).await, variant(&test.owner, "Kept", 1, 9).await);
    sqlx::query("UPDATE products SET archived_at = now() WHERE name = 'Old'").execute(&test.owner).await.unwrap();
    sqlx::query("UPDATE product_variants SET archived_at = now() WHERE id = $1")
        .bind(kept)
        .execute(&test.owner)
        .await
        .unwrap();
    for item in [
        Item::Variant(old),
        Item::Variant(kept),
        Item::Variant(VariantId(0)),
        Item::Variant(VariantId(i64::MAX)),
        Item::Product(ProductId(-1)),
    ] {
        let error = cart::add_item(&test, owner, NewItem { item, quantity: Quantity::ONE }).await.unwrap_err();
        assert!(matches!(error, CartError::UnknownItem), "{item:?}: {error:?}");
    }
    assert_eq!(held(&test, owner).await, []);
}

#[tokio::test]
async fn a_removed_line_says_what_puts_it_back_and_removing_it_again_does_nothing() {
    let test = TestDb::new().await;
    let mug = variant(&test.owner, "Mug", 1_990, 5).await;
    sqlx::query("UPDATE product_variants SET name = 'Blue'").execute(&test.owner).await.unwrap();
    let owner = Owner::Visitor(visitor(&test.owner).await);
    let line = add(&test, owner, mug, 2).await;
    let removed = cart::remove(&test, owner, line).await.unwrap().unwrap();
    assert_eq!((removed.variant_id, removed.quantity.get(), removed.name.as_str()), (mug, 2, "Mug, Blue"));
    assert_eq!(cart::remove(&test, owner, line).await.unwrap(), None);
    add(&test, owner, removed.variant_id, 2).await;
    assert_eq!(held(&test, owner).await, [(mug, 2)]);
    cart::clear(&test, owner).await.unwrap();
    assert_eq!(held(&test, owner).await, []);
}

#[tokio::test]
async fn another_ones_line_is_out_of_reach() {
    let test = TestDb::new().await;
    let mug = variant(&test.owner, "Mug", 1_990, 5).await;
    let (mine, theirs) = (Owner::Visitor(visitor(&test.owner).await), Owner::Customer(user(&test.owner, "ada").await));
    let line = add(&test, theirs, mug, 2).await;
    add(&test, mine, mug, 1).await;
    for owner in [mine, Owner::Visitor(visitor(&test.owner).await)] {
        assert_eq!(cart::remove(&test, owner, line).await.unwrap(), None);
        let error = cart::set_quantity(&test, owner, line, Quantity::ONE).await.unwrap_err();
        assert!(matches!(error, CartError::UnknownLine), "{error:?}");
    }
    cart::clear(&test, mine).await.unwrap();
    assert_eq!(held(&test, theirs).await, [(mug, 2)]);
}

#[tokio::test]
async fn a_line_says_what_changed_until_its_owner_accepts_it() {
    let test = TestDb::new().await;
    let owner = Owner::Visitor(visitor(&test.owner).await);
    let mut things = Vec::new();
    for name in ["Dearer", "Cheaper", "Few", "Gone", "Archived"] {
        let thing = variant(&test.owner, name, 1_000, 9).await;
        add(&test, owner, thing, 5).await;
        things.push(thing);
    }
    set_price(&test.owner, things[0], 1_200).await;
    set_price(&test.owner, things[1], 800).await;
    set_stock(&test.owner, things[2], 3).await;
    set_stock(&test.owner, things[3], 0).await;
    sqlx::query("UPDATE products SET archived_at = now() WHERE name = 'Archived'").execute(&test.owner).await.unwrap();

    let cart = cart::load(&test, Some(owner)).await.unwrap();
    let was = Money::new(1_000, Currency::USD);
    let notices: Vec<_> = cart.lines.iter().flat_map(|line| line.notices.clone()).collect();
    assert_eq!(
        notices,
        [
            LineNotice::PriceRose { was },
            LineNotice::PriceFell { was },
            LineNotice::OnlyLeft { available: 3 },
            LineNotice::SoldOut,
            LineNotice::Archived,
        ]
    );
    assert_eq!(cart.lines.iter().map(|line| line.available).collect::<Vec<_>>(), [9, 9, 3, 0, 0]);
    assert!(!cart.is_buyable());

    let accepted = cart::accept_changes(&test, owner).await.unwrap();
    assert!(accepted.is_buyable() && accepted.lines.iter().all(|line| line.notices.is_empty()));
    assert_eq!(held(&test, owner).await, [(things[0], 5), (things[1], 5), (things[2], 3)]);
    assert_eq!(accepted.subtotal.minor(), 5 * 1_200 + 5 * 800 + 3 * 1_000);
}

#[tokio::test]
async fn touching_a_line_takes_todays_price_as_seen() {
    let test = TestDb::new().await;
    let mug = variant(&test.owner, "Mug", 1_000, 9).await;
    let owner = Owner::Visitor(visitor(&test.owner).await);
    let line = add(&test, owner, mug, 1).await;
    set_price(&test.owner, mug, 1_100).await;
    assert_eq!(cart::load(&test, Some(owner)).await.unwrap().lines[0].notices.len(), 1);
    let cart = cart::set_quantity(&test, owner, line, quantity(2)).await.unwrap();
    assert_eq!(cart.lines[0].notices, []);
}

#[tokio::test]
async fn twenty_equal_adds_at_once_sum_up_exactly() {
    let test = TestDb::new().await;
    let mug = variant(&test.owner, "Mug", 1_000, 100).await;
    let newcomer = Owner::Visitor(visitor(&test.owner).await);
    let adds = (0..20).map(|_| cart::add_item(&test.db, newcomer, pieces_of(mug, 2)));
    for added in join_all(adds).await {
        added.unwrap();
    }
    assert_eq!(held(&test, newcomer).await, [(mug, 40)]);
}

#[tokio::test]
async fn adds_at_once_stop_exactly_at_the_stock() {
    let test = TestDb::new().await;
    let mug = variant(&test.owner, "Mug", 1_000, 7).await;
    let owner = Owner::Customer(user(&test.owner, "ada").await);
    let adds = (0..20).map(|_| cart::add_item(&test.db, owner, pieces_of(mug, 1)));
    let added = join_all(adds).await.into_iter().filter(Result::is_ok).count();
    assert_eq!((added, held(&test, owner).await), (7, vec![(mug, 7)]));
}

#[tokio::test]
async fn a_locked_cart_waits_with_its_changes_until_it_is_ordered() {
    let test = TestDb::new().await;
    let mug = variant(&test.owner, "Mug", 1_000, 100).await;
    let owner = Owner::Visitor(visitor(&test.owner).await);
    add(&test, owner, mug, 1).await;
    let mut tx = test.begin().await.unwrap();
    assert_eq!(cart::load_locked_in_tx(&mut tx, owner).await.unwrap().item_count(), 1);
    let db = test.db.clone();
    let adding = tokio::spawn(async move { cart::add_item(&db, owner, pieces_of(mug, 5)).await });
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    assert!(!adding.is_finished());
    assert_eq!(cart::load_locked_in_tx(&mut tx, owner).await.unwrap().item_count(), 1);
    cart::clear_in_tx(&mut tx, owner).await.unwrap();
    tx.commit().await.unwrap();
    adding.await.unwrap().unwrap();
    assert_eq!(held(&test, owner).await, [(mug, 5)], "what came after the order is in the next cart");
}

#[tokio::test]
async fn joining_pours_the_visitors_cart_into_the_accounts() {
    let test = TestDb::new().await;
    let (mug, pan) = (variant(&test.owner, "Mug", 1_000, 5).await, variant(&test.owner, "Pan", 1_000, 9).await);
    let lid = variant(&test.owner, "Lid", 1_000, 9).await;
    let (guest, ada) = (visitor(&test.owner).await, user(&test.owner, "ada").await);
    add(&test, Owner::Customer(ada), mug, 3).await;
    add(&test, Owner::Customer(ada), lid, 1).await;
    add(&test, Owner::Visitor(guest), pan, 2).await;
    add(&test, Owner::Visitor(guest), mug, 4).await;

    let report = join(&test, guest, ada).await;
    assert_eq!((report.moved, report.reduced, report.left_behind), (2, vec!["Mug".to_owned()], vec![]));
    assert_eq!(held(&test, Owner::Customer(ada)).await, [(mug, 5), (lid, 1), (pan, 2)]);
    assert_eq!(held(&test, Owner::Visitor(guest)).await, []);
    assert_eq!(join(&test, guest, ada).await, cart::JoinReport::default(), "once");
}

#[tokio::test]
async fn joining_needs_no_cart_on_either_side() {
    let test = TestDb::new().await;
    let mug = variant(&test.owner, "Mug", 1_000, 5).await;
    let (guest, ada) = (visitor(&test.owner).await, user(&test.owner, "ada").await);
    assert_eq!(join(&test, guest, ada).await, cart::JoinReport::default());
    add(&test, Owner::Visitor(guest), mug, 4).await;
    assert_eq!(join(&test, guest, ada).await.moved, 1);
    assert_eq!(held(&test, Owner::Customer(ada)).await, [(mug, 4)]);
}

#[tokio::test]
async fn joining_and_adding_at_once_loses_nothing() {
    let test = TestDb::new().await;
    let mug = variant(&test.owner, "Mug", 1_000, 999).await;
    let (guest, ada) = (visitor(&test.owner).await, user(&test.owner, "ada").await);
    let (before, after) = (Owner::Visitor(guest), Owner::Customer(ada));
    add(&test, before, mug, 10).await;
    let adds = (0..20).map(|turn| {
        let owner = if turn % 2 == 0 { before } else { after };
        cart::add_item(&test.db, owner, pieces_of(mug, 1))
    });
    let joins = (0..4).map(|_| join(&test.db, guest, ada));
    let (added, _) = tokio::join!(join_all(adds), join_all(joins));
    assert!(added.iter().all(Result::is_ok));
    join(&test, guest, ada).await;
    assert_eq!(held(&test, after).await, [(mug, 30)]);
    assert_eq!(held(&test, before).await, []);
}

#[tokio::test]
async fn two_accounts_that_join_one_visitor_at_once_share_without_a_deadlock() {
    let test = TestDb::new().await;
    let mug = variant(&test.owner, "Mug", 1_000, 999).await;
    let guest = visitor(&test.owner).await;
    let (ada, bob) = (user(&test.owner, "ada").await, user(&test.owner, "bob").await);
    add(&test, Owner::Customer(bob), mug, 1).await; // its cart comes before the visitor's, ada's after
    add(&test, Owner::Visitor(guest), mug, 5).await;
    tokio::join!(join(&test, guest, ada), join(&test, guest, bob), join(&test, guest, ada), join(&test, guest, bob));
    let (a, b) = (in_cart(&test, Some(Owner::Customer(ada))).await, in_cart(&test, Some(Owner::Customer(bob))).await);
    assert_eq!(a + b, 6);
}
