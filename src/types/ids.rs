//! One type an identifier, so that a product's id cannot be passed where a variant's is wanted.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<i64> for $name {
            fn from(id: i64) -> Self {
                Self(id)
            }
        }
    )+};
}

ids! {
    /// A row of `users`.
    UserId,
    /// A row of `visitors`: a browser that has a cart or an order.
    VisitorId,
    /// A row of `addresses`.
    AddressId,
    /// A row of `categories`.
    CategoryId,
    /// A row of `media`.
    MediaId,
    /// A row of `products`.
    ProductId,
    /// A row of `product_variants`: what is bought.
    VariantId,
    /// A row of `carts`.
    CartId,
    /// A row of `cart_lines`.
    CartLineId,
    /// A row of `wishlists`.
    WishlistId,
    /// A row of `wishlist_items`.
    WishlistItemId,
    /// A row of `saved_lines`: put aside in the cart.
    SavedLineId,
    /// A row of `stock_alerts`.
    StockAlertId,
    /// A row of `orders`; people see its number instead.
    OrderId,
    /// A row of `order_lines`.
    OrderLineId,
    /// A row of `payments`.
    PaymentId,
    /// A row of `contact_messages`; people see its reference instead.
    ContactMessageId,
    /// A row of `call_back_requests`; people see its reference instead.
    CallBackId,
    /// A row of `conversations`; people know its token instead.
    ConversationId,
    /// A row of `chat_attachments`; people know its token instead.
    AttachmentId,
    /// A row of `chat_labels`.
    LabelId,
    /// A row of `canned_answers`.
    CannedAnswerId,
    /// A row of `automatic_answers`.
    AutomaticAnswerId,
}

/// A row of `sessions`: one sign-in on one device. Random, since it is kept in the session's record.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct SessionId(pub uuid::Uuid);
