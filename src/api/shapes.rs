//! The shapes of the contract that several answers share.

mod addresses;
mod goods;
mod orders;
mod people;

use serde::Serialize;
use utoipa::ToSchema;

pub use addresses::{AddressGiven, AddressInput, AddressShape};
pub use goods::{CartItemShape, CategoryShape, ProductShape, WishlistItemShape};
pub use orders::{OrderShape, TotalsShape};
pub use people::UserShape;

use crate::{request::App, views::urls};

/// A sentence for people.
#[derive(Debug, Serialize, ToSchema)]
pub struct Message {
    /// The sentence.
    #[schema(example = "Your cart is empty.")]
    pub message: &'static str,
}

fn image_url(app: &App, stem: Option<&str>) -> Option<String> {
    let public = &app.config.public;
    let path = urls::media(&public.asset_base, stem?, 640);
    Some(if path.starts_with('/') { urls::absolute(&public.url, &path) } else { path })
}
