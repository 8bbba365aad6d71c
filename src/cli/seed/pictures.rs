//! From the catalogue's scenes to files in the media store, and to what the domain keeps of them.

use std::{io::Write, path::PathBuf};

use anyhow::{Context, anyhow};

use super::{
    catalogue::Plan,
    scene::{self, Scene},
};
use crate::{
    domain::catalog::{PictureDraft, ProductDraft},
    infra::pictures::{self, Artwork, WIDTHS},
};

/// How many pictures there are, and how many of them had to be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Made {
    pub(super) new: usize,
    pub(super) all: usize,
}

/// Makes all pictures that are not stored yet (none without a folder), and completes the drafts with them.
///
/// # Errors
/// A picture cannot be made or stored.
pub(super) async fn complete(
    media_dir: Option<PathBuf>,
    plans: Vec<Plan>,
) -> anyhow::Result<(Vec<ProductDraft>, Made)> {
    let mut artworks = Vec::new();
    let mut drafts = Vec::new();
    for Plan { mut draft, scenes } in plans {
        for (nth, scene) in scenes.iter().enumerate() {
            let (artwork, picture) = picture(draft.slug.as_str(), nth + 1, scene)?;
            artworks.push(artwork);
            draft.pictures.push(picture);
        }
        drafts.push(draft);
    }
    let all = artworks.len();
    let Some(media_dir) = media_dir else { return Ok((drafts, Made { new: 0, all })) };
    let work = move || pictures::store_all(&media_dir, &artworks, &|made| tell(made, all));
    let new = tokio::task::spawn_blocking(work).await.context("drawing was interrupted")??;
    Ok((drafts, Made { new, all }))
}

fn picture(slug: &str, nth: usize, scene: &Scene) -> anyhow::Result<(Artwork, PictureDraft)> {
    let svg = scene::compose(scene).map_err(|problem| anyhow!("picture {nth} of {slug}: {problem}"))?;
    let stem = format!("products/{slug}-{nth}-{}", pictures::fingerprint(&svg));
    // The scenes are square, so the largest width is the height as well.
    let widths = WIDTHS.iter().map(|width| i32::try_from(*width)).collect::<Result<Vec<_>, _>>()?;
    let largest = widths.last().copied().unwrap_or_default();
    let draft = PictureDraft { stem: stem.clone(), width: largest, height: largest, widths, alt: scene.alt.clone() };
    Ok((Artwork { stem, svg }, draft))
}

// The first run takes some seconds: a line now and then shows that it moves. Whether anyone reads it does not matter.
fn tell(made: usize, all: usize) {
    if made.is_multiple_of(25) {
        let _ = writeln!(std::io::stderr(), "{made} of {all} pictures drawn");
    }
}
