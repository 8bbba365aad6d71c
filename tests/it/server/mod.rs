//! The layers that every request passes, each shown by a request.

mod headers;
mod refusals;
