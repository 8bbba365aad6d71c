//! How the shop's own types stand in the document.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema,
        schema::{KnownFormat, SchemaFormat, Type},
    },
};

use crate::{
    api::shapes::{AddressGiven, AddressInput},
    types::{
        CartLineId, CategoryId, DecimalText, Money, OrderId, OrderLineId, ProductId, UserId, VariantId, WishlistItemId,
    },
};

/// `"success": true`.
#[derive(Clone, Copy, Debug)]
pub struct True;

/// `"success": false`.
#[derive(Clone, Copy, Debug)]
pub struct False;

impl Serialize for True {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(true)
    }
}

impl PartialSchema for True {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([true])).into()
    }
}

impl PartialSchema for False {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([false])).into()
    }
}

impl ToSchema for True {}
impl ToSchema for False {}

fn amount(about: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Number).multiple_of(Some(0.01)).description(Some(about)).examples([19.9])
}

impl PartialSchema for Money {
    fn schema() -> RefOr<Schema> {
        amount("An amount in the shop's currency, with two decimals: `19.90`.").into()
    }
}

impl ToSchema for Money {
    fn name() -> Cow<'static, str> {
        "Money".into()
    }
}

impl PartialSchema for DecimalText {
    fn schema() -> RefOr<Schema> {
        amount("An amount in the shop's currency, with at most two decimals, taken to the digit.")
            .minimum(Some(0))
            .into()
    }
}

impl ToSchema for DecimalText {
    fn name() -> Cow<'static, str> {
        "Amount".into()
    }
}

impl PartialSchema for AddressInput {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(500));
        let parts = Ref::from_schema_name(AddressGiven::name());
        let about = "As one text, or as its parts.";
        OneOfBuilder::new().item(text).item(parts).description(Some(about)).into()
    }
}

impl ToSchema for AddressInput {
    fn name() -> Cow<'static, str> {
        "AddressInput".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((AddressGiven::name().into(), AddressGiven::schema()));
    }
}

macro_rules! ids {
    ($($id:ty),+) => {$(
        impl PartialSchema for $id {
            fn schema() -> RefOr<Schema> {
                let format = SchemaFormat::KnownFormat(KnownFormat::Int64);
                ObjectBuilder::new().schema_type(Type::Integer).format(Some(format)).minimum(Some(1)).examples([7]).into()
            }
        }

        impl ToSchema for $id {
            fn name() -> Cow<'static, str> {
                "Id".into()
            }
        }
    )+};
}

ids!(CartLineId, CategoryId, OrderId, OrderLineId, ProductId, UserId, VariantId, WishlistItemId);
