//! From the catalogue's scenes to files in the media store, and to what the domain keeps of them.

use std::thread;

use anyhow::{Context, anyhow};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    catalogue::Plan,
    scene::{self, Scene},
};
use crate::{
    cli::progress::Progress,
    domain::catalog::{PictureDraft, ProductDraft},
    infra::{
        media::{MediaKey, MediaStore},
        pictures::{self, WIDTHS},
    },
};

/// How many pictures there are, and how many of them had to be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Made {
    pub(super) new: usize,
    pub(super) all: usize,
}

/// A drawing, and the stem of its files.
struct Artwork {
    stem: String,
    svg: String,
}

/// Makes all pictures that are not stored yet (none without a store), and completes the drafts with them.
///
/// # Errors
/// A picture cannot be made or stored; what was stored until then stays.
pub(super) async fn complete(
    media: Option<&MediaStore>,
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
    let new = match media {
        Some(media) => draw_missing(media, artworks).await?,
        None => 0,
    };
    Ok((drafts, Made { new, all }))
}

// The names are asked for once: a bucket takes a while for each question.
async fn draw_missing(media: &MediaStore, artworks: Vec<Artwork>) -> anyhow::Result<usize> {
    let there = media.names("products").await.context("the media store cannot be read")?;
    let mut missing = Vec::new();
    for artwork in artworks {
        let keys: Vec<_> =
            WIDTHS.into_iter().map(|width| MediaKey::picture(&artwork.stem, width)).collect::<Result<_, _>>()?;
        if !keys.iter().all(|key| there.contains(key)) {
            missing.push(artwork);
        }
    }
    let (count, mut progress) = (missing.len(), Progress::new("pictures drawn", missing.len()));
    // One more than there are cores: while a file is on its way to a bucket, the next is drawn.
    let at_once = thread::available_parallelism().map_or(1, usize::from) + 1;
    let mut made = stream::iter(missing).map(|artwork| make(media, artwork)).buffer_unordered(at_once);
    while made.try_next().await?.is_some() {
        progress.advance(1);
    }
    Ok(count)
}

async fn make(media: &MediaStore, Artwork { stem, svg }: Artwork) -> anyhow::Result<()> {
    let drawn = tokio::task::spawn_blocking(move || pictures::draw(&svg)).await.context("drawing was interrupted")?;
    for file in drawn.with_context(|| format!("picture {stem}"))? {
        let key = MediaKey::picture(&stem, file.width)?;
        media.put(&key, file.bytes).await.with_context(|| format!("picture {key}"))?;
    }
    Ok(())
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
