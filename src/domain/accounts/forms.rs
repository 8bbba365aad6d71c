//! What people hand in about themselves.

use crate::types::{Address, Email, Password, Phone, Username};

/// What a registration asks for, already held to the rules of each field.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The name to sign in with.
    pub username: Username,
    /// Where mail goes.
    pub email: Email,
    /// Chosen by its owner.
    pub password: Password,
    /// May be empty.
    pub full_name: String,
    /// Optional.
    pub phone: Option<Phone>,
    /// Becomes the default address.
    pub address: Option<Address>,
}

/// A change of one's own account; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    /// New name; may be empty.
    pub full_name: Option<String>,
    /// New number; `Some(None)` removes it.
    pub phone: Option<Option<Phone>>,
    /// New default address; `Some(None)` removes it.
    pub address: Option<Option<Address>>,
    /// New mail address.
    pub email: Option<Email>,
}

/// The device a person signs in from, as it presents itself.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// Its network address.
    pub ip: String,
    /// What its browser calls itself, cut to 400 letters.
    pub user_agent: String,
}
