//! Values that are right by construction: parsed once at the edge, carried as types from there on. No I/O here.

mod address;
mod chat;
mod currency;
mod email;
mod ids;
mod locale;
mod money;
mod opening_hours;
mod page;
mod password;
mod phone;
mod quantity;
mod search_text;
mod slug;
mod text;
mod username;
mod zone;

pub use address::{Address, AddressError};
pub use chat::{ChatTextError, ClientId, ConversationToken, DisplayName, MOST_BODY_BYTES, MessageBody};
pub use currency::{Currency, CurrencyError};
pub use email::{Email, EmailError};
pub use ids::{
    AddressId, AttachmentId, AutomaticAnswerId, CallBackId, CannedAnswerId, CartId, CartLineId, CategoryId,
    ContactMessageId, ConversationId, LabelId, MediaId, OrderId, OrderLineId, PaymentId, ProductId, SavedLineId,
    SessionId, StockAlertId, UserId, VariantId, VisitorId, WishlistId, WishlistItemId,
};
pub use locale::{Locale, LocaleError};
pub use money::{BasisPoints, DecimalText, Money, MoneyError, Rounding};
pub use opening_hours::{Opening, OpeningHours, TimeRange, TimeRangeError};
pub use page::{Page, PageError, Paged, PerPage};
pub use password::{Password, PasswordError};
pub use phone::{Phone, PhoneError};
pub use quantity::{Quantity, QuantityError};
pub use search_text::SearchText;
pub use slug::{Slug, SlugError};
pub use text::{TextError, line_of, line_or_empty, lines_of, one_line_of};
pub use username::{Username, UsernameError};
pub use zone::Zone;
