//! Rows of addresses. Whoever changes which one is the default, or how many there are, holds the lock on the account's row.

use sqlx::PgExecutor;

use crate::{
    domain::accounts::SavedAddress,
    infra::{database::Tx, metrics::timed},
    types::{Address, AddressId, UserId},
};

struct AddressRow {
    id: i64,
    is_default: bool,
    name: String,
    line1: String,
    line2: String,
    city: String,
    postal_code: String,
    region: String,
    country: String,
    phone: String,
}

impl From<AddressRow> for SavedAddress {
    fn from(row: AddressRow) -> Self {
        let AddressRow { id, is_default, name, line1, line2, city, postal_code, region, country, phone } = row;
        let address = Address { name, line1, line2, city, postal_code, region, country, phone };
        Self { id: AddressId(id), is_default, address }
    }
}

/// All of a person's, the default first.
pub(in crate::domain::accounts) async fn addresses(
    executor: impl PgExecutor<'_>,
    user: UserId,
) -> Result<Vec<SavedAddress>, sqlx::Error> {
    let query = sqlx::query_as!(
        AddressRow,
        "SELECT id, is_default, name, line1, line2, city, postal_code, region, country, phone
         FROM addresses WHERE user_id = $1 ORDER BY is_default DESC, id",
        user.0
    );
    let rows = timed("accounts.addresses", query.fetch_all(executor)).await?;
    Ok(rows.into_iter().map(SavedAddress::from).collect())
}

/// One of a person's.
pub(in crate::domain::accounts) async fn address(
    executor: impl PgExecutor<'_>,
    user: UserId,
    id: AddressId,
) -> Result<Option<SavedAddress>, sqlx::Error> {
    let query = sqlx::query_as!(
        AddressRow,
        "SELECT id, is_default, name, line1, line2, city, postal_code, region, country, phone
         FROM addresses WHERE id = $1 AND user_id = $2",
        id.0,
        user.0
    );
    Ok(timed("accounts.address", query.fetch_optional(executor)).await?.map(SavedAddress::from))
}

/// A new one. If it is the default there must be no other.
pub(in crate::domain::accounts) async fn insert_address(
    tx: &mut Tx,
    user: UserId,
    address: &Address,
    is_default: bool,
) -> Result<AddressId, sqlx::Error> {
    let query = sqlx::query_scalar!(
        "INSERT INTO addresses (user_id, is_default, name, line1, line2, city, postal_code, region, country, phone)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
        user.0,
        is_default,
        address.name,
        address.line1,
        address.line2,
        address.city,
        address.postal_code,
        address.region,
        address.country,
        address.phone
    );
    timed("accounts.insert_address", query.fetch_one(&mut **tx)).await.map(AddressId)
}

/// Writes another address in its place; whether it is there.
pub(in crate::domain::accounts) async fn update_address(
    tx: &mut Tx,
    user: UserId,
    id: AddressId,
    address: &Address,
) -> Result<bool, sqlx::Error> {
    let query = sqlx::query!(
        "UPDATE addresses
         SET name = $3, line1 = $4, line2 = $5, city = $6, postal_code = $7, region = $8, country = $9, phone = $10,
             updated_at = now()
         WHERE id = $1 AND user_id = $2",
        id.0,
        user.0,
        address.name,
        address.line1,
        address.line2,
        address.city,
        address.postal_code,
        address.region,
        address.country,
        address.phone
    );
    Ok(timed("accounts.update_address", query.execute(&mut **tx)).await?.rows_affected() == 1)
}

/// Removes one, and gives what it was.
pub(in crate::domain::accounts) async fn delete_address(
    tx: &mut Tx,
    user: UserId,
    id: AddressId,
) -> Result<Option<SavedAddress>, sqlx::Error> {
    let query = sqlx::query_as!(
        AddressRow,
        "DELETE FROM addresses WHERE id = $1 AND user_id = $2
         RETURNING id, is_default, name, line1, line2, city, postal_code, region, country, phone",
        id.0,
        user.0
    );
    Ok(timed("accounts.delete_address", query.fetch_optional(&mut **tx)).await?.map(SavedAddress::from))
}

/// Leaves a person's addresses without a default.
pub(in crate::domain::accounts) async fn clear_default_address(tx: &mut Tx, user: UserId) -> Result<(), sqlx::Error> {
    let query = sqlx::query!("UPDATE addresses SET is_default = false WHERE user_id = $1 AND is_default", user.0);
    timed("accounts.clear_default_address", query.execute(&mut **tx)).await?;
    Ok(())
}

/// Makes one the default, after the old one was cleared; whether it is there.
pub(in crate::domain::accounts) async fn set_default_address(
    tx: &mut Tx,
    user: UserId,
    id: AddressId,
) -> Result<bool, sqlx::Error> {
    let query = sqlx::query!("UPDATE addresses SET is_default = true WHERE id = $1 AND user_id = $2", id.0, user.0);
    Ok(timed("accounts.set_default_address", query.execute(&mut **tx)).await?.rows_affected() == 1)
}

/// Makes this the default address.
pub(in crate::domain::accounts) async fn put_default_address(
    tx: &mut Tx,
    user: UserId,
    address: &Address,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "INSERT INTO addresses (user_id, is_default, name, line1, line2, city, postal_code, region, country, phone)
         VALUES ($1, true, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (user_id) WHERE is_default DO UPDATE
         SET name = EXCLUDED.name, line1 = EXCLUDED.line1, line2 = EXCLUDED.line2, city = EXCLUDED.city,
             postal_code = EXCLUDED.postal_code, region = EXCLUDED.region, country = EXCLUDED.country,
             phone = EXCLUDED.phone, updated_at = now()",
        user.0,
        address.name,
        address.line1,
        address.line2,
        address.city,
        address.postal_code,
        address.region,
        address.country,
        address.phone
    );
    timed("accounts.put_default_address", query.execute(&mut **tx)).await?;
    Ok(())
}

/// Leaves the account without a default address.
pub(in crate::domain::accounts) async fn drop_default_address(tx: &mut Tx, user: UserId) -> Result<(), sqlx::Error> {
    let query = sqlx::query!("DELETE FROM addresses WHERE user_id = $1 AND is_default", user.0);
    timed("accounts.drop_default_address", query.execute(&mut **tx)).await?;
    Ok(())
}
