//! The frame around every page: a plain struct, filled per request, that holds all that is personal.

use std::sync::Arc;

use crate::{
    domain::catalog::CategoryNode,
    types::{Locale, Money, ProductId},
    views::{assets::Assets, contact_card::ContactCard},
};

/// What `base.html` shows around a page.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The shop's name.
    pub shop_name: String,
    /// Which server answers, for the footer.
    pub server_name: String,
    /// How amounts and dates are written.
    pub locale: Locale,
    /// Names of the built files.
    pub assets: Assets,
    /// Before `/media/` and `/static/`; empty without a CDN.
    pub asset_base: String,
    /// The page's path and query, to come back to after signing in.
    pub page_path: String,
    /// The page's whole address.
    pub canonical: String,
    /// What was searched for, to stand in the header's field.
    pub search: String,
    /// Pieces in the cart.
    pub cart_count: u32,
    /// What is on the wishlist.
    pub wished: Vec<ProductId>,
    /// Who is signed in.
    pub person: Option<PersonBadge>,
    /// The categories of the menu.
    pub categories: Arc<[CategoryNode]>,
    /// From which subtotal on standard delivery is free, as it is written.
    pub free_shipping_from: Option<String>,
    /// How the shop is reached, for the footer.
    pub contact: Arc<ContactCard>,
    /// Whether prices contain the tax.
    pub prices_include_tax: bool,
    /// What the last action has to say.
    pub flash: Option<Flash>,
    /// To be quoted to support; shown on error pages alone.
    pub request_id: String,
}

/// Who is signed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonBadge {
    /// What to call them.
    pub name: String,
    /// Where mails to them go, for forms that ask for it.
    pub email: String,
    /// Whether they may answer at the support desk.
    pub is_agent: bool,
}

/// A message that the next page shows once.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Flash {
    /// How it looks.
    pub kind: FlashKind,
    /// What it says.
    pub text: String,
    /// A button beside it, such as Undo.
    pub action: Option<FlashAction>,
}

/// How a message looks. Templates compare it with its word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FlashKind {
    /// Done.
    Good,
    /// Done, but look.
    Warn,
    /// Not done.
    Bad,
}

/// A link that a message offers, or with fields a small form.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct FlashAction {
    /// What the button says.
    pub label: String,
    /// Where it posts; a path of the shop.
    pub url: String,
    /// Its hidden fields.
    pub fields: Vec<(String, String)>,
}

impl Frame {
    /// The address of a built file: `app.css`.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        self.assets.url(name)
    }

    /// The address of a picture in one of its widths.
    #[must_use]
    pub fn media(&self, stem: impl AsRef<str>, width: u32) -> String {
        super::urls::media(&self.asset_base, stem.as_ref(), width)
    }

    /// The sign-in page, which comes back to this one.
    #[must_use]
    pub fn sign_in_url(&self) -> String {
        let leads_nowhere = ["/login", "/register", "/logout"].iter().any(|path| self.page_path.starts_with(path));
        if leads_nowhere || self.page_path == "/" { "/login".to_owned() } else { super::urls::login(&self.page_path) }
    }

    /// Whether search engines may show this page: what is one person's, and what is searched for, is nothing to be found.
    #[must_use]
    pub fn may_be_found(&self) -> bool {
        let (path, query) = self.page_path.split_once('?').unwrap_or((&self.page_path, ""));
        let personal = ["account", "cart", "chat", "checkout", "orders", "support", "wishlist"];
        let first = path.split('/').nth(1).unwrap_or_default();
        !personal.contains(&first) && !query.split('&').any(|pair| pair.starts_with("search="))
    }

    /// Whether the chat's launcher has a place here: not where a conversation is the page, and not on the pages of staff.
    #[must_use]
    pub fn shows_launcher(&self) -> bool {
        let path = self.page_path.split('?').next().unwrap_or_default();
        !["admin", "chat", "support"].contains(&path.split('/').nth(1).unwrap_or_default())
    }

    /// Whether a product is on the wishlist.
    #[must_use]
    pub fn is_wished(&self, product: &ProductId) -> bool {
        self.wished.contains(product)
    }

    /// How many products are on the wishlist.
    #[must_use]
    pub fn wishlist_count(&self) -> usize {
        self.wished.len()
    }

    /// An amount in the custom of the shop.
    #[must_use]
    pub fn money(&self, money: &Money) -> String {
        self.locale.money(*money)
    }
}

impl Flash {
    /// Something was done.
    #[must_use]
    pub fn good(text: impl Into<String>) -> Self {
        Self { kind: FlashKind::Good, text: text.into(), action: None }
    }

    /// Something was done, but deserves a look.
    #[must_use]
    pub fn warn(text: impl Into<String>) -> Self {
        Self { kind: FlashKind::Warn, text: text.into(), action: None }
    }

    /// Something was not done.
    #[must_use]
    pub fn bad(text: impl Into<String>) -> Self {
        Self { kind: FlashKind::Bad, text: text.into(), action: None }
    }

    /// With a button that posts a small form.
    #[must_use]
    pub fn with_action(mut self, action: FlashAction) -> Self {
        self.action = Some(action);
        self
    }
}

impl PartialEq<&str> for FlashKind {
    fn eq(&self, word: &&str) -> bool {
        self.id() == *word
    }
}

impl PartialEq<str> for FlashKind {
    fn eq(&self, word: &str) -> bool {
        self.id() == word
    }
}

impl FlashKind {
    /// The word that the style sheet knows.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}
