//! The layers that every request passes, each shown by a request.

mod draining;
mod headers;
mod people;
mod refusals;
mod stores;
