//! Answers that are written beforehand: those that agents insert by a shortcut, and the rules of those that the shop gives by itself.

use thiserror::Error;

use super::{
    AutomaticRule, Chat, NewRule,
    automatic::{self, FALLBACK},
    sql,
};
use crate::{
    domain::accounts::{AnswerEditor, System},
    infra::database::{self, Db},
};

/// How many of each kind there may be.
pub const MOST_ANSWERS: i64 = 200;

/// The desk of those who write answers. Holds the right to do it.
#[derive(Clone, Copy, Debug)]
pub struct Editor<'a> {
    chat: &'a Chat,
}

/// What agents type after `/`: 1 to 32 lower-case letters, digits and `-`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Shortcut(String);

/// An answer that agents insert.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrittenAnswer {
    /// Its row.
    pub id: i64,
    /// What agents type after `/`.
    pub shortcut: String,
    /// What lists show.
    pub title: String,
    /// What is inserted, with `{placeholders}`.
    pub body: String,
}

/// A canned answer as it is written; lengths are the caller's form's to check, and the database's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewCanned {
    /// What agents type after `/`.
    pub shortcut: Shortcut,
    /// What lists show.
    pub title: String,
    /// What is inserted.
    pub body: String,
}

/// What a rule would do with a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tried {
    /// The rule that fits; `None`: the shop's own words.
    pub rule: Option<AutomaticRule>,
    /// What it would say to somebody who is not signed in.
    pub text: String,
}

/// Why an answer was not written.
#[derive(Debug, Error)]
pub enum AnswerError {
    /// It is gone.
    #[error("there is no such answer")]
    Unknown,
    /// There are as many as there may be.
    #[error("there are {MOST_ANSWERS} answers already")]
    Full,
    /// Another answer has the shortcut.
    #[error("another answer has this shortcut")]
    ShortcutTaken,
    /// Not a shortcut.
    #[error("A shortcut takes 1 to 32 lower-case letters, digits and -, and begins with a letter or digit")]
    Shortcut,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl Shortcut {
    /// Reads what was typed, also with its `/` and in capitals.
    ///
    /// # Errors
    /// [`AnswerError::Shortcut`].
    pub fn parse(text: &str) -> Result<Self, AnswerError> {
        let text = text.trim();
        let text = text.strip_prefix('/').unwrap_or(text).to_ascii_lowercase();
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_fit = (1..=32).contains(&text.len()) && text.bytes().all(fits) && !text.starts_with('-');
        if is_fit { Ok(Self(text)) } else { Err(AnswerError::Shortcut) }
    }

    /// The text, without `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Chat {
    /// The desk of those who write answers.
    #[must_use]
    pub const fn editor<'a>(&'a self, _right: &'a AnswerEditor) -> Editor<'a> {
        Editor { chat: self }
    }

    /// Writes these answers and rules where there are none at all; how many. For the demo shop.
    ///
    /// # Errors
    /// The database failed.
    pub async fn put_first_answers(
        db: &Db,
        _system: &System,
        canned: &[NewCanned],
        rules: &[NewRule],
    ) -> Result<usize, AnswerError> {
        let mut put = 0;
        if sql::canned_answers(db.primary()).await?.is_empty() {
            for new in canned {
                put += usize::from(sql::insert_canned(db.primary(), new, MOST_ANSWERS).await.map_err(storing)?);
            }
        }
        if sql::rules(db.primary()).await?.is_empty() {
            for rule in rules {
                put += usize::from(sql::insert_rule(db.primary(), rule, MOST_ANSWERS).await?);
            }
        }
        Ok(put)
    }
}

impl Editor<'_> {
    /// All canned answers, by their shortcut.
    ///
    /// # Errors
    /// The database failed.
    pub async fn canned_answers(&self) -> Result<Vec<WrittenAnswer>, AnswerError> {
        Ok(sql::canned_answers(self.chat.db.primary()).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// [`AnswerError::Unknown`].
    pub async fn canned(&self, id: i64) -> Result<WrittenAnswer, AnswerError> {
        sql::canned(self.chat.db.primary(), id).await?.ok_or(AnswerError::Unknown)
    }

    /// Writes a canned answer: a new one, or in the place of one that is there.
    ///
    /// # Errors
    /// Gone, too many, or its shortcut is another's.
    pub async fn put_canned(&self, id: Option<i64>, new: &NewCanned) -> Result<(), AnswerError> {
        let db = self.chat.db.primary();
        match id {
            Some(id) if !sql::update_canned(db, id, new).await.map_err(storing)? => Err(AnswerError::Unknown),
            None if !sql::insert_canned(db, new, MOST_ANSWERS).await.map_err(storing)? => Err(AnswerError::Full),
            _ => Ok(()),
        }
    }

    /// Removes a canned answer; one that is gone is removed.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete_canned(&self, id: i64) -> Result<(), AnswerError> {
        Ok(sql::delete_canned(self.chat.db.primary(), id).await?)
    }

    /// All rules in their order, also those that are switched off.
    ///
    /// # Errors
    /// The database failed.
    pub async fn rules(&self) -> Result<Vec<AutomaticRule>, AnswerError> {
        Ok(sql::rules(self.chat.db.primary()).await?)
    }

    /// One rule.
    ///
    /// # Errors
    /// [`AnswerError::Unknown`].
    pub async fn rule(&self, id: i64) -> Result<AutomaticRule, AnswerError> {
        sql::rule(self.chat.db.primary(), id).await?.ok_or(AnswerError::Unknown)
    }

    /// Writes a rule: a new one, or in the place of one that is there.
    ///
    /// # Errors
    /// Gone, or too many.
    pub async fn put_rule(&self, id: Option<i64>, rule: &NewRule) -> Result<(), AnswerError> {
        let db = self.chat.db.primary();
        match id {
            Some(id) if !sql::update_rule(db, id, rule).await? => Err(AnswerError::Unknown),
            None if !sql::insert_rule(db, rule, MOST_ANSWERS).await? => Err(AnswerError::Full),
            _ => Ok(()),
        }
    }

    /// Removes a rule; one that is gone is removed.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete_rule(&self, id: i64) -> Result<(), AnswerError> {
        Ok(sql::delete_rule(self.chat.db.primary(), id).await?)
    }

    /// What the shop would answer to a text from somebody who is not signed in; `None`: nothing.
    ///
    /// # Errors
    /// The database failed.
    pub async fn try_rules(&self, text: &str, is_away: bool) -> Result<Option<Tried>, AnswerError> {
        let Some(facts) = &self.chat.facts else { return Ok(None) };
        let rule = automatic::choose(sql::enabled_rules(self.chat.db.primary()).await?, text, is_away);
        let body = match &rule {
            Some(rule) => rule.body.as_str(),
            None if is_away => FALLBACK,
            None => return Ok(None),
        };
        let orders = |name: &str| (name == "order_status").then(|| automatic::sign_in_for_orders(facts));
        let text = self.chat.fill(body, facts, None, orders);
        Ok(Some(Tried { rule, text }))
    }

    /// Whether the shop answers by itself at all.
    #[must_use]
    pub const fn answers_by_itself(&self) -> bool {
        self.chat.facts.is_some()
    }
}

fn storing(error: sqlx::Error) -> AnswerError {
    match database::constraint(&error) {
        Some("canned_answers_shortcut_key") => AnswerError::ShortcutTaken,
        Some("canned_answers_shortcut_format") => AnswerError::Shortcut,
        _ => AnswerError::Database(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortcut_is_read_as_agents_type_it() {
        assert_eq!(Shortcut::parse(" /Return-2 ").unwrap().as_str(), "return-2");
        for bad in ["", "/", "-a", "a b", "ä", &"a".repeat(33)] {
            assert!(Shortcut::parse(bad).is_err(), "{bad:?}");
        }
    }
}
