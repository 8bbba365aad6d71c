//! How the shop is reached, in words: for the footer of every page, the contact page and mails.

use time::{OffsetDateTime, Weekday};

use crate::{
    config::Config,
    types::{Locale, OpeningHours, TimeRange},
};

/// How the shop is reached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContactCard {
    /// Its mail address.
    pub email: String,
    /// Its telephone number, as people read it.
    pub phone: String,
    /// The same as a link.
    pub phone_url: String,
    /// Its address, line by line.
    pub address: Vec<String>,
    /// When the telephone is answered, days with the same hours together.
    pub hours: Vec<HoursLine>,
    /// The name of the zone that these are in.
    pub zone: String,
    /// Whether calls can be asked for.
    pub offers_calls: bool,
}

/// Days with the same hours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HoursLine {
    /// `Mon–Thu`.
    pub days: String,
    /// `09:00 – 12:30` and `13:30 – 17:00`; `All day` or `Closed` alone.
    pub times: Vec<String>,
}

impl ContactCard {
    /// The shop's, as configured.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let (contact, locale) = (&config.contact, &config.shop.locale);
        Self {
            email: contact.email.to_string(),
            phone: contact.phone.shown.clone(),
            phone_url: format!("tel:{}", contact.phone.number),
            address: contact.address.clone(),
            hours: lines(&contact.hours, locale),
            zone: contact.hours.zone().shown(),
            offers_calls: contact.call_back.per_slot > 0,
        }
    }
}

/// Whether the telephone is answered now, and until or from when: `Open until 12:30 PM`.
#[must_use]
pub fn open_now(hours: &OpeningHours, locale: &Locale, now: OffsetDateTime) -> (bool, String) {
    if let Some(until) = hours.closes_at(now) {
        return (true, format!("Open now, until {}", locale.time(until)));
    }
    let zone = hours.zone();
    let today = zone.local(now).date();
    let text = hours.next_opening(now).map_or_else(
        || "Closed at the moment".to_owned(),
        |at| match zone.local(at).date() {
            date if date == today => format!("Closed now, opens at {}", locale.time(at)),
            date if Some(date) == today.next_day() => format!("Closed now, opens tomorrow at {}", locale.time(at)),
            date => format!("Closed now, opens on {} at {}", locale.day(date), locale.time(at)),
        },
    );
    (false, text)
}

fn lines(hours: &OpeningHours, locale: &Locale) -> Vec<HoursLine> {
    let mut groups: Vec<(Weekday, Weekday, &[TimeRange])> = Vec::new();
    for number in 0..7 {
        let day = Weekday::Monday.nth_next(number);
        match groups.last_mut() {
            Some((_, last, ranges)) if *ranges == hours.of(day) => *last = day,
            _ => groups.push((day, day, hours.of(day))),
        }
    }
    groups
        .into_iter()
        .map(|(first, last, ranges)| HoursLine { days: days(first, last), times: times(ranges, locale) })
        .collect()
}

fn days(first: Weekday, last: Weekday) -> String {
    let short = |day: Weekday| day.to_string().chars().take(3).collect::<String>();
    if first == last { short(first) } else { format!("{}–{}", short(first), short(last)) }
}

fn times(ranges: &[TimeRange], locale: &Locale) -> Vec<String> {
    if ranges.is_empty() {
        return vec!["Closed".to_owned()];
    }
    if ranges.iter().all(|range| range.start() == range.end()) {
        return vec!["All day".to_owned()];
    }
    let range = |range: &TimeRange| format!("{} – {}", locale.clock(range.start()), locale.clock(range.end()));
    ranges.iter().map(range).collect()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn hours() -> OpeningHours {
        let mut week: [Vec<TimeRange>; 7] = std::array::from_fn(|_| vec!["09:00-17:00".parse().unwrap()]);
        week[4] = vec!["09:00-12:00".parse().unwrap()];
        week[5].clear();
        week[6].clear();
        OpeningHours::new("Europe/Berlin".parse().unwrap(), week, []).unwrap()
    }

    #[test]
    fn days_with_the_same_hours_are_one_line() {
        let locale = Locale::new("en-GB", "Europe/Berlin").unwrap();
        let lines = lines(&hours(), &locale);
        let text: Vec<_> = lines.iter().map(|line| format!("{} {}", line.days, line.times.join(", "))).collect();
        assert_eq!(text, ["Mon–Thu 09:00 – 17:00", "Fri 09:00 – 12:00", "Sat–Sun Closed"]);
    }

    #[test]
    fn whether_it_is_open_is_said_with_the_next_change() {
        let locale = Locale::new("en-US", "Europe/Berlin").unwrap();
        for (now, text) in [
            (datetime!(2026-11-24 09:00 UTC), "Open now, until 5:00\u{a0}PM"),
            (datetime!(2026-11-24 07:00 UTC), "Closed now, opens at 9:00\u{a0}AM"),
            (datetime!(2026-11-24 20:00 UTC), "Closed now, opens tomorrow at 9:00\u{a0}AM"),
            (datetime!(2026-11-27 15:00 UTC), "Closed now, opens on Monday, November 30 at 9:00\u{a0}AM"),
        ] {
            assert_eq!(open_now(&hours(), &locale, now).1, text);
        }
    }
}
