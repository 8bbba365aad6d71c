//! How each refusal stands in the document: `responses(…, NotSignedIn, NoSuchProduct)`.

use std::{borrow::Cow, collections::BTreeMap};

use utoipa::{
    IntoResponses, PartialSchema, ToSchema,
    openapi::{
        Array, ContentBuilder, Object, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Schema,
        schema::{AdditionalProperties, SchemaFormat, Type},
    },
};

use super::schemas::False;

/// The envelope of every failure, for the document; `api::errors` writes it.
#[derive(Clone, Copy, Debug)]
pub struct Failure;

impl ToSchema for Failure {
    fn name() -> Cow<'static, str> {
        "Failure".into()
    }
}

impl PartialSchema for Failure {
    fn schema() -> RefOr<Schema> {
        failure().into()
    }
}

fn failure() -> ObjectBuilder {
    let text = |about: &str, example: &str| {
        ObjectBuilder::new().schema_type(Type::String).description(Some(about)).examples([example])
    };
    let by_field = ObjectBuilder::new()
        .description(Some(
            "What is wrong with each field, by its name. Parts of an address have a point: `address.city`.",
        ))
        .additional_properties(Some(AdditionalProperties::RefOr(Object::with_type(Type::String).into())));
    ObjectBuilder::new()
        .description(Some("Why nothing was done."))
        .property("success", False::schema())
        .property("message", text("For people.", "Some fields are not right."))
        .property("code", text("For programs: stays the same when the words change.", "invalid_fields"))
        .property("errors", by_field)
        .property("request_id", text("Also in the header `X-Request-Id`.", "0190a5b2-6f1e-7c7a-9d8e-2f5b6c7d8e9f"))
        .required("success")
        .required("message")
        .required("code")
        .required("request_id")
}

/// What a client keeps is current; `request::keep` says so where nobody is signed in.
#[derive(Clone, Copy, Debug)]
pub struct NotModified;

impl IntoResponses for NotModified {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let about =
            "It is what `If-None-Match` names: the `ETag` of an answer to somebody who sent no cookie of the shop's.";
        BTreeMap::from([("304".to_owned(), ResponseBuilder::new().description(about).build().into())])
    }
}

fn refusal(status: &str, about: &str, schema: RefOr<Schema>) -> BTreeMap<String, RefOr<Response>> {
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new().description(about).content("application/json", content).build();
    BTreeMap::from([(status.to_owned(), response.into())])
}

fn plain() -> RefOr<Schema> {
    Ref::from_schema_name("Failure").into()
}

// With more members than every failure has.
fn with(members: impl IntoIterator<Item = (&'static str, RefOr<Schema>)>) -> RefOr<Schema> {
    members.into_iter().fold(failure(), |schema, (name, member)| schema.property(name, member)).into()
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $status:literal, $about:literal, $schema:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                refusal($status, $about, $schema)
            }
        }
    )+};
}

refusals! {
    /// Fields or parameters that are not right.
    InvalidFields = "400", "Something about the request is not right; `errors` says what, field by field.", plain();
    /// What was asked of the cart cannot be.
    NotEnough = "400", "A field is not right, or there is not enough of it (`insufficient_stock`, with what is left in `available`).",
        with([("available", ObjectBuilder::new().schema_type(Type::Integer).format(Some(SchemaFormat::Custom("int32".into())))
            .description(Some("Pieces that are left, where the code is `insufficient_stock`.")).into())]);
    /// What was asked of the wishlist cannot be.
    NotWishable = "400", "A field is not right, it is on the list already (`already_there`), or the list is full (`wishlist_full`).", plain();
    /// An order that cannot be placed.
    NotOrderable = "400", "A field is not right, or the cart is empty (`empty_cart`).", plain();
    /// The demo gateway said no.
    Declined = "402", "The payment was declined (`payment_declined`). The order is cancelled; a new try needs a new key.",
        with([("order", Ref::from_schema_name("Order").into())]);
    /// Nobody is signed in.
    NotSignedIn = "401", "Nobody is signed in.", plain();
    /// Name and password do not match.
    WrongCredentials = "401", "Name and password do not match, or there is no such account: the answer is the same.", plain();
    /// Signed in, but this is for others.
    StaffOnly = "403", "Only staff may do this, or the request came from a page of another site.", plain();
    /// Not there, archived, or someone else's.
    NotThere = "404", "It is not there, or it is someone else's.", plain();
    /// The order's state does not allow it.
    NotCancellable = "409", "It is on its way, or cancelled already.", plain();
    /// What a placement met.
    PlacementConflict = "409", "Sold out meanwhile (`out_of_stock`, with the `lines`), dearer than expected (`price_changed`, with the new `totals`), or a \
        request with this key is still running (`still_running`, with `Retry-After`).",
        with([("lines", Array::new(Ref::from_schema_name("MissingLine")).into()), ("totals", Ref::from_schema_name("Totals").into())]);
    /// One key for two requests.
    KeyReused = "422", "The idempotency key was used for another request.", plain();
    /// The limit is reached.
    TooMany = "429", "Too many tries in a short time. `Retry-After` says how many seconds to wait.", plain();
}
