//! Slots for calls, cut from the shop's hours; and references.

use std::collections::HashMap;

use time::{Date, Duration, OffsetDateTime};

use super::CallBackError;
use crate::{config::CallBackPlan, types::OpeningHours};

/// A time in which the shop may call someone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slot {
    /// The call comes from here on.
    pub starts_at: OffsetDateTime,
    /// The next slot begins at the earliest here.
    pub ends_at: OffsetDateTime,
}

/// The slots of a day of the shop's calendar.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SlotDay {
    /// Which day.
    pub date: Date,
    /// Its slots, the first one first.
    pub slots: Vec<Slot>,
}

/// A day's slots: each opening cut into equal pieces, in real time, so that no call is longer or shorter on the days when clocks change.
/// What is left at an opening's end is none.
pub(super) fn slots_of(hours: &OpeningHours, length: Duration, date: Date) -> Vec<Slot> {
    if !length.is_positive() {
        return Vec::new();
    }
    let mut slots = Vec::new();
    for opening in hours.on(date) {
        let mut starts_at = opening.from;
        while starts_at + length <= opening.until {
            slots.push(Slot { starts_at, ends_at: starts_at + length });
            starts_at += length;
        }
    }
    slots
}

/// All slots that are offered now, whether or not they are taken; days without one are left out.
pub(super) fn offered(hours: &OpeningHours, plan: &CallBackPlan, now: OffsetDateTime) -> Vec<SlotDay> {
    if plan.per_slot == 0 {
        return Vec::new();
    }
    let today = hours.zone().local(now).date();
    let day = |ahead: u16| {
        let date = today.checked_add(Duration::days(i64::from(ahead)))?;
        let mut slots = slots_of(hours, plan.slot, date);
        slots.retain(|slot| slot.starts_at >= now + plan.notice);
        (!slots.is_empty()).then_some(SlotDay { date, slots })
    };
    (0..plan.days_ahead).filter_map(day).collect()
}

/// Without the slots in which every place is taken.
pub(super) fn free(mut days: Vec<SlotDay>, taken: &HashMap<OffsetDateTime, i64>, per_slot: u16) -> Vec<SlotDay> {
    for day in &mut days {
        day.slots.retain(|slot| taken.get(&slot.starts_at).is_none_or(|calls| *calls < i64::from(per_slot)));
    }
    days.retain(|day| !day.slots.is_empty());
    days
}

/// The slot that begins then, if it is offered now.
pub(super) fn slot_at(
    hours: &OpeningHours,
    plan: &CallBackPlan,
    now: OffsetDateTime,
    starts_at: OffsetDateTime,
) -> Result<Slot, CallBackError> {
    let slots = offered(hours, plan, now).into_iter().flat_map(|day| day.slots);
    match slots.into_iter().find(|slot| slot.starts_at == starts_at) {
        Some(slot) => Ok(slot),
        None if starts_at < now + plan.notice => Err(CallBackError::Passed),
        None => Err(CallBackError::NoSuchSlot),
    }
}

// Crockford's base 32: without I, L, O and U, which are misread or spell words.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What people quote of a message or a call, from 60 random bits: `7K2M-Q9XT-04HB`.
#[must_use]
pub fn reference(random: u64) -> String {
    let mut text = String::with_capacity(14);
    for place in 0..12 {
        if place > 0 && place % 4 == 0 {
            text.push('-');
        }
        let index = (random >> (place * 5)) & 31;
        text.push(char::from(LETTERS[usize::try_from(index).unwrap_or_default()]));
    }
    text
}

/// Whether a text looks like a reference.
#[must_use]
pub fn is_reference(text: &str) -> bool {
    text.len() == 14
        && text.bytes().enumerate().all(|(place, byte)| match place {
            4 | 9 => byte == b'-',
            _ => LETTERS.contains(&byte),
        })
}

#[cfg(test)]
mod tests;
