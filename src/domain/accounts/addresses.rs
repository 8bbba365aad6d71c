//! The address book: some addresses a person, one of them the default.

use thiserror::Error;

use super::{Customer, sql};
use crate::{
    infra::database::{Db, Tx},
    types::{Address, AddressId},
};

/// How many addresses a person keeps at most.
pub const MOST_ADDRESSES: usize = 20;

/// An address in someone's book.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SavedAddress {
    /// Its id.
    pub id: AddressId,
    /// Whether checkout fills it in.
    pub is_default: bool,
    /// Where it is.
    pub address: Address,
}

/// Why the address book stayed as it was.
#[derive(Debug, Error)]
pub enum AddressBookError {
    /// There is none of this id, or it is someone else's.
    #[error("there is no such address")]
    Unknown,
    /// It holds [`MOST_ADDRESSES`] already.
    #[error("the address book is full")]
    Full,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// A person's addresses: the default first, then as they were added.
///
/// # Errors
/// The database failed.
pub async fn addresses(db: &Db, customer: &Customer) -> Result<Vec<SavedAddress>, sqlx::Error> {
    sql::addresses(db.read(), customer.id()).await
}

/// One of a person's addresses.
///
/// # Errors
/// Not there, or someone else's.
pub async fn address(db: &Db, customer: &Customer, id: AddressId) -> Result<SavedAddress, AddressBookError> {
    sql::address(db.read(), customer.id(), id).await?.ok_or(AddressBookError::Unknown)
}

/// Adds an address. Where there is no default yet, this one becomes it, asked or not.
///
/// # Errors
/// The book is full.
pub async fn add_address(
    db: &Db,
    customer: &Customer,
    address: &Address,
    as_default: bool,
) -> Result<AddressId, AddressBookError> {
    let mut tx = db.begin().await?;
    sql::lock_user(&mut tx, customer.id()).await?;
    let saved = sql::addresses(&mut *tx, customer.id()).await?;
    let id = insert(&mut tx, customer, &saved, address, as_default).await?;
    tx.commit().await?;
    Ok(id)
}

/// Keeps an address that was used, unless the book has the same one already.
///
/// # Errors
/// The book is full.
pub async fn keep_address(db: &Db, customer: &Customer, address: &Address) -> Result<AddressId, AddressBookError> {
    let mut tx = db.begin().await?;
    sql::lock_user(&mut tx, customer.id()).await?;
    let saved = sql::addresses(&mut *tx, customer.id()).await?;
    if let Some(known) = saved.iter().find(|known| known.address == *address) {
        return Ok(known.id);
    }
    let id = insert(&mut tx, customer, &saved, address, false).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes an address. The default stays the default until another one takes its place.
///
/// # Errors
/// Not there, or someone else's.
pub async fn change_address(
    db: &Db,
    customer: &Customer,
    id: AddressId,
    address: &Address,
    as_default: bool,
) -> Result<(), AddressBookError> {
    let mut tx = db.begin().await?;
    sql::lock_user(&mut tx, customer.id()).await?;
    if !sql::update_address(&mut tx, customer.id(), id, address).await? {
        return Err(AddressBookError::Unknown);
    }
    if as_default {
        sql::clear_default_address(&mut tx, customer.id()).await?;
        sql::set_default_address(&mut tx, customer.id(), id).await?;
    }
    Ok(tx.commit().await?)
}

/// Makes an address the default.
///
/// # Errors
/// Not there, or someone else's.
pub async fn make_default_address(db: &Db, customer: &Customer, id: AddressId) -> Result<(), AddressBookError> {
    let mut tx = db.begin().await?;
    sql::lock_user(&mut tx, customer.id()).await?;
    sql::clear_default_address(&mut tx, customer.id()).await?;
    if !sql::set_default_address(&mut tx, customer.id(), id).await? {
        return Err(AddressBookError::Unknown);
    }
    Ok(tx.commit().await?)
}

/// Removes an address, and gives what it was. After the default the one that has been there longest takes its place.
///
/// # Errors
/// Not there, or someone else's.
pub async fn remove_address(db: &Db, customer: &Customer, id: AddressId) -> Result<SavedAddress, AddressBookError> {
    let mut tx = db.begin().await?;
    sql::lock_user(&mut tx, customer.id()).await?;
    let removed = sql::delete_address(&mut tx, customer.id(), id).await?.ok_or(AddressBookError::Unknown)?;
    let next = sql::addresses(&mut *tx, customer.id()).await?;
    if let Some(next) = next.first().filter(|_| removed.is_default) {
        sql::set_default_address(&mut tx, customer.id(), next.id).await?;
    }
    tx.commit().await?;
    Ok(removed)
}

// The account's row is locked: nobody else counts or chooses a default meanwhile.
async fn insert(
    tx: &mut Tx,
    customer: &Customer,
    saved: &[SavedAddress],
    address: &Address,
    as_default: bool,
) -> Result<AddressId, AddressBookError> {
    if saved.len() >= MOST_ADDRESSES {
        return Err(AddressBookError::Full);
    }
    let is_default = as_default || !saved.iter().any(|known| known.is_default);
    if is_default {
        sql::clear_default_address(tx, customer.id()).await?;
    }
    Ok(sql::insert_address(tx, customer.id(), address, is_default).await?)
}
