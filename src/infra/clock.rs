//! The time of day, for what is shown or signed. Deadlines that decide something are set and compared by the database's clock.

use time::OffsetDateTime;

/// Now, in UTC.
#[must_use]
pub fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
