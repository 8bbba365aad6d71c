//! Filters for templates: `{{ price|money(frame.locale) }}`, `{{ at|date(frame.locale) }}`.
//! The locale is an argument, so that formats never have to be searched for.

// The macro makes a public struct a filter, without a word on it.
#![allow(missing_docs)]

use askama::{Result, Values};
use time::OffsetDateTime;

use crate::types::{Locale, Money};

/// An amount in the custom of the locale.
///
/// # Errors
/// None; the signature is the template engine's.
#[askama::filter_fn]
pub fn money(money: &Money, _values: &dyn Values, locale: &Locale) -> Result<String> {
    Ok(locale.money(*money))
}

/// A date in the shop's zone.
///
/// # Errors
/// None; the signature is the template engine's.
#[askama::filter_fn]
pub fn date(at: &OffsetDateTime, _values: &dyn Values, locale: &Locale) -> Result<String> {
    Ok(locale.date(*at))
}

/// A date with the time of day in the shop's zone.
///
/// # Errors
/// None; the signature is the template engine's.
#[askama::filter_fn]
pub fn date_time(at: &OffsetDateTime, _values: &dyn Values, locale: &Locale) -> Result<String> {
    Ok(locale.date_time(*at))
}
