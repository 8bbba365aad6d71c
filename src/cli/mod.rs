//! The only places that wire things together.

pub mod probes;
pub mod router;
pub mod seed;
