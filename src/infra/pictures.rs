//! Pictures: drawings (SVG) become lossy WebP files in several widths, stored once under a name that carries their content.
//!
//! The name changes with the drawing, so browsers and Nginx may keep a file for ever and a second run has nothing to do.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use resvg::{
    tiny_skia::{Color, Pixmap, Transform},
    usvg,
};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The widths every picture is stored in, smallest first.
pub const WIDTHS: [u32; 3] = [320, 640, 1280];

// Flat surfaces with soft gradients: above 82 the files grow and nobody sees it, below 75 the gradients show steps.
const QUALITY: f32 = 82.0;

// Part of every name: raise it when the way of rendering changes, so that stored files are made anew.
const RENDERING: &str = "1";

/// A drawing and where its files go: `{stem}-{width}.webp` in the media folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Artwork {
    /// Path without width and ending, like `products/enamel-mug-1-3fa9c2d10b`.
    pub stem: String,
    /// The drawing; square or not, its own aspect is kept.
    pub svg: String,
}

/// Opaque pixels, four bytes each, row by row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pixels {
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green, blue, and an alpha that is always full.
    pub rgba: Vec<u8>,
}

/// Why a picture was not made.
#[derive(Debug, Error)]
pub enum PictureError {
    /// The drawing cannot be read.
    #[error("the drawing is not valid: {0}")]
    Drawing(#[from] usvg::Error),
    /// No pixels, or more than memory holds.
    #[error("a picture {0} pixels wide cannot be made")]
    Size(u32),
    /// libwebp refused.
    #[error("the picture could not be encoded: {0}")]
    Encoding(String),
    /// The file system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// One of many failed.
    #[error("picture {stem}: {source}")]
    Of {
        /// Which one.
        stem: String,
        /// Why.
        source: Box<PictureError>,
    },
}

/// Ten letters that differ as soon as a drawing, or the way it is rendered, does.
#[must_use]
pub fn fingerprint(svg: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(RENDERING);
    hash.update(svg);
    hash.finalize().iter().take(5).map(|byte| format!("{byte:02x}")).collect()
}

/// Draws `svg` on white, `width` pixels wide.
///
/// # Errors
/// The drawing is not valid, or the size is impossible.
pub fn render_svg(svg: &str, width: u32) -> Result<Pixels, PictureError> {
    render_tree(&parse(svg)?, width)
}

fn parse(svg: &str) -> Result<usvg::Tree, PictureError> {
    Ok(usvg::Tree::from_str(svg, &usvg::Options::default())?)
}

fn render_tree(tree: &usvg::Tree, width: u32) -> Result<Pixels, PictureError> {
    let too_large = || PictureError::Size(width);
    let size = tree.size().to_int_size().scale_to_width(width).ok_or_else(too_large)?;
    let mut canvas = Pixmap::new(size.width(), size.height()).ok_or_else(too_large)?;
    canvas.fill(Color::WHITE);
    resvg::render(tree, scale_to(tree.size(), size), &mut canvas.as_mut());
    // The canvas is opaque, so premultiplied and plain colours are the same.
    Ok(Pixels { width: size.width(), height: size.height(), rgba: canvas.take() })
}

#[expect(clippy::float_arithmetic, reason = "geometry of a drawing, not money")]
fn scale_to(drawn: usvg::Size, wanted: resvg::tiny_skia::IntSize) -> Transform {
    let wanted = wanted.to_size();
    Transform::from_scale(wanted.width() / drawn.width(), wanted.height() / drawn.height())
}

/// The picture as a lossy WebP file.
///
/// # Errors
/// libwebp refused, for example because the picture is too large for the format.
pub fn to_webp(pixels: &Pixels) -> Result<Vec<u8>, PictureError> {
    let expected = u64::from(pixels.width) * u64::from(pixels.height) * 4;
    if expected == 0 || u64::try_from(pixels.rgba.len()) != Ok(expected) {
        return Err(PictureError::Size(pixels.width));
    }
    let encoded = webp::Encoder::from_rgba(&pixels.rgba, pixels.width, pixels.height)
        .encode_simple(false, QUALITY)
        .map_err(|error| PictureError::Encoding(format!("{error:?}")))?;
    Ok(encoded.to_vec())
}

/// The file of a picture in one width.
#[must_use]
pub fn file_of(media_dir: &Path, stem: &str, width: u32) -> PathBuf {
    media_dir.join(format!("{stem}-{width}.webp"))
}

/// Stores a drawing in all widths; says whether anything had to be made.
///
/// # Errors
/// The drawing is not valid, or the file system refused.
pub fn store(media_dir: &Path, artwork: &Artwork) -> Result<bool, PictureError> {
    let missing = WIDTHS.map(|width| (width, file_of(media_dir, &artwork.stem, width)));
    let missing: Vec<_> = missing.into_iter().filter(|(_, path)| !path.is_file()).collect();
    if missing.is_empty() {
        return Ok(false);
    }
    let tree = parse(&artwork.svg)?;
    for (width, path) in missing {
        write_whole(&path, &to_webp(&render_tree(&tree, width)?)?)?;
    }
    Ok(true)
}

/// Stores many drawings on all cores; gives back how many had to be made. `made` is told after each of those.
///
/// # Errors
/// The first failure, with the picture's name; what was stored until then stays.
pub fn store_all(media_dir: &Path, artworks: &[Artwork], made: &(dyn Fn(usize) + Sync)) -> Result<usize, PictureError> {
    let (next, count, stop) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let failure = Mutex::new(None);
    let work = || {
        while !stop.load(Ordering::Relaxed) {
            let Some(artwork) = artworks.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
            match store(media_dir, artwork) {
                Ok(true) => made(count.fetch_add(1, Ordering::Relaxed) + 1),
                Ok(false) => {}
                Err(source) => {
                    let error = PictureError::Of { stem: artwork.stem.clone(), source: Box::new(source) };
                    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                    stop.store(true, Ordering::Relaxed);
                }
            }
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from).min(artworks.len()).max(1);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(work);
        }
    });
    let failure = failure.into_inner().unwrap_or_else(PoisonError::into_inner);
    failure.map_or_else(|| Ok(count.into_inner()), Err)
}

// A reader sees the whole file or none: servers may deliver from this folder while it is filled.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), PictureError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| PictureError::Io { path, source }
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed(folder))?;
    }
    let partial = path.with_extension(format!("{}.partial", std::process::id()));
    let written = fs::File::create(&partial).and_then(|mut file| file.write_all(bytes)).map_err(failed(&partial));
    let renamed = written.and_then(|()| fs::rename(&partial, path).map_err(failed(path)));
    if renamed.is_err() {
        // Nothing to add if even this fails: the first error is the one that says why.
        let _ = fs::remove_file(&partial);
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWING: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 500"><rect width="500" height="500" fill="#ff0000"/></svg>"##;

    fn artwork() -> Artwork {
        Artwork { stem: "products/flag".into(), svg: DRAWING.into() }
    }

    #[test]
    fn a_drawing_keeps_its_shape_and_stands_on_white() {
        let pixels = render_svg(DRAWING, 40).unwrap();
        assert_eq!((pixels.width, pixels.height, pixels.rgba.len()), (40, 20, 40 * 20 * 4));
        assert_eq!(pixels.rgba[..4], [255, 0, 0, 255]);
        assert_eq!(pixels.rgba[39 * 4..40 * 4], [255; 4]);
    }

    #[test]
    fn every_width_is_stored_and_a_second_run_makes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let told = AtomicUsize::new(0);
        let made = |count| told.store(count, Ordering::Relaxed);
        assert_eq!(store_all(folder.path(), &[artwork()], &made).unwrap(), 1);
        assert_eq!(told.load(Ordering::Relaxed), 1);
        for width in WIDTHS {
            let file = fs::read(file_of(folder.path(), "products/flag", width)).unwrap();
            assert_eq!(&file[8..12], b"WEBP");
            let decoded = webp::Decoder::new(&file).decode().unwrap();
            assert_eq!((decoded.width(), decoded.height()), (width, width / 2));
        }
        assert_eq!(store_all(folder.path(), &[artwork()], &made).unwrap(), 0);
        let names = fs::read_dir(folder.path().join("products")).unwrap();
        assert_eq!(names.count(), WIDTHS.len(), "no partial file is left");
    }

    #[test]
    fn a_file_that_got_lost_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        assert!(store(folder.path(), &artwork()).unwrap());
        fs::remove_file(file_of(folder.path(), "products/flag", 640)).unwrap();
        assert!(store(folder.path(), &artwork()).unwrap());
        assert!(file_of(folder.path(), "products/flag", 640).is_file());
    }

    #[test]
    fn a_broken_drawing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let broken = Artwork { stem: "products/broken".into(), svg: "<svg".into() };
        let error = store_all(folder.path(), &[artwork(), broken], &|_| {}).unwrap_err();
        assert!(error.to_string().contains("products/broken"), "{error}");
    }

    #[test]
    fn the_fingerprint_follows_the_drawing() {
        assert_eq!(fingerprint(DRAWING), fingerprint(DRAWING));
        assert_ne!(fingerprint(DRAWING), fingerprint("<svg/>"));
        assert_eq!(fingerprint(DRAWING).len(), 10);
    }
}
