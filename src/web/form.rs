//! Forms: bodies read with clear errors, and messages by field that a page shows beside what was typed.

use axum::{
    Form as AxumForm,
    extract::{FromRequest, Request, rejection::FormRejection},
};
use serde::de::DeserializeOwned;

use crate::request::{App, AppError, ErrorKind};

/// A form's body. What is no form, too large or not of the fields' types is an [`AppError`].
#[derive(Clone, Debug)]
pub struct Form<T>(pub T);

/// Messages by field, in the order they were found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FieldErrors(Vec<(String, String)>);

impl<T: DeserializeOwned> FromRequest<App> for Form<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, app: &App) -> Result<Self, AppError> {
        let AxumForm(form) = AxumForm::<T>::from_request(request, app).await.map_err(rejected)?;
        Ok(Self(form))
    }
}

fn rejected(rejection: FormRejection) -> AppError {
    match &rejection {
        FormRejection::BytesRejection(_) if rejection.status().as_u16() == 413 => AppError::too_large(),
        FormRejection::InvalidFormContentType(_) => {
            AppError::new(ErrorKind::UnsupportedMedia, "not_a_form", "The shop expected a form here.")
        }
        _ => AppError::bad_request("bad_form", "Some of the form could not be read. Please go back and try again.")
            .because(rejection),
    }
}

impl FieldErrors {
    /// Keeps a message for a field.
    pub fn add(&mut self, field: &str, message: impl ToString) {
        self.0.push((field.to_owned(), message.to_string()));
    }

    /// The value, or `None` with its message kept.
    pub fn check<T, E: ToString>(&mut self, field: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(field, error)).ok()
    }

    /// The message of a field, empty if all is well.
    #[must_use]
    pub fn of(&self, field: &str) -> &str {
        self.0.iter().find(|(name, _)| name == field).map_or("", |(_, message)| message)
    }

    /// All of them, for the summary on top of the form.
    #[must_use]
    pub fn all(&self) -> &[(String, String)] {
        &self.0
    }

    /// The same with each field's label before its message: what stands away from its field must say which one it means.
    #[must_use]
    pub fn named(&self, labels: &[(&str, &str)]) -> Vec<(String, String)> {
        let label = |field: &str| labels.iter().find(|(name, _)| *name == field).map(|(_, label)| *label);
        let named = |(field, message): &(String, String)| {
            let message = label(field).map_or_else(|| message.clone(), |label| format!("{label}: {message}"));
            (field.clone(), message)
        };
        self.0.iter().map(named).collect()
    }

    /// Whether every field is well.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
