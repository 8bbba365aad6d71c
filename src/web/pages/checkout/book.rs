//! The saved addresses at checkout: which one is filled in, the choice of another, and keeping a new one.

use serde::Deserialize;

use super::{form::CheckoutForm, screen::Screen};
use crate::{
    domain::accounts::{self, AddressBookError, MOST_ADDRESSES, SavedAddress, User},
    request::AppError,
    types::Address,
    views::layout::Flash,
    web::{flash, pages::account::addresses::short},
};

// As many as fit above the form without pushing it away.
const IN_VIEW: usize = 3;

/// `?address=`: the id of a saved address, or `new` for an empty form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chosen {
    address: String,
}

/// A link that fills in another address.
pub(super) struct AddressChoice {
    pub url: String,
    pub title: String,
    pub text: String,
    pub is_chosen: bool,
}

/// The person's addresses as the page offers them.
#[derive(Default)]
pub(super) struct AddressChoices {
    pub in_view: Vec<AddressChoice>,
    /// Behind a fold.
    pub folded: Vec<AddressChoice>,
    /// Whether the fold is open because what was chosen is in it.
    pub is_open: bool,
    /// Whether a new address can be kept.
    pub has_room: bool,
}

impl Chosen {
    /// The address to fill in: the one asked for, else the default, else the first.
    pub(super) fn of<'a>(&self, saved: &'a [SavedAddress]) -> Result<Option<&'a Address>, AppError> {
        let found = match self.address.as_str() {
            "new" => None,
            // The default comes first.
            "" => saved.first(),
            id => Some(saved.iter().find(|one| one.id.to_string() == id).ok_or(AddressBookError::Unknown)?),
        };
        Ok(found.map(|one| &one.address))
    }
}

impl AddressChoices {
    /// Nothing to choose from with a single one: it is filled in already.
    pub(super) fn new(saved: &[SavedAddress], typed: &CheckoutForm, user: &User) -> Self {
        let has_room = saved.len() < MOST_ADDRESSES;
        if saved.len() < 2 {
            return Self { has_room, ..Self::default() };
        }
        let choice = |one: &SavedAddress| AddressChoice {
            url: format!("/checkout?address={}", one.id),
            title: short(&one.address),
            text: beside_street(&one.address),
            is_chosen: typed.holds(&one.address, user),
        };
        let mut in_view: Vec<_> = saved.iter().map(choice).collect();
        let folded = in_view.split_off(in_view.len().min(IN_VIEW));
        let is_open = folded.iter().any(|one| one.is_chosen);
        Self { in_view, folded, is_open, has_room }
    }
}

/// Keeps the address of a placed order. Whatever happens here, the order stands.
pub(super) async fn keep(screen: &Screen, address: &Address) {
    let Some(customer) = screen.actor.customer() else { return };
    match accounts::keep_address(&screen.db, customer, address).await {
        Ok(_) => {}
        Err(AddressBookError::Full) => {
            let text = "Your address book is full, so this address was not saved.";
            flash::leave(screen.actor.cookies(), &Flash::warn(text));
        }
        Err(error) => tracing::warn!(%error, "the address of a placed order could not be kept"),
    }
}

fn beside_street(address: &Address) -> String {
    let town = [address.postal_code.as_str(), &address.city].join(" ");
    let parts = [address.name.as_str(), town.trim(), &address.country];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}
