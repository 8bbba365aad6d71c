//! Files of a conversation: pictures made anew, PDFs looked through; private, kept where only the application reads.

use thiserror::Error;
use time::Duration;

use super::{Chat, ChatError, sql, types::*};
use crate::{
    domain::accounts::System,
    infra::{
        clock,
        media::{MediaError, MediaKey, MediaStore},
        metrics::METRICS,
        pdf::{self, PdfError},
        pictures::received::{self, ReceivedError},
        tokens,
    },
    types::ConversationToken,
};

/// What a file may hold, in bytes.
pub const MOST_FILE_BYTES: usize = 5 * 1024 * 1024;
/// The folder of the media store that neither Nginx nor `/media/` serves.
pub const FOLDER: &str = "chat";
// A conversation with more is somebody's play with our disk.
const MOST_FILES: i64 = 100;
const MOST_NAME_LETTERS: usize = 100;
// Rows come after files, and messages after rows: what is younger may be about to be said.
const REST: Duration = Duration::DAY;

/// A file as it came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewFile {
    /// What its sender calls it; believed for nothing.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Why a file was not taken; the message is for its sender.
#[derive(Debug, Error)]
pub enum AttachError {
    /// Nothing in it.
    #[error("This file is empty.")]
    Empty,
    /// More than [`MOST_FILE_BYTES`].
    #[error("This file is too large. Up to 5 MB can be sent.")]
    TooLarge,
    /// Neither a picture that is taken nor a PDF, by its content.
    #[error("This is neither a JPEG, PNG or WebP picture nor a PDF file.")]
    Kind,
    /// A picture that is torn or pretends.
    #[error("This picture cannot be read.")]
    Unreadable,
    /// A picture of too many pixels.
    #[error("This picture is too large. Up to 12,000 pixels a side and 50 megapixels can be sent.")]
    TooManyPixels,
    /// A PDF with scripts, actions or files in it.
    #[error("This PDF holds scripts or files. Please send one without, or a picture of it.")]
    ActivePdf,
    /// A PDF that is encrypted or packed strangely.
    #[error(
        "This PDF cannot be checked, perhaps because it is protected. Please send one that is not, or a picture of it."
    )]
    OpaquePdf,
    /// The conversation has a hundred files.
    #[error("This conversation holds too many files already.")]
    TooMany,
    /// The conversation refuses.
    #[error(transparent)]
    Chat(#[from] ChatError),
    /// The store failed.
    #[error("the file could not be stored: {0}")]
    Media(#[from] MediaError),
    /// The work on it broke off.
    #[error("the work on the file broke off")]
    BrokeOff,
}

/// What is kept of a file.
struct Checked {
    kind: AttachmentKind,
    bytes: Vec<u8>,
    size: Option<(u32, u32)>,
}

impl Chat {
    /// Checks and stores a file for a message of this conversation; it is seen by nobody until a message carries its token.
    ///
    /// # Errors
    /// None of theirs, ended, or the file is refused: see [`AttachError`].
    pub async fn attach(
        &self,
        media: &MediaStore,
        speaker: &Speaker,
        token: &ConversationToken,
        file: NewFile,
    ) -> Result<Attachment, AttachError> {
        let (conversation, _) = self.find(speaker, token).await?;
        if conversation.is_ended {
            return Err(ChatError::Ended.into());
        }
        if sql::attachment_count(self.db.primary(), conversation.id).await.map_err(ChatError::from)? >= MOST_FILES {
            return Err(AttachError::TooMany);
        }
        let name = file.name;
        let checked = check(file.bytes).await.inspect_err(|error| METRICS.count_chat("file_refused", reason(error)))?;
        let attachment = Attachment {
            token: tokens::random(),
            kind: checked.kind,
            file_name: clean_name(&name, checked.kind),
            bytes: i64::try_from(checked.bytes.len()).unwrap_or(i64::MAX),
            width: checked.size.and_then(|(width, _)| i32::try_from(width).ok()),
            height: checked.size.and_then(|(_, height)| i32::try_from(height).ok()),
        };
        let key = new_key(checked.kind).ok_or(AttachError::BrokeOff)?;
        // The file before its row: a row whose file is missing would be a broken picture for ever.
        media.put(&key, checked.bytes).await?;
        sql::insert_attachment(self.db.primary(), conversation.id, &attachment, key.as_str())
            .await
            .map_err(ChatError::from)?;
        Ok(attachment)
    }

    /// A file of a conversation that the speaker takes part in, and where it lies.
    ///
    /// # Errors
    /// [`ChatError::Unknown`], [`ChatError::UnknownThing`].
    pub async fn attachment(
        &self,
        speaker: &Speaker,
        token: &ConversationToken,
        file: &str,
    ) -> Result<(Attachment, MediaKey), ChatError> {
        let (conversation, _) = self.find(speaker, token).await?;
        // What is no token was never given out, and may hold what PostgreSQL refuses to compare.
        ConversationToken::parse(file).ok_or(ChatError::UnknownThing)?;
        let found = sql::attachment(self.db.primary(), conversation.id, file).await?.ok_or(ChatError::UnknownThing)?;
        let key = found.media_key.parse().map_err(|_| ChatError::UnknownThing)?;
        Ok((found.attachment, key))
    }

    /// Forgets files that no message carries, and removes those of the store that nothing names, both a day old at least. Returns how
    /// many went from the store.
    ///
    /// # Errors
    /// The database or the store failed; the next run does the rest.
    pub async fn tidy_files(&self, media: &MediaStore, _system: &System) -> Result<usize, AttachError> {
        let database = |error: sqlx::Error| AttachError::Chat(error.into());
        sql::forget_loose(self.db.primary()).await.map_err(database)?;
        let named = sql::media_keys(self.db.primary()).await.map_err(database)?;
        let before = clock::now() - REST;
        let mut removed = 0;
        for entry in media.list(FOLDER).await? {
            if entry.stored_at < before && !named.contains(entry.key.as_str()) {
                media.delete(&entry.key).await?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

async fn check(bytes: Vec<u8>) -> Result<Checked, AttachError> {
    if bytes.is_empty() {
        return Err(AttachError::Empty);
    }
    if bytes.len() > MOST_FILE_BYTES {
        return Err(AttachError::TooLarge);
    }
    // By its content alone: neither its name nor what the browser says it is decides anything.
    if received::format_of(&bytes).is_some() {
        let made = received::anew(bytes).await.map_err(|error| match error {
            ReceivedError::Unreadable => AttachError::Unreadable,
            ReceivedError::TooLarge => AttachError::TooManyPixels,
            ReceivedError::BrokeOff => AttachError::BrokeOff,
        })?;
        return Ok(Checked { kind: AttachmentKind::Picture, bytes: made.bytes, size: Some((made.width, made.height)) });
    }
    let looked = tokio::task::spawn_blocking(move || pdf::check(&bytes).map(|()| bytes));
    let bytes = looked.await.map_err(|_| AttachError::BrokeOff)?.map_err(|error| match error {
        PdfError::NoPdf => AttachError::Kind,
        PdfError::Active => AttachError::ActivePdf,
        PdfError::Opaque => AttachError::OpaquePdf,
    })?;
    Ok(Checked { kind: AttachmentKind::Pdf, bytes, size: None })
}

fn reason(error: &AttachError) -> &'static str {
    match error {
        AttachError::Empty | AttachError::TooLarge | AttachError::TooMany => "size",
        AttachError::Kind | AttachError::Unreadable => "type",
        AttachError::TooManyPixels => "pixels",
        AttachError::ActivePdf | AttachError::OpaquePdf => "pdf",
        AttachError::Chat(_) | AttachError::Media(_) | AttachError::BrokeOff => "other",
    }
}

fn new_key(kind: AttachmentKind) -> Option<MediaKey> {
    let name: String = rand::random::<[u8; 16]>().iter().map(|byte| format!("{byte:02x}")).collect();
    let ending = match kind {
        AttachmentKind::Picture => "webp",
        AttachmentKind::Pdf => "pdf",
    };
    format!("{FOLDER}/{name}.{ending}").parse().ok()
}

// The last part of a path, printable, with the ending of what it is.
fn clean_name(name: &str, kind: AttachmentKind) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let printable = |letter: &char| {
        let hidden =
            matches!(letter, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}');
        !letter.is_control() && !hidden && !"<>\":|?*".contains(*letter)
    };
    let clean: String = last.chars().filter(printable).take(MOST_NAME_LETTERS).collect();
    let stem = clean.rsplit_once('.').map_or(clean.as_str(), |(stem, _)| stem).trim().trim_matches('.').to_owned();
    let (usual, ending) = match kind {
        AttachmentKind::Picture => ("picture", "webp"),
        AttachmentKind::Pdf => ("document", "pdf"),
    };
    format!("{}.{ending}", if stem.is_empty() { usual } else { &stem })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_a_file_is_and_leads_nowhere() {
        let named = |name| clean_name(name, AttachmentKind::Picture);
        assert_eq!(named("C:\\Users\\ada\\mug.PNG"), "mug.webp");
        assert_eq!(named("../../etc/passwd"), "passwd.webp");
        assert_eq!(named("cat\u{202E}gnp.exe"), "catgnp.webp");
        assert_eq!(named("\r\nContent-Type: x"), "Content-Type x.webp");
        for nothing in ["", "..", ".webp", "/"] {
            assert_eq!(named(nothing), "picture.webp", "{nothing:?}");
        }
        assert_eq!(clean_name(&"ä".repeat(500), AttachmentKind::Pdf).chars().count(), 104);
    }
}
