//! The mail that something can be had again.

use askama::Template;

use super::{LetterError, Letterhead, filters};
use crate::{config::ShopConfig, domain::alerts::Alert, infra::mail::Mail, views::urls};

#[derive(Template)]
#[template(path = "emails/back_in_stock.html")]
struct BackHtml<'a> {
    mail: &'a Facts<'a>,
}

#[derive(Template)]
#[template(path = "emails/back_in_stock.txt")]
struct BackText<'a> {
    mail: &'a Facts<'a>,
}

struct Facts<'a> {
    alert: &'a Alert,
    shop: &'a ShopConfig,
    shop_url: &'a str,
    name: String,
    url: String,
    stop_url: String,
}

impl Letterhead {
    /// Says that something is back, with links to it and to stop such mails.
    ///
    /// # Errors
    /// See [`LetterError`].
    pub fn back_in_stock(&self, alert: &Alert) -> Result<Mail, LetterError> {
        let facts = Facts {
            alert,
            shop: &self.shop,
            shop_url: self.public_url.as_str(),
            name: match alert.variant_name.as_str() {
                "" => alert.product_name.clone(),
                variant => format!("{}, {variant}", alert.product_name),
            },
            url: urls::absolute(&self.public_url, &urls::variant(&alert.slug, alert.variant_id)),
            stop_url: urls::absolute(&self.public_url, &urls::stop_alerts(&alert.token)),
        };
        Ok(Mail {
            id: format!("back-in-stock-{}", alert.id),
            to: alert.email.parse()?,
            subject: format!("{} is back at {}", facts.name, self.shop.name),
            reply_to: None,
            html: BackHtml { mail: &facts }.render()?,
            text: BackText { mail: &facts }.render()?,
        })
    }
}
