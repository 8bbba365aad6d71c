//! The layers that every adapter's routes stand behind. `cli::router` puts them in order.

mod guards;
mod identity;
mod observe;
mod shared;

pub use guards::{BODY_LIMIT, UPLOAD_LIMIT, allowed_hosts, body_limit, csrf, on_panic, timeout};
pub use identity::{draining, request_id, served_by};
pub use observe::observe;
pub use shared::shared;
