//! When the shop answers the telephone: ranges of a week on the clock of its zone, but for closed days.

use std::{collections::BTreeSet, str::FromStr};

use thiserror::Error;
use time::{Date, Duration, OffsetDateTime, Time, Weekday};

use super::Zone;

// How far ahead the next opening is looked for: longer than any holiday.
const DAYS_LOOKED_AT: i64 = 90;
const MIDNIGHT: u16 = 24 * 60;

/// A time of day from which to which the shop is open, in minutes since midnight; the end may be 24:00.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimeRange {
    start: u16,
    end: u16,
}

/// Why a text is no range.
#[derive(Debug, Error, PartialEq, Eq, Clone)]
#[error("'{0}' is no range like 09:00-12:30")]
pub struct TimeRangeError(String);

/// From when to when the shop is open without a pause.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Opening {
    /// It opens.
    pub from: OffsetDateTime,
    /// It closes.
    pub until: OffsetDateTime,
}

/// The hours of a week, in the shop's zone.
#[derive(Clone, Debug)]
pub struct OpeningHours {
    zone: Zone,
    // Monday first; each day's in order and apart from each other.
    week: [Vec<TimeRange>; 7],
    closed: BTreeSet<Date>,
}

impl TimeRange {
    /// When it begins.
    #[must_use]
    pub fn start(self) -> Time {
        clock(self.start)
    }

    /// When it ends; midnight at the end of the day is 00:00.
    #[must_use]
    pub fn end(self) -> Time {
        clock(self.end % MIDNIGHT)
    }
}

impl FromStr for TimeRange {
    type Err = TimeRangeError;

    fn from_str(text: &str) -> Result<Self, TimeRangeError> {
        let read = || {
            let (start, end) = text.split_once('-')?;
            Some((minutes(start.trim())?, minutes(end.trim())?))
        };
        match read() {
            Some((start, end)) if start < end => Ok(Self { start, end }),
            _ => Err(TimeRangeError(text.to_owned())),
        }
    }
}

impl OpeningHours {
    /// The ranges of each day, Monday first, and the days on which none of them holds. `None` if two ranges of a day overlap.
    #[must_use]
    pub fn new(zone: Zone, mut week: [Vec<TimeRange>; 7], closed: impl IntoIterator<Item = Date>) -> Option<Self> {
        for day in &mut week {
            day.sort_by_key(|range| range.start);
            if day.windows(2).any(|pair| matches!(pair, [one, next] if one.end > next.start)) {
                return None;
            }
        }
        Some(Self { zone, week, closed: closed.into_iter().collect() })
    }

    /// The shop's zone.
    #[must_use]
    pub const fn zone(&self) -> Zone {
        self.zone
    }

    /// The ranges of a weekday, without regard to closed days.
    #[must_use]
    pub fn of(&self, day: Weekday) -> &[TimeRange] {
        self.week.get(usize::from(day.number_days_from_monday())).map_or(&[], Vec::as_slice)
    }

    /// The days on which the shop stays closed, the first one first.
    pub fn closed_days(&self) -> impl Iterator<Item = Date> {
        self.closed.iter().copied()
    }

    /// When the shop is open on a day of its calendar. Ranges that the change of clocks swallows are left out.
    #[must_use]
    pub fn on(&self, date: Date) -> Vec<Opening> {
        if self.closed.contains(&date) {
            return Vec::new();
        }
        let opening = |range: &TimeRange| {
            let from = self.zone.first(date, range.start());
            let until = match (range.end, date.next_day()) {
                (MIDNIGHT, Some(tomorrow)) => self.zone.first(tomorrow, Time::MIDNIGHT),
                _ => self.zone.last(date, range.end()),
            };
            Opening { from, until }
        };
        self.of(date.weekday()).iter().map(opening).filter(|opening| opening.from < opening.until).collect()
    }

    /// Whether the shop is open at a moment.
    #[must_use]
    pub fn is_open(&self, at: OffsetDateTime) -> bool {
        self.closes_at(at).is_some()
    }

    /// When the shop that is open at a moment closes; `None` if it is closed.
    #[must_use]
    pub fn closes_at(&self, at: OffsetDateTime) -> Option<OffsetDateTime> {
        let open = |opening: &Opening| opening.from <= at && at < opening.until;
        self.on(self.zone.local(at).date()).into_iter().find(open).map(|opening| opening.until)
    }

    /// When it opens next after a moment, within the next three months.
    #[must_use]
    pub fn next_opening(&self, after: OffsetDateTime) -> Option<OffsetDateTime> {
        let today = self.zone.local(after).date();
        (0..DAYS_LOOKED_AT)
            .filter_map(|days| today.checked_add(Duration::days(days)))
            .flat_map(|date| self.on(date))
            .map(|opening| opening.from)
            .find(|from| *from > after)
    }
}

fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hours) || !digits(minutes) {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= MIDNIGHT).then_some(total)
}

fn clock(minutes: u16) -> Time {
    let part = |number: u16| u8::try_from(number).unwrap_or(0);
    Time::from_hms(part(minutes / 60), part(minutes % 60), 0).unwrap_or(Time::MIDNIGHT)
}

#[cfg(test)]
mod tests;
