//! The state machine of an order.

/// Where an order stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OrderStatus {
    /// Placed, payment open.
    Pending,
    /// Paid, or to be paid on delivery: being packed.
    Processing,
    /// With the carrier.
    Shipped,
    /// At its address.
    Delivered,
    /// Called off, or its payment was declined.
    Cancelled,
    /// Paid back after it was shipped.
    Refunded,
}
