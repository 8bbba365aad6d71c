//! Postal addresses.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Phone, TextError, line_of, line_or_empty, lines_of};

/// Where a parcel goes. Given as a text it keeps that text in `line1` and leaves the other parts empty.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Address {
    /// Who receives it.
    #[serde(default)]
    pub name: String,
    /// Street and number.
    #[serde(default)]
    pub line1: String,
    /// Flat, floor, company.
    #[serde(default)]
    pub line2: String,
    /// Town.
    #[serde(default)]
    pub city: String,
    /// Postal code.
    #[serde(default)]
    pub postal_code: String,
    /// State, county or province.
    #[serde(default)]
    pub region: String,
    /// Country, as its owner writes it.
    #[serde(default)]
    pub country: String,
    /// For the carrier's questions.
    #[serde(default)]
    pub phone: String,
}

/// The parts of an address that were refused, by field name.
#[derive(Debug, Error, PartialEq, Eq, Clone)]
#[error("the address is not complete")]
pub struct AddressError {
    /// Field name and what to do, in the order of the form.
    pub fields: Vec<(&'static str, String)>,
}

impl Address {
    /// Checks each part: name, line1, postal_code, city and country are needed.
    ///
    /// # Errors
    /// Every part that was refused, not only the first.
    pub fn checked(self) -> Result<Self, AddressError> {
        let mut fields = Vec::new();
        let mut take = |field: &'static str, result: Result<String, TextError>| {
            result.unwrap_or_else(|error| {
                fields.push((field, error.to_string()));
                String::new()
            })
        };
        let address = Self {
            name: take("name", line_of(&self.name, 120)),
            line1: take("line1", line_of(&self.line1, 120)),
            line2: take("line2", line_or_empty(&self.line2, 120)),
            postal_code: take("postal_code", line_of(&self.postal_code, 16)),
            city: take("city", line_of(&self.city, 80)),
            region: take("region", line_or_empty(&self.region, 80)),
            country: take("country", line_of(&self.country, 60)),
            phone: take("phone", line_or_empty(&self.phone, 32)),
        };
        if !address.phone.is_empty()
            && let Err(error) = address.phone.parse::<Phone>()
        {
            fields.push(("phone", error.to_string()));
        }
        if fields.is_empty() { Ok(address) } else { Err(AddressError { fields }) }
    }

    /// An address given as one text of up to 500 letters.
    ///
    /// # Errors
    /// Empty, too long or unprintable, as an error of the field `shipping_address`'s only part, `line1`.
    pub fn from_text(text: &str) -> Result<Self, AddressError> {
        let lines = lines_of(text, 500).map_err(TextError::into_line1)?;
        let line1 = lines.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ");
        if line1.is_empty() { Err(TextError::Empty.into_line1()) } else { Ok(Self { line1, ..Self::default() }) }
    }

    /// The whole address as one line, for people and for clients that take it as a text.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines().join(", ")
    }

    /// The address as on a label, without the telephone number.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let town = [self.postal_code.as_str(), self.city.as_str()].join(" ");
        [self.name.as_str(), &self.line1, &self.line2, town.trim(), &self.region, &self.country]
            .into_iter()
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

impl TextError {
    fn into_line1(self) -> AddressError {
        AddressError { fields: vec![("line1", self.to_string())] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_part_is_named_at_once() {
        let error = Address { name: "Ada".into(), ..Address::default() }.checked().unwrap_err();
        let names: Vec<_> = error.fields.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["line1", "postal_code", "city", "country"]);
    }

    #[test]
    fn a_text_comes_back_as_the_same_text() {
        let address = Address::from_text("Ada Lovelace\n12 Mill Lane\nFernhill").unwrap();
        assert_eq!(address.text(), "Ada Lovelace, 12 Mill Lane, Fernhill");
    }
}
