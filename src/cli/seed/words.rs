//! The words that invented products are made of, and the dice that choose them.

use std::collections::HashMap;

use anyhow::Context;
use serde::Deserialize;

use super::embedded::WORDS;

// One of each in a row is a workshop's name: some ten thousand of them.
const FIRST: &str = "Al Bran Cal Dor El Fen Gar Hal Is Jor Kel Lin Mar Nor Os Pel Quin Ros Sel Thor Ul Var Wil Yar Zan Ber Cor Dun Hol Lan Mor Tar";
const MIDDLE: &str = "a en i or e an is er o ul";
const LAST: &str = "bach berg bury by dal den dorf feld ford gate ham holm hurst ian ka land ley lund mark mont ness rick sen shaw son stad stone thorp ton vik well wick";

// What things are made of where nobody said so.
const ANY: &str = "wood";

/// Every list.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) adjectives: Vec<String>,
    pub(super) colours: Vec<String>,
    pub(super) remarks: Vec<String>,
    materials: HashMap<String, Vec<String>>,
    things: HashMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    adjectives: String,
    colours: String,
    remarks: Vec<String>,
    materials: HashMap<String, String>,
    things: HashMap<String, Entry>,
}

/// What a drawing shows may be called, and what such things are made of.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Entry {
    of: String,
    called: String,
}

impl Words {
    /// Reads the lists.
    ///
    /// # Errors
    /// The file is malformed.
    pub(super) fn read() -> anyhow::Result<Self> {
        let file: File = toml::from_str(WORDS).context("seed/words.toml")?;
        Ok(Self {
            adjectives: list(&file.adjectives),
            colours: list(&file.colours),
            remarks: file.remarks,
            materials: file.materials.into_iter().map(|(of, words)| (of, list(&words))).collect(),
            things: file.things,
        })
    }

    /// What a thing with this drawing may be called, and what it may be made of.
    pub(super) fn of(&self, motif: &str) -> (Vec<String>, &[String]) {
        let thing = self.things.get(motif);
        let names = thing.map_or_else(|| vec![capital(motif)], |thing| list(&thing.called));
        let material = thing.map_or(ANY, |thing| &thing.of);
        (names, self.materials.get(material).map_or(&[], Vec::as_slice))
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Chance that comes out the same every time (`SplitMix64`), whatever version of whatever crate.
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// The dice of one number.
    pub(super) fn of(number: u32) -> Self {
        let mut dice = Self(0x5eed_f0e4_11a5_0b17 ^ u64::from(number));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `end`, without it; 0 if there is nothing below it.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        let scaled = (u128::from(self.next()) * u128::from(end)) >> 64;
        u32::try_from(scaled).unwrap_or_default()
    }

    /// Whether something came true that does in so many of a hundred cases.
    pub(super) fn percent(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of a list, unless that is empty.
    pub(super) fn one<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let end = u32::try_from(list.len()).unwrap_or(u32::MAX);
        list.get(usize::try_from(self.below(end)).unwrap_or_default())
    }

    /// One word of a list; none is empty.
    pub(super) fn word<'a>(&mut self, list: &'a [String]) -> &'a str {
        self.one(list).map_or("", String::as_str)
    }

    /// A workshop's name.
    pub(super) fn workshop(&mut self) -> String {
        let mut one = |words: &'static str| {
            let words: Vec<&str> = words.split(' ').collect();
            self.one(&words).copied().unwrap_or_default()
        };
        format!("{}{}{}", one(FIRST), one(MIDDLE), one(LAST))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::cli::seed::embedded::MOTIFS;

    #[test]
    fn every_thing_has_a_drawing_and_a_material() {
        let words = Words::read().unwrap();
        for (motif, thing) in &words.things {
            assert!(MOTIFS.iter().any(|(known, _)| known == motif), "no drawing is called {motif}");
            assert!(words.materials.contains_key(&thing.of), "{motif}: there is no material {}", thing.of);
        }
        assert!(words.materials.contains_key(ANY));
        assert_eq!(words.of("spaceship").0, ["Spaceship"]);
    }

    #[test]
    fn there_are_words_enough_for_a_search_to_have_work() {
        let words = Words::read().unwrap();
        let things: HashSet<String> = words.things.values().flat_map(|thing| list(&thing.called)).collect();
        let materials: HashSet<&String> = words.materials.values().flatten().collect();
        assert!(words.adjectives.len() >= 150 && words.colours.len() >= 40, "{}", words.adjectives.len());
        assert!(things.len() >= 200 && materials.len() >= 80, "{} {}", things.len(), materials.len());
        let workshops: HashSet<String> = (0..20_000).map(|number| Dice::of(number).workshop()).collect();
        assert!(workshops.len() > 5_000, "{}", workshops.len());
    }

    #[test]
    fn the_dice_fall_the_same_every_time_and_evenly() {
        let falls = |number| {
            let mut dice = Dice::of(number);
            [dice.below(1_000), dice.below(1_000), dice.below(1_000)]
        };
        assert_eq!(falls(1), falls(1));
        assert_ne!(falls(1), falls(2));
        let sum: u32 = (0..10_000).map(|number| Dice::of(number).below(100)).sum();
        assert!((470_000..520_000).contains(&sum), "{sum}");
        assert_eq!(Dice::of(1).below(0), 0);
        assert_eq!(Dice::of(1).word(&[]), "");
    }
}
