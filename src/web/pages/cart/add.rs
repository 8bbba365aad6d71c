//! Putting something into the cart, from a product's page or to undo a removal.

use axum::{extract::State, http::StatusCode, response::Response};
use serde::Deserialize;

use super::{
    CART, refusal,
    view::{SHOWN, full_name},
};
use crate::{
    domain::{
        cart::{self, Item, NewItem},
        catalog::{Product, Variant},
    },
    infra::database::Db,
    request::{Actor, App, AppError, ErrorKind},
    types::{Quantity, VariantId},
    views::{
        layout::{Flash, FlashAction, Frame},
        urls,
    },
    web::{
        Hx, PageFrame, flash,
        form::Form,
        html,
        pages::product::{self, Buying, ProductPage},
        redirect,
    },
};

/// What to buy. The page it came from shows what is wrong with it.
#[derive(Deserialize, Debug)]
pub struct AddForm {
    variant_id: String,
    #[serde(default = "one")]
    quantity: String,
    /// The slug of the product whose page this is, if it is one.
    #[serde(default)]
    product: String,
}

fn one() -> String {
    Quantity::ONE.to_string()
}

/// `POST /cart/items`
pub async fn add(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    PageFrame(mut frame): PageFrame,
    hx: Hx,
    Form(form): Form<AddForm>,
) -> Result<Response, AppError> {
    let variant = form.variant_id.parse().map(VariantId).map_err(|_| product::unknown())?;
    let quantity = match form.quantity.parse::<Quantity>() {
        Ok(quantity) => quantity,
        Err(error) => return refused(&app, frame, hx, &form, format!("{error}.")).await,
    };
    let owner = actor.owner_for_writing(&db).await?;
    let (cart, line) = match cart::add_item(&db, owner, NewItem { item: Item::Variant(variant), quantity }).await {
        Ok((cart, id)) => {
            let line = cart.lines.iter().find(|line| line.id == id).map(full_name).unwrap_or_default();
            (cart, line)
        }
        Err(error) => return refused(&app, frame, hx, &form, refusal(error)?).await,
    };
    let message = Flash::good(format!("Added {line} to your cart."));
    if hx.wants_fragment
        && let Some((product, variant)) = origin(&db, &form).await?
    {
        frame.cart_count = u32::try_from(cart.item_count()).unwrap_or(u32::MAX);
        frame.flash = Some(message.with_action(FlashAction {
            label: "View cart".to_owned(),
            url: CART.to_owned(),
            fields: Vec::new(),
        }));
        let mut page = ProductPage::new(&app.config.shop, frame, &product, &variant, Buying::Fresh);
        page.is_fragment = true;
        return Ok(html(StatusCode::OK, &page.as_buy()));
    }
    flash::leave(actor.cookies(), &message);
    Ok(redirect(CART))
}

// The page that the form stands on, with what was typed and what is wrong with it.
async fn refused(app: &App, frame: Frame, hx: Hx, form: &AddForm, problem: String) -> Result<Response, AppError> {
    let Some((product, variant)) = origin(&app.db, form).await? else {
        let error = AppError::new(ErrorKind::Unprocessable, "bad_quantity", &problem);
        return Err(error.with_fields([("quantity", problem)]));
    };
    let typed = form.quantity.chars().take(SHOWN).collect();
    // The page stands at an address that takes no GET: signing in from it comes back to the product.
    let frame = Frame { page_path: urls::variant(&product.slug, variant.id), ..frame };
    let mut page = ProductPage::new(&app.config.shop, frame, &product, &variant, Buying::Refused { typed, problem });
    if hx.wants_fragment {
        page.is_fragment = true;
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page.as_buy()));
    }
    page.related = product::related(&app.db, &product, &page).await?;
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

async fn origin(db: &Db, form: &AddForm) -> Result<Option<(Product, Variant)>, AppError> {
    let Some(product) = product::find(db, &form.product).await? else { return Ok(None) };
    let variant = product::variant_of(&product, &form.variant_id).cloned();
    Ok(variant.map(|variant| (product, variant)))
}
