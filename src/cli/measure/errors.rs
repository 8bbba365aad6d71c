//! Typing errors by chance, the same ones for the same seed on every machine.

/// Numbers by chance: SplitMix64, since a library's own choice may differ with its version.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Below `limit`; 0 if that is 0.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        usize::try_from(mixed.checked_rem(limit).unwrap_or(0)).unwrap_or(0)
    }
}

/// Words of a name that are long enough to be mistyped and say something, in small letters.
pub(super) fn significant(name: &str) -> Vec<String> {
    let small = name.to_lowercase();
    let words = small.split(|letter: char| !letter.is_alphanumeric());
    words
        .filter(|word| word.chars().count() >= 4 && word.chars().all(|letter| letter.is_ascii_lowercase()))
        .filter(|word| !["with", "from", "your", "that", "this", "into", "over"].contains(word))
        .map(str::to_owned)
        .collect()
}

/// The word with a letter left out, put in or replaced, or two neighbours swapped: never the word itself.
pub(super) fn mistype(word: &str, chance: &mut Chance) -> String {
    loop {
        let mut letters: Vec<char> = word.chars().collect();
        let place = chance.below(letters.len());
        let letter = char::from(b'a' + u8::try_from(chance.below(26)).unwrap_or(0));
        match chance.below(4) {
            0 => drop(letters.remove(place)),
            1 => letters.insert(chance.below(letters.len() + 1), letter),
            2 => letters[place] = letter,
            _ => letters.swap(place, (place + 1).min(word.chars().count() - 1)),
        }
        let typed: String = letters.into_iter().collect();
        if typed != word {
            return typed;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_errors_and_never_none() {
        let errors = |seed| {
            let mut chance = Chance::new(seed);
            (0..200).map(|_| mistype("board", &mut chance)).collect::<Vec<_>>()
        };
        assert_eq!(errors(1), errors(1));
        assert_ne!(errors(1), errors(2));
        for typed in errors(3) {
            assert!(typed != "board" && (4..=6).contains(&typed.len()), "{typed}");
        }
    }

    #[test]
    fn words_that_say_something_are_long_and_plain() {
        assert_eq!(significant("Enamel Mug with Café-Lid, 12 oz (T-Shirt)"), ["enamel", "shirt"]);
    }
}
