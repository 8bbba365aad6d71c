//! The customer beside the conversation: who it is, where they are, what they have in the cart and have bought.

use super::{asked::Asked, view::Line};
use crate::{
    domain::{
        accounts::{self, Agent, Owner},
        cart,
        chat::Conversation,
        chat::desk::{Note, Whereabouts},
        orders::{self, Order},
    },
    infra::clock,
    request::{App, AppError},
    types::Page,
    views::{layout::Frame, urls},
};

const SHOWN_ORDERS: usize = 5;

/// The third column.
pub(super) struct Panel {
    pub name: String,
    pub email: String,
    pub username: String,
    pub page: Option<(String, String)>,
    pub seen: String,
    pub cart: Vec<CartLine>,
    pub cart_total: String,
    pub orders: Vec<OrderLine>,
    pub more_orders: i64,
    pub latest_order: String,
    pub earlier: Vec<Line>,
    pub notes: Vec<Note>,
    pub token: String,
    pub here: String,
}

/// A line of the cart.
pub(super) struct CartLine {
    pub name: String,
    pub url: String,
    pub quantity: i32,
    pub total: String,
}

/// An order in a few words.
pub(super) struct OrderLine {
    pub number: String,
    pub status: &'static str,
    pub badge: &'static str,
    pub note: String,
    pub things: String,
    pub is_cancellable: bool,
}

impl Panel {
    pub(super) async fn load(
        app: &App,
        agent: &Agent,
        frame: &Frame,
        asked: &Asked,
        of: &Conversation,
    ) -> Result<Self, AppError> {
        let beside = app.chat.beside(agent, of).await?;
        let cart = cart::load(&app.db, Some(of.owner)).await?;
        let bought = orders::list(&app.db, of.owner, Page::FIRST).await?;
        let user = match of.owner {
            Owner::Customer(id) => Some(accounts::for_agent(&app.db, agent, id).await?),
            Owner::Visitor(_) => None,
        };
        let now = clock::now();
        let shown: Vec<OrderLine> =
            bought.items.iter().take(SHOWN_ORDERS).map(|order| OrderLine::new(order, frame)).collect();
        Ok(Self {
            name: of.display_name.clone(),
            email: of.email.clone().or(user.as_ref().map(|user| user.email.clone())).unwrap_or_default(),
            username: user.map_or(String::new(), |user| user.username),
            page: page(&beside.whereabouts),
            seen: beside.whereabouts.seen_at.map_or(String::new(), |at| super::words::ago(at, now)),
            cart_total: frame.money(&cart.subtotal),
            cart: cart
                .lines
                .iter()
                .map(|line| CartLine {
                    name: line.product_name.clone(),
                    url: urls::product(&line.product_slug),
                    quantity: line.quantity.get(),
                    total: frame.money(&line.line_total),
                })
                .collect(),
            more_orders: bought.total - i64::try_from(shown.len()).unwrap_or(0),
            latest_order: shown.first().map_or(String::new(), |order| order.number.clone()),
            orders: shown,
            earlier: beside.earlier.iter().map(|entry| Line::new(entry, asked, now)).collect(),
            notes: beside.notes,
            token: of.token.to_string(),
            here: asked.with_conversation(&asked.conversation).to_query(),
        })
    }
}

// A link only where it leads to a page of this shop: a browser can say anything.
fn page(of: &Whereabouts) -> Option<(String, String)> {
    let path = urls::local_or(&of.path, "");
    let title = if of.title.is_empty() { of.path.clone() } else { of.title.clone() };
    (!title.is_empty()).then_some((title, path))
}

impl OrderLine {
    fn new(order: &Order, frame: &Frame) -> Self {
        let (status, badge) = crate::web::pages::orders::badge(order);
        let things: Vec<String> =
            order.lines.iter().take(3).map(|line| format!("{} × {}", line.quantity, line.product_name)).collect();
        let more = order.lines.len().saturating_sub(3);
        Self {
            number: order.number.clone(),
            status,
            badge,
            note: format!("{} · {}", frame.locale.date(order.placed_at), frame.money(&order.total)),
            things: if more > 0 { format!("{}, {more} more", things.join(", ")) } else { things.join(", ") },
            is_cancellable: order.status.is_cancellable(),
        }
    }
}
