//! Colours of the demo pictures: light, shade and depth made from one base colour, in whole numbers.

use std::fmt;

use serde::{Deserialize, Deserializer, de};

/// Red, green, blue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Colour([u8; 3]);

// Light is warm and shade is cool, as in a room with a window: that alone makes flat shapes look lit.
const SUN: Colour = Colour([0xff, 0xfa, 0xf0]);
const SHADOW: Colour = Colour([0x1f, 0x1a, 0x33]);
const CORNER: Colour = Colour([0x4a, 0x3f, 0x55]);
const WHITE: Colour = Colour([0xff; 3]);

impl Colour {
    /// What is drawn with where nothing else is said.
    pub(super) const fn ink() -> Self {
        Self([0x33; 3])
    }

    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let part = |at: usize| digits.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        Some(Self([part(0)?, part(2)?, part(4)?]))
    }

    /// This colour with `percent` of another in it.
    fn with(self, percent: u16, other: Self) -> Self {
        let mut mixed = self;
        for (own, other) in mixed.0.iter_mut().zip(other.0) {
            let sum = u16::from(*own) * (100 - percent) + u16::from(other) * percent;
            *own = u8::try_from(sum / 100).unwrap_or(u8::MAX);
        }
        mixed
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl<'de> Deserialize<'de> for Colour {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom(format!("'{text}' is no colour like #4f7c8a")))
    }
}

/// The colours that a drawing may name between double braces.
pub(super) struct Palette {
    main: Colour,
    accent: Colour,
    paper: Colour,
}

impl Palette {
    /// A palette for a thing and what is behind it.
    pub(super) const fn of(main: Colour, accent: Colour, paper: Colour) -> Self {
        Self { main, accent, paper }
    }

    /// The colour of that name.
    pub(super) fn get(&self, name: &str) -> Option<Colour> {
        Some(match name {
            "main" => self.main,
            "light" => self.main.with(32, SUN),
            "pale" => self.main.with(62, SUN),
            "shade" => self.main.with(24, SHADOW),
            "deep" => self.main.with(46, SHADOW),
            "accent" => self.accent,
            "accent-light" => self.accent.with(32, SUN),
            "accent-shade" => self.accent.with(24, SHADOW),
            "accent-deep" => self.accent.with(46, SHADOW),
            "paper" => self.paper,
            "paper-light" => self.paper.with(45, WHITE),
            "paper-shade" => self.paper.with(12, CORNER),
            "paper-deep" => self.paper.with(24, CORNER),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_six_digits() {
        assert_eq!(Colour::parse("#4f7C8a").map(|colour| colour.to_string()).as_deref(), Some("#4f7c8a"));
        for bad in ["4f7c8a", "#4f7c8", "#4f7c8g", "red", "#äöü"] {
            assert_eq!(Colour::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn light_is_lighter_and_shade_is_darker() {
        let palette = Palette::of(Colour([0x80; 3]), Colour::ink(), WHITE);
        let red = |name: &str| palette.get(name).map(|colour| colour.0[0]);
        assert!(red("pale") > red("light") && red("light") > red("main"));
        assert!(red("main") > red("shade") && red("shade") > red("deep"));
        assert_eq!(red("unknown"), None);
    }
}
