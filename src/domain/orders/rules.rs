//! The state machine of an order, and its number.

use std::{fmt, str::FromStr};

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

/// What may happen to an order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OrderStep {
    /// The payment was captured, or is due on delivery.
    PaymentSettled,
    /// The payment was declined.
    PaymentDeclined,
    /// Someone called it off, or its time to be paid ran out.
    Cancel,
    /// Handed to the carrier.
    Ship,
    /// Arrived.
    Deliver,
    /// The money goes back after shipping.
    Refund,
}

impl OrderStatus {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Processing, Self::Shipped, Self::Delivered, Self::Cancelled, Self::Refunded];

    /// The id that JSON and the database use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
        }
    }

    /// What people read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Processing => "Processing",
            Self::Shipped => "Shipped",
            Self::Delivered => "Delivered",
            Self::Cancelled => "Cancelled",
            Self::Refunded => "Refunded",
        }
    }

    /// Where the step leads; `None` where it cannot be taken. Every pair is decided here and nowhere else.
    #[must_use]
    pub const fn after(self, step: OrderStep) -> Option<Self> {
        use OrderStep as Step;
        match (self, step) {
            (Self::Pending, Step::PaymentSettled) => Some(Self::Processing),
            (Self::Pending, Step::PaymentDeclined) | (Self::Pending | Self::Processing, Step::Cancel) => {
                Some(Self::Cancelled)
            }
            (Self::Processing, Step::Ship) => Some(Self::Shipped),
            (Self::Shipped, Step::Deliver) => Some(Self::Delivered),
            (Self::Shipped | Self::Delivered, Step::Refund) => Some(Self::Refunded),
            (Self::Pending, Step::Ship | Step::Deliver | Step::Refund)
            | (Self::Processing, Step::PaymentSettled | Step::PaymentDeclined | Step::Deliver | Step::Refund)
            | (Self::Shipped, Step::PaymentSettled | Step::PaymentDeclined | Step::Cancel | Step::Ship)
            | (
                Self::Delivered,
                Step::PaymentSettled | Step::PaymentDeclined | Step::Cancel | Step::Ship | Step::Deliver,
            )
            | (Self::Cancelled | Self::Refunded, _) => None,
        }
    }

    /// Whether it can still be called off.
    #[must_use]
    pub const fn is_cancellable(self) -> bool {
        self.after(OrderStep::Cancel).is_some()
    }
}

impl FromStr for OrderStatus {
    type Err = ();

    fn from_str(id: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|status| status.id() == id).ok_or(())
    }
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

// Crockford's base 32: without I, L, O and U, which are misread or spell words.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// An order number from 60 random bits, like `7K2M-Q9XT-04HB`: says nothing of how much is sold.
pub(super) fn number(random: u64) -> String {
    let mut text = String::with_capacity(14);
    for place in 0..12 {
        if place > 0 && place % 4 == 0 {
            text.push('-');
        }
        let index = (random >> (place * 5)) & 31;
        text.push(char::from(LETTERS[usize::try_from(index).unwrap_or_default()]));
    }
    text
}

/// A number as someone typed it, in the way it is stored; `None` if none can look like it.
pub(super) fn written_number(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let plausible = typed.len() <= 24 && typed.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    plausible.then(|| typed.to_ascii_uppercase())
}

/// A reason that can be stored: one line without control characters, at most 500 letters; `None` if nothing is left of it.
pub(super) fn storable_reason(reason: Option<&str>) -> Option<String> {
    let printable = reason?.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let line: String = printable.take(500).collect::<String>().trim().to_owned();
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STEPS: [OrderStep; 6] = [
        OrderStep::PaymentSettled,
        OrderStep::PaymentDeclined,
        OrderStep::Cancel,
        OrderStep::Ship,
        OrderStep::Deliver,
        OrderStep::Refund,
    ];

    fn step() -> impl Strategy<Value = OrderStep> {
        prop::sample::select(STEPS.to_vec())
    }

    #[test]
    fn a_status_is_read_back_from_its_id() {
        for status in OrderStatus::ALL {
            assert_eq!(status.id().parse(), Ok(status));
        }
        assert_eq!("lost".parse::<OrderStatus>(), Err(()));
    }

    #[test]
    fn what_left_the_house_or_ended_cannot_be_cancelled() {
        let cancellable: Vec<_> = OrderStatus::ALL.into_iter().filter(|status| status.is_cancellable()).collect();
        assert_eq!(cancellable, [OrderStatus::Pending, OrderStatus::Processing]);
    }

    #[test]
    fn a_number_has_the_shape_that_the_schema_wants() {
        assert_eq!(number(0), "0000-0000-0000");
        assert_eq!(number(u64::MAX), "ZZZZ-ZZZZ-ZZZZ");
        assert_eq!(written_number(" zzzz-zzzz-zzzz "), Some(number(u64::MAX)));
        assert_eq!(written_number("' OR 1=1 --\0"), None);
    }

    #[test]
    fn a_reason_is_held_to_what_can_be_stored() {
        assert_eq!(storable_reason(Some("too\0late\n")).as_deref(), Some("too late"));
        assert_eq!(storable_reason(Some("\r\n")), None);
        assert_eq!(storable_reason(Some(&"é".repeat(10_000))).map(|reason| reason.chars().count()), Some(500));
    }

    proptest! {
        #[test]
        fn whatever_happens_in_whatever_order_an_end_is_an_end(steps in prop::collection::vec(step(), 0..20)) {
            let mut status = OrderStatus::Pending;
            let mut cancelled = 0;
            for step in steps {
                let Some(next) = status.after(step) else { continue };
                prop_assert!(next != status);
                prop_assert!(!matches!(status, OrderStatus::Cancelled | OrderStatus::Refunded));
                cancelled += usize::from(next == OrderStatus::Cancelled);
                status = next;
            }
            prop_assert!(cancelled <= 1);
        }

        #[test]
        fn nothing_is_shipped_before_its_payment_is_settled(steps in prop::collection::vec(step(), 0..20)) {
            let mut status = OrderStatus::Pending;
            let mut settled = false;
            for step in steps {
                let Some(next) = status.after(step) else { continue };
                settled |= step == OrderStep::PaymentSettled;
                prop_assert!(next != OrderStatus::Shipped || settled);
                status = next;
            }
        }
    }
}
