//! Pages of a list.

use thiserror::Error;

/// The number of a page, from 1. Beyond the last page a list is empty, not an error; the bound keeps the offset in range.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Page(u32);

/// How many entries a page has, 1 to 100.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PerPage(u32);

/// Why a number is no page.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
pub enum PageError {
    /// Not a whole number from 1 to a million.
    #[error("a page is a whole number from 1 to 1000000")]
    Page,
    /// Not a whole number from 1 to 100.
    #[error("per_page is a whole number from 1 to 100")]
    PerPage,
}

/// One page of a list, with what is needed to show where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paged<T> {
    /// The entries of this page.
    pub items: Vec<T>,
    /// How many entries the whole list has.
    pub total: i64,
    /// Which page this is.
    pub page: Page,
    /// How many entries a page has.
    pub per_page: PerPage,
}

impl Page {
    /// The first page.
    pub const FIRST: Self = Self(1);

    /// Reads a page number.
    ///
    /// # Errors
    /// [`PageError::Page`] unless it is a whole number from 1 to a million.
    pub fn parse(text: &str) -> Result<Self, PageError> {
        match text.trim().parse() {
            Ok(number @ 1..=1_000_000) => Ok(Self(number)),
            _ => Err(PageError::Page),
        }
    }

    /// The number, from 1.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl PerPage {
    /// As many as a page may have.
    pub const MOST: Self = Self(100);
    /// What lists show unless asked otherwise.
    pub const DEFAULT: Self = Self(12);

    /// Reads the size of a page.
    ///
    /// # Errors
    /// [`PageError::PerPage`] unless it is a whole number from 1 to 100.
    pub fn parse(text: &str) -> Result<Self, PageError> {
        match text.trim().parse() {
            Ok(number @ 1..=100) => Ok(Self(number)),
            _ => Err(PageError::PerPage),
        }
    }

    /// The number of entries.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// How many entries lie before `page`.
    #[must_use]
    pub fn offset(self, page: Page) -> i64 {
        i64::from(page.get() - 1) * i64::from(self.0)
    }
}

impl<T> Paged<T> {
    /// How many pages the list has; an empty list has none.
    #[must_use]
    pub fn pages(&self) -> i64 {
        let size = i64::from(self.per_page.get());
        (self.total + size - 1) / size
    }
}
