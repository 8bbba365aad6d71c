//! The layers that every adapter's routes stand behind. `cli::router` puts them in order.

mod guards;
mod identity;
mod observe;
mod shared;

pub use guards::{BODY_LIMIT, UPLOAD_LIMIT, allowed_hosts, csrf, entrance, on_panic};
pub use identity::Identity;
pub use observe::observe;
pub use shared::shared;
