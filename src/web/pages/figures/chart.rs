//! Charts of bars, as SVG made here: no script and no library, and the numbers stand in the table below.

use time::Date;

use super::{duration, stars};
use crate::{
    domain::chat::figures::{Counted, Figures},
    types::Locale,
};

/// A bar a day; a day is ten units wide, the highest bar a hundred high.
pub(super) struct Chart {
    pub title: &'static str,
    /// What the highest bar stands for.
    pub most: String,
    pub width: usize,
    pub bars: Vec<Bar>,
    /// The first and the last day.
    pub ends: [String; 2],
    /// For those who do not see it.
    pub summary: String,
}

/// One day.
pub(super) struct Bar {
    pub x: usize,
    pub y: i64,
    pub height: i64,
    /// Shown under the pointer.
    pub title: String,
}

/// Conversations, median of the first answer, and ratings, by the day.
pub(super) fn all(figures: &Figures, locale: &Locale) -> Vec<Chart> {
    vec![
        chart("Conversations", figures, locale, |counted| Some(counted.asked), |number| number.to_string()),
        chart(
            "First answer, median",
            figures,
            locale,
            |counted| counted.first_answer_median,
            |number| duration(Some(number)),
        ),
        chart("Rating", figures, locale, |counted| counted.rating_hundredths, |number| stars(Some(number))),
    ]
}

fn chart(
    title: &'static str,
    figures: &Figures,
    locale: &Locale,
    value: impl Fn(&Counted) -> Option<i64>,
    words: impl Fn(i64) -> String,
) -> Chart {
    let days: Vec<(Date, Option<i64>)> = figures.days.iter().map(|(day, counted)| (*day, value(counted))).collect();
    let most = days.iter().filter_map(|(_, value)| *value).max().unwrap_or(0);
    let bar = |(index, (day, value)): (usize, &(Date, Option<i64>))| {
        let value = (*value)?;
        // A small one is still to be seen.
        let height = if value == 0 { 0 } else { (value.saturating_mul(100) / most.max(1)).max(1) };
        Some(Bar {
            x: index * 10 + 1,
            y: 100 - height,
            height,
            title: format!("{}: {}", locale.day(*day), words(value)),
        })
    };
    let ends = [days.first(), days.last()].map(|end| end.map_or_else(String::new, |(day, _)| locale.day(*day)));
    let summary = if most == 0 {
        format!("{title}: nothing in this range")
    } else {
        format!("{title} by day, at most {}; the numbers stand in the table", words(most))
    };
    let bars = days.iter().enumerate().filter_map(bar).collect();
    Chart {
        title,
        most: if most == 0 { String::new() } else { words(most) },
        width: days.len() * 10,
        bars,
        ends,
        summary,
    }
}
