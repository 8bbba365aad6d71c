//! How support does: who waits, how soon the first answer came, how long until all was done, and what customers thought of it. A
//! conversation counts for the day, in the shop's zone, on which its customer first wrote.

use time::{Date, Duration, OffsetDateTime, Time};

use super::{Chat, ChatError, sql};
use crate::{domain::accounts::Lead, infra::clock, types::UserId};

/// The longest range that is counted at once.
pub const MOST_DAYS: i64 = 366;

/// Days, both counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DayRange {
    from: Date,
    to: Date,
}

/// What is counted for a day, an agent, or all of them.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Counted {
    /// Conversations in which a customer wrote.
    pub asked: i64,
    /// Those that an agent answered.
    pub answered: i64,
    /// Seconds until the first answer of an agent: half of them were sooner.
    pub first_answer_median: Option<i64>,
    /// Seconds until the first answer: 95 of 100 were sooner.
    pub first_answer_p95: Option<i64>,
    /// Those that are done.
    pub resolved: i64,
    /// Seconds from the first word until it was done: half of them were sooner.
    pub resolution_median: Option<i64>,
    /// Those that were rated.
    pub ratings: i64,
    /// Hundredths of a star, on average.
    pub rating_hundredths: Option<i64>,
}

/// The figures of a range.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Figures {
    /// Customers who wait now.
    pub waiting: i64,
    /// Since when the one who waits longest does.
    pub waiting_since: Option<OffsetDateTime>,
    /// Agents who take conversations now.
    pub agents_there: i64,
    /// The whole range.
    pub all: Counted,
    /// Each day of it, also those on which nobody wrote.
    pub days: Vec<(Date, Counted)>,
    /// Each agent who answers or answered, in all and by day; without `day` in all.
    pub agents: Vec<AgentFigures>,
}

/// The figures of an agent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentFigures {
    /// The account.
    pub id: UserId,
    /// What to call them.
    pub name: String,
    /// The day; `None`: the whole range.
    pub day: Option<Date>,
    /// What is counted.
    pub counted: Counted,
}

impl DayRange {
    /// From one day to another; `None` if they are the wrong way round or further apart than [`MOST_DAYS`].
    #[must_use]
    pub fn new(from: Date, to: Date) -> Option<Self> {
        let days = (to - from).whole_days() + 1;
        (1..=MOST_DAYS).contains(&days).then_some(Self { from, to })
    }

    /// The last so many days, today included, of the shop's calendar.
    #[must_use]
    pub fn last(days: i64, today: Date) -> Self {
        let from = today.checked_sub(Duration::days(days.clamp(1, MOST_DAYS) - 1)).unwrap_or(today);
        Self { from, to: today }
    }

    /// The first day.
    #[must_use]
    pub const fn from(&self) -> Date {
        self.from
    }

    /// The last day.
    #[must_use]
    pub const fn to(&self) -> Date {
        self.to
    }

    fn days(&self) -> impl Iterator<Item = Date> {
        let from = self.from;
        (0..=(self.to - from).whole_days()).filter_map(move |days| from.checked_add(Duration::days(days)))
    }
}

impl Chat {
    /// Today, in the shop's zone.
    #[must_use]
    pub fn today(&self) -> Date {
        self.plan.locale.zone().local(clock::now()).date()
    }

    /// The figures of a range.
    ///
    /// # Errors
    /// The database failed.
    pub async fn figures(&self, _lead: &Lead, range: DayRange) -> Result<Figures, ChatError> {
        let zone = self.plan.locale.zone();
        let from = zone.first(range.from, Time::MIDNIGHT);
        let until = zone.first(range.to.next_day().unwrap_or(range.to), Time::MIDNIGHT);
        let db = self.db.primary();
        let (waiting, waiting_since) = sql::waiting_now(db).await?;
        let mut by_day = sql::figures_by_day(db, from, until, zone.name()).await?;
        let all =
            by_day.iter().position(|(day, _)| day.is_none()).map(|at| by_day.swap_remove(at).1).unwrap_or_default();
        let of = |day: Date| by_day.iter().find(|(found, _)| *found == Some(day)).map(|(_, counted)| counted.clone());
        Ok(Figures {
            waiting,
            waiting_since,
            agents_there: self
                .agents_there()
                .await?
                .iter()
                .filter(|agent| agent.available)
                .count()
                .try_into()
                .unwrap_or(i64::MAX),
            all,
            days: range.days().map(|day| (day, of(day).unwrap_or_default())).collect(),
            agents: sql::figures_by_agent(db, from, until, zone.name()).await?,
        })
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_range_has_both_its_days_and_is_bounded() {
        let today = date!(2027 - 03 - 28);
        assert_eq!(DayRange::last(7, today).days().count(), 7);
        assert_eq!(DayRange::new(today, today).unwrap().days().collect::<Vec<_>>(), [today]);
        assert!(DayRange::new(today, date!(2027 - 03 - 27)).is_none());
        assert!(
            DayRange::new(date!(2026 - 03 - 27), today).is_none()
                && DayRange::new(date!(2026 - 03 - 28), today).is_some()
        );
    }
}
