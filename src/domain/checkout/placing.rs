//! Placing an order: one transaction, ordered so that the hot rows of the stock are touched last.

use super::{Delivery, MissingLine, PlaceError, Placed, Placement, Quote, keys, rules};
use crate::{
    config::ShopConfig,
    domain::{
        accounts::Owner,
        cart::{self, Cart, CartLine},
        inventory::{self, StockError},
        orders::{self, NewLine, NewOrder, Order},
        payments::{Gateway, GatewayAnswer, demo},
    },
    infra::{
        database::{Db, Tx},
        drill,
        metrics::METRICS,
    },
    types::{MoneyError, OrderId, Quantity, VariantId},
};

/// What the transaction came to, if it came to anything.
struct Outcome {
    order: Order,
    declined: bool,
    replayed: bool,
}

/// Places an order from the owner's cart: one transaction, in the order key, cart, prices, order, payment, job, stock.
///
/// # Errors
/// See [`PlaceError`]; nothing is changed but by a decline, which records a cancelled order.
pub async fn place(db: &Db, shop: &ShopConfig, owner: Owner, placement: Placement) -> Result<Placed, PlaceError> {
    let mut tx = db.begin().await?;
    match place_in_tx(&mut tx, shop, owner, placement).await {
        Ok(outcome) => {
            drill::point("checkout.after_stock_before_commit");
            tx.commit().await?;
            drill::point("checkout.after_commit");
            outcome.answer()
        }
        Err(error) => {
            // Awaited rather than left to the drop: whoever waits for this product's lock goes on now.
            // Where even that fails, the connection is gone and the transaction with it.
            tx.rollback().await.ok();
            METRICS.count_order(error.outcome());
            Err(error)
        }
    }
}

async fn place_in_tx(
    tx: &mut Tx,
    shop: &ShopConfig,
    owner: Owner,
    placement: Placement,
) -> Result<Outcome, PlaceError> {
    if let Some(earlier) = keys::claim(tx, owner, &placement).await? {
        let order = orders::load_in_tx(tx, earlier.order).await?;
        return Ok(Outcome { order, declined: earlier.declined, replayed: true });
    }
    let cart = cart::load_locked_in_tx(tx, owner).await?;
    let lines = stock_lines(&cart);
    let new = agreed_order(shop, owner, cart, &placement)?;
    let id = orders::place_in_tx(tx, &new).await?;
    let answer = match new.gateway {
        Gateway::Demo => demo::authorise(placement.payment_method, placement.card.as_ref()),
    };
    let declined = answer == GatewayAnswer::Declined;
    let stock = orders::record_payment_answer_in_tx(tx, id, &answer).await?;
    if !declined {
        cart::clear_in_tx(tx, owner).await?;
    }
    keys::record(tx, owner, &placement.key, id, declined).await?;
    let order = orders::load_in_tx(tx, id).await?;
    take_stock(tx, id, &lines, &new).await?;
    stock.apply_in_tx(tx, id).await?;
    Ok(Outcome { order, declined, replayed: false })
}

/// The order as the buyer agreed to it, or what stands against it: nothing in the cart, sold out, dearer than they saw.
fn agreed_order(shop: &ShopConfig, owner: Owner, cart: Cart, placement: &Placement) -> Result<NewOrder, PlaceError> {
    if cart.is_empty() {
        return Err(PlaceError::EmptyCart);
    }
    let missing: Vec<_> = cart.lines.iter().filter(|line| line.available < line.quantity.get()).map(missing).collect();
    if !missing.is_empty() {
        return Err(PlaceError::OutOfStock(missing));
    }
    let quote = quote_of(shop, cart, placement.delivery).map_err(cart::CartError::from)?;
    if placement.expected_total.is_some_and(|seen| quote.totals.total.minor() > seen.minor()) {
        return Err(PlaceError::PriceChanged(Box::new(quote)));
    }
    let totals = quote.totals;
    Ok(NewOrder {
        owner,
        subtotal: totals.subtotal,
        discount: totals.discount,
        shipping: totals.shipping,
        tax: totals.tax,
        prices_include_tax: shop.prices_include_tax,
        total: totals.total,
        delivery_method: placement.delivery.id(),
        payment_method: placement.payment_method,
        gateway: Gateway::Demo,
        contact_email: placement.contact_email.clone(),
        shipping_address: placement.shipping_address.clone(),
        lines: quote.cart.lines.into_iter().map(snapshot).collect(),
    })
}

/// A cart with what it would cost.
pub(super) fn quote_of(shop: &ShopConfig, cart: Cart, delivery: Delivery) -> Result<Quote, MoneyError> {
    let lines: Vec<_> = cart.lines.iter().map(|line| (line.line_total, line.tax_rate)).collect();
    Ok(Quote { totals: rules::totals(shop, &lines, delivery)?, cart })
}

fn stock_lines(cart: &Cart) -> Vec<(VariantId, Quantity)> {
    cart.lines.iter().map(|line| (line.variant_id, line.quantity)).collect()
}

async fn take_stock(
    tx: &mut Tx,
    order: OrderId,
    lines: &[(VariantId, Quantity)],
    new: &NewOrder,
) -> Result<(), PlaceError> {
    let short = match inventory::take_in_tx(tx, order, lines).await {
        Ok(()) => return Ok(()),
        Err(StockError::Short(short)) => short,
        Err(StockError::Database(error)) => return Err(error.into()),
    };
    let named = short.iter().filter_map(|shortage| {
        let line = new.lines.iter().find(|line| line.variant_id == shortage.variant_id)?;
        Some(MissingLine {
            variant_id: line.variant_id,
            name: full_name(&line.product_name, &line.variant_name),
            wanted: line.quantity.get(),
            available: shortage.available,
        })
    });
    Err(PlaceError::OutOfStock(named.collect()))
}

fn missing(line: &CartLine) -> MissingLine {
    MissingLine {
        variant_id: line.variant_id,
        name: full_name(&line.product_name, &line.variant_name),
        wanted: line.quantity.get(),
        available: line.available,
    }
}

fn full_name(product: &str, variant: &str) -> String {
    if variant.is_empty() { product.to_owned() } else { format!("{product}, {variant}") }
}

fn snapshot(line: CartLine) -> NewLine {
    NewLine {
        product_id: line.product_id,
        variant_id: line.variant_id,
        product_name: line.product_name,
        variant_name: line.variant_name,
        sku: line.sku,
        picture: line.picture,
        unit_price: line.unit_price,
        tax_rate: line.tax_rate,
        quantity: line.quantity,
        line_total: line.line_total,
    }
}

impl Outcome {
    fn answer(self) -> Result<Placed, PlaceError> {
        let Self { order, declined, replayed } = self;
        METRICS.count_order(match (replayed, declined) {
            (true, _) => "replayed",
            (false, true) => "declined",
            (false, false) => "placed",
        });
        if declined {
            Err(PlaceError::Declined { order: Box::new(order), replayed })
        } else {
            Ok(Placed { order, replayed })
        }
    }
}

impl PlaceError {
    /// The word that the metrics count it under.
    const fn outcome(&self) -> &'static str {
        match self {
            Self::EmptyCart => "empty_cart",
            Self::OutOfStock(_) => "out_of_stock",
            Self::PriceChanged(_) => "price_changed",
            Self::Declined { .. } => "declined",
            Self::KeyReused => "key_reused",
            Self::StillRunning => "still_running",
            Self::Cart(_) | Self::Database(_) => "failed",
        }
    }
}
