//! The demo accounts that the documents name. Their passwords are public: nowhere but here are they made.

use anyhow::Context;

use crate::{
    domain::accounts::{self, Registration, Role, System},
    infra::{database::Db, passwords::PasswordHasher},
    types::{Address, Password},
};

struct Person {
    username: &'static str,
    password: &'static str,
    full_name: &'static str,
    roles: &'static [Role],
    /// Street, town, postal code, state.
    home: Option<[&'static str; 4]>,
}

const PEOPLE: [Person; 4] = [
    Person {
        username: "admin",
        password: "admin123",
        full_name: "Robin Hale",
        roles: &[Role::Customer, Role::Administrator],
        home: None,
    },
    Person {
        username: "agent",
        password: "agent123",
        full_name: "Sam Okafor",
        roles: &[Role::Customer, Role::Agent],
        home: None,
    },
    Person {
        username: "john_doe",
        password: "password123",
        full_name: "John Doe",
        roles: &[Role::Customer],
        home: Some(["12 Orchard Street", "Burlington", "05401", "VT"]),
    },
    Person {
        username: "jane_smith",
        password: "password123",
        full_name: "Jane Smith",
        roles: &[Role::Customer],
        home: Some(["480 Juniper Avenue", "Portland", "97205", "OR"]),
    },
];

/// Makes the demo accounts that are not there; gives back how many are new, and of how many.
///
/// # Errors
/// An account cannot be stored.
pub(super) async fn put(db: &Db, hasher: &PasswordHasher) -> anyhow::Result<(usize, usize)> {
    let mut new = 0;
    for person in &PEOPLE {
        let registration = person.registration()?;
        let put = accounts::put_account(db, hasher, &System::acting(), registration, person.roles).await;
        new += usize::from(put.with_context(|| format!("account {}", person.username))?);
    }
    Ok((new, PEOPLE.len()))
}

impl Person {
    fn registration(&self) -> anyhow::Result<Registration> {
        Ok(Registration {
            username: self.username.parse()?,
            email: format!("{}@fernhill.example", self.username).parse()?,
            password: Password::chosen(self.password.to_owned())?,
            full_name: self.full_name.to_owned(),
            phone: None,
            address: self.home.map(|home| self.address(home).checked()).transpose()?,
        })
    }

    fn address(&self, [line1, city, postal_code, region]: [&str; 4]) -> Address {
        Address {
            name: self.full_name.to_owned(),
            line1: line1.to_owned(),
            city: city.to_owned(),
            postal_code: postal_code.to_owned(),
            region: region.to_owned(),
            country: "United States".to_owned(),
            ..Address::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_demo_account_passes_the_rules_for_registrations() {
        for person in &PEOPLE {
            let registration = person.registration().unwrap();
            assert_eq!(registration.username.as_str(), person.username);
            assert_eq!(registration.password.expose(), person.password);
        }
    }
}
