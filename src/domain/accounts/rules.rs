//! What was typed at sign-in, and what a browser says of itself.

/// What an account is looked up by. User names have no `@`, so neither is mistaken for the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Login<'a> {
    Username(&'a str),
    Email(&'a str),
}

impl<'a> Login<'a> {
    /// What was typed, unless no account can be called that: too long, or with a NUL, which PostgreSQL takes in no text.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() || text.len() > 254 || text.contains('\0') {
            None
        } else if text.contains('@') {
            Some(Self::Email(text))
        } else {
            Some(Self::Username(text))
        }
    }
}

/// What a browser calls itself, as it is kept: 400 letters, and none that PostgreSQL refuses.
pub(super) fn user_agent(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(400).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_login_is_a_name_or_a_mail_address() {
        assert_eq!(Login::read(" ada "), Some(Login::Username("ada")));
        assert_eq!(Login::read("ada@example.com"), Some(Login::Email("ada@example.com")));
        for nobodys in ["", "  ", "a\0b", &"x".repeat(255)] {
            assert_eq!(Login::read(nobodys), None, "{nobodys:?}");
        }
    }

    proptest! {
        #[test]
        fn a_kept_user_agent_always_fits_its_column(text in any::<String>()) {
            let kept = user_agent(&text.repeat(20));
            prop_assert!(kept.chars().count() <= 400 && !kept.contains('\0'));
        }
    }
}
