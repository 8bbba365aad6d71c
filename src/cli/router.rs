//! One server's whole surface: pages, JSON, files and probes, behind the layers in their order.

use anyhow::Context;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha512};
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_http::{
    CompressionLevel, catch_panic::CatchPanicLayer, compression::CompressionLayer, normalize_path::NormalizePath,
};
use tower_sessions::{
    SessionManagerLayer, SessionStore,
    cookie::{Key, SameSite},
    service::SignedCookie,
};

use super::probes;
use crate::{
    api,
    config::Config,
    request::{
        App, cookies,
        layers::{self, Identity, shared},
    },
    web::{self, security::SecurityHeaders},
};

/// Everything a server answers, as one service. `/products/` and `/products` are the same.
///
/// # Errors
/// `PUBLIC_URL` has no origin.
pub fn service<S: SessionStore + Clone>(app: &App, sessions: S) -> anyhow::Result<Router> {
    with_sockets(app, sessions, Router::new())
}

/// The same with the sockets of `realtime`.
///
/// # Errors
/// `PUBLIC_URL` has no origin.
pub fn with_sockets<S: SessionStore + Clone>(app: &App, sessions: S, sockets: Router<App>) -> anyhow::Result<Router> {
    let api_docs = web::pages::api_docs::router(app, &api::document().value);
    let pages = web::routes::router(app).merge(web::files::router(app)).merge(api_docs);
    let pages = seen_from_outside(guarded(pages, app, sessions.clone())?, app, Errors::Pages);
    let json = seen_from_outside(guarded(api::router(), app, sessions.clone())?, app, Errors::Json);
    let probes = seen_from_outside(probes::router(), app, Errors::AsTheyAre);
    Ok(by_path(Rooms { pages, json, probes, sockets: around_sockets(sockets, app, sessions) }))
}

struct Rooms {
    pages: Router,
    json: Router,
    probes: Router,
    sockets: Router,
}

// The layers are on the routers and not around the whole, so that each of them sees the route that matched, and each refusal leaves
// through the errors of its own adapter.
fn by_path(rooms: Rooms) -> Router {
    let pick = move |request: Request| {
        let path = request.uri().path();
        let router = match path.split('/').nth(1) {
            // A page, though its address is the API's.
            Some("api") if path == "/api/docs" => &rooms.pages,
            Some("api" | "auth") => &rooms.json,
            Some("healthz" | "readyz") => &rooms.probes,
            Some("socket.io") => &rooms.sockets,
            _ => &rooms.pages,
        };
        router.clone().oneshot(request)
    };
    Router::new().fallback_service(NormalizePath::trim_trailing_slash(service_fn(pick)))
}

// What every answer gets, whichever it is.
#[derive(Clone)]
struct Front {
    app: App,
    headers: SecurityHeaders,
    errors: Errors,
}

// How an error is said.
#[derive(Clone, Copy)]
enum Errors {
    Pages,
    Json,
    AsTheyAre,
}

impl Front {
    fn of(app: &App, errors: Errors) -> Self {
        Self { app: app.clone(), headers: SecurityHeaders::of(&app.config), errors }
    }

    async fn answer(&self, request: Request, next: Next) -> Response {
        match self.errors {
            Errors::Pages => web::errors::layer(State(self.app.clone()), request, next).await,
            Errors::Json => api::errors::layer(request, next).await,
            Errors::AsTheyAre => next.run(request).await,
        }
    }
}

// One layer for all of it: each of axum's costs a request about a microsecond.
async fn front(State(front): State<Front>, mut request: Request, next: Next) -> Response {
    let identity = Identity::given_to(&mut request);
    let mut response = layers::observe(request, |request| front.answer(request, next)).await;
    front.headers.put_on(&mut response);
    identity.put_on(&mut response, &front.app);
    response
}

// First is outermost.
fn seen_from_outside(router: Router<App>, app: &App, errors: Errors) -> Router {
    let layers = ServiceBuilder::new()
        // As quickly as it goes: what is the same for many is kept compressed (request::keep), the rest is made for one person.
        .layer(shared(CompressionLayer::new().quality(CompressionLevel::Fastest)))
        .layer(shared(from_fn_with_state(Front::of(app, errors), front)));
    router.layer(layers).with_state(app.clone())
}

// What a request passes before a handler sees it. First is outermost; the errors of the adapter go around it.
fn guarded<S: SessionStore + Clone>(router: Router<App>, app: &App, sessions: S) -> anyhow::Result<Router<App>> {
    let csrf = layers::csrf(&app.config).context("PUBLIC_URL has no origin")?;
    let layers = ServiceBuilder::new()
        .layer(shared(CatchPanicLayer::custom(layers::on_panic)))
        .layer(shared(DefaultBodyLimit::max(layers::BODY_LIMIT)))
        .layer(shared(csrf))
        .layer(shared(from_fn_with_state(app.clone(), layers::entrance)))
        .layer(shared(session_layer(&app.config, sessions)));
    Ok(router.layer(layers))
}

// Sockets live longer than any request: no time-out, no compression, and a limit on bodies of their own. What they are refused is said
// as the API says it. First is outermost.
fn around_sockets<S: SessionStore + Clone>(router: Router<App>, app: &App, sessions: S) -> Router {
    let layers = ServiceBuilder::new()
        .layer(shared(from_fn_with_state(Front::of(app, Errors::Json), front)))
        .layer(shared(CatchPanicLayer::custom(layers::on_panic)))
        .layer(shared(from_fn_with_state(app.clone(), layers::allowed_hosts)))
        .layer(shared(from_fn_with_state(app.clone(), cookies::layer)))
        .layer(shared(session_layer(&app.config, sessions)));
    router.layer(layers).with_state(app.clone())
}

fn session_layer<S: SessionStore + Clone>(config: &Config, sessions: S) -> SessionManagerLayer<S, SignedCookie> {
    SessionManagerLayer::new(sessions)
        .with_name(cookies::full_name(cookies::SESSION, config.is_https()))
        .with_same_site(SameSite::Lax)
        .with_http_only(true)
        .with_secure(config.is_https())
        .with_path("/")
        .with_signed(signing_key(config))
}

// A key of its own, so that a signature on a cookie fits nothing else that SECRET_KEY signs.
fn signing_key(config: &Config) -> Key {
    let secret = config.secret_key.expose_secret();
    Key::from(Sha512::digest(format!("session cookie:{secret}").as_bytes()).as_slice())
}
