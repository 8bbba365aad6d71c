//! What the wishlist shows, to its owner and to those who have its link.

use askama::Template;
use url::Url;

use crate::{
    domain::wishlist::{Wishlist, WishlistItem},
    types::{Locale, ProductId, WishlistItemId},
    views::{layout::Frame, product_card::ProductCard, urls},
};

#[derive(Template)]
#[template(path = "wishlist/show.html", blocks = ["wishlist"])]
pub(super) struct WishlistPage {
    frame: Frame,
    crumbs: Vec<(String, String)>,
    wishes: Vec<Wish>,
    count_note: String,
    share_url: Option<String>,
    /// Only the list's block is shown, and beside it what else changed.
    pub(super) is_fragment: bool,
}

#[derive(Template)]
#[template(path = "wishlist/shared.html")]
pub(super) struct SharedPage {
    frame: Frame,
    crumbs: Vec<(String, String)>,
    cards: Vec<ProductCard>,
    count_note: String,
}

#[derive(Template)]
#[template(path = "wishlist/heart.html")]
pub(super) struct Heart {
    pub(super) frame: Frame,
    pub(super) product: ProductId,
    pub(super) name: String,
    pub(super) said: String,
}

struct Wish {
    id: WishlistItemId,
    card: ProductCard,
    has_choice: bool,
}

impl WishlistPage {
    pub(super) fn new(mut frame: Frame, list: &Wishlist, public: &Url, is_fragment: bool) -> Self {
        frame.wished = list.items.iter().map(|item| item.product.id).collect();
        // Also where the list answers at the address of a change, which takes no GET.
        frame.page_path = "/wishlist".to_owned();
        let share_url = list.share_token.as_deref().map(urls::shared_wishlist);
        Self {
            crumbs: vec![("Wishlist".to_owned(), "/wishlist".to_owned())],
            wishes: list.items.iter().map(|item| Wish::new(item, &frame.locale)).collect(),
            count_note: count_note(list),
            share_url: share_url.map(|path| urls::absolute(public, &path)),
            is_fragment,
            frame,
        }
    }
}

impl SharedPage {
    pub(super) fn new(frame: Frame, list: &Wishlist) -> Self {
        Self {
            crumbs: vec![("A wishlist".to_owned(), String::new())],
            cards: list.items.iter().map(|item| ProductCard::new(&item.product, &frame.locale)).collect(),
            count_note: count_note(list),
            frame,
        }
    }
}

impl Wish {
    fn new(item: &WishlistItem, locale: &Locale) -> Self {
        Self { id: item.id, card: ProductCard::new(&item.product, locale), has_choice: item.product.variant_count > 1 }
    }
}

fn count_note(list: &Wishlist) -> String {
    match list.items.len() {
        1 => "1 product".to_owned(),
        count => format!("{count} products"),
    }
}
