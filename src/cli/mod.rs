//! The commands: the only places that wire configuration, stores and layers together.

pub mod probes;
pub mod router;
pub mod seed;
