//! Wishlists, and what is put aside in the cart: for whom they are, what many do at once, what sign-in brings together.

use ecommerce::{
    domain::{
        accounts::Owner,
        cart::{self, CartError, Item, NewItem},
        wishlist::{self, MOST, MoveError, WishlistError},
    },
    infra::database::Db,
    types::{ProductId, Quantity, UserId, VariantId, VisitorId},
};
use futures_util::future::join_all;
use sqlx::PgPool;

use crate::support::{
    TestDb,
    goods::{count, in_cart, user, variant, visitor},
};

async fn product_of(owner: &PgPool, variant: VariantId) -> ProductId {
    let statement = "SELECT product_id FROM product_variants WHERE id = $1";
    ProductId(sqlx::query_scalar(statement).bind(variant).fetch_one(owner).await.unwrap())
}

async fn product(owner: &PgPool, name: &str) -> ProductId {
    let variant = variant(owner, name, 1_000, 5).await;
    product_of(owner, variant).await
}

async fn names(db: &Db, owner: Owner) -> Vec<String> {
    let list = wishlist::load(db, Some(owner)).await.unwrap();
    list.items.into_iter().map(|item| item.product.name).collect()
}

// So many products on the owner's list, put there directly.
async fn fill(pool: &PgPool, owner: Owner, products: i64) {
    let (user, visitor) = match owner {
        Owner::Customer(id) => (Some(id.0), None),
        Owner::Visitor(id) => (None, Some(id.0)),
    };
    sqlx::query(
        "WITH list AS (INSERT INTO wishlists (user_id, visitor_id) VALUES ($1, $2) RETURNING id),
              made AS (INSERT INTO products (slug, name, description, category_id)
                       SELECT gen_random_uuid()::text, 'Thing ' || n, '', (SELECT min(id) FROM categories)
                       FROM generate_series(1, $3) n RETURNING id)
         INSERT INTO wishlist_items (wishlist_id, product_id) SELECT list.id, made.id FROM list, made",
    )
    .bind(user)
    .bind(visitor)
    .bind(products)
    .execute(pool)
    .await
    .unwrap();
}

async fn join(db: &Db, visitor: VisitorId, user: UserId) {
    let mut tx = db.begin().await.unwrap();
    cart::join_in_tx(&mut tx, visitor, user).await.unwrap();
    wishlist::join_in_tx(&mut tx, visitor, user).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_latest_wish_comes_first_and_the_frame_knows_them_all() {
    let test = TestDb::new().await;
    let owner = Owner::Visitor(visitor(&test.owner).await);
    assert_eq!(wishlist::load(&test, Some(owner)).await.unwrap(), wishlist::load(&test, None).await.unwrap());
    let (mug, pan) = (product(&test.owner, "Mug").await, product(&test.owner, "Pan").await);
    let item = wishlist::add(&test, owner, mug).await.unwrap();
    wishlist::add(&test, owner, pan).await.unwrap();
    assert_eq!(names(&test, owner).await, ["Pan", "Mug"]);
    let mut badges = wishlist::badges(&test, Some(owner)).await.unwrap();
    badges.wished.sort();
    assert_eq!((badges.cart, badges.wished), (0, vec![mug, pan]));
    for gone in [Some(mug), None] {
        assert_eq!(wishlist::remove(&test, owner, item.id).await.unwrap(), gone);
    }
    assert!(wishlist::remove_product(&test, owner, pan).await.unwrap());
    assert!(!wishlist::remove_product(&test, owner, pan).await.unwrap());
}

#[tokio::test]
async fn of_two_who_add_at_once_one_is_told_that_it_is_there() {
    let test = TestDb::new().await;
    let (owner, mug) = (Owner::Customer(user(&test.owner, "ada").await), product(&test.owner, "Mug").await);
    let answers = join_all((0..6).map(|_| wishlist::add(&test, owner, mug))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    let refused = |answer: &&Result<_, _>| matches!(answer, Err(WishlistError::AlreadyThere));
    assert_eq!(answers.iter().filter(refused).count(), 5);
    assert_eq!(count(&test.owner, "SELECT count(*) FROM wishlists").await, 1);
}

#[tokio::test]
async fn a_full_list_takes_no_more_also_from_several_at_once() {
    let test = TestDb::new().await;
    let owner = Owner::Customer(user(&test.owner, "ada").await);
    let mut products = Vec::new();
    for name in ["Mug", "Pan", "Jar"] {
        products.push(product(&test.owner, name).await);
    }
    fill(&test.owner, owner, MOST - 1).await;
    let answers = join_all(products.iter().map(|id| wishlist::add(&test, owner, *id))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(answers.iter().all(|answer| matches!(answer, Ok(_) | Err(WishlistError::Full))), "{answers:?}");
}

#[tokio::test]
async fn archived_products_vanish_from_lists_counts_and_links() {
    let test = TestDb::new().await;
    let owner = Owner::Visitor(visitor(&test.owner).await);
    let (mug, pan) = (product(&test.owner, "Mug").await, product(&test.owner, "Pan").await);
    for id in [mug, pan] {
        wishlist::add(&test, owner, id).await.unwrap();
    }
    let token = wishlist::share(&test, owner).await.unwrap();
    sqlx::query("UPDATE products SET archived_at = now() WHERE id = $1").bind(mug).execute(&test.owner).await.unwrap();
    assert_eq!(names(&test, owner).await, ["Pan"]);
    assert_eq!(wishlist::badges(&test, Some(owner)).await.unwrap().wished, [pan]);
    assert_eq!(wishlist::shared(&test, &token).await.unwrap().unwrap().items.len(), 1);
    let again = wishlist::add(&test, owner, mug).await;
    assert!(matches!(again, Err(WishlistError::UnknownProduct)), "{again:?}");
}

#[tokio::test]
async fn a_link_shows_the_list_until_it_is_taken_back() {
    let test = TestDb::new().await;
    let owner = Owner::Customer(user(&test.owner, "ada").await);
    let mug = product(&test.owner, "Mug").await;
    let token = wishlist::share(&test, owner).await.unwrap();
    assert_eq!(wishlist::share(&test, owner).await.unwrap(), token, "a link that was given out stays");
    assert!(wishlist::shared(&test, &token).await.unwrap().unwrap().items.is_empty());
    wishlist::add(&test, owner, mug).await.unwrap();
    let shared = wishlist::shared(&test, &token).await.unwrap().unwrap();
    assert_eq!((shared.items.len(), shared.share_token), (1, None));
    for unknown in ["", "x", "\0", "%", &token[1..], &format!("{token}\u{0}"), &token.to_uppercase()] {
        assert_eq!(wishlist::shared(&test, unknown).await.unwrap(), None, "{unknown:?}");
    }
    wishlist::stop_sharing(&test, owner).await.unwrap();
    assert_eq!(wishlist::shared(&test, &token).await.unwrap(), None);
    assert_ne!(wishlist::share(&test, owner).await.unwrap(), token, "what leads nowhere leads nowhere for ever");
}

#[tokio::test]
async fn anothers_wishes_are_out_of_reach() {
    let test = TestDb::new().await;
    let (ada, eve) = (Owner::Customer(user(&test.owner, "ada").await), Owner::Visitor(visitor(&test.owner).await));
    let mug = product(&test.owner, "Mug").await;
    let item = wishlist::add(&test, ada, mug).await.unwrap().id;
    assert_eq!(wishlist::remove(&test, eve, item).await.unwrap(), None);
    assert!(!wishlist::remove_product(&test, eve, mug).await.unwrap());
    let moved = wishlist::move_to_cart(&test, eve, item, None).await;
    assert!(matches!(moved, Err(MoveError::UnknownWish)), "{moved:?}");
    wishlist::clear(&test, eve).await.unwrap();
    wishlist::stop_sharing(&test, eve).await.unwrap();
    assert_eq!(names(&test, ada).await, ["Mug"]);
    assert_eq!(names(&test, eve).await, [""; 0]);
}

#[tokio::test]
async fn signing_in_joins_two_lists_without_doubles() {
    let test = TestDb::new().await;
    let (guest, ada) = (visitor(&test.owner).await, user(&test.owner, "ada").await);
    let (theirs, hers) = (Owner::Visitor(guest), Owner::Customer(ada));
    let (mug, pan, jar) =
        (product(&test.owner, "Mug").await, product(&test.owner, "Pan").await, product(&test.owner, "Jar").await);
    for (owner, id) in [(hers, mug), (hers, pan), (theirs, pan), (theirs, jar)] {
        wishlist::add(&test, owner, id).await.unwrap();
    }
    let token = wishlist::share(&test, theirs).await.unwrap();
    let kept = wishlist::share(&test, hers).await.unwrap();
    for _ in 0..2 {
        join(&test, guest, ada).await;
        assert_eq!(names(&test, hers).await, ["Jar", "Pan", "Mug"]);
        assert_eq!(names(&test, theirs).await, [""; 0]);
    }
    assert_eq!(wishlist::shared(&test, &token).await.unwrap(), None);
    assert_eq!(wishlist::shared(&test, &kept).await.unwrap().unwrap().items.len(), 3);
}

#[tokio::test]
async fn what_has_no_room_in_the_account_stays_with_the_visitor() {
    let test = TestDb::new().await;
    let (guest, ada) = (visitor(&test.owner).await, user(&test.owner, "ada").await);
    let (theirs, hers) = (Owner::Visitor(guest), Owner::Customer(ada));
    for name in ["Mug", "Pan"] {
        let id = product(&test.owner, name).await;
        wishlist::add(&test, theirs, id).await.unwrap();
    }
    fill(&test.owner, hers, MOST - 1).await;
    join(&test, guest, ada).await;
    assert_eq!(
        names(&test, hers).await,
        ["Pan"],
        "the latest wish; the things that fill the list have no variant to show"
    );
    assert_eq!(names(&test, theirs).await, ["Mug"]);
}

#[tokio::test]
async fn two_sign_ins_of_one_person_at_once_lose_and_double_nothing() {
    let test = TestDb::new().await;
    let ada = user(&test.owner, "ada").await;
    let mut guests = Vec::new();
    for name in ["Mug", "Pan", "Jar", "Cup"] {
        let (guest, id) = (visitor(&test.owner).await, product(&test.owner, name).await);
        wishlist::add(&test, Owner::Visitor(guest), id).await.unwrap();
        guests.push(guest);
    }
    join_all(guests.iter().map(|guest| join(&test, *guest, ada))).await;
    assert_eq!(names(&test, Owner::Customer(ada)).await.len(), 4);
}

#[tokio::test]
async fn a_wish_moves_to_the_cart_and_back_or_not_at_all() {
    let test = TestDb::new().await;
    let owner = Owner::Visitor(visitor(&test.owner).await);
    let (mug, lamp) = (variant(&test.owner, "Mug", 1_000, 2).await, variant(&test.owner, "Lamp", 1_000, 0).await);
    let item = wishlist::add(&test, owner, product_of(&test.owner, mug).await).await.unwrap().id;
    let out = wishlist::add(&test, owner, product_of(&test.owner, lamp).await).await.unwrap().id;
    let refused = wishlist::move_to_cart(&test, owner, out, None).await;
    assert!(matches!(refused, Err(MoveError::Cart(CartError::InsufficientStock { available: 0, .. }))), "{refused:?}");
    let new = NewItem { item: Item::Variant(mug), quantity: Quantity::ONE };
    cart::add_item(&test, owner, new).await.unwrap();
    let answers = join_all((0..3).map(|_| wishlist::move_to_cart(&test, owner, item, None))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert_eq!((in_cart(&test, Some(owner)).await, names(&test, owner).await), (2, vec!["Lamp".to_owned()]));
    let line = cart::load(&test, Some(owner)).await.unwrap().lines[0].id;
    let back = wishlist::move_from_cart(&test, owner, line, Some(Quantity::ONE)).await.unwrap().unwrap();
    assert!(back.item.is_some() && back.removed.quantity == Quantity::ONE);
    assert_eq!(in_cart(&test, Some(owner)).await, 1, "the piece that was there before stays");
    let again = wishlist::move_from_cart(&test, owner, line, None).await.unwrap().unwrap();
    assert_eq!((again.item, in_cart(&test, Some(owner)).await), (None, 0), "wished for already");
    assert_eq!(wishlist::move_from_cart(&test, owner, line, None).await.unwrap(), None);
}

#[tokio::test]
async fn what_is_put_aside_is_neither_counted_nor_priced_and_comes_back_held_to_the_stock() {
    let test = TestDb::new().await;
    let owner = Owner::Visitor(visitor(&test.owner).await);
    let mug = variant(&test.owner, "Mug", 1_000, 5).await;
    let add = |pieces| {
        let new = NewItem { item: Item::Variant(mug), quantity: Quantity::try_from(pieces).unwrap() };
        cart::add_item(&test, owner, new)
    };
    let line = add(4).await.unwrap().1;
    let (saved, _) = cart::save_for_later(&test, owner, line).await.unwrap().unwrap();
    assert_eq!(cart::save_for_later(&test, owner, line).await.unwrap(), None);
    let cart = cart::load(&test, Some(owner)).await.unwrap();
    assert_eq!((cart.item_count(), cart.subtotal.minor(), cart.saved[0].quantity.get()), (0, 0, 4));
    assert!(cart.is_empty() && !cart.is_buyable());
    add(2).await.unwrap();
    let eve = Owner::Visitor(visitor(&test.owner).await);
    assert!(matches!(cart::bring_back(&test, eve, saved).await, Err(CartError::UnknownLine)));
    assert_eq!(cart::remove_saved(&test, eve, saved).await.unwrap(), None);
    let back = cart::bring_back(&test, owner, saved).await.unwrap();
    assert_eq!((back.quantity.get(), back.reduced), (3, true), "five are there, two are in the cart");
    assert!(matches!(cart::bring_back(&test, owner, saved).await, Err(CartError::UnknownLine)));
    let cart = cart::load(&test, Some(owner)).await.unwrap();
    assert_eq!((cart.item_count(), cart.saved.len()), (5, 0));
}

#[tokio::test]
async fn what_cannot_come_back_stays_put_aside() {
    let test = TestDb::new().await;
    let owner = Owner::Visitor(visitor(&test.owner).await);
    let mug = variant(&test.owner, "Mug", 1_000, 5).await;
    let new = NewItem { item: Item::Variant(mug), quantity: Quantity::ONE };
    let line = cart::add_item(&test, owner, new).await.unwrap().1;
    let (saved, _) = cart::save_for_later(&test, owner, line).await.unwrap().unwrap();
    sqlx::query("UPDATE stock_levels SET on_hand = 0").execute(&test.owner).await.unwrap();
    let refused = cart::bring_back(&test, owner, saved).await;
    assert!(matches!(refused, Err(CartError::InsufficientStock { available: 0, .. })), "{refused:?}");
    sqlx::query("UPDATE products SET archived_at = now()").execute(&test.owner).await.unwrap();
    assert!(cart::bring_back(&test, owner, saved).await.is_err());
    let cart = cart::load(&test, Some(owner)).await.unwrap();
    assert!(cart.saved[0].archived && cart.saved[0].available == 0);
    cart::clear(&test, owner).await.unwrap();
    assert_eq!(cart::load(&test, Some(owner)).await.unwrap().saved.len(), 1, "emptying the cart leaves it");
}

#[tokio::test]
async fn signing_in_brings_along_what_was_put_aside() {
    let test = TestDb::new().await;
    let (guest, ada) = (visitor(&test.owner).await, user(&test.owner, "ada").await);
    let (mug, pan) = (variant(&test.owner, "Mug", 1_000, 999).await, variant(&test.owner, "Pan", 1_000, 9).await);
    for (owner, variant, pieces) in
        [(Owner::Visitor(guest), mug, 600), (Owner::Visitor(guest), pan, 2), (Owner::Customer(ada), mug, 600)]
    {
        let new = NewItem { item: Item::Variant(variant), quantity: Quantity::try_from(pieces).unwrap() };
        let line = cart::add_item(&test, owner, new).await.unwrap().1;
        cart::save_for_later(&test, owner, line).await.unwrap().unwrap();
    }
    for _ in 0..2 {
        join(&test, guest, ada).await;
        let saved = cart::load(&test, Some(Owner::Customer(ada))).await.unwrap().saved;
        let held: Vec<_> = saved.iter().map(|line| (line.variant_id, line.quantity.get())).collect();
        assert_eq!(held, [(mug, 999), (pan, 2)]);
    }
    assert!(cart::load(&test, Some(Owner::Visitor(guest))).await.unwrap().saved.is_empty());
}
