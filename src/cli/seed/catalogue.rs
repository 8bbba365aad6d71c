//! The demo catalogue: what its TOML files may say, and how that becomes drafts for the domain. Every mistake names file and product.

use std::{collections::HashSet, fmt};

use serde::Deserialize;

use super::scene::{self, Scene};
use crate::{
    domain::catalog::{CategoryDraft, Detail, ProductDraft, VariantDraft},
    types::{BasisPoints, Currency, Money, Slug, line_of, lines_of},
};

/// What is seeded: categories with parents before children, products in the order in which they are stored.
#[derive(Debug)]
pub(super) struct Catalogue {
    pub(super) categories: Vec<CategoryDraft>,
    pub(super) products: Vec<Plan>,
}

/// A product without its pictures, and how these look.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) draft: ProductDraft,
    pub(super) scenes: Vec<Scene>,
}

/// Everything that is wrong with the files, a line each.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problems(Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Problems {}

/// A file: a branch of the shop.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Percent, for products that do not say otherwise.
    tax_rate: String,
    /// Parents before children.
    categories: Vec<CategoryEntry>,
    /// In the order of the shelf.
    products: Vec<ProductEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CategoryEntry {
    slug: String,
    name: String,
    description: String,
    /// Slug of the one above.
    parent: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductEntry {
    slug: String,
    name: String,
    /// Slug.
    category: String,
    /// Paragraphs, separated by empty lines.
    description: String,
    /// Name and value of each row.
    details: Vec<[String; 2]>,
    pictures: Vec<Scene>,
    /// The first is the default. A product without choices has one, with an empty name.
    variants: Vec<VariantEntry>,
    tax_rate: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VariantEntry {
    sku: String,
    name: String,
    /// `24.90`, in the shop's currency.
    price: String,
    /// The former price.
    compare_at: Option<String>,
    /// Pieces received when the variant is new.
    stock: u16,
}

/// Reads the files (name and text).
///
/// # Errors
/// All that is wrong, each with file and product.
pub(super) fn read(files: &[(&str, &str)], currency: Currency) -> Result<Catalogue, Problems> {
    let mut reading = Reading::new(currency);
    for (name, text) in files {
        match toml::from_str::<File>(text) {
            Ok(file) => reading.file(name, file),
            Err(error) => reading.problems.push(format!("{name}: {}", error.to_string().trim_end())),
        }
    }
    if !reading.problems.is_empty() {
        return Err(Problems(reading.problems));
    }
    // Newest first is how lists are shown: the branches take turns, and the first of each file is stored last.
    reading.products.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
    Ok(Catalogue {
        categories: reading.categories,
        products: reading.products.into_iter().map(|(_, plan)| plan).collect(),
    })
}

struct Reading {
    currency: Currency,
    categories: Vec<CategoryDraft>,
    /// With its place in its file, in thousandths of the file.
    products: Vec<(usize, Plan)>,
    problems: Vec<String>,
    /// Slugs, names and SKUs met so far, each behind the word that says which.
    taken: HashSet<String>,
}

impl Reading {
    fn new(currency: Currency) -> Self {
        let (categories, products, problems) = (Vec::new(), Vec::new(), Vec::new());
        Self { currency, categories, products, problems, taken: HashSet::new() }
    }

    fn file(&mut self, file: &str, content: File) {
        for entry in content.categories {
            let slug = entry.slug.clone();
            match self.category(entry) {
                Ok(draft) => self.categories.push(draft),
                Err(problem) => self.problems.push(format!("{file}: category {slug}: {problem}")),
            }
        }
        let count = content.products.len();
        for (nth, entry) in content.products.into_iter().enumerate() {
            let slug = entry.slug.clone();
            match self.product(entry, &content.tax_rate) {
                Ok(plan) => self.products.push((nth * 1_000 / count, plan)),
                Err(problem) => self.problems.push(format!("{file}: product {slug}: {problem}")),
            }
        }
    }

    fn category(&mut self, entry: CategoryEntry) -> Result<CategoryDraft, String> {
        let slug = self.new_slug("category", &entry.slug)?;
        let parent = entry.parent.as_deref().map(|parent| self.known_category(parent)).transpose()?;
        let siblings = self.categories.iter().filter(|other| other.parent == parent).count();
        let position = i32::try_from(siblings).map_err(|_| "too many categories".to_owned())?;
        let name = line_of(&entry.name, 100).map_err(|error| format!("name: {error}"))?;
        self.once("category name", &name)?;
        let description = line_of(&entry.description, 300).map_err(|error| format!("description: {error}"))?;
        Ok(CategoryDraft { slug, name, description, parent, position })
    }

    fn product(&mut self, entry: ProductEntry, usual_tax: &str) -> Result<Plan, String> {
        let slug = self.new_slug("product", &entry.slug)?;
        let category = self.known_category(&entry.category)?;
        let name = line_of(&entry.name, 200).map_err(|error| format!("name: {error}"))?;
        let description = lines_of(&entry.description, 4_000).map_err(|error| format!("description: {error}"))?;
        let details = entry.details.iter().map(detail).collect::<Result<_, _>>()?;
        let tax_rate = tax_rate(entry.tax_rate.as_deref().unwrap_or(usual_tax))?;
        let variants = self.variants(entry.variants, tax_rate)?;
        check_pictures(&entry.pictures)?;
        let draft = ProductDraft { slug, name, description, details, category, pictures: Vec::new(), variants };
        Ok(Plan { draft, scenes: entry.pictures })
    }

    fn variants(&mut self, entries: Vec<VariantEntry>, tax_rate: BasisPoints) -> Result<Vec<VariantDraft>, String> {
        let only = entries.len() == 1;
        let names: HashSet<_> = entries.iter().map(|entry| entry.name.clone()).collect();
        if names.len() != entries.len() || entries.is_empty() {
            return Err("it needs at least one variant, each with a name of its own".to_owned());
        }
        let draft = |entry| self.variant(entry, only, tax_rate);
        entries.into_iter().map(draft).collect()
    }

    fn variant(&mut self, entry: VariantEntry, only: bool, tax_rate: BasisPoints) -> Result<VariantDraft, String> {
        let sku = line_of(&entry.sku, 64).map_err(|error| format!("SKU: {error}"))?;
        self.once("SKU", &sku)?;
        if entry.name.is_empty() != only {
            return Err(format!("{sku}: a variant has a name where there is a choice, and only there"));
        }
        let money = |text: &str| Money::parse(text, self.currency).map_err(|error| format!("{sku}: {text}: {error}"));
        let price = money(&entry.price)?;
        let compare_at = entry.compare_at.as_deref().map(money).transpose()?;
        if compare_at.is_some_and(|former| former.minor() <= price.minor()) {
            return Err(format!("{sku}: compare_at is not higher than the price"));
        }
        let initial_stock = i32::from(entry.stock);
        Ok(VariantDraft { sku, name: entry.name, price, compare_at, tax_rate, initial_stock })
    }

    fn new_slug(&mut self, kind: &str, text: &str) -> Result<Slug, String> {
        let slug = text.parse().map_err(|error| format!("slug: {error}"))?;
        self.once(kind, text)?;
        Ok(slug)
    }

    fn known_category(&self, slug: &str) -> Result<Slug, String> {
        let known = self.categories.iter().find(|category| category.slug.as_str() == slug);
        known.map(|category| category.slug.clone()).ok_or_else(|| format!("there is no category '{slug}' above it"))
    }

    fn once(&mut self, kind: &str, text: &str) -> Result<(), String> {
        if self.taken.insert(format!("{kind} {text}")) {
            Ok(())
        } else {
            Err(format!("the {kind} '{text}' is there twice"))
        }
    }
}

fn detail([name, value]: &[String; 2]) -> Result<Detail, String> {
    let checked = |text: &str| line_of(text, 200).map_err(|error| format!("details, {name}: {error}"));
    Ok(Detail { name: checked(name)?, value: checked(value)? })
}

// Percent with two decimals are basis points, as an amount with two decimals is minor units.
fn tax_rate(percent: &str) -> Result<BasisPoints, String> {
    let parsed = Money::parse(percent, Currency::USD).ok().and_then(|parsed| i32::try_from(parsed.minor()).ok());
    let points = parsed.filter(|points| *points <= 10_000);
    points.map(BasisPoints).ok_or_else(|| format!("tax_rate: '{percent}' is no percentage up to 100"))
}

fn check_pictures(scenes: &[Scene]) -> Result<(), String> {
    if scenes.is_empty() {
        return Err("it needs at least one picture".to_owned());
    }
    for (nth, picture) in scenes.iter().enumerate() {
        let of = |problem: String| format!("picture {}: {problem}", nth + 1);
        line_of(&picture.alt, 200).map_err(|error| of(format!("alt: {error}")))?;
        scene::compose(picture).map_err(of)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::seed::embedded::CATALOGUE;

    const HEAD: &str = "tax_rate = '8'\n[[categories]]\nslug = 'home'\nname = 'Home'\ndescription = 'A line'\n";
    const PRODUCT: &str = r##"[[products]]
slug = "cup"
name = "Cup"
category = "home"
description = "A cup."
details = [["Material", "Clay"]]
pictures = [{ motif = "mug", colour = "#112233", background = "#eeeeee", backdrop = "table", alt = "A cup" }]
variants = [{ sku = "C-1", name = "", price = "24.90", stock = 3 }]
"##;

    fn problem(product: &str) -> String {
        read(&[("home.toml", &format!("{HEAD}{product}"))], Currency::USD).unwrap_err().to_string()
    }

    #[test]
    fn the_demo_shop_is_whole() {
        let shop = read(CATALOGUE, Currency::USD).unwrap_or_else(|problems| panic!("{problems}"));
        let nested = shop.categories.iter().filter(|category| category.parent.is_some()).count();
        assert!(nested >= 8, "{nested}");
        assert!(shop.products.len() >= 60, "{}", shop.products.len());
        assert!(shop.products.iter().any(|plan| plan.draft.name.chars().count() > 85), "a long name tests the layout");
        let stock: Vec<i32> =
            shop.products.iter().flat_map(|plan| &plan.draft.variants).map(|variant| variant.initial_stock).collect();
        assert!(stock.iter().filter(|stock| **stock == 0).count() >= 5, "some are sold out");
        assert!(stock.iter().filter(|stock| (1..=3).contains(*stock)).count() >= 8, "some are nearly");
        let words: String = shop.products.iter().map(|plan| plan.draft.description.clone()).collect();
        assert!(!words.contains('!') && !words.to_lowercase().contains("lorem"));
    }

    #[test]
    fn every_category_at_the_end_of_a_branch_has_products_and_the_branches_take_turns() {
        let shop = read(CATALOGUE, Currency::USD).unwrap();
        let above: HashSet<_> = shop.categories.iter().filter_map(|category| category.parent.as_ref()).collect();
        for category in shop.categories.iter().filter(|category| !above.contains(&category.slug)) {
            assert!(shop.products.iter().any(|plan| plan.draft.category == category.slug), "{}", category.slug);
        }
        let newest: HashSet<_> = shop.products.iter().rev().take(5).map(|plan| plan.draft.category.as_str()).collect();
        assert_eq!(newest.len(), 5, "{newest:?}");
    }

    #[test]
    fn a_draft_carries_exact_amounts() {
        let product = PRODUCT.replace("stock = 3", "stock = 3, compare_at = '30'");
        let shop = read(&[("home.toml", &format!("{HEAD}{product}tax_rate = '7.75'"))], Currency::USD).unwrap();
        let variant = &shop.products[0].draft.variants[0];
        assert_eq!((variant.price.minor(), variant.compare_at.map(Money::minor)), (2490, Some(3000)));
        assert_eq!((variant.tax_rate, variant.initial_stock), (BasisPoints(775), 3));
    }

    #[test]
    fn a_mistake_names_file_and_product() {
        let cases = [
            (PRODUCT.replace("24.90", "24.905"), "home.toml: product cup: C-1: 24.905: an amount is written"),
            (PRODUCT.replace("\"home\"", "\"garage\""), "product cup: there is no category 'garage'"),
            (
                PRODUCT.replace("stock = 3", "stock = 3, compare_at = '20'"),
                "product cup: C-1: compare_at is not higher",
            ),
            (PRODUCT.replace("\"mug\"", "\"ufo\""), "product cup: picture 1: there is no motif 'ufo'"),
            (PRODUCT.replace("slug = \"cup\"", "slug = \"Cup_1\""), "product Cup_1: slug: a slug has lower-case"),
            (PRODUCT.replace("name = \"\"", "name = \"Blue\""), "a variant has a name where there is a choice"),
            (format!("{PRODUCT}colour = 'red'"), "home.toml: TOML parse error"),
            (format!("{PRODUCT}{PRODUCT}"), "product cup: the product 'cup' is there twice"),
        ];
        for (product, message) in cases {
            let problem = problem(&product);
            assert!(problem.contains(message), "{problem}\n(expected: {message})");
        }
    }
}
