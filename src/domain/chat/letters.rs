//! Mails about conversations: the answers for a customer who has gone, and the whole conversation on request.

use serde::{Deserialize, Serialize};

use super::{Chat, ChatError, MOST_ANSWER_MAILS, MOST_AT_ONCE, MOST_TRANSCRIPTS, Which, sql, types::*};
use crate::{
    domain::accounts::{Owner, System},
    infra::jobs::{Job, enqueue},
    types::{ConversationId, ConversationToken},
};

// Claimed in one transaction; the next one takes the rest.
const BATCH: i64 = 100;
// A transcript ends somewhere; what came before is on the page.
const MOST_LINES: usize = 1_000;

/// Finds customers who are away and have answers they have not seen, and enqueues their mails. Enqueued by the schedule alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NotifyAway {}

/// Sends one mail with the answers after a message, up to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SendAnswers {
    /// Whose.
    pub conversation_id: ConversationId,
    /// What was seen or mailed before.
    pub after: i64,
    /// The last one of this mail.
    pub up_to: i64,
}

/// Sends a conversation, up to a message, to its customer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SendTranscript {
    /// Which one.
    pub conversation_id: ConversationId,
    /// The last message.
    pub up_to: i64,
}

/// Removes files of conversations that nothing names any more. Enqueued by the schedule alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TidyFiles {}

impl Job for NotifyAway {
    const NAME: &'static str = "chat.notify_away";
    // The next minute brings the next one.
    const MAX_ATTEMPTS: i16 = 1;
}

impl Job for SendAnswers {
    const NAME: &'static str = "chat.send_answers";
}

impl Job for SendTranscript {
    const NAME: &'static str = "chat.send_transcript";
}

impl Job for TidyFiles {
    const NAME: &'static str = "chat.tidy_files";
    const MAX_ATTEMPTS: i16 = 3;
}

/// What a mail about a conversation says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letter {
    /// The conversation.
    pub conversation: Conversation,
    /// Where it goes.
    pub email: String,
    /// What is in it, in order.
    pub messages: Vec<Message>,
}

impl Chat {
    /// Marks answers as mailed whose customer has not been seen for two minutes, and enqueues a mail for each conversation in the same
    /// transaction: whatever breaks off, each answer has one mail or still waits. Only so many a day from a conversation and to an
    /// address. Returns how many mails.
    ///
    /// # Errors
    /// The database failed.
    pub async fn notify_away(&self, _system: &System) -> Result<u64, ChatError> {
        let mut total = 0;
        loop {
            let mut tx = self.db.begin().await?;
            let claimed = sql::claim_away(&mut tx, BATCH, MOST_ANSWER_MAILS).await?;
            for job in &claimed {
                enqueue(&mut tx, job, None).await?;
            }
            tx.commit().await?;
            if claimed.is_empty() {
                return Ok(total);
            }
            total += u64::try_from(claimed.len()).unwrap_or(0);
        }
    }

    /// Enqueues a mail with the whole conversation to where its answers go; asked again before anything else was said it is one mail.
    ///
    /// # Errors
    /// [`ChatError::Unknown`]: none of theirs; [`ChatError::MailsStopped`]; [`ChatError::NotAnswered`]; [`ChatError::TooManyMails`].
    pub async fn send_transcript(&self, speaker: &Speaker, token: &ConversationToken) -> Result<String, ChatError> {
        let (conversation, side) = self.find(speaker, token).await?;
        if side != Side::Customer {
            return Err(ChatError::Unknown);
        }
        let mut tx = self.db.begin().await?;
        let email = sql::mail_address(&mut *tx, conversation.id).await?.ok_or(ChatError::MailsStopped)?;
        if matches!(conversation.owner, Owner::Visitor(_)) && !conversation.was_answered {
            return Err(ChatError::NotAnswered);
        }
        if !sql::note_transcript(&mut tx, conversation.id, &email, MOST_TRANSCRIPTS).await? {
            return Err(ChatError::TooManyMails);
        }
        let job = SendTranscript { conversation_id: conversation.id, up_to: conversation.last_seq };
        enqueue(&mut tx, &job, Some(&format!("chat-transcript-{}-{}", job.conversation_id, job.up_to))).await?;
        tx.commit().await?;
        Ok(email)
    }

    /// Where mails to the customer of a conversation go, if that is known.
    ///
    /// # Errors
    /// The database failed.
    pub async fn mail_address(&self, conversation: &Conversation) -> Result<Option<String>, ChatError> {
        Ok(sql::mail_address(self.db.primary(), conversation.id).await?)
    }

    /// What a mail with answers says; `None` if they were read before it left, or there is nowhere to send it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn answers(&self, _system: &System, job: &SendAnswers) -> Result<Option<Letter>, ChatError> {
        let Some(letter) = self.letter(job.conversation_id).await? else { return Ok(None) };
        let token = letter.conversation.token.clone();
        let after = job.after.max(letter.conversation.marks.customer_read);
        let messages = sql::answers(self.db.primary(), job.conversation_id, &token, after, job.up_to).await?;
        Ok((!messages.is_empty()).then_some(Letter { messages, ..letter }))
    }

    /// What a transcript says; `None` if the conversation is gone, or there is nowhere to send it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn transcript(&self, _system: &System, job: &SendTranscript) -> Result<Option<Letter>, ChatError> {
        let Some(mut letter) = self.letter(job.conversation_id).await? else { return Ok(None) };
        let mut after = 0;
        loop {
            let some = self.messages(&letter.conversation, Which::After(after)).await?;
            let (count, last) = (some.len(), some.last().map_or(after, |message| message.seq));
            letter.messages.extend(some.into_iter().filter(|message| message.seq <= job.up_to));
            after = last;
            let is_full = letter.messages.len() >= MOST_LINES;
            if count < usize::try_from(MOST_AT_ONCE).unwrap_or(usize::MAX) || is_full || after >= job.up_to {
                letter.messages.truncate(MOST_LINES);
                return Ok(Some(letter));
            }
        }
    }

    async fn letter(&self, id: ConversationId) -> Result<Option<Letter>, ChatError> {
        let Some(conversation) = sql::by_id(self.db.primary(), id).await? else { return Ok(None) };
        let email = sql::mail_address(self.db.primary(), id).await?;
        Ok(email.map(|email| Letter { conversation, email, messages: Vec::new() }))
    }
}
