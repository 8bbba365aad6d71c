//! What every adapter needs of a request: who it is, the database handle, limits, cookies, the neutral error.

mod actor;
mod app;
pub mod cookies;
mod db;
mod error;
mod errors_of_domain;
pub mod keep;
pub mod layers;
mod limits;

pub use actor::{
    Actor, AdministratorActor, AgentActor, AnswerEditorActor, LeadActor, SignedInActor, StaffActor, client_ip,
};
pub use app::{App, AppParts};
pub use cookies::Cookies;
pub use error::{AppError, ErrorKind};
pub use keep::keepable;
pub use limits::{
    ChatLimit, Limit, chat_limit, chat_limits, check_limit, check_password_limit, check_sign_in_limit, network_of,
};
