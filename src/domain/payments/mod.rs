//! Payments: methods, the demo gateway, and the state of each order's payment.

mod rules;
mod sql;

pub use rules::{CardError, CardNumber, PaymentMethod, PaymentState};
