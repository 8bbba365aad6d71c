//! What several pages share: URLs, the frame around every page, product cards, the filters for money and dates.

pub mod assets;
pub mod chat_text;
pub mod contact_card;
pub mod devices;
pub mod filters;
pub mod help;
pub mod layout;
pub mod mails;
pub mod markdown;
pub mod pagination;
pub mod product_card;
pub mod stock;
pub mod structured;
pub mod urls;
