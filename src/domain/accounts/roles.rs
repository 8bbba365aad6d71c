//! Who may do what: found and changed by administrators alone, each change written down with who did it.

use serde_json::json;
use thiserror::Error;

use super::{Administrator, Role, sql};
use crate::{
    domain::audit,
    infra::database::Db,
    types::{Page, Paged, PerPage, UserId},
};

/// An account in the list of people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// The account.
    pub id: UserId,
    /// The name to sign in with.
    pub username: String,
    /// As it appears on parcels; may be empty.
    pub full_name: String,
    /// Where mail goes.
    pub email: String,
    /// What they may do, from least to most.
    pub roles: Vec<Role>,
    /// Whether they cannot sign in any more.
    pub is_disabled: bool,
}

/// What a change of roles changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RolesChanged {
    /// Whose.
    pub username: String,
    /// What they may do now and could not before.
    pub granted: Vec<Role>,
    /// What they could do before and may not now.
    pub revoked: Vec<Role>,
}

/// Why roles were not changed.
#[derive(Debug, Error)]
pub enum RolesError {
    /// There is no such account.
    #[error("there is no such account")]
    Unknown,
    /// Nobody would be left who can give rights.
    #[error("the last administrator stays one")]
    LastAdministrator,
    /// Whoever asks has lost the right meanwhile.
    #[error("only administrators may give rights")]
    NoLonger,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl Person {
    /// What to call them.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.full_name.is_empty() { &self.username } else { &self.full_name }
    }

    /// Whether they have a role.
    #[must_use]
    pub fn has(&self, role: &Role) -> bool {
        self.roles.contains(role)
    }
}

/// A page of people: those with more rights first, then by name. `search` is a part of a name or a mail address, empty for all;
/// `with_roles` leaves those out who only buy.
///
/// # Errors
/// The database failed.
pub async fn people(
    db: &Db,
    _administrator: &Administrator,
    search: &str,
    with_roles: bool,
    page: Page,
) -> Result<Paged<Person>, sqlx::Error> {
    let per_page = PerPage::DEFAULT;
    let limits = (i64::from(per_page.get()), per_page.offset(page));
    let (items, total) = sql::people(db.primary(), search.trim(), with_roles, limits).await?;
    Ok(Paged { items, total, page, per_page })
}

/// One person.
///
/// # Errors
/// [`RolesError::Unknown`].
pub async fn person(db: &Db, _administrator: &Administrator, id: UserId) -> Result<Person, RolesError> {
    sql::person(db.primary(), id).await?.ok_or(RolesError::Unknown)
}

/// Gives a person exactly these roles besides that of a customer, which everybody has. A trigger tells their open sockets.
///
/// # Errors
/// Nobody would be left to give rights, or whoever asks may not any more.
pub async fn set_roles(
    db: &Db,
    administrator: &Administrator,
    id: UserId,
    wanted: &[Role],
) -> Result<RolesChanged, RolesError> {
    let mut tx = db.begin().await?;
    // Two administrators who take the right from each other are one after the other, and the second finds that they have none.
    sql::lock_roles(&mut tx).await?;
    let administrators = sql::administrators(&mut *tx).await?;
    let me = administrator.customer();
    if !administrators.contains(&me.id()) {
        return Err(RolesError::NoLonger);
    }
    let person = sql::person(&mut *tx, id).await?.ok_or(RolesError::Unknown)?;
    let other = |role: &Role| *role != Role::Customer;
    let granted: Vec<Role> =
        Role::ALL.into_iter().filter(other).filter(|role| wanted.contains(role) && !person.has(role)).collect();
    let revoked: Vec<Role> =
        Role::ALL.into_iter().filter(other).filter(|role| !wanted.contains(role) && person.has(role)).collect();
    if revoked.contains(&Role::Administrator) && administrators.iter().all(|other| *other == id) {
        return Err(RolesError::LastAdministrator);
    }
    sql::add_roles(&mut tx, id, &granted).await?;
    sql::remove_roles(&mut tx, id, &revoked).await?;
    for (action, roles) in [("roles.granted", &granted), ("roles.revoked", &revoked)] {
        if !roles.is_empty() {
            let roles: Vec<&str> = roles.iter().map(|role| role.id()).collect();
            audit::record_in_tx(&mut tx, me, action, &person.username, &json!({ "roles": roles })).await?;
        }
    }
    tx.commit().await?;
    Ok(RolesChanged { username: person.username, granted, revoked })
}
