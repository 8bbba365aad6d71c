//! How a conversation moves when something is said; pure.

use super::types::{Assignee, Conversation, Sender, Status};

/// What a message does to its conversation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Moved {
    /// Where it stands then.
    pub status: Status,
    /// Who answers then.
    pub assignee: Option<Assignee>,
    /// What becomes of the customer's waiting.
    pub waiting: Waiting,
}

/// What becomes of the customer's waiting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Waiting {
    /// As it was.
    Kept,
    /// From now, unless they wait already.
    Begins,
    /// Answered.
    Ends,
}

/// A customer's word opens what was done, put aside or answered. An agent's word answers, and takes what nobody has. What the shop says
/// by itself answers nobody.
pub(super) fn said(conversation: &Conversation, sender: Sender, agent: Option<Assignee>) -> Moved {
    let as_it_was =
        || Moved { status: conversation.status, assignee: conversation.assignee.clone(), waiting: Waiting::Kept };
    match sender {
        Sender::Customer => Moved { status: Status::Open, waiting: Waiting::Begins, ..as_it_was() },
        Sender::Agent => {
            Moved { status: Status::Pending, assignee: conversation.assignee.clone().or(agent), waiting: Waiting::Ends }
        }
        Sender::Automatic | Sender::System => as_it_was(),
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::{
        domain::{accounts::Owner, chat::types::Marks},
        types::{ConversationId, UserId, VisitorId},
    };

    fn conversation(status: Status, assignee: Option<Assignee>) -> Conversation {
        Conversation {
            id: ConversationId(1),
            token: "t".repeat(43).into(),
            owner: Owner::Visitor(VisitorId(1)),
            display_name: "Ada".to_owned(),
            email: None,
            status,
            is_ended: false,
            assignee,
            last_seq: 3,
            last_change: 0,
            marks: Marks::default(),
            waiting_since: None,
            was_answered: false,
            snoozed_until: None,
            rating: None,
            created_at: OffsetDateTime::UNIX_EPOCH,
            last_message_at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_customers_word_opens_what_was_done_and_keeps_who_answers() {
        let ada = Some(Assignee { id: UserId(7), name: "Ada".to_owned() });
        for status in Status::ALL {
            let moved = said(&conversation(status, ada.clone()), Sender::Customer, None);
            assert_eq!(moved, Moved { status: Status::Open, assignee: ada.clone(), waiting: Waiting::Begins });
        }
    }

    #[test]
    fn an_agents_word_takes_what_nobody_has_and_leaves_what_somebody_has() {
        let [ada, bob] = [7, 8].map(|id| Assignee { id: UserId(id), name: id.to_string() });
        let moved = said(&conversation(Status::Open, None), Sender::Agent, Some(bob.clone()));
        assert_eq!(moved, Moved { status: Status::Pending, assignee: Some(bob.clone()), waiting: Waiting::Ends });
        let moved = said(&conversation(Status::Open, Some(ada.clone())), Sender::Agent, Some(bob));
        assert_eq!(moved.assignee, Some(ada));
    }

    #[test]
    fn what_the_shop_says_by_itself_answers_nobody() {
        let moved = said(&conversation(Status::Open, None), Sender::Automatic, None);
        assert_eq!((moved.status, moved.waiting), (Status::Open, Waiting::Kept));
    }
}
