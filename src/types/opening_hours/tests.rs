use proptest::prelude::*;
use time::macros::{date, datetime, time};

use super::*;

fn hours(zone: &str, ranges: &[&str], closed: &[Date]) -> OpeningHours {
    let day: Vec<TimeRange> = ranges.iter().map(|text| text.parse().unwrap()).collect();
    let week = std::array::from_fn(|day_of_week| if day_of_week < 5 { day.clone() } else { Vec::new() });
    OpeningHours::new(zone.parse().unwrap(), week, closed.iter().copied()).unwrap()
}

#[test]
fn a_range_is_two_times_of_a_day_in_order() {
    let range: TimeRange = "09:00-12:30".parse().unwrap();
    assert_eq!((range.start(), range.end()), (time!(09:00), time!(12:30)));
    assert_eq!("13:00 - 24:00".parse::<TimeRange>().unwrap().end(), Time::MIDNIGHT);
    for bad in
        ["", "9-12", "09:00", "12:00-09:00", "09:00-09:00", "09:60-10:00", "09:00-24:01", "+9:00-10:00", "09:00-99:00"]
    {
        assert_eq!(bad.parse::<TimeRange>(), Err(TimeRangeError(bad.to_owned())));
    }
}

#[test]
fn ranges_that_overlap_are_refused_and_those_that_touch_are_not() {
    let week = |ranges: [&str; 2]| std::array::from_fn(|_| ranges.map(|text| text.parse().unwrap()).to_vec());
    let zone: Zone = "UTC".parse().unwrap();
    assert!(OpeningHours::new(zone, week(["09:00-12:00", "11:59-13:00"]), []).is_none());
    assert!(OpeningHours::new(zone, week(["12:00-13:00", "09:00-12:00"]), []).is_some());
}

#[test]
fn the_shop_is_open_by_the_clock_on_its_wall() {
    let shop = hours("Europe/Berlin", &["09:00-12:30", "13:30-17:00"], &[date!(2026 - 12 - 25)]);
    // Tuesday, winter time: an hour before UTC.
    for (at, open) in [
        (datetime!(2026-11-24 07:59:59 UTC), false),
        (datetime!(2026-11-24 08:00 UTC), true),
        (datetime!(2026-11-24 11:30 UTC), false),
        (datetime!(2026-11-24 12:30 UTC), true),
        (datetime!(2026-11-24 16:00 UTC), false),
        (datetime!(2026-11-28 10:00 UTC), false),
        (datetime!(2026-12-25 10:00 UTC), false),
        // Summer time.
        (datetime!(2026-07-14 07:00 UTC), true),
    ] {
        assert_eq!(shop.is_open(at), open, "{at}");
    }
    assert_eq!(shop.closes_at(datetime!(2026-11-24 08:00 UTC)), Some(datetime!(2026-11-24 11:30 UTC)));
}

#[test]
fn the_next_opening_leaves_out_weekends_and_closed_days() {
    let shop = hours("Europe/Berlin", &["09:00-12:30"], &[date!(2026 - 12 - 25), date!(2026 - 12 - 28)]);
    let thursday_evening = datetime!(2026-12-24 18:00 UTC);
    assert_eq!(shop.next_opening(thursday_evening), Some(datetime!(2026-12-29 08:00 UTC)));
    assert_eq!(
        shop.next_opening(datetime!(2026-11-24 08:00 UTC)),
        Some(datetime!(2026-11-25 08:00 UTC)),
        "not this one"
    );
    assert_eq!(hours("UTC", &[], &[]).next_opening(thursday_evening), None);
}

#[test]
fn on_the_days_of_the_changes_the_night_is_shorter_and_longer() {
    let every_night = || std::array::from_fn(|_| vec!["01:00-04:00".parse().unwrap()]);
    let shop = OpeningHours::new("Europe/Berlin".parse().unwrap(), every_night(), []).unwrap();
    let length = |date| shop.on(date).iter().map(|opening| (opening.until - opening.from).whole_hours()).sum::<i64>();
    assert_eq!(length(date!(2026 - 10 - 24)), 3);
    assert_eq!(length(date!(2026 - 10 - 25)), 4);
    assert_eq!(length(date!(2027 - 03 - 28)), 2);
    let swallowed = std::array::from_fn(|_| vec!["02:10-02:50".parse().unwrap()]);
    let shop = OpeningHours::new("Europe/Berlin".parse().unwrap(), swallowed, []).unwrap();
    assert_eq!(shop.on(date!(2027 - 03 - 28)), [], "an hour that there is not");
}

proptest! {
    #[test]
    fn the_shop_is_open_exactly_between_an_opening_and_its_end(
        zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]),
        start in 0u16..1400, length in 1u16..900, minute in 0i64..(2 * 366 * 24 * 60),
    ) {
        let end = (start + length).min(1440);
        let text = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let shop = hours(zone, &[&format!("{}-{}", text(start), text(end))], &[]);
        let at = datetime!(2026-01-01 00:00 UTC) + Duration::minutes(minute);
        let next = shop.next_opening(at).unwrap();
        prop_assert!(next > at && shop.is_open(next));
        prop_assert!(!shop.is_open(next - Duration::seconds(1)) || length >= 1438);
        match shop.closes_at(at) {
            Some(until) => prop_assert!(at < until && until <= next && !shop.is_open(until) || end == 1440),
            None => prop_assert!(!shop.is_open(at) && next - at <= Duration::days(3)),
        }
    }

    #[test]
    fn no_text_makes_reading_a_range_fall_over(text in "\\PC{0,12}|[0-9:-]{0,14}") {
        if let Ok(range) = text.parse::<TimeRange>() {
            prop_assert!(range.start < range.end && range.end <= MIDNIGHT);
        }
    }
}
