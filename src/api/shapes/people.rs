//! Accounts.

use serde::Serialize;
use utoipa::ToSchema;

use super::AddressShape;
use crate::{domain::accounts, types::UserId};

/// An account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserShape {
    id: UserId,
    #[schema(example = "ada")]
    username: String,
    #[schema(example = "ada@example.com")]
    email: String,
    #[schema(example = "Ada Lovelace")]
    full_name: String,
    #[schema(required, example = "+1 555 0100")]
    phone: Option<String>,
    #[schema(required)]
    address: Option<AddressShape>,
    #[schema(example = "customer", pattern = "^(customer|agent|lead|staff|administrator)$")]
    role: &'static str,
}

impl From<&accounts::User> for UserShape {
    fn from(user: &accounts::User) -> Self {
        Self {
            id: user.id,
            username: user.username.clone(),
            email: user.email.clone(),
            full_name: user.full_name.clone(),
            phone: user.phone.clone(),
            address: user.address.clone().map(Into::into),
            role: user.role().id(),
        }
    }
}
