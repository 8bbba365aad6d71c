//! What the cart shows.

use askama::Template;

use crate::{
    domain::{
        cart::{Cart, CartLine, LineNotice, SavedLine},
        checkout::{Quote, Totals},
    },
    types::{CartLineId, Locale, Quantity, QuantityError, SavedLineId},
    views::{layout::Frame, stock::Stock, urls},
};

/// How much is shown again of a quantity that was none.
pub(super) const SHOWN: usize = 12;

#[derive(Template)]
#[template(path = "cart/show.html", blocks = ["cart"])]
pub(super) struct CartPage {
    frame: Frame,
    crumbs: Vec<(String, String)>,
    lines: Vec<Line>,
    saved: Vec<Saved>,
    count_note: String,
    spoken: String,
    has_changes: bool,
    changes_note: &'static str,
    is_buyable: bool,
    summary: Summary,
    /// Only the cart's block is shown, and beside it what else changed.
    pub(super) is_fragment: bool,
    /// What had the focus is gone.
    pub(super) focus_heading: bool,
}

/// What is wrong with the quantity that someone typed.
pub(super) struct LineProblem {
    line: CartLineId,
    typed: String,
    message: String,
}

struct Line {
    id: CartLineId,
    url: String,
    name: String,
    variant: String,
    full_name: String,
    stem: String,
    unit_price: String,
    total: String,
    field: String,
    label: String,
    typed: String,
    max: i32,
    is_out: bool,
    is_archived: bool,
    notices: Vec<String>,
    problem: String,
}

// What was put aside.
struct Saved {
    id: SavedLineId,
    url: String,
    name: String,
    variant: String,
    full_name: String,
    stem: String,
    unit_price: String,
    pieces: String,
    stock: Stock,
    is_archived: bool,
}

struct Summary {
    subtotal: String,
    discount: String,
    shipping: String,
    tax: String,
    total: String,
    to_free: Option<ToFree>,
}

// What is missing to free shipping, in words and as a bar.
struct ToFree {
    text: String,
    reached: i64,
    max: i64,
}

impl CartPage {
    pub(super) fn new(mut frame: Frame, quote: &Quote, is_fragment: bool) -> Self {
        let (cart, locale) = (&quote.cart, frame.locale);
        let count = cart.item_count();
        frame.cart_count = u32::try_from(count).unwrap_or(u32::MAX);
        // Also where the cart answers at the address of a change, which takes no GET: signing in comes back to it.
        frame.page_path = "/cart".to_owned();
        let count_note = if count == 1 { "1 item".to_owned() } else { format!("{count} items") };
        Self {
            crumbs: vec![("Cart".to_owned(), "/cart".to_owned())],
            lines: cart.lines.iter().map(|line| Line::new(line, &locale)).collect(),
            saved: cart.saved.iter().map(|line| Saved::new(line, &locale)).collect(),
            spoken: format!("{count_note} in your cart, total {}", locale.money(quote.totals.total)),
            count_note,
            has_changes: cart.lines.iter().any(|line| !line.notices.is_empty()),
            changes_note: changes_note(cart),
            is_buyable: cart.is_buyable(),
            summary: Summary::new(&quote.totals, &locale),
            is_fragment,
            focus_heading: false,
            frame,
        }
    }

    pub(super) fn show_problem(&mut self, problem: LineProblem) {
        if let Some(line) = self.lines.iter_mut().find(|line| line.id == problem.line) {
            line.typed = problem.typed;
            line.problem = problem.message;
        }
    }
}

impl LineProblem {
    pub(super) fn new(line: CartLineId, typed: &str, message: String) -> Self {
        Self { line, typed: typed.chars().take(SHOWN).collect(), message }
    }

    pub(super) fn not_a_quantity(line: CartLineId, typed: &str, error: QuantityError) -> Self {
        Self::new(line, typed, format!("{error}, or remove it from your cart."))
    }
}

impl Line {
    fn new(line: &CartLine, locale: &Locale) -> Self {
        let full_name = full_name(line);
        Self {
            id: line.id,
            url: urls::variant(&line.product_slug, line.variant_id),
            name: line.product_name.clone(),
            variant: line.variant_name.clone(),
            label: format!("Quantity of {full_name}"),
            full_name,
            stem: line.picture.clone().unwrap_or_default(),
            unit_price: locale.money(line.unit_price),
            total: locale.money(line.line_total),
            field: format!("quantity-{}", line.id),
            typed: line.quantity.to_string(),
            max: line.available.clamp(1, Quantity::MAX.get()),
            is_out: line.available <= 0,
            is_archived: line.notices.contains(&LineNotice::Archived),
            notices: line.notices.iter().map(|notice| words(notice, line, locale)).collect(),
            problem: String::new(),
        }
    }
}

impl Saved {
    fn new(line: &SavedLine, locale: &Locale) -> Self {
        let pieces = line.quantity.get();
        Self {
            id: line.id,
            url: urls::variant(&line.product_slug, line.variant_id),
            name: line.product_name.clone(),
            variant: line.variant_name.clone(),
            full_name: joined(&line.product_name, &line.variant_name),
            stem: line.picture.clone().unwrap_or_default(),
            unit_price: locale.money(line.unit_price),
            pieces: if pieces == 1 { String::new() } else { format!("{pieces} pieces") },
            stock: Stock::of(line.available),
            is_archived: line.archived,
        }
    }
}

impl Summary {
    fn new(totals: &Totals, locale: &Locale) -> Self {
        let to_free = totals.to_free_shipping.map(|missing| ToFree {
            text: locale.money(missing),
            reached: totals.subtotal.minor(),
            max: totals.subtotal.minor().saturating_add(missing.minor()),
        });
        Self {
            subtotal: locale.money(totals.subtotal),
            discount: if totals.discount.is_zero() {
                String::new()
            } else {
                format!("−{}", locale.money(totals.discount))
            },
            shipping: if totals.shipping.is_zero() { "Free".to_owned() } else { locale.money(totals.shipping) },
            tax: if totals.tax.is_zero() { String::new() } else { locale.money(totals.tax) },
            total: locale.money(totals.total),
            to_free,
        }
    }
}

/// The product's name with the variant's.
pub(super) fn full_name(line: &CartLine) -> String {
    joined(&line.product_name, &line.variant_name)
}

fn joined(product: &str, variant: &str) -> String {
    if variant.is_empty() { product.to_owned() } else { format!("{product}, {variant}") }
}

fn words(notice: &LineNotice, line: &CartLine, locale: &Locale) -> String {
    let now = locale.money(line.unit_price);
    match notice {
        LineNotice::PriceRose { was } => format!("Now {now}, up from {}.", locale.money(*was)),
        LineNotice::PriceFell { was } => format!("Now {now}, down from {}.", locale.money(*was)),
        LineNotice::OnlyLeft { available } => format!("Only {available} left, you wanted {}.", line.quantity),
        LineNotice::SoldOut => "Sold out since you put it in.".to_owned(),
        LineNotice::Archived => "No longer sold.".to_owned(),
    }
}

// Says what accepting does, and no more than that.
fn changes_note(cart: &Cart) -> &'static str {
    let notices = || cart.lines.iter().flat_map(|line| &line.notices);
    let lowers = notices().any(|notice| matches!(notice, LineNotice::OnlyLeft { .. }));
    let removes = notices().any(|notice| matches!(notice, LineNotice::SoldOut | LineNotice::Archived));
    match (lowers, removes) {
        (false, false) => "Prices have changed since you were last here.",
        (true, false) => {
            "Some things have changed since you were last here. Accepting lowers quantities to what is left."
        }
        (false, true) => {
            "Some things have changed since you were last here. Accepting removes what is no longer there."
        }
        (true, true) => {
            "Some things have changed since you were last here. Accepting lowers quantities to what is left and removes what is gone."
        }
    }
}
