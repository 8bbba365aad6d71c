//! Operations of the domain on a real PostgreSQL, with the rights of the application.

mod inventory;
mod orders;
mod payments;
