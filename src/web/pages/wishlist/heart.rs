//! Hearts: a product is put on the wishlist or taken off it, from wherever it is shown.

use axum::{extract::Path, http::StatusCode, response::Response};
use serde::Deserialize;

use super::{WISHLIST, view::Heart};
use crate::{
    domain::{
        catalog::{self, ProductSummary},
        wishlist::{self, WishlistError},
    },
    infra::database::Db,
    request::{Actor, AppError},
    types::ProductId,
    views::{
        layout::{Flash, FlashAction, Frame},
        urls,
    },
    web::{Hx, PageFrame, flash, form::Form, html, pages::product, redirect},
};

/// Which product, and the page to come back to.
#[derive(Deserialize, Debug)]
pub struct HeartForm {
    #[serde(default)]
    product_id: String,
    #[serde(default)]
    next: String,
}

/// `POST /wishlist/items`
pub async fn add(
    db: Db,
    actor: Actor,
    PageFrame(mut frame): PageFrame,
    hx: Hx,
    Form(form): Form<HeartForm>,
) -> Result<Response, AppError> {
    // Before there is an owner: who asks for nothing that is sold remains nobody.
    let product = find(&db, &form.product_id).await?;
    let owner = actor.owner_for_writing(&db).await?;
    match wishlist::add(&db, owner, product.id).await {
        Ok(_) => frame.wished.push(product.id),
        // It was pressed in another tab; now it is on the list, as was wanted.
        Err(WishlistError::AlreadyThere) => {}
        Err(error) => return Err(error.into()),
    }
    let said = format!("Added {} to your wishlist.", product.name);
    Ok(answer(&actor, frame, hx, product, said, &form.next))
}

/// `POST /wishlist/products/{product_id}/removal`
pub async fn remove(
    db: Db,
    actor: Actor,
    Path(id): Path<String>,
    PageFrame(mut frame): PageFrame,
    hx: Hx,
    Form(form): Form<HeartForm>,
) -> Result<Response, AppError> {
    let product = find(&db, &id).await?;
    if let Some(owner) = actor.owner() {
        wishlist::remove_product(&db, owner, product.id).await?;
    }
    frame.wished.retain(|wished| *wished != product.id);
    let said = format!("Removed {} from your wishlist.", product.name);
    Ok(answer(&actor, frame, hx, product, said, &form.next))
}

async fn find(db: &Db, id: &str) -> Result<ProductSummary, AppError> {
    let id = id.parse().map(ProductId).map_err(|_| product::unknown())?;
    catalog::summaries(db, &[id]).await?.pop().ok_or_else(product::unknown)
}

fn answer(actor: &Actor, mut frame: Frame, hx: Hx, product: ProductSummary, said: String, next: &str) -> Response {
    let next = urls::local_or(next, WISHLIST);
    if hx.wants_fragment {
        frame.page_path = next;
        return html(StatusCode::OK, &Heart { frame, product: product.id, name: product.name, said });
    }
    let action = FlashAction { label: "View wishlist".to_owned(), url: WISHLIST.to_owned(), fields: Vec::new() };
    let message = Flash::good(said);
    flash::leave(actor.cookies(), &if next == WISHLIST { message } else { message.with_action(action) });
    redirect(&next)
}
