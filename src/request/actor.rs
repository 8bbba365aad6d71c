//! Who a request comes from: an account proven by a live session, a visitor known by a token, or nobody yet.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, OnceLock},
};

use anyhow::anyhow;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, header::USER_AGENT, request::Parts},
};
use secrecy::ExposeSecret;
use time::Duration;
use tower_sessions::{Expiry, Session};

use super::{App, AppError, Cookies, ErrorKind, cookies};
use crate::{
    domain::{
        accounts::{self, Administrator, Agent, AnswerEditor, Customer, Device, Lead, Owner, PasswordChanged, Staff},
        chat::Speaker,
        sign_in::SignedIn,
    },
    infra::database::Db,
    types::{SessionId, VisitorId},
};

const SESSION_KEY: &str = "sign_in";
const REMEMBERED: Duration = Duration::days(30);
const VISITOR_AGE: Duration = Duration::days(365);

/// Who a request comes from. Asked several times in one request it is looked up once.
#[derive(Clone, Debug)]
pub struct Actor(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    customer: Option<Customer>,
    visitor: Option<VisitorId>,
    new_visitor: OnceLock<VisitorId>,
    session: Session,
    cookies: Cookies,
    device: Device,
}

/// Someone who is signed in; anyone else is sent to sign in (pages) or gets 401 (JSON).
#[derive(Clone, Debug)]
pub struct SignedInActor(
    /// The person.
    pub Customer,
);

/// Someone who runs the shop; anyone else gets 401 or 403.
#[derive(Clone, Debug)]
pub struct StaffActor(
    /// The right to do it.
    pub Staff,
);

/// Someone who answers in the chat; anyone else gets 401 or 403.
#[derive(Clone, Debug)]
pub struct AgentActor(
    /// The right to do it.
    pub Agent,
);

/// Someone who leads the agents; anyone else gets 401 or 403.
#[derive(Clone, Debug)]
pub struct LeadActor(
    /// The right to do it.
    pub Lead,
);

/// Someone who writes the answers that are prepared; anyone else gets 401 or 403.
#[derive(Clone, Debug)]
pub struct AnswerEditorActor(
    /// The right to do it.
    pub AnswerEditor,
);

/// Someone who says what others may do; anyone else gets 401 or 403.
#[derive(Clone, Debug)]
pub struct AdministratorActor(
    /// The right to do it.
    pub Administrator,
);

impl Actor {
    /// The account, if someone is signed in.
    #[must_use]
    pub fn customer(&self) -> Option<&Customer> {
        self.0.customer.as_ref()
    }

    /// The visitor behind the long-lived cookie; also beside someone who is signed in, where the request may write.
    #[must_use]
    pub fn visitor(&self) -> Option<VisitorId> {
        self.0.visitor.or_else(|| self.0.new_visitor.get().copied())
    }

    /// To whom the cart and the orders of this request belong; `None` for a visitor who has neither yet.
    #[must_use]
    pub fn owner(&self) -> Option<Owner> {
        let visitor = || self.visitor().map(Owner::Visitor);
        self.customer().map(|customer| Owner::Customer(customer.id())).or_else(visitor)
    }

    /// Who takes part in the chat; `None` for a visitor who has nothing yet.
    #[must_use]
    pub fn speaker(&self) -> Option<Speaker> {
        let visitor = || self.visitor().map(Speaker::visitor);
        self.customer().map(Speaker::customer).or_else(visitor)
    }

    /// The owner, for something worth keeping: a visitor without a token gets one now.
    ///
    /// # Errors
    /// The database failed.
    pub async fn owner_for_writing(&self, db: &Db) -> Result<Owner, AppError> {
        if let Some(owner) = self.owner() {
            return Ok(owner);
        }
        let (visitor, token) = accounts::new_visitor(db).await?;
        self.0.cookies.set(cookies::VISITOR, token.expose_secret().to_owned(), Some(VISITOR_AGE));
        Ok(Owner::Visitor(*self.0.new_visitor.get_or_init(|| visitor)))
    }

    /// The device that asks.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.0.device
    }

    /// The cookies of the request.
    #[must_use]
    pub fn cookies(&self) -> &Cookies {
        &self.0.cookies
    }

    /// Makes sure that a sign-in can be remembered before it moves a cart: a trial record of a minute, unless there is one already.
    ///
    /// # Errors
    /// The session store is away.
    pub async fn require_session_store(&self) -> Result<(), AppError> {
        let session = &self.0.session;
        if session.id().is_some() {
            return Ok(());
        }
        session.set_expiry(Some(Expiry::OnInactivity(Duration::minutes(1))));
        session.save().await.map_err(AppError::unavailable)
    }

    /// Binds the browser to a sign-in, under a new session id.
    ///
    /// # Errors
    /// The session store is away.
    pub async fn remember_sign_in(&self, signed_in: &SignedIn, remember: bool) -> Result<(), AppError> {
        self.bind(signed_in.customer.session(), remember).await
    }

    /// Binds the browser to the sign-in that a change of the password opened, under a new session id.
    ///
    /// # Errors
    /// The session store is away: the password is changed, and the person has to sign in with it.
    pub async fn renew_sign_in(&self, changed: &PasswordChanged) -> Result<(), AppError> {
        self.bind(changed.session, changed.remembered).await
    }

    async fn bind(&self, sign_in: SessionId, remember: bool) -> Result<(), AppError> {
        let session = &self.0.session;
        session.cycle_id().await.map_err(AppError::unavailable)?;
        session.set_expiry(Some(if remember { Expiry::OnInactivity(REMEMBERED) } else { Expiry::OnSessionEnd }));
        session.insert(SESSION_KEY, sign_in).await.map_err(AppError::unavailable)?;
        // Saved now rather than after the answer was made: if the store is away, the person is told instead of silently signed out.
        session.save().await.map_err(AppError::unavailable)
    }

    /// Ends the sign-in: the row that every server asks, then the browser's record.
    ///
    /// # Errors
    /// The database failed. The session store being away is no error: its record is worth nothing without the row.
    pub async fn sign_out(&self, db: &Db) -> Result<(), AppError> {
        if let Some(customer) = self.customer() {
            accounts::end_session(db, customer).await?;
        }
        if let Err(error) = self.0.session.flush().await {
            tracing::warn!(%error, "the session's record could not be removed; its row is ended");
        }
        Ok(())
    }

    /// Who opens a connection that stays: looked up as for a write, since it would go on as somebody else.
    ///
    /// # Errors
    /// The session store or the database is away.
    pub async fn who_stays(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        let actor = Self::look_up(parts, app, true).await?;
        parts.extensions.insert(actor.clone());
        Ok(actor)
    }

    async fn look_up(parts: &Parts, app: &App, writes: bool) -> Result<Self, AppError> {
        let cookies = parts.extensions.get::<Cookies>().cloned();
        let session = parts.extensions.get::<Session>().cloned();
        let (Some(cookies), Some(session)) = (cookies, session) else {
            return Err(AppError::internal(anyhow!(
                "the cookie and session layers are missing on {}",
                parts.uri.path()
            )));
        };
        let customer = live_customer(app, &cookies, &session, writes).await?;
        // Whoever only reads needs no visitor beside the account: that is a statement less on every page.
        let is_needed = customer.is_none() || writes;
        let visitor = match cookies.get(cookies::VISITOR).filter(|_| is_needed) {
            Some(token) => accounts::visitor_by_token(&app.db, &token).await?,
            None => None,
        };
        let device = device_of(parts);
        Ok(Self(Arc::new(Inner { customer, visitor, new_visitor: OnceLock::new(), session, cookies, device })))
    }
}

// Reading pages treat a person as signed out while the session store is away. Writing must not: what a signed-in person puts into
// the cart would end up in a visitor's.
async fn live_customer(
    app: &App,
    cookies: &Cookies,
    session: &Session,
    writes: bool,
) -> Result<Option<Customer>, AppError> {
    if cookies.get(cookies::SESSION).is_none() {
        return Ok(None);
    }
    match session.get::<SessionId>(SESSION_KEY).await {
        Ok(Some(id)) => Ok(accounts::live_customer(&app.db, id).await?),
        Ok(None) => Ok(None),
        Err(error) if !writes => {
            tracing::warn!(%error, "the session store is away: shown as signed out");
            Ok(None)
        }
        Err(error) => Err(AppError::unavailable(error)),
    }
}

fn device_of(parts: &Parts) -> Device {
    let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Device { ip: client_ip(&parts.headers).to_string(), user_agent: user_agent.chars().take(400).collect() }
}

/// The address that a request comes from: the last one in X-Forwarded-For. Nginx alone sets that header and the servers listen on
/// loopback alone, so what a browser wrote there is gone, or stands before it. Without one the request was made on this machine.
#[must_use]
pub fn client_ip(headers: &HeaderMap) -> IpAddr {
    let last = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    let ip = last.and_then(|list| list.rsplit(',').next()?.trim().parse().ok());
    ip.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

impl FromRequestParts<App> for Actor {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        if let Some(actor) = parts.extensions.get::<Self>() {
            return Ok(actor.clone());
        }
        let writes = !matches!(parts.method, Method::GET | Method::HEAD);
        let actor = Self::look_up(parts, app, writes).await?;
        parts.extensions.insert(actor.clone());
        Ok(actor)
    }
}

impl FromRequestParts<App> for SignedInActor {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        let actor = Actor::from_request_parts(parts, app).await?;
        actor.customer().cloned().map(SignedInActor).ok_or_else(AppError::not_signed_in)
    }
}

impl FromRequestParts<App> for StaffActor {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        let SignedInActor(customer) = SignedInActor::from_request_parts(parts, app).await?;
        let refused = || AppError::new(ErrorKind::Forbidden, "staff_only", "Only staff may do this.");
        customer.as_staff().map(StaffActor).ok_or_else(refused)
    }
}

impl FromRequestParts<App> for AgentActor {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        let SignedInActor(customer) = SignedInActor::from_request_parts(parts, app).await?;
        let refused = || AppError::new(ErrorKind::Forbidden, "agents_only", "Only support agents may do this.");
        customer.as_agent().map(AgentActor).ok_or_else(refused)
    }
}

impl FromRequestParts<App> for LeadActor {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        let SignedInActor(customer) = SignedInActor::from_request_parts(parts, app).await?;
        let refused = || AppError::new(ErrorKind::Forbidden, "leads_only", "Only who leads the support may do this.");
        customer.as_lead().map(LeadActor).ok_or_else(refused)
    }
}

impl FromRequestParts<App> for AnswerEditorActor {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        let SignedInActor(customer) = SignedInActor::from_request_parts(parts, app).await?;
        let refused = || AppError::new(ErrorKind::Forbidden, "editors_only", "Only leads and staff may do this.");
        customer.as_answer_editor().map(AnswerEditorActor).ok_or_else(refused)
    }
}

impl FromRequestParts<App> for AdministratorActor {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        let SignedInActor(customer) = SignedInActor::from_request_parts(parts, app).await?;
        let refused = || AppError::new(ErrorKind::Forbidden, "administrators_only", "Only administrators may do this.");
        customer.as_administrator().map(AdministratorActor).ok_or_else(refused)
    }
}
