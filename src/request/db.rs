//! The database handle of a request. The watermark of a person's last write will be read here once there is a replica.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};

use super::App;
use crate::infra::database::Db;

impl FromRequestParts<App> for Db {
    type Rejection = Infallible;

    async fn from_request_parts(_parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(app.db.clone())
    }
}
