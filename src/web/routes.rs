//! The whole table of the pages' routes.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};

use super::{
    errors,
    pages::{
        account, admin, answers, cart, chat, checkout, contact, figures, help, home, orders, product, products,
        register, sign_in, sitemap, stock_alerts, wishlist,
    },
    support,
};
use crate::request::{App, AppError, layers};

/// Every page, with errors as pages. A path with or without its last slash is the same (see `cli::serve`).
///
/// GET  `/` home · `/products` list · `/products/suggestions` while typing · `/products/{slug}` product · `/cart` · `/wishlist` ·
///      `/wishlist/shared/{token}` · `/checkout` · `/orders` · `/orders/{number}` · `/account` · `/account/addresses` ·
///      `/account/addresses/new` · `/account/addresses/{id}` · `/account/password` · `/account/sessions` · `/login` · `/register` ·
///      `/contact` · `/contact/call-back` · `/contact/thanks` · `/help` · `/shipping` · `/returns` · `/privacy` · `/terms` · `/about` ·
///      `/account/chats` · `/account/chats.json` · `/admin` · `/admin/audit` · `/admin/people` · `/admin/people/{id}` ·
///      `/support/answers`, `…/canned/{id}`, `…/automatic/{id}`, each with `…/removal` · `/support/figures` · `/support/figures.csv` ·
///      `/recently-viewed` row of cards · `/share/{slug}.jpg` · `/stock-alerts/{token}/removal` ·
///      `/support` and what is below it: the agents' desk, see `web::support` ·
///      `/robots.txt` · `/sitemap.xml` · `/sitemaps/{name}`
/// GET  `/chat` · `/chat/widget` the same for the launcher · `/chat/resume/{token}` · `/chat/mails/{token}` stops them ·
///      `/chat/{token}/attachments/{file}`
/// POST `/chat` says something · `/chat/resume/{token}` · `/chat/mails/{token}` · `/chat/{token}/attachments`, `…/end`, `…/rating`, `…/transcript`
/// POST `/products/{slug}/stock-alert` · `/stock-alerts/{token}/removal` · `/cart/items` add · `/cart/items/{id}` set quantity · `/cart/items/{id}/removal` · `/cart/items/{id}/later` put aside ·
///      `/cart/items/{id}/wishlist` move · `/cart/saved/{id}/cart` · `/cart/saved/{id}/removal` · `/cart/changes/acceptance` ·
///      `/wishlist/items` add · `/wishlist/items/{id}/removal` · `/wishlist/items/{id}/cart` move ·
///      `/wishlist/products/{product_id}/removal` · `/wishlist/sharing` · `/wishlist/sharing/removal` · `/checkout` place ·
///      `/orders/{number}/cancellation` · `/account` profile · `/account/addresses` add · `/account/addresses/{id}` change,
///      `…/default`, `…/removal` · `/account/password` · `/account/sessions/{id}/removal`, `/account/sessions/others/removal` ·
///      `/account/chats/removal` · `/admin/people/{id}` roles · `/support/answers/canned`, `/support/answers/automatic`, both `…/{id}`,
///      `…/{id}/removal` · `/login` · `/register` · `/logout` · `/contact` message · `/contact/call-back` call
pub fn router(app: &App) -> Router<App> {
    Router::new()
        .merge(shop())
        .merge(account_and_orders())
        .merge(chat_of_customers())
        .merge(staff())
        .merge(support::router(app))
        .fallback(async || AppError::not_found())
        .layer(middleware::from_fn_with_state(app.clone(), errors::layer))
}

// What everybody sees and buys.
fn shop() -> Router<App> {
    Router::new()
        .route("/", get(home::show))
        .route("/products", get(products::show))
        .route("/products/suggestions", get(products::suggestions::show))
        .route("/products/{slug}", get(product::show))
        .route("/products/{slug}/stock-alert", post(product::alert::ask))
        .route("/recently-viewed", get(product::recent::show))
        .route("/share/{file}", get(product::share::show))
        .route("/stock-alerts/{token}/removal", get(stock_alerts::show).post(stock_alerts::stop))
        .route("/cart", get(cart::show))
        .route("/cart/items", post(cart::add))
        .route("/cart/items/{id}", post(cart::set_quantity))
        .route("/cart/items/{id}/removal", post(cart::remove))
        .route("/cart/items/{id}/later", post(cart::save_for_later))
        .route("/cart/items/{id}/wishlist", post(cart::to_wishlist))
        .route("/cart/saved/{id}/cart", post(cart::bring_back))
        .route("/cart/saved/{id}/removal", post(cart::remove_saved))
        .route("/cart/changes/acceptance", post(cart::accept_changes))
        .route("/checkout", get(checkout::show).post(checkout::place))
        .route("/checkout/summary", get(checkout::summary))
        .route("/contact", get(contact::show).post(contact::send))
        .route("/contact/call-back", get(contact::call_back::show).post(contact::call_back::request))
        .route("/contact/thanks", get(contact::thank))
        .route("/help", get(help::index))
        .route("/shipping", get(help::show))
        .route("/returns", get(help::show))
        .route("/privacy", get(help::show))
        .route("/terms", get(help::show))
        .route("/about", get(help::show))
        .route("/robots.txt", get(sitemap::robots))
        .route("/sitemap.xml", get(sitemap::index))
        .route("/sitemaps/{name}", get(sitemap::part))
        .route("/wishlist", get(wishlist::show))
        .route("/wishlist/items", post(wishlist::add))
        .route("/wishlist/items/{id}/cart", post(wishlist::to_cart))
        .route("/wishlist/items/{id}/removal", post(wishlist::remove))
        .route("/wishlist/products/{product_id}/removal", post(wishlist::remove_product))
        .route("/wishlist/shared/{token}", get(wishlist::shared))
        .route("/wishlist/sharing", post(wishlist::share))
        .route("/wishlist/sharing/removal", post(wishlist::stop_sharing))
}

// A person and what is theirs.
fn account_and_orders() -> Router<App> {
    Router::new()
        .route("/account", get(account::show).post(account::save))
        .route("/account/addresses", get(account::addresses::list).post(account::addresses::add))
        .route("/account/addresses/new", get(account::addresses::new))
        .route("/account/addresses/{id}", get(account::addresses::edit).post(account::addresses::change))
        .route("/account/addresses/{id}/default", post(account::addresses::make_default))
        .route("/account/addresses/{id}/removal", post(account::addresses::remove))
        .route("/account/password", get(account::password::show).post(account::password::change))
        .route("/account/sessions", get(account::sessions::show))
        .route("/account/sessions/others/removal", post(account::sessions::end_others))
        .route("/account/sessions/{id}/removal", post(account::sessions::end))
        .route("/login", get(sign_in::show).post(sign_in::enter))
        .route("/logout", post(sign_in::leave))
        .route("/orders", get(orders::list))
        .route("/orders/{number}", get(orders::show))
        .route("/orders/{number}/cancellation", post(orders::cancel))
        .route("/register", get(register::show).post(register::enter))
}

// The customer's side of the chat.
fn chat_of_customers() -> Router<App> {
    Router::new()
        .route("/chat", get(chat::show).post(chat::say))
        .route("/chat/widget", get(chat::widget))
        .route("/chat/resume/{token}", get(chat::resume::show).post(chat::resume::resume))
        .route("/chat/mails/{token}", get(chat::mails::show).post(chat::mails::switch))
        .route("/chat/{token}/attachments", post(chat::files::send).layer(DefaultBodyLimit::max(layers::UPLOAD_LIMIT)))
        .route("/chat/{token}/attachments/{file}", get(chat::files::show))
        .route("/chat/{token}/end", post(chat::over::end))
        .route("/chat/{token}/rating", post(chat::over::rate))
        .route("/chat/{token}/transcript", post(chat::over::transcript))
        .route("/account/chats", get(account::chats::show))
        .route("/account/chats.json", get(account::chats::export))
        .route("/account/chats/removal", post(account::chats::remove))
}

// For the shop's people, beside the desk.
fn staff() -> Router<App> {
    Router::new()
        .route("/admin", get(admin::show))
        .route("/admin/audit", get(admin::trail))
        .route("/admin/people", get(admin::people::list))
        .route("/admin/people/{id}", get(admin::people::show).post(admin::people::save))
        .route("/support/answers", get(answers::show))
        .route("/support/answers/canned", post(answers::canned::add))
        .route("/support/answers/canned/new", get(answers::canned::new))
        .route("/support/answers/canned/{id}", get(answers::canned::edit).post(answers::canned::change))
        .route("/support/answers/canned/{id}/removal", get(answers::canned::confirm).post(answers::canned::remove))
        .route("/support/answers/automatic", post(answers::automatic::add))
        .route("/support/answers/automatic/new", get(answers::automatic::new))
        .route("/support/answers/automatic/{id}", get(answers::automatic::edit).post(answers::automatic::change))
        .route(
            "/support/answers/automatic/{id}/removal",
            get(answers::automatic::confirm).post(answers::automatic::remove),
        )
        .route("/support/figures", get(figures::show))
        .route("/support/figures.csv", get(figures::csv))
}
