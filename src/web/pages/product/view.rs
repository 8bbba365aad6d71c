//! What the page of a product shows.

use askama::Template;

use crate::{
    config::{Config, ShopConfig},
    domain::{
        catalog::{Detail, Picture, Product, Variant},
        checkout::Delivery,
    },
    types::{Locale, ProductId, Quantity, VariantId},
    views::{
        layout::Frame,
        product_card::{ProductCard, money_or_empty},
        stock::Stock,
        structured::JsonLd,
        urls,
    },
};

// What search engines show of a description.
const SUMMARY: usize = 155;

#[derive(Template)]
#[template(path = "products/show.html", blocks = ["product", "buy", "alert"])]
pub struct ProductPage {
    pub frame: Frame,
    id: ProductId,
    slug: String,
    name: String,
    summary: String,
    crumbs: Vec<(String, String)>,
    category_name: String,
    category_url: String,
    pictures: Vec<Picture>,
    options: Vec<Choice>,
    chosen: Chosen,
    out_reason: &'static str,
    pub alerting: Alerting,
    deliveries: Vec<Way>,
    typed: String,
    problem: String,
    /// Only the form is shown, and beside it what else changed.
    pub is_fragment: bool,
    paragraphs: Vec<String>,
    details: Vec<Detail>,
    pub related: Vec<ProductCard>,
    /// For search engines, and for those who see a link to the page elsewhere. Only on the whole page.
    pub found_as: Option<FoundAs>,
}

/// What search engines and link previews get to know.
pub struct FoundAs {
    product: JsonLd,
    crumbs: JsonLd,
    picture: Option<String>,
}

/// The form as it begins, or with what is wrong with it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Buying {
    #[default]
    Fresh,
    Refused {
        typed: String,
        problem: String,
    },
}

/// The form that asks for a mail when the variant is back: as it begins, with what is wrong with it, or what it led to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Alerting {
    Fresh,
    Refused { typed: String, problem: String },
    Noted { email: String },
}

// A way in which it comes.
struct Way {
    title: String,
    price: String,
    note: String,
}

// A link to a variant.
struct Choice {
    id: VariantId,
    url: String,
    name: String,
    price: String,
    note: String,
    is_out: bool,
    is_chosen: bool,
}

// The variant that the form buys.
struct Chosen {
    id: VariantId,
    name: String,
    price: String,
    compare_at: String,
    stock: Stock,
    max: i32,
    spoken: String,
}

impl ProductPage {
    pub fn new(shop: &ShopConfig, frame: Frame, product: &Product, chosen: &Variant, buying: Buying) -> Self {
        let locale = frame.locale;
        let category = product.category_path.last();
        let (typed, problem) = match buying {
            Buying::Refused { typed, problem } => (typed, problem),
            Buying::Fresh => ("1".to_owned(), String::new()),
        };
        Self {
            id: product.id,
            slug: product.slug.clone(),
            name: product.name.clone(),
            summary: summary_of(&product.description, &product.name),
            crumbs: crumbs(product),
            category_name: category.map(|category| category.name.clone()).unwrap_or_default(),
            category_url: urls::list(category.map(|category| category.slug.as_str()), 1),
            pictures: pictures_of(product, chosen),
            options: product.variants.iter().map(|variant| Choice::new(product, variant, chosen, &locale)).collect(),
            chosen: Chosen::new(chosen, &locale),
            out_reason: if product.available() > 0 {
                "This choice is sold out. Another one is still in stock."
            } else {
                "It cannot be ordered until there is new stock."
            },
            alerting: Alerting::Fresh,
            deliveries: Delivery::ALL.map(|delivery| Way::new(delivery, shop, chosen, &locale)).into(),
            typed,
            problem,
            is_fragment: false,
            paragraphs: paragraphs(&product.description),
            details: product.details.clone(),
            related: Vec::new(),
            found_as: None,
            frame,
        }
    }
}

impl ProductPage {
    fn alert_url(&self) -> String {
        urls::stock_alert(&self.slug)
    }

    // What stands in the field: what was typed, or the address of whoever is signed in.
    fn alert_email(&self) -> &str {
        match &self.alerting {
            Alerting::Refused { typed, .. } => typed,
            Alerting::Fresh | Alerting::Noted { .. } => self.frame.person.as_ref().map_or("", |person| &person.email),
        }
    }

    fn alert_problem(&self) -> &str {
        match &self.alerting {
            Alerting::Refused { problem, .. } => problem,
            Alerting::Fresh | Alerting::Noted { .. } => "",
        }
    }

    fn alert_noted(&self) -> String {
        match &self.alerting {
            Alerting::Noted { email } => noted(email),
            Alerting::Fresh | Alerting::Refused { .. } => String::new(),
        }
    }
}

/// What is said to whoever will be told.
pub fn noted(email: &str) -> String {
    format!("We will write to {email} when it is back.")
}

impl Way {
    fn new(delivery: Delivery, shop: &ShopConfig, chosen: &Variant, locale: &Locale) -> Self {
        let price = delivery.price(shop, chosen.price);
        let free_from = locale.money(shop.free_shipping_from);
        Self {
            title: delivery.name().to_owned(),
            price: if price.is_zero() { "free".to_owned() } else { locale.money(price) },
            note: match delivery {
                Delivery::Standard if price.is_zero() => "3 to 5 working days".to_owned(),
                Delivery::Standard => format!("3 to 5 working days, free from {free_from}"),
                Delivery::Express => "the next working day".to_owned(),
            },
        }
    }
}

impl FoundAs {
    pub fn new(config: &Config, product: &Product) -> Self {
        Self {
            product: JsonLd::product(config, product),
            crumbs: JsonLd::breadcrumbs(config, &crumbs(product)),
            picture: product
                .pictures
                .first()
                .map(|_| urls::absolute(&config.public.url, &urls::share_image(&product.slug))),
        }
    }
}

impl Choice {
    fn new(product: &Product, variant: &Variant, chosen: &Variant, locale: &Locale) -> Self {
        let stock = Stock::of(variant.available);
        let one_price = product.variants.iter().all(|other| other.price == variant.price);
        Self {
            id: variant.id,
            url: urls::variant(&product.slug, variant.id),
            name: if variant.name.is_empty() { variant.sku.clone() } else { variant.name.clone() },
            price: if one_price { String::new() } else { locale.money(variant.price) },
            note: if stock == Stock::Plenty { String::new() } else { stock.text().to_lowercase() },
            is_out: stock.is_out(),
            is_chosen: variant.id == chosen.id,
        }
    }
}

impl Chosen {
    fn new(variant: &Variant, locale: &Locale) -> Self {
        let (price, stock) = (locale.money(variant.price), Stock::of(variant.available));
        let spoken = [variant.name.as_str(), price.as_str(), &stock.text()];
        Self {
            id: variant.id,
            name: variant.name.clone(),
            compare_at: money_or_empty(variant.compare_at, locale),
            max: variant.available.clamp(1, Quantity::MAX.get()),
            spoken: spoken.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "),
            price,
            stock,
        }
    }
}

// The variant's picture comes first where its description tells: it has the word that the variant's name begins with ("Navy, large"),
// and another picture has not.
fn pictures_of(product: &Product, chosen: &Variant) -> Vec<Picture> {
    let mut pictures = product.pictures.clone();
    let words =
        |text: &str| -> Vec<String> { text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).collect() };
    let Some(word) = words(&chosen.name).into_iter().find(|word| word.chars().count() > 2) else { return pictures };
    let shows: Vec<bool> = pictures.iter().map(|picture| words(&picture.alt).contains(&word)).collect();
    if let (Some(place), true) = (shows.iter().position(|shows| *shows), shows.contains(&false)) {
        let picture = pictures.remove(place);
        pictures.insert(0, picture);
    }
    pictures
}

fn crumbs(product: &Product) -> Vec<(String, String)> {
    let path = product.category_path.iter();
    let mut crumbs: Vec<_> =
        path.map(|category| (category.name.clone(), urls::list(Some(&category.slug), 1))).collect();
    crumbs.push((product.name.clone(), urls::product(&product.slug)));
    crumbs
}

fn paragraphs(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n");
    text.split("\n\n").map(|paragraph| paragraph.trim().to_owned()).filter(|paragraph| !paragraph.is_empty()).collect()
}

// The beginning of the description, cut between words.
fn summary_of(description: &str, name: &str) -> String {
    let mut summary = String::new();
    for word in description.split_whitespace() {
        if summary.chars().count() + word.chars().count() + 1 > SUMMARY {
            return if summary.is_empty() { name.to_owned() } else { format!("{summary} …") };
        }
        if !summary.is_empty() {
            summary.push(' ');
        }
        summary.push_str(word);
    }
    if summary.is_empty() { name.to_owned() } else { summary }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_ends_between_words() {
        let summary = summary_of(&"word ".repeat(100), "Mug");
        assert!(summary.ends_with("word …") && summary.chars().count() <= SUMMARY + 2, "{summary}");
        assert_eq!(summary_of("Short.\n\nTwo.", "Mug"), "Short. Two.");
        assert_eq!(summary_of(" ", "Mug"), "Mug");
        assert_eq!(summary_of(&"x".repeat(500), "Mug"), "Mug");
    }

    #[test]
    fn empty_lines_part_paragraphs() {
        assert_eq!(paragraphs("One\nmore.\r\n\r\nTwo.\n\n\n\n"), ["One\nmore.", "Two."]);
    }
}
