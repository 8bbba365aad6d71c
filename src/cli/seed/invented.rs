//! Products by the thousand that nobody wrote: for measuring. Each is made from its number alone, so a later run makes the same ones.

use time::{Duration, OffsetDateTime};

use super::words::{Dice, Words};
use crate::{
    domain::catalog::{DatedDraft, Detail, PictureDraft, ProductDraft, VariantDraft},
    types::{BasisPoints, Currency, Money, Slug, SlugError},
};

// About a fifth more from one to the next, so that there are as many things around 20 as around 200.
const PRICES: [i64; 26] =
    [4, 5, 6, 7, 9, 11, 13, 16, 19, 23, 28, 34, 41, 49, 59, 71, 85, 102, 123, 148, 178, 214, 257, 308, 370, 444];
const CENTS: [i64; 5] = [0, 50, 90, 95, 99];
const TWO_YEARS: u32 = 2 * 365 * 86_400;

/// A demo product after which others are made: they stand in its category and show its pictures.
#[derive(Clone, Debug)]
pub(super) struct Model {
    /// What the drawing of its first picture is called.
    pub(super) motif: String,
    /// The demo product.
    pub(super) draft: ProductDraft,
}

/// All that invented products are made of.
#[derive(Debug)]
pub(super) struct Inventor {
    pub(super) words: Words,
    pub(super) models: Vec<Model>,
    pub(super) currency: Currency,
    /// From when their age is reckoned.
    pub(super) now: OffsetDateTime,
}

// What the dice chose for one product's texts.
struct Chosen<'a> {
    adjective: &'a str,
    material: &'a str,
    thing: String,
    workshop: String,
    colour: &'a str,
    series: u32,
}

impl Inventor {
    /// The product of that number; nothing if there is no model to make it after.
    ///
    /// # Errors
    /// Its name makes no slug.
    pub(super) fn product(&self, number: u32) -> Result<Option<DatedDraft>, SlugError> {
        let mut dice = Dice::of(number);
        let Some(model) = dice.one(&self.models) else { return Ok(None) };
        let (things, materials) = self.words.of(&model.motif);
        let chosen = Chosen {
            adjective: dice.word(&self.words.adjectives),
            material: dice.word(materials),
            thing: dice.word(&things).to_owned(),
            workshop: dice.workshop(),
            colour: dice.word(&self.words.colours),
            series: 1 + dice.below(900),
        };
        let draft = ProductDraft {
            slug: slug(&format!("{} {} m{number}", chosen.workshop, chosen.thing))?,
            name: name(&mut dice, &chosen),
            description: description(&chosen, dice.word(&self.words.remarks)),
            details: details(&chosen),
            category: model.draft.category.clone(),
            pictures: pictures(&mut dice, &model.draft.pictures),
            variants: self.variants(&mut dice, number, model),
        };
        let age = Duration::seconds(86_400 + i64::from(dice.below(TWO_YEARS - 86_400)));
        Ok(Some(DatedDraft { created_at: self.now - age, draft }))
    }

    fn variants(&self, dice: &mut Dice, number: u32, model: &Model) -> Vec<VariantDraft> {
        let count = match dice.below(100) {
            0..60 => 1,
            60..85 => 2,
            _ => 3,
        };
        let tax_rate = model.draft.variants.first().map_or(BasisPoints(0), |variant| variant.tax_rate);
        let whole = dice.one(&PRICES).copied().unwrap_or(1);
        let price = whole * 100 + dice.one(&CENTS).copied().unwrap_or(0);
        let reduced = dice.percent(15).then(|| i64::from(110 + dice.below(50)));
        let (differs, sold_out) = (dice.percent(25), dice.percent(8));
        let colour = dice.below(1_000);
        let variant = |nth: u32, dice: &mut Dice| {
            let minor = if differs { price + i64::from(nth) * whole * 20 } else { price };
            // Neighbours in the list, so that no two of a product are alike.
            let colour = usize::try_from(colour + nth).unwrap_or_default() % self.words.colours.len().max(1);
            let colour = self.words.colours.get(colour).cloned().unwrap_or_default();
            VariantDraft {
                sku: format!("M{number:07}-{}", nth + 1),
                name: if count == 1 { String::new() } else { colour },
                price: Money::new(minor, self.currency),
                compare_at: reduced.map(|percent| Money::new(minor * percent / 100 + 1, self.currency)),
                tax_rate,
                initial_stock: if sold_out { 0 } else { stock(dice) },
            }
        };
        (0..count).map(|nth| variant(nth, dice)).collect()
    }
}

fn name(dice: &mut Dice, chosen: &Chosen<'_>) -> String {
    let Chosen { adjective, material, thing, workshop, colour, series } = chosen;
    match dice.below(5) {
        0 => format!("{workshop} {adjective} {material} {thing}"),
        1 => format!("{adjective} {material} {thing} by {workshop}"),
        2 => format!("{workshop} {thing} No. {series}, {adjective} {material}"),
        3 => format!("{adjective} {thing} in {colour} {material}, {workshop}"),
        _ => format!("{adjective} {colour} {thing} {workshop} {series}"),
    }
}

fn description(chosen: &Chosen<'_>, remark: &str) -> String {
    let lower = |text: &str| text.to_lowercase();
    let (adjective, material, thing) = (lower(chosen.adjective), lower(chosen.material), lower(&chosen.thing));
    let remark = remark.replace("{colour}", &lower(chosen.colour));
    format!("From the workshop of {} comes this {adjective} {thing} in {material}. {remark}", chosen.workshop)
}

fn details(chosen: &Chosen<'_>) -> Vec<Detail> {
    let detail = |name: &str, value: String| Detail { name: name.to_owned(), value };
    vec![
        detail("Material", chosen.material.replace('-', " ")),
        detail("Colour", chosen.colour.to_owned()),
        detail("Workshop", chosen.workshop.clone()),
        detail("Series", format!("No. {}", chosen.series)),
    ]
}

// One to all of the model's, beginning somewhere else each time.
fn pictures(dice: &mut Dice, all: &[PictureDraft]) -> Vec<PictureDraft> {
    let end = u32::try_from(all.len()).unwrap_or_default();
    let (start, count) = (dice.below(end), 1 + dice.below(end));
    let (start, count) = (usize::try_from(start).unwrap_or_default(), usize::try_from(count).unwrap_or_default());
    all.iter().cycle().skip(start).take(count.min(all.len())).cloned().collect()
}

fn stock(dice: &mut Dice) -> i32 {
    let pieces = if dice.percent(6) { 1 + dice.below(3) } else { 4 + dice.below(240) };
    i32::try_from(pieces).unwrap_or_default()
}

fn slug(text: &str) -> Result<Slug, SlugError> {
    let plain: String = text.to_lowercase().replace('é', "e").replace(['\'', '.'], "");
    let words: Vec<&str> =
        plain.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("-").parse()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn inventor() -> Inventor {
        let picture = |nth: u32| PictureDraft {
            stem: format!("products/mug-{nth}"),
            width: 1280,
            height: 1280,
            widths: vec![320],
            alt: "A mug".into(),
        };
        let draft = ProductDraft {
            slug: "mug".parse().unwrap(),
            name: "Mug".into(),
            description: String::new(),
            details: Vec::new(),
            category: "kitchen".parse().unwrap(),
            pictures: vec![picture(1), picture(2)],
            variants: Vec::new(),
        };
        let models = vec![Model { motif: "mug".into(), draft }];
        Inventor { words: Words::read().unwrap(), models, currency: Currency::USD, now: OffsetDateTime::UNIX_EPOCH }
    }

    fn some(count: u32) -> Vec<DatedDraft> {
        let inventor = inventor();
        (1..=count).map(|number| inventor.product(number).unwrap().unwrap()).collect()
    }

    #[test]
    fn a_number_is_always_the_same_product_and_no_other_has_its_slug() {
        let (once, again) = (some(2_000), some(2_000));
        assert_eq!(format!("{once:?}"), format!("{again:?}"));
        let slugs: HashSet<_> = once.iter().map(|product| product.draft.slug.as_str()).collect();
        assert_eq!(slugs.len(), once.len());
        assert!(once[41].draft.slug.as_str().ends_with("-m42"), "{}", once[41].draft.slug);
        let words: HashSet<_> = once.iter().flat_map(|product| product.draft.name.split(' ')).collect();
        assert!(words.len() > 1_500, "{}", words.len());
    }

    #[test]
    fn prices_spread_some_are_reduced_and_some_are_sold_out() {
        let products = some(5_000);
        let share = |is: &dyn Fn(&VariantDraft) -> bool| {
            products.iter().filter(|product| product.draft.variants.iter().all(is)).count() * 100 / products.len()
        };
        assert!((6..=10).contains(&share(&|variant| variant.initial_stock == 0)));
        assert!((12..=18).contains(&share(&|variant| variant.compare_at.is_some())));
        assert!((30..=60).contains(&share(&|variant| variant.price.minor() < 5_000)));
        let counts: HashSet<usize> = products.iter().map(|product| product.draft.variants.len()).collect();
        assert_eq!(counts, HashSet::from([1, 2, 3]));
        let reduced = products.iter().flat_map(|product| &product.draft.variants);
        assert!(
            reduced
                .filter_map(|variant| Some((variant.price, variant.compare_at?)))
                .all(|(price, former)| former.minor() > price.minor())
        );
    }

    #[test]
    fn they_are_a_day_to_two_years_old_and_show_the_models_pictures_once_each() {
        for DatedDraft { created_at, draft } in some(500) {
            let age = (OffsetDateTime::UNIX_EPOCH - created_at).whole_days();
            assert!((1..=730).contains(&age), "{age}");
            let stems: HashSet<_> = draft.pictures.iter().map(|picture| &picture.stem).collect();
            assert!(!stems.is_empty() && stems.len() == draft.pictures.len());
            assert_eq!(draft.description.matches(". ").count(), 1, "two sentences: {}", draft.description);
        }
    }

    #[test]
    fn without_a_model_there_is_nothing_to_make() {
        let nothing = Inventor { models: Vec::new(), ..inventor() };
        assert!(nothing.product(1).unwrap().is_none());
    }
}
