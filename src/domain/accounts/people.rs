//! Who acts, and what that person may do. Authority is a value of these types: a forgotten check does not compile.

use super::Role;
use crate::types::{Address, SessionId, UserId, VisitorId};

/// An account as its owner sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The name to sign in with.
    pub username: String,
    /// Where mail goes.
    pub email: String,
    /// As it appears on parcels; may be empty.
    pub full_name: String,
    /// For the carrier's questions.
    pub phone: Option<String>,
    /// The default address.
    pub address: Option<Address>,
    /// What its owner may do; additive.
    pub roles: Vec<Role>,
}

/// Someone who is signed in, proven by a live session. Only made here.
#[derive(Clone, Debug)]
pub struct Customer {
    session: SessionId,
    user: User,
}

/// Someone who is signed in and may run catalogue, stock and orders. Only made from a [`Customer`].
#[derive(Clone, Debug)]
pub struct Staff(Customer);

/// Someone who is signed in and may answer in the chat. Only made from a [`Customer`].
#[derive(Clone, Debug)]
pub struct Agent(Customer);

/// An agent who also leads: figures, the answers that are written beforehand, everybody's conversations. Only made from a [`Customer`].
#[derive(Clone, Debug)]
pub struct Lead(Agent);

/// Someone who may write the answers that are prepared: leads and staff. Only made from a [`Customer`].
#[derive(Clone, Debug)]
pub struct AnswerEditor(Customer);

/// Someone who may say what others may do. Only made from a [`Customer`].
#[derive(Clone, Debug)]
pub struct Administrator(Customer);

/// The shop acting by itself: command line and worker.
#[derive(Clone, Copy, Debug)]
pub struct System(());

/// To whom a cart or an order belongs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Owner {
    /// An account.
    Customer(UserId),
    /// A browser that is not signed in.
    Visitor(VisitorId),
}

impl User {
    /// The role with the most rights.
    #[must_use]
    pub fn role(&self) -> Role {
        self.roles.iter().copied().max().unwrap_or(Role::Customer)
    }

    /// What to call the person: the full name, else the user name.
    #[must_use]
    pub fn display_name(&self) -> &str {
        if self.full_name.is_empty() { &self.username } else { &self.full_name }
    }
}

impl Customer {
    // The only way to one: sessions.rs, from a live row.
    pub(super) const fn of(session: SessionId, user: User) -> Self {
        Self { session, user }
    }

    /// The account.
    #[must_use]
    pub const fn user(&self) -> &User {
        &self.user
    }

    /// The account's id.
    #[must_use]
    pub const fn id(&self) -> UserId {
        self.user.id
    }

    /// The sign-in that proves it.
    #[must_use]
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// The right to run the shop, if the person has it.
    #[must_use]
    pub fn as_staff(&self) -> Option<Staff> {
        (self.user.role() >= Role::Staff).then(|| Staff(self.clone()))
    }
}

impl Customer {
    /// The right to answer in the chat, if the person has it. Staff have it only with the role: whoever runs the catalogue need not
    /// read what customers write.
    #[must_use]
    pub fn as_agent(&self) -> Option<Agent> {
        let may = self.user.roles.iter().any(|role| matches!(role, Role::Agent | Role::Lead | Role::Administrator));
        may.then(|| Agent(self.clone()))
    }

    /// The right to lead the agents, if the person has it.
    #[must_use]
    pub fn as_lead(&self) -> Option<Lead> {
        let may = self.user.roles.iter().any(|role| matches!(role, Role::Lead | Role::Administrator));
        self.as_agent().filter(|_| may).map(Lead)
    }

    /// The right to write the answers that are prepared, if the person has it.
    #[must_use]
    pub fn as_answer_editor(&self) -> Option<AnswerEditor> {
        let may = self.user.roles.iter().any(|role| matches!(role, Role::Lead | Role::Staff | Role::Administrator));
        may.then(|| AnswerEditor(self.clone()))
    }

    /// The right to give rights, if the person has it.
    #[must_use]
    pub fn as_administrator(&self) -> Option<Administrator> {
        (self.user.role() == Role::Administrator).then(|| Administrator(self.clone()))
    }
}

impl Agent {
    /// The person behind it.
    #[must_use]
    pub const fn customer(&self) -> &Customer {
        &self.0
    }
}

impl Lead {
    /// The agent behind it.
    #[must_use]
    pub const fn agent(&self) -> &Agent {
        &self.0
    }
}

impl AnswerEditor {
    /// The person behind it.
    #[must_use]
    pub const fn customer(&self) -> &Customer {
        &self.0
    }
}

impl Administrator {
    /// The person behind it.
    #[must_use]
    pub const fn customer(&self) -> &Customer {
        &self.0
    }
}

impl Staff {
    /// The person behind it.
    #[must_use]
    pub const fn customer(&self) -> &Customer {
        &self.0
    }
}

impl System {
    /// For `cli` and `worker` alone.
    #[must_use]
    pub const fn acting() -> Self {
        Self(())
    }
}
