//! The checkout's form: as it was typed, and read as a placement.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::{
    config::ShopConfig,
    domain::{
        accounts::User,
        checkout::{Delivery, IdempotencyKey, Placement},
        payments::{CardNumber, PaymentMethod},
    },
    types::{Address, Money},
    web::{form::FieldErrors, pages::address_fields::AddressFields},
};

/// As typed. The card number is read once and never shown again.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CheckoutForm {
    pub email: String,
    #[serde(flatten)]
    pub address: AddressFields,
    pub delivery: String,
    pub payment_method: String,
    pub card_number: SecretString,
    pub idempotency_key: String,
    pub expected_total: String,
    /// `1` when the form was made for someone who was signed in.
    pub account: String,
    /// `1` when the address should be kept in the address book.
    pub save_address: String,
    pub action: String,
}

/// Why a form is no placement yet.
pub(super) enum Unread {
    /// Something was typed that cannot be taken.
    Fields(FieldErrors),
    /// Its hidden fields are not those of a form of ours.
    Hidden,
}

impl CheckoutForm {
    /// What is known of the person already, with one of their addresses or none.
    pub(super) fn prefilled(user: &User, address: Option<&Address>) -> Self {
        let address = filled(address.cloned().unwrap_or_default(), user);
        Self { email: user.email.clone(), address, ..Self::default() }
    }

    /// Whether what was typed is this saved address as it was filled in.
    pub(super) fn holds(&self, saved: &Address, user: &User) -> bool {
        self.address == filled(saved.clone(), user)
    }

    /// The chosen delivery, or the usual one.
    pub(super) fn delivery(&self) -> Delivery {
        self.delivery.parse().unwrap_or_default()
    }

    /// The chosen way to pay, or the one offered first.
    pub(super) fn payment_method(&self) -> PaymentMethod {
        self.payment_method.parse().unwrap_or(PaymentMethod::CreditCard)
    }

    /// The key that the form carries, if it is one.
    pub(super) fn key(&self) -> Option<IdempotencyKey> {
        self.idempotency_key.parse().ok()
    }

    /// The total that the form showed.
    pub(super) fn expected_total(&self, shop: &ShopConfig) -> Option<Money> {
        Money::parse(&self.expected_total, shop.currency).ok()
    }

    /// Everything held to the rules of its field.
    pub(super) fn read(&self, shop: &ShopConfig) -> Result<Placement, Unread> {
        let mut errors = FieldErrors::default();
        let contact_email = errors.check("email", self.email.parse());
        let address = self.address.read(&mut errors);
        let delivery =
            errors.check("delivery", self.delivery.parse().map_err(|()| "Please choose how it comes to you"));
        let method = self.payment_method.parse().map_err(|()| "Please choose how to pay");
        let method = errors.check("payment_method", method);
        let card = match method {
            Some(method) if PaymentMethod::needs_card(method) => self.card(&mut errors),
            _ => None,
        };
        if !errors.is_empty() {
            return Err(Unread::Fields(errors));
        }
        let read = || {
            Some(Placement {
                key: self.key()?,
                contact_email: contact_email?,
                shipping_address: address?,
                delivery: delivery?,
                payment_method: method?,
                card,
                expected_total: Some(self.expected_total(shop)?),
            })
        };
        read().ok_or(Unread::Hidden)
    }

    fn card(&self, errors: &mut FieldErrors) -> Option<CardNumber> {
        match self.card_number.expose_secret().trim() {
            "" => {
                errors.add("card_number", "Please give the number of the card");
                None
            }
            text => errors.check("card_number", text.parse()),
        }
    }
}

fn filled(address: Address, user: &User) -> AddressFields {
    let mut fields = AddressFields::from(address);
    if fields.name.is_empty() {
        fields.name.clone_from(&user.full_name);
    }
    if fields.phone.is_empty() {
        fields.phone = user.phone.clone().unwrap_or_default();
    }
    fields
}
