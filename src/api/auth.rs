//! `/auth/…`: accounts and signing in.

use axum::{extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    body::{Body, Problems, Success, message, success},
    doc::{InvalidFields, NotSignedIn, TooMany, WrongCredentials},
    shapes::{AddressInput, Message, UserShape},
};
use crate::{
    domain::{
        accounts::{self, ProfileChange, Registration},
        sign_in::{self, Credentials},
    },
    infra::database::Db,
    request::{Actor, App, AppError, Limit, SignedInActor, check_limit},
    types::{Address, Email, Password, Phone, Username, line_or_empty},
};

/// What a registration takes.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RegisterBody {
    /// Letters, digits, dots, hyphens and underscores, beginning with a letter or digit.
    #[schema(min_length = 3, max_length = 32, example = "ada")]
    username: String,
    #[schema(format = Email, max_length = 254, example = "ada@example.com")]
    email: String,
    #[schema(format = Password, min_length = 8, max_length = 128, example = "correct horse")]
    password: String,
    #[serde(default)]
    #[schema(max_length = 200, example = "Ada Lovelace")]
    full_name: Option<String>,
    /// 5 to 20 digits, with blanks and `+ - ( ) / .` between them.
    #[serde(default)]
    #[schema(max_length = 32, example = "+1 555 0100")]
    phone: Option<String>,
    #[serde(default)]
    address: Option<AddressInput>,
}

/// What signing in takes.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LoginBody {
    /// The user name or the mail address.
    #[serde(alias = "email")]
    #[schema(example = "ada")]
    username: String,
    #[schema(format = Password, example = "correct horse")]
    password: String,
    /// For 30 days, instead of until the browser closes.
    #[serde(default)]
    remember: bool,
}

/// What a change of the profile takes; what is left out stays, an empty text removes.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ProfileBody {
    #[serde(default)]
    #[schema(max_length = 200, example = "Ada Lovelace")]
    full_name: Option<String>,
    #[serde(default)]
    #[schema(max_length = 32, example = "+1 555 0100")]
    phone: Option<String>,
    #[serde(default)]
    address: Option<AddressInput>,
    #[serde(default)]
    #[schema(format = Email, max_length = 254, example = "ada@example.com")]
    email: Option<String>,
}

/// An account, with a sentence where something was done.
#[derive(Serialize, ToSchema)]
struct UserAnswer {
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(example = "You are signed in.")]
    message: &'static str,
    user: UserShape,
}

/// POST `/auth/register`: makes an account and signs it in.
///
/// # Errors
/// Fields refused, name or mail taken, too many.
#[utoipa::path(
    post, path = "/auth/register", tag = "Accounts",
    summary = "Create an account",
    description = "Signs in at once. What a visitor has put into the cart is in the account's afterwards.",
    request_body = RegisterBody,
    responses((status = 201, description = "The account is there and signed in.", body = Success<UserAnswer>), InvalidFields, TooMany)
)]
pub async fn register(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    Body(body): Body<RegisterBody>,
) -> Result<Response, AppError> {
    let registration = registration(body)?;
    check_limit(&app, &actor, Limit::Register).await?;
    actor.require_session_store().await?;
    let signed_in = sign_in::register(&db, &app.hasher, registration, actor.device(), actor.visitor()).await?;
    actor.remember_sign_in(&signed_in, false).await?;
    let answer = UserAnswer { message: "Your account is ready.", user: signed_in.customer.user().into() };
    Ok(success(StatusCode::CREATED, answer))
}

/// POST `/auth/login`.
///
/// # Errors
/// Name and password do not fit: the same answer for an unknown name.
#[utoipa::path(
    post, path = "/auth/login", tag = "Accounts",
    summary = "Sign in",
    description = "Sets the session's cookie. A visitor's cart and orders join the account.",
    request_body = LoginBody,
    responses((status = 200, description = "Signed in.", body = Success<UserAnswer>), InvalidFields, WrongCredentials, TooMany)
)]
pub async fn login(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    Body(body): Body<LoginBody>,
) -> Result<Response, AppError> {
    check_limit(&app, &actor, Limit::SignIn).await?;
    let (login, password) = (body.username, Password::given(body.password));
    let credentials = Credentials { login, password, remember: body.remember };
    actor.require_session_store().await?;
    let signed_in = sign_in::sign_in(&db, &app.hasher, credentials, actor.device(), actor.visitor()).await?;
    actor.remember_sign_in(&signed_in, body.remember).await?;
    let answer = UserAnswer { message: "You are signed in.", user: signed_in.customer.user().into() };
    Ok(success(StatusCode::OK, answer))
}

/// POST `/auth/logout`.
///
/// # Errors
/// Nobody is signed in.
#[utoipa::path(
    post, path = "/auth/logout", tag = "Accounts",
    summary = "Sign out",
    description = "Ends this sign-in on every server.",
    responses((status = 200, description = "Signed out.", body = Success<Message>), NotSignedIn),
    security(("session" = []))
)]
pub async fn logout(db: Db, actor: Actor, _signed_in: SignedInActor) -> Result<Response, AppError> {
    actor.sign_out(&db).await?;
    Ok(message("You are signed out."))
}

/// GET `/auth/current-user`.
///
/// # Errors
/// Nobody is signed in.
#[utoipa::path(
    get, path = "/auth/current-user", tag = "Accounts",
    summary = "Who is signed in",
    description = "The account that the session's cookie belongs to.",
    responses((status = 200, description = "The account.", body = Success<UserAnswer>), NotSignedIn),
    security(("session" = []))
)]
pub async fn current_user(SignedInActor(customer): SignedInActor) -> Result<Response, AppError> {
    Ok(success(StatusCode::OK, UserAnswer { message: "", user: customer.user().into() }))
}

/// PUT `/auth/update-profile`.
///
/// # Errors
/// Fields refused, mail in use.
#[utoipa::path(
    put, path = "/auth/update-profile", tag = "Accounts",
    summary = "Change the profile",
    description = "What is left out stays as it is; an empty text removes it.",
    request_body = ProfileBody,
    responses((status = 200, description = "The account as it is now.", body = Success<UserAnswer>), InvalidFields, NotSignedIn),
    security(("session" = []))
)]
pub async fn update_profile(
    db: Db,
    SignedInActor(customer): SignedInActor,
    Body(body): Body<ProfileBody>,
) -> Result<Response, AppError> {
    let user = accounts::update_profile(&db, &customer, profile_change(body)?).await?;
    Ok(success(StatusCode::OK, UserAnswer { message: "Your account is updated.", user: (&user).into() }))
}

fn registration(body: RegisterBody) -> Result<Registration, AppError> {
    let mut problems = Problems::default();
    let username = problems.check("username", body.username.parse::<Username>());
    let email = problems.check("email", body.email.parse::<Email>());
    let password = problems.check("password", Password::chosen(body.password));
    let full_name = problems.check("full_name", line_or_empty(&body.full_name.unwrap_or_default(), 200));
    let phone = phone(&mut problems, body.phone);
    let address = address(&mut problems, body.address);
    problems.none_or_error()?;
    match (username, email, password, full_name) {
        (Some(username), Some(email), Some(password), Some(full_name)) => {
            Ok(Registration { username, email, password, full_name, phone, address })
        }
        _ => Err(AppError::bad_request("invalid_fields", "Some fields are not right.")),
    }
}

fn profile_change(body: ProfileBody) -> Result<ProfileChange, AppError> {
    let mut problems = Problems::default();
    let mut change = ProfileChange::default();
    if let Some(name) = body.full_name {
        change.full_name = problems.check("full_name", line_or_empty(&name, 200));
    }
    if body.phone.is_some() {
        change.phone = Some(phone(&mut problems, body.phone));
    }
    if body.address.is_some() {
        change.address = Some(address(&mut problems, body.address));
    }
    if let Some(email) = body.email {
        change.email = problems.check("email", email.parse());
    }
    problems.none_or_error()?;
    Ok(change)
}

fn phone(problems: &mut Problems, text: Option<String>) -> Option<Phone> {
    let text = text.filter(|text| !text.trim().is_empty())?;
    problems.check("phone", text.parse())
}

// An empty text means: no address.
fn address(problems: &mut Problems, input: Option<AddressInput>) -> Option<Address> {
    let input = input.filter(|input| !matches!(input, AddressInput::Text(text) if text.trim().is_empty()))?;
    match input.parsed() {
        Ok(address) => Some(address),
        Err(error) => {
            for (part, problem) in error.fields {
                problems.add(&format!("address.{part}"), problem);
            }
            None
        }
    }
}
