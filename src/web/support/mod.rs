//! The agents' desk: the queue, the conversation, the customer. One page, whose three columns htmx swaps alone; every action is a form.

mod actions;
mod asked;
mod availability;
mod panel;
mod talk;
mod view;
mod words;

use axum::{
    Router,
    extract::{Path, Query, Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};

use self::{
    asked::{Asked, Part},
    view::{DeskPage, Draft},
};
use crate::{
    domain::{
        accounts::Agent,
        chat::{Mark, Speaker},
    },
    request::{AgentActor, App, AppError},
    types::ConversationToken,
    views::layout::Frame,
    web::{PageFrame, html},
};

/// The desk's routes, for agents alone: whoever else asks is sent to sign in, or refused, before anything is looked up.
pub fn router(app: &App) -> Router<App> {
    Router::new()
        .route("/support", get(show))
        .route("/support/availability", post(availability::set))
        .route("/support/conversations/{token}/customer", get(customer))
        .route("/support/conversations/{token}/messages", post(actions::say))
        .route("/support/conversations/{token}/assignment", post(actions::assign))
        .route("/support/conversations/{token}/status", post(actions::set_status))
        .route("/support/conversations/{token}/snooze", post(actions::snooze))
        .route("/support/conversations/{token}/notes", post(actions::note))
        .route("/support/conversations/{token}/labels", post(actions::add_label))
        .route("/support/conversations/{token}/labels/{id}/removal", post(actions::remove_label))
        .route("/support/conversations/{token}/orders/{number}/cancellation", post(actions::cancel_order))
        .route_layer(middleware::from_fn_with_state(app.clone(), gate))
}

async fn gate(_: AgentActor, request: Request, next: Next) -> Response {
    next.run(request).await
}

/// `GET /support`
pub async fn show(
    State(app): State<App>,
    AgentActor(agent): AgentActor,
    PageFrame(frame): PageFrame,
    part: Part,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    // Whoever opens it reads it; parts that are fetched again by themselves are not read by anybody.
    if matches!(part, Part::Page | Part::Desk)
        && let Some(token) = asked.token()
        && app.chat.at_desk(&agent, &token).await.is_ok()
    {
        app.chat.mark(&Speaker::customer(agent.customer()), &token, Mark::Read, i64::MAX).await?;
    }
    let status = if asked.misses(&app, &agent).await? { StatusCode::NOT_FOUND } else { StatusCode::OK };
    desk(&app, &agent, frame, part, asked, Draft::default(), status).await
}

/// `GET /support/conversations/{token}/customer`: the third column alone.
pub async fn customer(
    State(app): State<App>,
    AgentActor(agent): AgentActor,
    PageFrame(frame): PageFrame,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let token = ConversationToken::parse(&token).ok_or_else(AppError::not_found)?;
    app.chat.at_desk(&agent, &token).await?;
    let asked = Asked { conversation: token.to_string(), ..asked };
    desk(&app, &agent, frame, Part::Customer, asked, Draft::default(), StatusCode::OK).await
}

/// The desk, or the part of it that is asked for.
async fn desk(
    app: &App,
    agent: &Agent,
    frame: Frame,
    part: Part,
    asked: Asked,
    draft: Draft,
    status: StatusCode,
) -> Result<Response, AppError> {
    let page = DeskPage::load(app, agent, frame, part, asked, draft).await?;
    Ok(match part {
        Part::Page => html(status, &page),
        Part::Desk => html(status, &page.as_desk()),
        Part::Queue => html(status, &page.as_queue()),
        Part::Head => html(status, &page.as_talk_head()),
        Part::Customer => html(status, &page.as_customer()),
    })
}
