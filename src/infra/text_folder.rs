//! Texts that the owner edits: small files in one folder, read again when they change.

use std::{
    fs,
    io::{Error, ErrorKind, Result},
    path::PathBuf,
    time::SystemTime,
};

// A page of text is a few kilobytes; what is larger is not a text.
const LARGEST: u64 = 512 * 1024;

/// A folder of texts, or none.
#[derive(Clone, Debug)]
pub struct TextFolder(Option<PathBuf>);

/// Tells a file from what it was before it was edited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Version {
    modified: SystemTime,
    length: u64,
}

impl TextFolder {
    /// The folder; `None` holds no file.
    #[must_use]
    pub const fn new(folder: Option<PathBuf>) -> Self {
        Self(folder)
    }

    /// Which version of a file is there; `None` without a file. One look at the file system, which takes microseconds.
    ///
    /// # Errors
    /// It is there but cannot be looked at.
    pub fn version(&self, name: &str) -> Result<Option<Version>> {
        let Some(folder) = &self.0 else { return Ok(None) };
        match fs::metadata(folder.join(name)) {
            Ok(found) => Ok(Some(Version { modified: found.modified()?, length: found.len() })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A file's text, without a byte order mark.
    ///
    /// # Errors
    /// It is gone, not readable, larger than 512 kB, or no UTF-8.
    pub fn read(&self, name: &str) -> Result<String> {
        let folder = self.0.as_ref().ok_or(ErrorKind::NotFound)?;
        let path = folder.join(name);
        if fs::metadata(&path)?.len() > LARGEST {
            return Err(Error::new(ErrorKind::FileTooLarge, "larger than 512 kB"));
        }
        let text = fs::read_to_string(path)?;
        Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_edited_has_another_version() {
        let folder = tempfile::tempdir().unwrap();
        let texts = TextFolder::new(Some(folder.path().to_owned()));
        assert_eq!(texts.version("terms.md").unwrap(), None);
        fs::write(folder.path().join("terms.md"), "\u{feff}# Terms").unwrap();
        let first = texts.version("terms.md").unwrap();
        assert_eq!(texts.read("terms.md").unwrap(), "# Terms");
        fs::write(folder.path().join("terms.md"), "# Other terms").unwrap();
        assert_ne!(texts.version("terms.md").unwrap(), first);
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let texts = TextFolder::new(Some(folder.path().to_owned()));
        fs::write(folder.path().join("latin.md"), b"Caf\xe9").unwrap();
        fs::write(folder.path().join("large.md"), vec![b'x'; 600 * 1024]).unwrap();
        assert_eq!(texts.read("latin.md").unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(texts.read("large.md").unwrap_err().kind(), ErrorKind::FileTooLarge);
        assert_eq!(TextFolder::new(None).read("terms.md").unwrap_err().kind(), ErrorKind::NotFound);
    }
}
