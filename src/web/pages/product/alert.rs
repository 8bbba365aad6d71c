//! Asking for a mail when something sold out is back.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;

use super::{Alerting, Buying, ProductPage, find, related, unknown, variant_of, view::noted};
use crate::{
    domain::alerts::{self, AlertError},
    infra::database::Db,
    request::{Actor, App, AppError, Limit, check_limit},
    types::Email,
    views::{
        layout::{Flash, Frame},
        urls,
    },
    web::{Hx, PageFrame, flash, form::Form, html, redirect},
};

// Of what was typed, as much as is shown again.
const SHOWN: usize = 254;

/// Which variant, and where the mail goes.
#[derive(Deserialize, Debug)]
pub struct AlertForm {
    variant_id: String,
    #[serde(default)]
    email: String,
}

/// `POST /products/{slug}/stock-alert`. The answer is the same whether the address was noted before or not.
pub async fn ask(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    Path(slug): Path<String>,
    PageFrame(frame): PageFrame,
    hx: Hx,
    Form(form): Form<AlertForm>,
) -> Result<Response, AppError> {
    let product = find(&db, &slug).await?.ok_or_else(unknown)?;
    let variant = variant_of(&product, &form.variant_id).ok_or_else(unknown)?;
    check_limit(&app, &actor, Limit::Alert).await?;
    // The page stands at an address that takes no GET: signing in from it comes back to the product.
    let frame = Frame { page_path: urls::variant(&product.slug, variant.id), ..frame };
    let mut page = ProductPage::new(&app.config.shop, frame, &product, variant, Buying::Fresh);
    let email = match form.email.parse::<Email>() {
        Ok(email) => email,
        Err(error) => {
            let typed = form.email.chars().take(SHOWN).collect();
            page.alerting = Alerting::Refused { typed, problem: error.to_string() };
            if hx.wants_fragment {
                return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page.as_alert()));
            }
            page.related = related(&db, &product, &page).await?;
            return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
    };
    let user = actor.customer().map(|customer| customer.user().id);
    alerts::ask(&db, user, variant.id, &email).await?;
    if hx.wants_fragment {
        page.alerting = Alerting::Noted { email: email.as_str().to_owned() };
        return Ok(html(StatusCode::OK, &page.as_alert()));
    }
    flash::leave(actor.cookies(), &Flash::good(noted(email.as_str())));
    Ok(redirect(&urls::variant(&product.slug, variant.id)))
}

impl From<AlertError> for AppError {
    fn from(error: AlertError) -> Self {
        match error {
            AlertError::UnknownVariant => unknown(),
            AlertError::Database(error) => error.into(),
        }
    }
}
