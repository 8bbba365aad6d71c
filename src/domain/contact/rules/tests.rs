use proptest::prelude::*;
use time::macros::{date, datetime};

use super::*;

fn shop(zone: &str, ranges: &[&str]) -> OpeningHours {
    let day = || ranges.iter().map(|text| text.parse().unwrap()).collect();
    OpeningHours::new(zone.parse().unwrap(), std::array::from_fn(|_| day()), []).unwrap()
}

fn plan(slot: i64, days_ahead: u16, per_slot: u16, notice: i64) -> CallBackPlan {
    CallBackPlan { slot: Duration::minutes(slot), days_ahead, per_slot, notice: Duration::minutes(notice) }
}

const HOURS: [&str; 2] = ["09:00-12:30", "13:30-17:00"];

#[test]
fn a_day_is_cut_into_slots_and_the_rest_of_an_opening_is_none() {
    let slots = slots_of(&shop("UTC", &["09:00-10:50"]), Duration::minutes(30), date!(2026 - 11 - 24));
    let starts: Vec<_> = slots.iter().map(|slot| slot.starts_at).collect();
    assert_eq!(
        starts,
        [datetime!(2026-11-24 09:00 UTC), datetime!(2026-11-24 09:30 UTC), datetime!(2026-11-24 10:00 UTC)]
    );
    assert_eq!(slots_of(&shop("UTC", &HOURS), Duration::ZERO, date!(2026 - 11 - 24)), []);
}

#[test]
fn the_hours_of_the_shop_are_those_of_its_zone() {
    let slots = slots_of(&shop("America/New_York", &HOURS), Duration::minutes(30), date!(2026 - 11 - 24));
    assert_eq!(slots[0].starts_at, datetime!(2026-11-24 14:00 UTC));
    assert_eq!(slots.len(), 14);
}

#[test]
fn a_night_with_a_change_of_clocks_has_as_many_slots_as_it_has_time_for() {
    let night = shop("Europe/Berlin", &["01:00-04:00"]);
    let count = |date| slots_of(&night, Duration::minutes(30), date).len();
    assert_eq!((count(date!(2026 - 10 - 24)), count(date!(2026 - 10 - 25)), count(date!(2027 - 03 - 28))), (6, 8, 4));
}

#[test]
fn what_begins_too_soon_is_not_offered_any_more() {
    let now = datetime!(2026-11-24 15:40 UTC);
    let days = offered(&shop("UTC", &HOURS), &plan(30, 2, 1, 30), now);
    assert_eq!(days[0].slots[0].starts_at, datetime!(2026-11-24 16:30 UTC));
    assert_eq!(days.len(), 2);
    assert_eq!(offered(&shop("UTC", &HOURS), &plan(30, 1, 1, 120), now), []);
    assert_eq!(offered(&shop("UTC", &HOURS), &plan(30, 7, 0, 0), now), [], "a shop that calls nobody");
}

#[test]
fn the_days_are_counted_on_the_shops_calendar() {
    // Half past ten in the evening in New York is the next day in UTC.
    let days =
        offered(&shop("America/New_York", &["22:00-24:00"]), &plan(30, 1, 1, 0), datetime!(2026-11-25 03:30 UTC));
    assert_eq!(days[0].date, date!(2026 - 11 - 24));
    assert_eq!(days[0].slots[0].starts_at, datetime!(2026-11-25 03:30 UTC));
    assert_eq!(days[0].slots.len(), 3);
}

#[test]
fn a_slot_is_gone_once_all_its_places_are() {
    let days = offered(&shop("UTC", &["09:00-10:00"]), &plan(30, 1, 2, 0), datetime!(2026-11-24 08:00 UTC));
    let [first, second] = [days[0].slots[0], days[0].slots[1]];
    let left = free(days.clone(), &HashMap::from([(first.starts_at, 2), (second.starts_at, 1)]), 2);
    assert_eq!(left[0].slots, [second]);
    assert_eq!(free(days, &HashMap::from([(first.starts_at, 2), (second.starts_at, 3)]), 2), []);
}

#[test]
fn only_a_time_that_is_offered_can_be_asked_for() {
    let (hours, plan) = (shop("UTC", &HOURS), plan(30, 2, 1, 30));
    let now = datetime!(2026-11-24 09:10 UTC);
    let at = |starts_at| slot_at(&hours, &plan, now, starts_at);
    assert!(at(datetime!(2026-11-24 10:00 UTC)).is_ok());
    for (passed, starts_at) in [
        (true, datetime!(2026-11-24 09:30 UTC)),
        (true, datetime!(1970-01-01 00:00 UTC)),
        (false, datetime!(2026-11-24 10:15 UTC)),
        (false, datetime!(2026-11-24 12:30 UTC)),
        (false, datetime!(2026-11-26 10:00 UTC)),
        (false, datetime!(9999-12-31 23:59:59 UTC)),
    ] {
        let error = at(starts_at).unwrap_err();
        assert_eq!(matches!(error, CallBackError::Passed), passed, "{starts_at}: {error}");
    }
}

#[test]
fn a_reference_has_the_shape_that_the_schema_wants() {
    assert_eq!((reference(0).as_str(), reference(u64::MAX).as_str()), ("0000-0000-0000", "ZZZZ-ZZZZ-ZZZZ"));
    for bad in ["", "0000-0000-000", "0000-0000-000I", "0000000000000", "<b>0-0000-0000", "0000-0000-0000-0000"] {
        assert!(!is_reference(bad), "{bad}");
    }
}

proptest! {
    #[test]
    fn slots_lie_within_the_hours_and_never_overlap(
        zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
        day in 0i64..800, slot in 5i64..240, start in 0u16..1300, length in 10u16..600,
    ) {
        let text = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let hours = shop(zone, &[&format!("{}-{}", text(start), text((start + length).min(1440)))]);
        let slots = slots_of(&hours, Duration::minutes(slot), date!(2026 - 01 - 01) + Duration::days(day));
        for slot_ in &slots {
            prop_assert_eq!(slot_.ends_at - slot_.starts_at, Duration::minutes(slot));
            prop_assert!(hours.is_open(slot_.starts_at) && hours.is_open(slot_.ends_at - Duration::seconds(1)));
        }
        for pair in slots.windows(2) {
            prop_assert!(pair[0].ends_at <= pair[1].starts_at);
        }
    }

    #[test]
    fn every_reference_is_one(random: u64) {
        prop_assert!(is_reference(&reference(random)));
    }
}
