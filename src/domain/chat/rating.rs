//! What a customer thinks of a conversation that is over.

use super::{Chat, ChatError, sql, types::*};
use crate::types::ConversationToken;

/// 1 to 5, and a few words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rating {
    stars: i16,
    comment: String,
}

impl Rating {
    /// `None` where it is not 1 to 5. The comment is cut at 1,000 letters; control characters go.
    #[must_use]
    pub fn new(stars: i16, comment: &str) -> Option<Self> {
        let comment = comment.replace("\r\n", "\n");
        let comment: String =
            comment.chars().filter(|letter| *letter == '\n' || !letter.is_control()).take(1_000).collect();
        (1..=5).contains(&stars).then(|| Self { stars, comment: comment.trim().to_owned() })
    }

    /// How many stars.
    #[must_use]
    pub const fn stars(&self) -> i16 {
        self.stars
    }

    /// A few words, or none.
    #[must_use]
    pub fn comment(&self) -> &str {
        &self.comment
    }
}

impl Chat {
    /// Rates one's own conversation once it is resolved or has ended; a second time counts in place of the first.
    ///
    /// # Errors
    /// [`ChatError::Unknown`]: no such conversation, somebody else's, or not over yet.
    pub async fn rate(
        &self,
        speaker: &Speaker,
        token: &ConversationToken,
        rating: &Rating,
    ) -> Result<Conversation, ChatError> {
        let mut tx = self.db.begin().await?;
        let conversation = sql::lock(&mut tx, token).await?.ok_or(ChatError::Unknown)?;
        let is_over = conversation.is_ended || conversation.status == Status::Resolved;
        if speaker.side_of(conversation.owner) != Some(Side::Customer) || !is_over {
            return Err(ChatError::Unknown);
        }
        sql::rate(&mut tx, conversation.id, rating.stars, &rating.comment).await?;
        let words = match rating.comment.as_str() {
            "" => format!("Rated {} of 5", rating.stars),
            comment => format!("Rated {} of 5: {comment}", rating.stars),
        };
        let change = sql::insert_change(&mut tx, conversation.id, "rating", None, &words).await?;
        let rated = sql::by_id(&mut *tx, conversation.id).await?.ok_or(ChatError::Unknown)?;
        tx.commit().await?;
        self.tell_changed(&rated, change);
        Ok(rated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rating_is_one_to_five_and_its_words_are_bounded() {
        assert!(Rating::new(0, "").is_none() && Rating::new(6, "").is_none());
        assert_eq!(Rating::new(5, " good\r\nand \u{7}quick ").unwrap().comment(), "good\nand quick");
        assert_eq!(Rating::new(1, &"x".repeat(9_000)).unwrap().comment().len(), 1_000);
    }
}
