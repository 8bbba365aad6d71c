//! The layers that every request passes, each shown by a request.

mod draining;
mod headers;
mod media;
mod people;
mod process;
mod refusals;
mod stores;
mod surface;
