//! `shop.toml`: how the shop is reached and when, in a file that its owner edits.

use std::{collections::BTreeSet, fs, io::ErrorKind, path::Path};

use serde::Deserialize;
use time::{Date, Duration, macros::format_description};

use super::ConfigError;
use crate::types::{Email, OpeningHours, TimeRange, Zone};

/// The file's name in the folder that `SHOP_DIR` names.
pub const SHOP_FILE: &str = "shop.toml";
const BUILT_IN: &str = include_str!("../../seed/shop/shop.toml");
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// How the shop is reached and when.
#[derive(Clone, Debug)]
pub struct ContactConfig {
    /// Where messages of the contact page go.
    pub email: Email,
    /// Its telephone number.
    pub phone: ShopPhone,
    /// Its address, line by line.
    pub address: Vec<String>,
    /// When the telephone is answered, with the shop's zone.
    pub hours: OpeningHours,
    /// How calls can be asked for.
    pub call_back: CallBackPlan,
}

/// The shop's telephone number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShopPhone {
    /// What a telephone dials: `+12025550143`.
    pub number: String,
    /// As people read it.
    pub shown: String,
}

/// How calls can be asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CallBackPlan {
    /// How long one takes.
    pub slot: Duration,
    /// On how many days of the calendar, today included.
    pub days_ahead: u16,
    /// How many calls the shop makes at once; 0 for none.
    pub per_slot: u16,
    /// How long before it begins a slot is offered last.
    pub notice: Duration,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    email: String,
    #[serde(default)]
    address: Vec<String>,
    phone: PhoneEntry,
    hours: HoursEntry,
    #[serde(default)]
    call_back: CallBackEntry,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PhoneEntry {
    number: String,
    shown: String,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct HoursEntry {
    monday: Vec<String>,
    tuesday: Vec<String>,
    wednesday: Vec<String>,
    thursday: Vec<String>,
    friday: Vec<String>,
    saturday: Vec<String>,
    sunday: Vec<String>,
    closed: Vec<String>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct CallBackEntry {
    slot_minutes: u16,
    days_ahead: u16,
    per_slot: u16,
    notice_minutes: u16,
}

impl Default for CallBackEntry {
    fn default() -> Self {
        Self { slot_minutes: 30, days_ahead: 7, per_slot: 1, notice_minutes: 30 }
    }
}

/// A field of the file and what is wrong with it.
type Problem = (String, String);

/// Reads the file in `dir`, or the built-in one where there is none.
pub(super) fn read(dir: Option<&Path>, zone: Zone) -> Result<ContactConfig, ConfigError> {
    let built_in = || parse(BUILT_IN, zone).map_err(|problem| error_in("the built-in shop.toml", problem));
    let Some(dir) = dir else { return built_in() };
    // A folder that is not there is a mistake in its name, and not a shop that is content with the demo's telephone number.
    fs::read_dir(dir).map_err(|error| ConfigError::new("SHOP_DIR", format!("{}: {error}", dir.display())))?;
    let path = dir.join(SHOP_FILE);
    let place = path.display().to_string();
    match fs::read_to_string(&path) {
        Ok(text) => parse(&text, zone).map_err(|problem| error_in(&place, problem)),
        Err(error) if error.kind() == ErrorKind::NotFound => built_in(),
        Err(error) => Err(ConfigError::new("SHOP_DIR", format!("{place}: {error}"))),
    }
}

fn error_in(place: &str, (field, problem): Problem) -> ConfigError {
    let problem = problem.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ");
    let field = if field.is_empty() || field == "." { String::new() } else { format!("{field}: ") };
    ConfigError::new("SHOP_DIR", format!("{place}: {field}{problem}"))
}

fn parse(text: &str, zone: Zone) -> Result<ContactConfig, Problem> {
    let source = toml::Deserializer::parse(text.trim_start_matches('\u{feff}'));
    let source = source.map_err(|error| (line_of(text, error.span()), error.message().to_owned()))?;
    let file: File = serde_path_to_error::deserialize(source)
        .map_err(|error| (error.path().to_string(), error.inner().message().to_owned()))?;
    Ok(ContactConfig {
        email: file.email.parse().map_err(|_| problem("email", format!("'{}' is no mail address", file.email)))?,
        phone: phone(file.phone)?,
        address: file.address.into_iter().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect(),
        hours: hours(file.hours, zone)?,
        call_back: call_back(&file.call_back)?,
    })
}

fn line_of(text: &str, span: Option<std::ops::Range<usize>>) -> String {
    let before = span.and_then(|span| text.get(..span.start));
    before.map_or_else(String::new, |before| format!("line {}", before.matches('\n').count() + 1))
}

fn problem(field: impl Into<String>, problem: impl Into<String>) -> Problem {
    (field.into(), problem.into())
}

fn phone(entry: PhoneEntry) -> Result<ShopPhone, Problem> {
    let digits = entry.number.strip_prefix('+').unwrap_or_default();
    let is_e164 = (7..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0');
    if !is_e164 {
        let text = format!("'{}' is no number like +12025550143: a plus, then 7 to 15 digits", entry.number);
        return Err(problem("phone.number", text));
    }
    let shown = entry.shown.trim();
    if shown.is_empty() || shown.chars().any(char::is_control) {
        return Err(problem("phone.shown", "needs the number as people read it, in one line"));
    }
    Ok(ShopPhone { number: entry.number, shown: shown.to_owned() })
}

fn hours(entry: HoursEntry, zone: Zone) -> Result<OpeningHours, Problem> {
    let days =
        [entry.monday, entry.tuesday, entry.wednesday, entry.thursday, entry.friday, entry.saturday, entry.sunday];
    let mut week: [Vec<TimeRange>; 7] = Default::default();
    for ((name, texts), ranges) in WEEKDAYS.iter().zip(&days).zip(&mut week) {
        let field = || format!("hours.{name}");
        for text in texts {
            ranges
                .push(text.parse().map_err(|error: crate::types::TimeRangeError| problem(field(), error.to_string()))?);
        }
        let alone: [Vec<TimeRange>; 7] = std::array::from_fn(|_| ranges.clone());
        if OpeningHours::new(zone, alone, []).is_none() {
            return Err(problem(field(), "two of its ranges overlap"));
        }
    }
    let closed = closed_days(&entry.closed)?;
    OpeningHours::new(zone, week, closed).ok_or_else(|| problem("hours", "ranges of a day overlap"))
}

fn closed_days(texts: &[String]) -> Result<BTreeSet<Date>, Problem> {
    let format = format_description!("[year]-[month]-[day]");
    let date = |text: &String| {
        Date::parse(text.trim(), format)
            .map_err(|_| problem("hours.closed", format!("'{text}' is no date like 2026-12-25")))
    };
    texts.iter().map(date).collect()
}

fn call_back(entry: &CallBackEntry) -> Result<CallBackPlan, Problem> {
    for (field, value, least, most) in [
        ("call_back.slot_minutes", entry.slot_minutes, 5, 240),
        ("call_back.days_ahead", entry.days_ahead, 1, 60),
        ("call_back.per_slot", entry.per_slot, 0, 100),
        ("call_back.notice_minutes", entry.notice_minutes, 0, 10_080),
    ] {
        if !(least..=most).contains(&value) {
            return Err(problem(field, format!("{value} is not between {least} and {most}")));
        }
    }
    Ok(CallBackPlan {
        slot: Duration::minutes(i64::from(entry.slot_minutes)),
        days_ahead: entry.days_ahead,
        per_slot: entry.per_slot,
        notice: Duration::minutes(i64::from(entry.notice_minutes)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "email = 'a@b.example'\n[phone]\nnumber = '+12025550143'\nshown = '202'\n[hours]\n";

    fn zone() -> Zone {
        "UTC".parse().unwrap()
    }

    #[test]
    fn the_built_in_file_is_whole() {
        let contact = read(None, zone()).unwrap();
        assert_eq!(contact.phone.number, "+12025550143");
        assert_eq!(contact.call_back.per_slot, 2);
        assert_eq!(contact.hours.of(time::Weekday::Monday).len(), 2);
        assert!(contact.hours.of(time::Weekday::Sunday).is_empty());
    }

    #[test]
    fn a_mistake_is_named_with_file_and_field_in_one_line() {
        let folder = tempfile::tempdir().unwrap();
        for (text, field) in [
            ("email = ", "line 1"),
            ("email = 7", "email: "),
            ("mail = 'x'", "mail: "),
            ("email = 'a@b.example'", "missing field `phone`"),
            (&LEAST.replace("a@b.example", "nobody"), "email: 'nobody'"),
            (&LEAST.replace("+12025550143", "202 555"), "phone.number: '202 555'"),
            (&format!("{LEAST}monday = ['9-5']"), "hours.monday: '9-5'"),
            (&format!("{LEAST}monday = '09:00-17:00'"), "hours.monday: "),
            (&format!("{LEAST}friday = ['09:00-12:00', '11:00-13:00']"), "hours.friday: two"),
            (&format!("{LEAST}closed = ['25.12.2026']"), "hours.closed: '25.12.2026'"),
            (&format!("{LEAST}[call_back]\nslot_minutes = 0"), "call_back.slot_minutes: 0"),
            (&format!("{LEAST}[call_back]\nper_slot = -1"), "call_back.per_slot: "),
        ] {
            fs::write(folder.path().join(SHOP_FILE), text).unwrap();
            let line = read(Some(folder.path()), zone()).unwrap_err().to_string();
            assert!(line.starts_with("SHOP_DIR: ") && !line.contains('\n'), "{line}");
            assert!(line.contains("shop.toml: ") && line.contains(field), "{field} in {line}");
        }
    }

    #[test]
    fn a_folder_without_the_file_uses_the_built_in_one_and_no_folder_is_a_mistake() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(Some(folder.path()), zone()).is_ok());
        let line = read(Some(&folder.path().join("gone")), zone()).unwrap_err().to_string();
        assert!(line.starts_with("SHOP_DIR: ") && line.contains("gone"), "{line}");
    }

    #[test]
    fn what_is_left_out_is_closed_or_usual() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(SHOP_FILE), format!("\u{feff}{LEAST}")).unwrap();
        let contact = read(Some(folder.path()), zone()).unwrap();
        assert!(contact.address.is_empty() && contact.hours.of(time::Weekday::Monday).is_empty());
        assert_eq!(contact.call_back.slot, Duration::minutes(30));
    }
}
