//! What agents read about times and statuses.

use time::{Duration, OffsetDateTime};

use crate::domain::chat::{Status, desk::Queue};

/// After this a waiting customer stands out, and after [`LATE`] more so.
const SLOW: Duration = Duration::minutes(2);
const LATE: Duration = Duration::minutes(5);

/// How long ago, in as few letters as a list has room for.
pub(super) fn ago(at: OffsetDateTime, now: OffsetDateTime) -> String {
    let minutes = (now - at).whole_minutes();
    match minutes {
        i64::MIN..1 => "now".to_owned(),
        1..60 => format!("{minutes} min"),
        60..1_440 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1_440),
    }
}

/// How long the customer has waited, and how it should look.
pub(super) fn waiting(since: OffsetDateTime, now: OffsetDateTime) -> (String, &'static str) {
    let waited = now - since;
    let class = match waited {
        _ if waited >= LATE => "desk-wait is-late",
        _ if waited >= SLOW => "desk-wait is-slow",
        _ => "desk-wait",
    };
    (ago(since, now), class)
}

/// A status in a word and the kind of its badge.
pub(super) const fn status(status: Status, is_ended: bool) -> (&'static str, &'static str) {
    match (status, is_ended) {
        (_, true) => ("Ended", ""),
        (Status::Open, _) => ("Open", "accent"),
        (Status::Pending, _) => ("Waiting for the customer", ""),
        (Status::Snoozed, _) => ("Snoozed", "warn"),
        (Status::Resolved, _) => ("Resolved", "good"),
    }
}

/// A queue's name.
pub(super) const fn queue(queue: Queue) -> &'static str {
    match queue {
        Queue::Waiting => "Waiting",
        Queue::Mine => "Mine",
        Queue::All => "All open",
        Queue::Resolved => "Resolved",
        Queue::Snoozed => "Snoozed",
    }
}

/// What an empty queue means.
pub(super) const fn empty(queue: Queue) -> (&'static str, &'static str) {
    match queue {
        Queue::Waiting => ("Nobody is waiting", "Everyone who wrote has an answer."),
        Queue::Mine => ("Nothing is yours", "Take a conversation from the queue, or wait for one."),
        Queue::All => ("Nothing is open", "New conversations appear here by themselves."),
        Queue::Resolved => ("Nothing is resolved yet", "What you resolve can be found here."),
        Queue::Snoozed => ("Nothing is snoozed", "What you put aside comes back at its time."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_coloured_after_its_limits() {
        let now = OffsetDateTime::UNIX_EPOCH + Duration::days(9);
        let waited = |minutes| waiting(now - Duration::minutes(minutes), now);
        assert_eq!(waited(1), ("1 min".to_owned(), "desk-wait"));
        assert_eq!(waited(2).1, "desk-wait is-slow");
        assert_eq!(waited(90), ("1 h".to_owned(), "desk-wait is-late"));
        assert_eq!(ago(now + Duration::seconds(5), now), "now");
        assert_eq!(ago(now - Duration::days(3), now), "3 d");
    }
}
