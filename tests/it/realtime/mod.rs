//! The chat over real sockets: two or three servers in one process, on one database and one Redis.

mod abuse;
mod delivery;
mod limits;
mod polling;
mod rights;
mod together;
