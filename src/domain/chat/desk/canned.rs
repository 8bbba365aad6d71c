//! Answers written beforehand, with places for what differs.

use crate::types::CannedAnswerId;

/// An answer that agents insert by its shortcut.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CannedAnswer {
    /// Its id.
    pub id: CannedAnswerId,
    /// What is typed behind a slash.
    pub shortcut: String,
    /// What it is about.
    pub title: String,
    /// The text, with `{customer}`, `{agent}`, `{shop}`, `{order}`.
    pub body: String,
}

/// What stands in the places.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Filled<'a> {
    /// What the customer is called.
    pub customer: &'a str,
    /// What the agent is called.
    pub agent: &'a str,
    /// What the shop is called.
    pub shop: &'a str,
    /// The number of the customer's latest order; empty without one: then the place stays, for the agent to see.
    pub order: &'a str,
}

impl CannedAnswer {
    /// The text with its places filled, in one pass: what stands in a name is never a place itself.
    #[must_use]
    pub fn filled(&self, with: &Filled<'_>) -> String {
        let mut text = String::with_capacity(self.body.len());
        let mut rest = self.body.as_str();
        while let Some(start) = rest.find('{') {
            let (before, from) = rest.split_at(start);
            text.push_str(before);
            match with.place(from) {
                Some((word, length)) => {
                    text.push_str(word);
                    rest = &from[length..];
                }
                None => {
                    text.push('{');
                    rest = &from[1..];
                }
            }
        }
        text.push_str(rest);
        text
    }
}

impl Filled<'_> {
    // What stands for the place that `text` begins with, and how long the place is.
    fn place(&self, text: &str) -> Option<(&str, usize)> {
        let places =
            [("{customer}", self.customer), ("{agent}", self.agent), ("{shop}", self.shop), ("{order}", self.order)];
        let found = places.into_iter().find(|(place, word)| text.starts_with(place) && !word.is_empty());
        found.map(|(place, word)| (word, place.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_once_and_names_are_no_places() {
        let filled = |body: &str, order| {
            let answer =
                CannedAnswer { id: CannedAnswerId(1), shortcut: "x".into(), title: "X".into(), body: body.into() };
            answer.filled(&Filled { customer: "{agent} Zoë", agent: "Sam", shop: "Fernhill", order })
        };
        assert_eq!(filled("Hi {customer}, {agent} of {shop} here.", ""), "Hi {agent} Zoë, Sam of Fernhill here.");
        assert_eq!(filled("{order} {unknown} {", "7K2M"), "7K2M {unknown} {");
        assert_eq!(filled("Order {order}", ""), "Order {order}");
    }
}
