//! Files of a conversation: sent as multipart, served to who takes part in it.

use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Path, Request, State, multipart::MultipartError},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{ACCEPT, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use futures_util::TryStreamExt;
use serde_json::json;

use super::{ROOM, Screen, again};
use crate::{
    domain::chat::{AttachError, Attachment, AttachmentKind, ChatError, NewFile, NewMessage},
    infra::media::{Found, MediaFile},
    request::{Actor, App, AppError, Limit, check_limit},
    types::{ConversationToken, MessageBody},
    views::urls,
    web::{Hx, PageFrame, redirect, too_many},
};

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// `POST /chat/{token}/attachments`: JSON for the script, which sends the token with a message; a form's file is a message by itself.
pub async fn send(
    State(app): State<App>,
    actor: Actor,
    PageFrame(frame): PageFrame,
    hx: Hx,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, AppError> {
    let wants_json = accepts_json(request.headers());
    let kept = match counted(&app, &actor, wants_json).await {
        Ok(()) => keep(&app, &actor, &token, request).await,
        Err(error) => Err(Refused::of(error)),
    };
    match kept {
        Ok((token, file)) if wants_json => {
            Ok((StatusCode::CREATED, axum::Json(described(&token, &file))).into_response())
        }
        Ok((token, file)) => {
            let message =
                NewMessage { body: MessageBody::none(), client_id: None, attachment: Some(file.token), card: None };
            let speaker = actor.speaker().ok_or(ChatError::Unknown)?;
            app.chat.post(&speaker, &token, message).await?;
            Ok(redirect("/chat#chat-end"))
        }
        Err(Refused { status, message, wait }) => {
            let response = if wants_json {
                (status, axum::Json(json!({ "error": message }))).into_response()
            } else {
                let mut screen = Screen::default();
                screen.typed.conversation = token;
                screen.errors.add("chat-file", message);
                again(&app, &actor, frame, hx, screen, status).await?
            };
            let part = hx.wants_fragment.then_some(ROOM);
            Ok(match wait {
                Some(seconds) => too_many(response, seconds, part),
                None => response,
            })
        }
    }
}

/// `GET /chat/{token}/attachments/{file}`.
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    Path((token, file)): Path<(String, String)>,
) -> Result<Response, AppError> {
    let token = ConversationToken::parse(&token).ok_or_else(AppError::not_found)?;
    let speaker = actor.speaker().ok_or_else(AppError::not_found)?;
    let (attachment, key) = app.chat.attachment(&speaker, &token, &file).await.map_err(|error| match error {
        ChatError::Unknown | ChatError::UnknownThing => AppError::not_found(),
        error => error.into(),
    })?;
    match app.media.get(&key, None, true).await {
        Ok(Found::File(found)) => Ok(served(&attachment, found)),
        Ok(Found::Unchanged | Found::Nothing) => Err(AppError::not_found()),
        Err(error) => Err(AppError::unavailable(error)),
    }
}

struct Refused {
    status: StatusCode,
    message: String,
    wait: Option<u32>,
}

// A form's file is a message as well.
async fn counted(app: &App, actor: &Actor, wants_json: bool) -> Result<(), AppError> {
    if !wants_json {
        check_limit(app, actor, Limit::ChatMessage).await?;
    }
    check_limit(app, actor, Limit::ChatFile).await
}

async fn keep(
    app: &App,
    actor: &Actor,
    token: &str,
    request: Request,
) -> Result<(ConversationToken, Attachment), Refused> {
    let token = ConversationToken::parse(token).ok_or_else(|| Refused::of(ChatError::Unknown.into()))?;
    let speaker = actor.speaker().ok_or_else(|| Refused::of(ChatError::Unknown.into()))?;
    // Before a body is read for it.
    app.chat.find(&speaker, &token).await.map_err(|error| Refused::of(error.into()))?;
    let multipart = Multipart::from_request(request, app).await.map_err(|_| Refused::no_file())?;
    let file = first_file(multipart).await?;
    let kept = app.chat.attach(&app.media, &speaker, &token, file).await;
    kept.map(|file| (token, file)).map_err(Refused::because)
}

async fn first_file(mut multipart: Multipart) -> Result<NewFile, Refused> {
    while let Some(field) = multipart.next_field().await.map_err(Refused::of_body)? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(Refused::of_body)?.to_vec();
        return Ok(NewFile { name, bytes });
    }
    Err(Refused::no_file())
}

impl Refused {
    fn new(status: StatusCode, message: impl ToString) -> Self {
        Self { status, message: message.to_string(), wait: None }
    }

    fn no_file() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Please choose a file first.")
    }

    fn of_body(error: MultipartError) -> Self {
        match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::because(AttachError::TooLarge),
            _ => Self::new(StatusCode::BAD_REQUEST, "The file did not arrive whole. Please send it again."),
        }
    }

    fn of(error: AppError) -> Self {
        let (status, wait) = (error.kind.status(), error.retry_after);
        Self { status, message: error.message, wait }
    }

    fn because(error: AttachError) -> Self {
        match error {
            AttachError::Chat(error) => Self::of(error.into()),
            AttachError::Media(error) => {
                tracing::error!(%error, "a file of the chat could not be stored");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "Files cannot be taken at the moment. Please try again later.",
                )
            }
            AttachError::BrokeOff => Self::new(StatusCode::SERVICE_UNAVAILABLE, "This did not work. Please try again."),
            AttachError::TooLarge => Self::new(StatusCode::PAYLOAD_TOO_LARGE, error),
            error => Self::new(StatusCode::UNPROCESSABLE_ENTITY, error),
        }
    }
}

fn accepts_json(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("application/json"))
}

fn described(token: &ConversationToken, file: &Attachment) -> serde_json::Value {
    json!({
        "token": file.token, "url": urls::chat_file(token.as_str(), &file.token), "kind": file.kind.id(),
        "file_name": file.file_name, "bytes": file.bytes, "width": file.width, "height": file.height,
    })
}

fn served(file: &Attachment, found: MediaFile) -> Response {
    let content = found.content.inspect_err(|error| tracing::warn!(%error, "a file of the chat broke off"));
    let mut response = Response::new(Body::from_stream(content));
    let headers = response.headers_mut();
    let (kind, way) = match file.kind {
        AttachmentKind::Picture => ("image/webp", "inline"),
        AttachmentKind::Pdf => ("application/pdf", "attachment"),
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_LENGTH, found.length.into());
    if let Ok(value) = HeaderValue::from_str(&format!("{way}; filename*=UTF-8''{}", percent(&file.file_name))) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    // Private: no proxy keeps it, and the browser of who has left does not for long.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=300"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(ROBOTS, HeaderValue::from_static("noindex"));
    response
}

// RFC 8187: everything but letters and digits as its bytes.
fn percent(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    name.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_stays_inside_its_header() {
        assert_eq!(percent("mug \"x\".webp"), "mug%20%22x%22.webp");
        assert_eq!(percent("ä\r\n"), "%C3%A4%0D%0A");
    }
}
