//! Names of the built front-end files: `app.css` is `app-1a2b3c.css` on disk, so that browsers may keep it for ever.

use std::{collections::HashMap, fs, path::Path};

use anyhow::Context;

/// The manifest that `npm run build` writes.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    base: String,
    files: HashMap<String, String>,
}

impl Assets {
    /// Reads `manifest.json` in the static folder.
    ///
    /// # Errors
    /// It is missing or malformed: the front end was not built.
    pub fn read(static_dir: &Path, base: &str) -> anyhow::Result<Self> {
        let file = static_dir.join("manifest.json");
        let text = fs::read_to_string(&file)
            .with_context(|| format!("{} cannot be read: run `npm run build`", file.display()))?;
        let files = serde_json::from_str(&text).with_context(|| format!("{} is malformed", file.display()))?;
        Ok(Self { base: base.to_owned(), files })
    }

    /// Plain names, for tests and for development before the first build.
    #[must_use]
    pub fn unbuilt() -> Self {
        Self::default()
    }

    /// The address of a built file.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        let file = self.files.get(name).map_or(name, String::as_str);
        // Browsers load the symbols of a sprite from the page's own origin alone.
        let base = if name == "icons.svg" { "" } else { self.base.as_str() };
        format!("{base}/static/{file}")
    }
}
