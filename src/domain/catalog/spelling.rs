//! What was meant by a mistyped word: words of the shop that differ by one letter, the likeliest first.

use std::cmp::Reverse;

/// A word of a search, and what the shop knows about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct AskedWord {
    /// As it was typed, made plain.
    pub word: String,
    /// Whether any product has it.
    pub is_known: bool,
    /// Words that are nearly the same, with how many products have them.
    pub near: Vec<(String, i64)>,
    /// Two words of the shop that it would be if a blank had been forgotten.
    pub split: Option<String>,
    /// Whether it and the next one are one word of the shop.
    pub joins_next: bool,
}

/// What is tried for one word, and in all: each try is a look into the index.
const TRIED_OF_A_WORD: usize = 6;
const TRIED: usize = 24;
/// A letter that was left out or two that were swapped are likelier than any one wrong letter: there are few ways to do it.
const SLIP: i64 = 26;
/// With a letter wrong or too many, a word so short could be anything.
const SHORT: usize = 3;
/// Hardly anyone mistypes the first letter.
const SAME_FIRST: i64 = 4;

/// What could have been meant, the likeliest first: another text for each, without the one that was typed.
pub(super) fn proposals(words: &[AskedWord]) -> Vec<String> {
    let pairs = words.iter().zip(words.iter().skip(1)).enumerate().filter(|(_, (word, _))| word.joins_next);
    let mut tried: Vec<String> =
        pairs.map(|(nth, (word, next))| replaced(words, nth, 2, &format!("{}{}", word.word, next.word))).collect();
    if words.iter().any(|word| !word.is_known) {
        tried.extend(with_every_unknown_word_replaced(words));
    } else {
        // Every word is known, but no product has all: perhaps one was mistyped into another.
        for (nth, word) in words.iter().enumerate() {
            let others = likeliest(word).into_iter().take(TRIED_OF_A_WORD);
            tried.extend(others.map(|other| replaced(words, nth, 1, &other)));
        }
    }
    tried.truncate(TRIED);
    tried
}

// The words with `count` of them, from `nth` on, replaced.
fn replaced(words: &[AskedWord], nth: usize, count: usize, by: &str) -> String {
    let text = |words: &[AskedWord]| words.iter().map(|word| word.word.clone()).collect::<Vec<_>>();
    let (before, after) =
        (text(words.get(..nth).unwrap_or_default()), text(words.get(nth + count..).unwrap_or_default()));
    before.into_iter().chain([by.to_owned()]).chain(after).collect::<Vec<_>>().join(" ")
}

// A word without any proposal leaves nothing to find.
fn with_every_unknown_word_replaced(words: &[AskedWord]) -> Vec<String> {
    let mut texts = vec![(0_usize, Vec::new())];
    for word in words {
        let choices = if word.is_known { vec![word.word.clone()] } else { likeliest(word) };
        texts = texts
            .iter()
            .flat_map(|(cost, text): &(usize, Vec<String>)| {
                choices.iter().take(TRIED_OF_A_WORD).enumerate().map(move |(rank, choice)| {
                    let longer = text.iter().cloned().chain([choice.clone()]).collect();
                    (cost + rank, longer)
                })
            })
            .collect();
        texts.sort_by_key(|(cost, _)| *cost);
        texts.truncate(TRIED);
    }
    texts.into_iter().map(|(_, text)| text.join(" ")).collect()
}

/// The words that can become this one by one error, the likeliest first; two words with a blank forgotten come last.
fn likeliest(asked: &AskedWord) -> Vec<String> {
    let mut ranked: Vec<(i64, &String)> = asked
        .near
        .iter()
        .filter(|(word, _)| {
            is_one_error(word, &asked.word) && (is_slip(word, &asked.word) || asked.word.chars().count() > SHORT)
        })
        .map(|(word, documents)| (weight(word, &asked.word) * documents.max(&1), word))
        .collect();
    ranked.sort_by_key(|(weight, word)| (Reverse(*weight), *word));
    ranked.into_iter().map(|(_, word)| word.clone()).chain(asked.split.clone()).collect()
}

fn weight(meant: &str, typed: &str) -> i64 {
    let slip = if is_slip(meant, typed) { SLIP } else { 1 };
    slip * if meant.chars().next() == typed.chars().next() { SAME_FIRST } else { 1 }
}

// Whether a letter was left out, or two were swapped.
fn is_slip(meant: &str, typed: &str) -> bool {
    meant.chars().count() > typed.chars().count() || is_swap(meant, typed)
}

fn is_swap(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let (one, other) = unequal_middle(&one, &other);
    matches!((one, other), ([a, b], [c, d]) if a == d && b == c)
}

/// Whether one letter too many, too few or wrong, or two swapped ones, make one word of the other. Equal words differ by none.
pub(super) fn is_one_error(one: &str, other: &str) -> bool {
    let (first, second): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    match unequal_middle(&first, &second) {
        ([_], []) | ([], [_]) | ([_], [_]) => true,
        _ => is_swap(one, other),
    }
}

/// Whether a word begins, but for one error, like what was typed of it.
pub(super) fn begins_with_one_error(word: &str, typed: &str) -> bool {
    let (word, length): (Vec<char>, usize) = (word.chars().collect(), typed.chars().count());
    (length.saturating_sub(1)..=length + 1)
        .filter_map(|length| word.get(..length))
        .any(|beginning| is_one_error(&beginning.iter().collect::<String>(), typed))
}

// What is left of two words without their common beginning and end.
fn unequal_middle<'a>(one: &'a [char], other: &'a [char]) -> (&'a [char], &'a [char]) {
    let begin = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[begin..], &other[begin..]);
    let end = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    (&one[..one.len() - end], &other[..other.len() - end])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn word(word: &str, is_known: bool, near: &[(&str, i64)]) -> AskedWord {
        let near = near.iter().map(|(word, documents)| ((*word).to_owned(), *documents)).collect();
        AskedWord { word: word.into(), is_known, near, split: None, joins_next: false }
    }

    #[test]
    fn one_error_is_a_letter_more_less_or_other_or_a_swap() {
        for typed in ["bard", "baord", "boards", "bozrd", "oard", "boad", "boardd", "xboard"] {
            assert!(typed == "bard" || is_one_error("board", typed), "{typed}");
        }
        for typed in ["board", "brd", "borads", "draob", "", "boraad"] {
            assert!(!is_one_error("board", typed), "{typed}");
        }
        assert!(is_one_error("éa", "aé") && is_one_error("", "a"));
    }

    #[test]
    fn the_likeliest_word_comes_first() {
        let near = [("cord", 40), ("board", 10), ("bird", 40), ("boring", 900)];
        assert_eq!(likeliest(&word("bord", false, &near)), ["board", "bird", "cord"]);
    }

    #[test]
    fn every_unknown_word_is_replaced_and_known_ones_stay() {
        let words = [word("walnut", true, &[]), word("bord", false, &[("board", 9), ("cord", 9)])];
        assert_eq!(proposals(&words), ["walnut board", "walnut cord"]);
        assert_eq!(proposals(&[word("xyzzy", false, &[]), word("mug", true, &[])]), Vec::<String>::new());
    }

    #[test]
    fn words_that_are_never_together_may_be_one_word_or_mistyped_into_another() {
        let book = AskedWord { joins_next: true, ..word("book", true, &[("boot", 3)]) };
        assert_eq!(proposals(&[book, word("shelf", true, &[])]), ["bookshelf", "boot shelf"]);
        let one = AskedWord { split: Some("desk lamp".into()), ..word("desklamp", false, &[]) };
        assert_eq!(proposals(&[one]), ["desk lamp"]);
    }

    #[test]
    fn short_words_are_only_mended_where_a_letter_is_missing_or_two_are_swapped() {
        let near = [("pan", 5), ("pen", 500), ("pine", 1)];
        assert_eq!(likeliest(&word("pna", false, &near)), ["pan"]);
        assert_eq!(likeliest(&word("pne", false, &near)), ["pen", "pine"]);
        assert_eq!(likeliest(&word("pxn", false, &near)), Vec::<String>::new());
    }

    #[test]
    fn a_beginning_may_hold_an_error() {
        assert!(begins_with_one_error("stainless", "stianl"));
        assert!(begins_with_one_error("stainless", "stanl"));
        assert!(!begins_with_one_error("stainless", "board"));
        assert!(!begins_with_one_error("mug", "stainless"));
    }

    proptest! {
        #[test]
        fn tries_are_few_and_errors_are_mutual(one in "[a-c]{0,5}", other in "[a-c]{0,5}", near in prop::collection::vec("[a-c]{2,6}", 0..40)) {
            prop_assert_eq!(is_one_error(&one, &other), is_one_error(&other, &one));
            prop_assert!(!is_one_error(&one, &one));
            let near: Vec<_> = near.iter().map(|word| (word.as_str(), 1)).collect();
            let words: Vec<_> = (0..6).map(|_| word(&one, false, &near)).collect();
            prop_assert!(proposals(&words).len() <= TRIED);
        }
    }
}
