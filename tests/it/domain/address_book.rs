//! The address book: at most twenty, one default, nobody else's.

use ecommerce::{
    domain::accounts::{self, AddressBookError, Customer, MOST_ADDRESSES, ProfileChange},
    infra::database::Db,
    types::{Address, AddressId},
};

use crate::{domain::accounts::signed_in, support::TestDb};

fn at(line1: &str) -> Address {
    Address {
        name: "Ada".into(),
        line1: line1.into(),
        city: "Fernhill".into(),
        postal_code: "12345".into(),
        country: "United States".into(),
        ..Address::default()
    }
}

/// The streets as the book lists them, the default with a star.
async fn book(db: &Db, customer: &Customer) -> Vec<String> {
    let saved = accounts::addresses(db, customer).await.unwrap();
    saved.into_iter().map(|one| format!("{}{}", one.address.line1, if one.is_default { "*" } else { "" })).collect()
}

#[tokio::test]
async fn the_first_address_is_the_default_and_stays_it_until_another_is_chosen() {
    let test = TestDb::new().await;
    let ada = signed_in(&test, "ada").await;
    assert!(book(&test, &ada).await.is_empty());
    accounts::add_address(&test, &ada, &at("1 A Street"), false).await.unwrap();
    let second = accounts::add_address(&test, &ada, &at("2 B Street"), false).await.unwrap();
    assert_eq!(book(&test, &ada).await, ["1 A Street*", "2 B Street"]);
    accounts::make_default_address(&test, &ada, second).await.unwrap();
    accounts::make_default_address(&test, &ada, second).await.unwrap();
    assert_eq!(book(&test, &ada).await, ["2 B Street*", "1 A Street"]);
    accounts::add_address(&test, &ada, &at("3 C Street"), true).await.unwrap();
    assert_eq!(book(&test, &ada).await, ["3 C Street*", "1 A Street", "2 B Street"]);
    accounts::change_address(&test, &ada, second, &at("22 B Street"), false).await.unwrap();
    assert_eq!(book(&test, &ada).await, ["3 C Street*", "1 A Street", "22 B Street"]);
    accounts::change_address(&test, &ada, second, &at("22 B Street"), true).await.unwrap();
    accounts::change_address(&test, &ada, second, &at("23 B Street"), false).await.unwrap();
    assert_eq!(book(&test, &ada).await, ["23 B Street*", "1 A Street", "3 C Street"], "the default stays one");
    let user = accounts::live_customer(&test, ada.session()).await.unwrap().unwrap().user().clone();
    assert_eq!(user.address, Some(at("23 B Street")));
}

#[tokio::test]
async fn after_the_default_is_removed_the_oldest_takes_its_place() {
    let test = TestDb::new().await;
    let ada = signed_in(&test, "ada").await;
    let mut ids = Vec::new();
    for street in ["1 A Street", "2 B Street", "3 C Street"] {
        ids.push(accounts::add_address(&test, &ada, &at(street), true).await.unwrap());
    }
    let removed = accounts::remove_address(&test, &ada, ids[2]).await.unwrap();
    assert_eq!((removed.address, removed.is_default), (at("3 C Street"), true));
    assert_eq!(book(&test, &ada).await, ["1 A Street*", "2 B Street"]);
    assert!(!accounts::remove_address(&test, &ada, ids[1]).await.unwrap().is_default);
    assert_eq!(book(&test, &ada).await, ["1 A Street*"]);
    accounts::remove_address(&test, &ada, ids[0]).await.unwrap();
    assert!(book(&test, &ada).await.is_empty());
    let again = accounts::remove_address(&test, &ada, ids[0]).await;
    assert!(matches!(again, Err(AddressBookError::Unknown)), "{again:?}");
}

#[tokio::test]
async fn nobody_reaches_into_the_book_of_someone_else() {
    let test = TestDb::new().await;
    let (ada, eve) = (signed_in(&test, "ada").await, signed_in(&test, "eve").await);
    let id = accounts::add_address(&test, &ada, &at("1 A Street"), false).await.unwrap();
    accounts::add_address(&test, &eve, &at("9 E Street"), false).await.unwrap();
    for id in [id, AddressId(0), AddressId(-1), AddressId(i64::MAX)] {
        let results = [
            accounts::address(&test, &eve, id).await.map(|_| ()),
            accounts::change_address(&test, &eve, id, &at("Mine"), true).await,
            accounts::make_default_address(&test, &eve, id).await,
            accounts::remove_address(&test, &eve, id).await.map(|_| ()),
        ];
        for (place, result) in results.into_iter().enumerate() {
            assert!(matches!(result, Err(AddressBookError::Unknown)), "{place}: {result:?}");
        }
    }
    assert_eq!(book(&test, &ada).await, ["1 A Street*"]);
    assert_eq!(book(&test, &eve).await, ["9 E Street*"], "a refused change leaves the default too");
}

#[tokio::test]
async fn of_many_added_at_once_twenty_stay_and_one_is_the_default() {
    let test = TestDb::new().await;
    let ada = signed_in(&test, "ada").await;
    let streets: Vec<Address> = (0..MOST_ADDRESSES + 5).map(|number| at(&format!("{number} Mill Lane"))).collect();
    let adding = streets.iter().map(|address| accounts::add_address(&test, &ada, address, true));
    let results = futures_util::future::join_all(adding).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), MOST_ADDRESSES);
    assert!(results.iter().all(|result| matches!(result, Ok(_) | Err(AddressBookError::Full))), "{results:?}");
    let saved = accounts::addresses(&test, &ada).await.unwrap();
    assert_eq!((saved.len(), saved.iter().filter(|one| one.is_default).count()), (MOST_ADDRESSES, 1));
    let moving = saved.iter().map(|one| accounts::make_default_address(&test, &ada, one.id));
    assert!(futures_util::future::join_all(moving).await.iter().all(Result::is_ok), "no lock is taken crosswise");
}

#[tokio::test]
async fn an_address_that_was_used_is_kept_once() {
    let test = TestDb::new().await;
    let ada = signed_in(&test, "ada").await;
    let keeping = [at("1 A Street"), at("1 A Street"), at("1 A Street")];
    let ids = futures_util::future::join_all(keeping.iter().map(|one| accounts::keep_address(&test, &ada, one))).await;
    let ids: Vec<_> = ids.into_iter().map(Result::unwrap).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
    accounts::keep_address(&test, &ada, &at("2 B Street")).await.unwrap();
    assert_eq!(book(&test, &ada).await, ["1 A Street*", "2 B Street"], "what is kept does not push the default aside");
    for number in 2..MOST_ADDRESSES {
        accounts::keep_address(&test, &ada, &at(&format!("{number} Mill Lane"))).await.unwrap();
    }
    let full = accounts::keep_address(&test, &ada, &at("One too many")).await;
    assert!(matches!(full, Err(AddressBookError::Full)), "{full:?}");
    assert!(accounts::keep_address(&test, &ada, &at("2 B Street")).await.is_ok(), "what is there needs no room");
}

#[tokio::test]
async fn a_change_of_the_profile_changes_the_default_alone() {
    let test = TestDb::new().await;
    let ada = signed_in(&test, "ada").await;
    accounts::add_address(&test, &ada, &at("1 A Street"), false).await.unwrap();
    accounts::add_address(&test, &ada, &at("2 B Street"), false).await.unwrap();
    let put = async |address: Option<Address>| {
        let change = ProfileChange { address: Some(address), ..ProfileChange::default() };
        accounts::update_profile(&test, &ada, change).await.unwrap().address
    };
    assert_eq!(put(Some(at("11 A Street"))).await, Some(at("11 A Street")));
    assert_eq!(book(&test, &ada).await, ["11 A Street*", "2 B Street"]);
    assert_eq!(put(None).await, None, "removed, and no other takes its place unasked");
    assert_eq!(book(&test, &ada).await, ["2 B Street"]);
    assert_eq!(put(Some(at("3 C Street"))).await, Some(at("3 C Street")));
    assert_eq!(book(&test, &ada).await, ["3 C Street*", "2 B Street"]);
}
