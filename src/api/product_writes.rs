//! `/api/products`: what staff change.

use std::borrow::Cow;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use super::{
    body::{Body, Problems, Success, message, success},
    doc::{InvalidFields, NotSignedIn, NotThere, StaffOnly},
    products::{ProductAnswer, product_id},
    shapes::{Message, ProductShape},
};
use crate::{
    config::Config,
    domain::catalog::{self, CatalogError, HIGHEST_PRICE, NewProduct, ProductBrief, ProductChange},
    infra::database::Db,
    request::{App, AppError, StaffActor},
    types::{DecimalText, Money, line_of, lines_of},
};

const MOST_STOCK: i64 = 1_000_000;

/// A product, or what is changed of it; what is left out of a change stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ChangeProductBody)]
pub struct ProductBody {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200, example = "Enamel mug")]
    name: Option<String>,
    /// In the shop's currency. A change is the default variant's; variants that cost the same change along.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 1_000_000_000, multiple_of = 0.01, example = 19.9)]
    price: Option<DecimalText>,
    /// Paragraphs with empty lines between them.
    #[serde(default)]
    #[schema(max_length = 10_000, example = "Holds half a litre and survives the camp fire.")]
    description: Option<String>,
    /// A category's slug or name. One that is not there is made, at the top. Without one a new product stands in "Other".
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100, example = "Kitchen")]
    category: Option<String>,
    /// The address of a picture in this shop's media store, as products give it, or its path from `/media/` on. It becomes the first
    /// picture; an empty text takes all pictures away. Pictures of other sites are refused: browsers would not show them.
    #[serde(default)]
    #[schema(max_length = 500, example = "")]
    image_url: Option<String>,
    /// Pieces that can be sold, over all variants. Of a change the default variant takes up the difference; leave it out to leave the
    /// stock alone, which may be sold meanwhile.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000, example = 12)]
    stock_quantity: Option<i64>,
}

/// The body of a new product in the document: the same, but name and price are needed.
#[derive(Clone, Copy, Debug)]
pub struct CreateProductBody;

impl PartialSchema for CreateProductBody {
    fn schema() -> RefOr<Schema> {
        let mut schema = ProductBody::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.required = vec!["name".to_owned(), "price".to_owned()];
            object.description = Some("A product to be made.".to_owned());
        }
        schema
    }
}

impl ToSchema for CreateProductBody {
    fn name() -> Cow<'static, str> {
        "CreateProductBody".into()
    }
}

/// POST `/api/products/create`.
///
/// # Errors
/// Not staff, fields refused.
#[utoipa::path(
    post, path = "/api/products/create", operation_id = "create_product", tag = "Products",
    summary = "Make a product",
    description = "For staff. The product has one variant; its slug is made from the name. Names need not differ.",
    request_body = CreateProductBody,
    responses((status = 201, description = "The product.", body = Success<ProductAnswer>), InvalidFields, NotSignedIn, StaffOnly),
    security(("session" = []))
)]
pub async fn create(
    State(app): State<App>,
    db: Db,
    StaffActor(staff): StaffActor,
    Body(body): Body<ProductBody>,
) -> Result<Response, AppError> {
    let new = new_product(change(&app.config, body, true)?)?;
    answer(&app, StatusCode::CREATED, catalog::create_product(&db, &staff, new).await?, "The product is made.")
}

/// PUT `/api/products/{id}`.
///
/// # Errors
/// Not staff, not there, fields refused.
#[utoipa::path(
    put, path = "/api/products/{id}", operation_id = "change_product", tag = "Products",
    summary = "Change a product",
    description = "For staff. Its slug stays, so that addresses of its page go on working.",
    params(("id" = i64, Path, description = "The product's id.")),
    request_body = ProductBody,
    responses((status = 200, description = "The product as it is now.", body = Success<ProductAnswer>), InvalidFields, NotSignedIn, StaffOnly, NotThere),
    security(("session" = []))
)]
pub async fn update(
    State(app): State<App>,
    db: Db,
    StaffActor(staff): StaffActor,
    Path(id): Path<String>,
    Body(body): Body<ProductBody>,
) -> Result<Response, AppError> {
    let change = change(&app.config, body, false)?;
    let product = catalog::update_product(&db, &staff, product_id(&id)?, change).await?;
    answer(&app, StatusCode::OK, product, "The product is changed.")
}

/// DELETE `/api/products/{id}`: archives. What is archived is not there any more: again it is 404.
///
/// # Errors
/// Not staff, not there.
#[utoipa::path(
    delete, path = "/api/products/{id}", operation_id = "archive_product", tag = "Products",
    summary = "Archive a product",
    description = "For staff. It leaves the lists, carts say that it is gone, orders keep their lines. Archived already: 404.",
    params(("id" = i64, Path, description = "The product's id.")),
    responses((status = 200, description = "It is archived.", body = Success<Message>), NotSignedIn, StaffOnly, NotThere),
    security(("session" = []))
)]
pub async fn archive(db: Db, StaffActor(staff): StaffActor, Path(id): Path<String>) -> Result<Response, AppError> {
    catalog::archive_product(&db, &staff, product_id(&id)?).await?;
    Ok(message("The product is archived."))
}

fn answer(app: &App, status: StatusCode, product: ProductBrief, message: &'static str) -> Result<Response, AppError> {
    let product = ProductShape::of_brief(app, product).ok_or(CatalogError::UnknownProduct)?;
    Ok(success(status, ProductAnswer { message, product }))
}

fn change(config: &Config, body: ProductBody, is_new: bool) -> Result<ProductChange, AppError> {
    let mut problems = Problems::default();
    for (field, is_missing) in [("name", body.name.is_none()), ("price", body.price.is_none())] {
        if is_new && is_missing {
            problems.add(field, "This is needed");
        }
    }
    let change = ProductChange {
        name: problems.check("name", body.name.map(|text| line_of(&text, 200)).transpose()).flatten(),
        price: problems.check("price", body.price.map(|text| price(config, &text)).transpose()).flatten(),
        description: problems
            .check("description", body.description.map(|text| lines_of(&text, 10_000)).transpose())
            .flatten(),
        category: problems.check("category", body.category.map(|text| line_of(&text, 100)).transpose()).flatten(),
        picture: problems.check("image_url", body.image_url.map(|text| picture(config, &text)).transpose()).flatten(),
        stock: problems.check("stock_quantity", body.stock_quantity.map(stock).transpose()).flatten(),
    };
    problems.none_or_error()?;
    Ok(change)
}

fn new_product(change: ProductChange) -> Result<NewProduct, AppError> {
    // Both are there: `change` has asked for them.
    let (Some(name), Some(price)) = (change.name, change.price) else {
        return Err(AppError::bad_request("invalid_fields", "Some fields are not right."));
    };
    Ok(NewProduct {
        name,
        price,
        description: change.description.unwrap_or_default(),
        category: change.category,
        picture: change.picture.flatten(),
        stock: change.stock.unwrap_or(0),
    })
}

fn price(config: &Config, text: &DecimalText) -> Result<Money, String> {
    let price = Money::parse(&text.0, config.shop.currency).map_err(|error| error.to_string())?;
    if price.minor() > HIGHEST_PRICE { Err("a price is at most 1000000000.00".to_owned()) } else { Ok(price) }
}

fn stock(pieces: i64) -> Result<i32, &'static str> {
    let pieces = i32::try_from(pieces).ok().filter(|pieces| (0..=MOST_STOCK).contains(&i64::from(*pieces)));
    pieces.ok_or("this is a whole number from 0 to 1000000")
}

// `None` for an empty text: no picture. Otherwise the stem in `/media/{stem}-640.webp`, with or without what stands before the path.
fn picture(config: &Config, text: &str) -> Result<Option<String>, &'static str> {
    const REFUSED: &str =
        "this is no picture of this shop: give the path of one in its media store, like /media/products/mug-640.webp";
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let own = [config.public.asset_base.as_str(), config.public.url.as_str().trim_end_matches('/')];
    let path = own.into_iter().filter(|base| !base.is_empty()).find_map(|base| text.strip_prefix(base)).unwrap_or(text);
    let file = path.strip_prefix("/media/").ok_or(REFUSED)?;
    let (stem, width) = file.strip_suffix(".webp").unwrap_or(file).rsplit_once('-').ok_or(REFUSED)?;
    let is_width = !width.is_empty() && width.bytes().all(|byte| byte.is_ascii_digit());
    // A path without width and ending is a stem already; its last part may look like one.
    let stem = if file.ends_with(".webp") && is_width { stem } else { file };
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"/_-".contains(&byte);
    if stem.len() <= 200 && stem.bytes().all(allowed) { Ok(Some(stem.to_owned())) } else { Err(REFUSED) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        let variables = [
            ("DATABASE_URL", "postgres://ecommerce_user@127.0.0.1/ecommerce_db"),
            ("REDIS_URL", "redis://127.0.0.1:1"),
            ("SECRET_KEY", "a key that is long enough for tests and for nothing else at all."),
            ("PUBLIC_URL", "http://shop.test"),
        ];
        let value =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Config::from_source(&value).unwrap()
    }

    #[test]
    fn only_pictures_of_this_shop_are_taken() {
        let config = config();
        let stem = Ok(Some("products/enamel-mug-1".to_owned()));
        for good in [
            "/media/products/enamel-mug-1-640.webp",
            "http://shop.test/media/products/enamel-mug-1-1280.webp",
            "/media/products/enamel-mug-1",
        ] {
            assert_eq!(picture(&config, good), stem, "{good}");
        }
        assert_eq!(picture(&config, " "), Ok(None));
        for bad in [
            "https://evil.example/media/a-640.webp",
            "http://shop.test.evil.example/media/a-1.webp",
            "/etc/passwd",
            "/media/../x-640.webp",
            "javascript:alert(1)",
            "mug",
            "/media/",
            "/media/A-640.webp",
            "/media/a\0-640.webp",
        ] {
            assert!(picture(&config, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn prices_and_stocks_have_bounds() {
        let config = config();
        let price = |text: &str| price(&config, &DecimalText(text.to_owned())).map(Money::minor);
        assert_eq!((price("0"), price("1000000000")), (Ok(0), Ok(HIGHEST_PRICE)));
        for bad in ["1000000000.01", "1e400", "-1", "1.234", "true", "99999999999999999999"] {
            assert!(price(bad).is_err(), "{bad}");
        }
        assert_eq!((stock(0), stock(1_000_000)), (Ok(0), Ok(1_000_000)));
        assert!(stock(-1).is_err() && stock(1_000_001).is_err() && stock(i64::MAX).is_err());
    }
}
