//! How support does, for those who lead it: a page with charts and tables, and the same as CSV.

mod chart;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use time::{Date, format_description::well_known::Iso8601};

use self::chart::Chart;
use crate::{
    domain::chat::figures::{Counted, DayRange, Figures, MOST_DAYS},
    infra::clock,
    request::{App, AppError, LeadActor},
    views::layout::Frame,
    web::{PageFrame, form::FieldErrors, html},
};

const USUAL_DAYS: i64 = 30;
const QUICK: [(&str, i64); 3] = [("7 days", 7), ("30 days", 30), ("90 days", 90)];

#[derive(Template)]
#[template(path = "figures/show.html")]
struct FiguresPage {
    frame: Frame,
    figures: Figures,
    charts: Vec<Chart>,
    quick: Vec<(&'static str, String, bool)>,
    typed: RangeQuery,
    errors: FieldErrors,
    csv_query: String,
    longest_wait: String,
}

/// Which days are asked for: `2027-03-01`; both left out: the last thirty.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct RangeQuery {
    from: String,
    to: String,
    by: String,
}

impl FiguresPage {
    fn day(&self, day: &Date) -> String {
        self.frame.locale.day(*day)
    }
}

impl RangeQuery {
    fn of(range: DayRange) -> Self {
        Self { from: range.from().to_string(), to: range.to().to_string(), by: String::new() }
    }

    fn read(&self, today: Date, errors: &mut FieldErrors) -> Option<DayRange> {
        let usual = DayRange::last(USUAL_DAYS, today);
        let read = |text: &str, usual: Date| match text.trim() {
            "" => Ok(usual),
            text => Date::parse(text, &Iso8601::DATE).map_err(|_| "Please write a day like 2027-03-01"),
        };
        let to = errors.check("to", read(&self.to, today));
        // A first day alone goes to today, a last day alone begins a month before it.
        let first = to.map_or(usual, |to| DayRange::last(USUAL_DAYS, to)).from();
        let from = errors.check("from", read(&self.from, first));
        let (from, to) = (from?, to?);
        let range = DayRange::new(from, to);
        if range.is_none() {
            let problem = if from > to {
                "The first day comes after the last one".to_owned()
            } else {
                format!("At most {MOST_DAYS} days at once")
            };
            errors.add("from", problem);
        }
        range
    }
}

/// `GET /support/figures`.
pub async fn show(
    State(app): State<App>,
    LeadActor(lead): LeadActor,
    PageFrame(frame): PageFrame,
    Query(query): Query<RangeQuery>,
) -> Result<Response, AppError> {
    let (today, mut errors) = (app.chat.today(), FieldErrors::default());
    let asked = query.read(today, &mut errors);
    let range = asked.unwrap_or_else(|| DayRange::last(USUAL_DAYS, today));
    let figures = app.chat.figures(&lead, range).await?;
    let status = if asked.is_some() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let quick = QUICK.map(|(label, days)| {
        let of = DayRange::last(days, today);
        (label, format!("/support/figures?from={}&to={}", of.from(), of.to()), of == range)
    });
    let page = FiguresPage {
        charts: chart::all(&figures, &frame.locale),
        quick: quick.into(),
        typed: if asked.is_some() { RangeQuery::of(range) } else { query },
        errors,
        csv_query: format!("from={}&to={}", range.from(), range.to()),
        longest_wait: figures
            .waiting_since
            .map_or_else(String::new, |since| duration(Some((clock::now() - since).whole_seconds()))),
        figures,
        frame,
    };
    Ok(html(status, &page))
}

/// `GET /support/figures.csv`: a line a day, or with `by=agent` a line an agent and day.
pub async fn csv(
    State(app): State<App>,
    LeadActor(lead): LeadActor,
    Query(query): Query<RangeQuery>,
) -> Result<Response, AppError> {
    let mut errors = FieldErrors::default();
    let range = query.read(app.chat.today(), &mut errors).ok_or_else(|| {
        AppError::bad_request("bad_range", "These days are no range.").with_fields(errors.all().to_vec())
    })?;
    let figures = app.chat.figures(&lead, range).await?;
    let (name, body) = if query.by == "agent" { ("agents", by_agent(&figures)) } else { ("days", by_day(&figures)) };
    let file = format!("attachment; filename=\"support-{name}-{}-{}.csv\"", range.from(), range.to());
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, file),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, body).into_response())
}

const COLUMNS: &str = "conversations,answered,first_answer_median_seconds,first_answer_p95_seconds,resolved,resolution_median_seconds,\
                       ratings,rating_average\r\n";

fn by_day(figures: &Figures) -> String {
    let lines = figures.days.iter().map(|(day, counted)| format!("{day},{}\r\n", numbers(counted)));
    format!("day,{COLUMNS}{}", lines.collect::<String>())
}

fn by_agent(figures: &Figures) -> String {
    let lines = figures.agents.iter().filter_map(|agent| {
        let day = agent.day?;
        Some(format!("{},{day},{}\r\n", cell(&agent.name), numbers(&agent.counted)))
    });
    format!("agent,day,{COLUMNS}{}", lines.collect::<String>())
}

fn numbers(counted: &Counted) -> String {
    let or_empty = |number: Option<i64>| number.map_or_else(String::new, |number| number.to_string());
    [
        counted.asked.to_string(),
        counted.answered.to_string(),
        or_empty(counted.first_answer_median),
        or_empty(counted.first_answer_p95),
        counted.resolved.to_string(),
        or_empty(counted.resolution_median),
        counted.ratings.to_string(),
        stars(counted.rating_hundredths),
    ]
    .join(",")
}

// Quoted, and with an apostrophe before what a spreadsheet would take for a formula.
fn cell(text: &str) -> String {
    let is_formula = text.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '|', '%']);
    let quoted = text.replace('"', "\"\"");
    format!("\"{}{quoted}\"", if is_formula { "'" } else { "" })
}

/// `4.35`; nothing where nobody rated.
fn stars(hundredths: Option<i64>) -> String {
    hundredths.map_or_else(String::new, |number| format!("{}.{:02}", number / 100, number % 100))
}

/// `45 s`, `2 min 5 s`, `3 h 20 min`, `2 d 4 h`; a dash for nothing.
fn duration(seconds: Option<i64>) -> String {
    let Some(seconds) = seconds.map(|seconds| seconds.max(0)) else { return "–".to_owned() };
    let two = |large: i64, unit: &str, small: i64, small_unit: &str| match small {
        0 => format!("{large} {unit}"),
        small => format!("{large} {unit} {small} {small_unit}"),
    };
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => two(seconds / 60, "min", seconds % 60, "s"),
        3_600..86_400 => two(seconds / 3_600, "h", seconds % 3_600 / 60, "min"),
        _ => two(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h"),
    }
}

fn lasted(seconds: &Option<i64>) -> String {
    duration(*seconds)
}

fn rating(counted: &Counted) -> String {
    match counted.rating_hundredths {
        Some(_) => format!("{} of 5 ({})", stars(counted.rating_hundredths), counted.ratings),
        None => "–".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_name_is_no_formula_and_no_second_column() {
        assert_eq!(cell("Ada, \"the\" one"), "\"Ada, \"\"the\"\" one\"");
        for bad in ["=1+1", "+1", "-1", "@x", "\t=1", "|calc"] {
            assert!(cell(bad).starts_with("\"'"), "{bad:?}");
        }
    }

    #[test]
    fn durations_and_stars_are_short() {
        let seconds = [0, 59, 60, 125, 3_600, 12_000, 86_400, 187_200];
        let said = seconds.map(|seconds| duration(Some(seconds)));
        assert_eq!(said, ["0 s", "59 s", "1 min", "2 min 5 s", "1 h", "3 h 20 min", "1 d", "2 d 4 h"]);
        assert_eq!((duration(None), stars(Some(405)), stars(None)), ("–".to_owned(), "4.05".to_owned(), String::new()));
    }

    #[test]
    fn a_range_is_read_or_refused_by_its_field() {
        let today = date!(2027 - 03 - 28);
        let read = |from: &str, to: &str| {
            let mut errors = FieldErrors::default();
            let query = RangeQuery { from: from.to_owned(), to: to.to_owned(), by: String::new() };
            let range = query.read(today, &mut errors);
            (range.map(|range| (range.from(), range.to())), errors.all().first().map(|(field, _)| field.clone()))
        };
        assert_eq!(read("", "").0, Some((date!(2027 - 02 - 27), today)));
        assert_eq!(read("2027-03-01", "").0, Some((date!(2027 - 03 - 01), today)));
        assert_eq!(read("", "2026-01-30").0, Some((date!(2026 - 01 - 01), date!(2026 - 01 - 30))));
        for (from, to, field) in [
            ("x", "", "from"),
            ("", "2027-02-30", "to"),
            ("2027-03-02", "2027-03-01", "from"),
            ("2020-01-01", "2027-01-01", "from"),
        ] {
            assert_eq!(read(from, to), (None, Some(field.to_owned())), "{from} {to}");
        }
    }
}
