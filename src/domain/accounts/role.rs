//! What a person may do.

use std::str::FromStr;

/// What a person may do, from least to most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// Buys.
    Customer,
    /// Answers in the chat.
    Agent,
    /// Leads the agents.
    Lead,
    /// Runs catalogue, stock and orders.
    Staff,
    /// Everything, roles included.
    Administrator,
}

impl Role {
    /// All, from least to most.
    pub const ALL: [Self; 5] = [Self::Customer, Self::Agent, Self::Lead, Self::Staff, Self::Administrator];

    /// The word that JSON and the database use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::Lead => "lead",
            Self::Staff => "staff",
            Self::Administrator => "administrator",
        }
    }
}

impl FromStr for Role {
    type Err = ();

    fn from_str(id: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|role| role.id() == id).ok_or(())
    }
}
