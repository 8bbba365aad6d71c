//! How much is left, in the words that cards, product pages and carts share.

/// From how many pieces on their number says more than "in stock".
const FEW: i64 = 5;

/// What a customer needs to know about the stock of a thing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stock {
    /// Enough.
    Plenty,
    /// So few that the number matters.
    Few(i64),
    /// Nothing left.
    Out,
}

impl Stock {
    /// Of a number of pieces that can be sold.
    #[must_use]
    pub fn of(available: impl Into<i64>) -> Self {
        match available.into() {
            left if left > FEW => Self::Plenty,
            left if left > 0 => Self::Few(left),
            _ => Self::Out,
        }
    }

    /// Whether nothing is left.
    #[must_use]
    pub const fn is_out(&self) -> bool {
        matches!(self, Self::Out)
    }

    /// The state in words: `In stock`, `Only 2 left`, `Sold out`.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Plenty => "In stock".to_owned(),
            Self::Few(left) => format!("Only {left} left"),
            Self::Out => "Sold out".to_owned(),
        }
    }

    /// The number where it matters, else nothing.
    #[must_use]
    pub fn warning(&self) -> String {
        if matches!(self, Self::Few(_)) { self.text() } else { String::new() }
    }
}
