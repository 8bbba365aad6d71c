//! The help pages: texts that the owner edits, and the built-in ones where there is no file.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, PoisonError, RwLock},
};

use super::{
    contact_card::ContactCard,
    markdown::{self, SafeHtml},
};
use crate::{
    config::Config,
    infra::text_folder::{TextFolder, Version},
};

/// A page of help.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HelpTopic {
    /// What sending costs and how long it takes.
    Shipping,
    /// How something goes back.
    Returns,
    /// What is kept of people.
    Privacy,
    /// What is agreed by ordering.
    Terms,
    /// Who the shop is.
    About,
}

/// A page, as it is now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HelpPage {
    /// For the h1 and the title.
    pub title: String,
    /// For search engines and the index.
    pub summary: String,
    /// What it says.
    pub body: SafeHtml,
}

/// All pages of help. Each looks at its file when it is asked for, and reads it again if it was edited.
#[derive(Debug)]
pub struct HelpPages {
    folder: TextFolder,
    facts: Vec<(&'static str, String)>,
    card: Arc<ContactCard>,
    known: RwLock<HashMap<HelpTopic, Known>>,
}

// Which version of the file a page was made from; `None` is the built-in text.
type Known = (Option<Version>, Arc<HelpPage>);

impl HelpTopic {
    /// All of them, in the order of the index.
    pub const ALL: [Self; 5] = [Self::Shipping, Self::Returns, Self::Privacy, Self::Terms, Self::About];

    /// Its path.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Shipping => "/shipping",
            Self::Returns => "/returns",
            Self::Privacy => "/privacy",
            Self::Terms => "/terms",
            Self::About => "/about",
        }
    }

    /// Its file's name in `SHOP_DIR`.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Self::Shipping => "shipping.md",
            Self::Returns => "returns.md",
            Self::Privacy => "privacy.md",
            Self::Terms => "terms.md",
            Self::About => "about.md",
        }
    }

    /// What breadcrumbs call it, and its title where the text has none.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Shipping => "Shipping",
            Self::Returns => "Returns",
            Self::Privacy => "Privacy",
            Self::Terms => "Terms",
            Self::About => "About us",
        }
    }

    const fn built_in(self) -> &'static str {
        match self {
            Self::Shipping => include_str!("../../seed/shop/shipping.md"),
            Self::Returns => include_str!("../../seed/shop/returns.md"),
            Self::Privacy => include_str!("../../seed/shop/privacy.md"),
            Self::Terms => include_str!("../../seed/shop/terms.md"),
            Self::About => include_str!("../../seed/shop/about.md"),
        }
    }
}

impl HelpPages {
    /// The pages of a shop. Every text is read once now, so that a file that cannot be read is known at the start.
    ///
    /// # Errors
    /// A file is there but cannot be read; the error names it.
    pub fn open(config: &Config) -> io::Result<Self> {
        let pages = Self {
            folder: TextFolder::new(config.paths.shop_dir.clone()),
            facts: facts(config),
            card: Arc::new(ContactCard::of(config)),
            known: RwLock::default(),
        };
        for topic in HelpTopic::ALL {
            let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", topic.file()));
            let version = pages.folder.version(topic.file()).map_err(named)?;
            let page = Arc::new(pages.render(topic, version.is_some()).map_err(named)?);
            pages.keep(topic, version, page);
        }
        Ok(pages)
    }

    /// How the shop is reached.
    #[must_use]
    pub fn card(&self) -> Arc<ContactCard> {
        Arc::clone(&self.card)
    }

    /// A page as its file says now. A file that has become unreadable leaves the page as it was last.
    #[must_use]
    pub fn page(&self, topic: HelpTopic) -> Arc<HelpPage> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&topic).cloned();
        let found = self.folder.version(topic.file());
        if let (Some((version, page)), Ok(now)) = (&known, &found)
            && version == now
        {
            return Arc::clone(page);
        }
        let rendered = found.and_then(|now| Ok((now, Arc::new(self.render(topic, now.is_some())?))));
        match (rendered, known) {
            (Ok((now, page)), _) => self.keep(topic, now, page),
            (Err(error), Some((_, page))) => {
                tracing::warn!(%error, file = topic.file(), "a help text cannot be read; its last version is shown");
                page
            }
            (Err(_), None) => Arc::new(self.written(topic, topic.built_in())),
        }
    }

    /// The files of the owner's folder that are used, for a look at the configuration.
    #[must_use]
    pub fn own_files(&self) -> Vec<&'static str> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let own = |topic: &HelpTopic| known.get(topic).is_some_and(|(version, _)| version.is_some());
        HelpTopic::ALL.into_iter().filter(own).map(HelpTopic::file).collect()
    }

    fn keep(&self, topic: HelpTopic, version: Option<Version>, page: Arc<HelpPage>) -> Arc<HelpPage> {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(topic, (version, Arc::clone(&page)));
        page
    }

    fn render(&self, topic: HelpTopic, is_own: bool) -> io::Result<HelpPage> {
        let own = if is_own { Some(self.folder.read(topic.file())?) } else { None };
        Ok(self.written(topic, own.as_deref().unwrap_or_else(|| topic.built_in())))
    }

    fn written(&self, topic: HelpTopic, text: &str) -> HelpPage {
        let fact = |name: &str| self.facts.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
        let rendered = markdown::render(text, &fact);
        let title = rendered.title.unwrap_or_else(|| topic.label().to_owned());
        HelpPage { title, summary: rendered.summary, body: rendered.body }
    }
}

// What the texts may say without being edited when a setting changes.
fn facts(config: &Config) -> Vec<(&'static str, String)> {
    let (shop, card) = (&config.shop, ContactCard::of(config));
    let hours = card.hours.iter().map(|line| format!("{}: {}", line.days, line.times.join(", "))).collect::<Vec<_>>();
    vec![
        ("shop_name", shop.name.clone()),
        ("free_shipping_from", shop.locale.money(shop.free_shipping_from)),
        ("shipping_standard", shop.locale.money(shop.shipping_standard)),
        ("shipping_express", shop.locale.money(shop.shipping_express)),
        ("contact_email", card.email),
        ("phone", card.phone),
        ("phone_link", card.phone_url),
        ("address", card.address.join(", ")),
        ("opening_hours", hours.join("; ")),
    ]
}

#[cfg(test)]
mod tests;
