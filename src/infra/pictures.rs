//! Pictures: drawings (SVG) become lossy WebP files in several widths. Where these are kept is the media store's business.
//!
//! A picture's name carries a fingerprint of its drawing, so whoever has a file may keep it for ever and a second run has nothing to do.

mod painting;
pub mod received;
pub mod share;

use image::{DynamicImage, RgbaImage};
use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg,
};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The widths every picture is stored in, smallest first.
pub const WIDTHS: [u32; 3] = [320, 640, 1280];

// Flat surfaces with soft gradients: above 82 the files grow and nobody sees it, below 75 the gradients show steps.
const QUALITY: f32 = 82.0;

// How hard libwebp searches, 0 to 6. Measured at 1280 pixels: 2 takes 46 ms for 27 kB, 4 (its default) 117 ms for 26 kB, alike to the eye.
const METHOD: i32 = 2;

// Part of every name: raise it when the way of rendering changes, so that stored files are made anew.
const RENDERING: &str = "2";

/// A picture in one of its widths, as a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
    /// Pixels a row.
    pub width: u32,
    /// WebP.
    pub bytes: Vec<u8>,
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
    painting::paint(tree, scale_to(tree.size(), size), &mut canvas);
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
    let mut config =
        webp::WebPConfig::new().map_err(|()| PictureError::Encoding("its version does not fit".to_owned()))?;
    (config.quality, config.method) = (QUALITY, METHOD);
    let encoded = webp::Encoder::from_rgba(&pixels.rgba, pixels.width, pixels.height)
        .encode_advanced(&config)
        .map_err(|error| PictureError::Encoding(format!("{error:?}")))?;
    Ok(encoded.to_vec())
}

/// A drawing as files of all widths, smallest first. It is drawn once, in the largest: the others are that one scaled down, which is
/// quicker than drawing them and looks the same.
///
/// # Errors
/// The drawing is not valid, or libwebp refused.
pub fn draw(svg: &str) -> Result<Vec<File>, PictureError> {
    let [.., largest] = WIDTHS;
    let mut pixels = render_svg(svg, largest)?;
    let mut files = Vec::with_capacity(WIDTHS.len());
    for width in WIDTHS.into_iter().rev() {
        pixels = scaled_down(pixels, width)?;
        files.push(File { width, bytes: to_webp(&pixels)? });
    }
    files.reverse();
    Ok(files)
}

// Each pixel becomes the mean of those it stands for: exact for halves, which the widths are.
fn scaled_down(pixels: Pixels, width: u32) -> Result<Pixels, PictureError> {
    if width >= pixels.width {
        return Ok(pixels);
    }
    let height = (pixels.height * width / pixels.width).max(1);
    let picture = RgbaImage::from_raw(pixels.width, pixels.height, pixels.rgba).ok_or(PictureError::Size(width))?;
    let rgba = DynamicImage::ImageRgba8(picture).thumbnail_exact(width, height).into_rgba8().into_raw();
    Ok(Pixels { width, height, rgba })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWING: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 500"><rect width="500" height="500" fill="#ff0000"/></svg>"##;

    #[test]
    fn a_drawing_keeps_its_shape_and_stands_on_white() {
        let pixels = render_svg(DRAWING, 40).unwrap();
        assert_eq!((pixels.width, pixels.height, pixels.rgba.len()), (40, 20, 40 * 20 * 4));
        assert_eq!(pixels.rgba[..4], [255, 0, 0, 255]);
        assert_eq!(pixels.rgba[39 * 4..40 * 4], [255; 4]);
    }

    #[test]
    fn a_drawing_becomes_a_file_of_every_width() {
        let files = draw(DRAWING).unwrap();
        assert_eq!(files.iter().map(|file| file.width).collect::<Vec<_>>(), WIDTHS);
        for file in files {
            assert_eq!(&file.bytes[8..12], b"WEBP");
            let decoded = webp::Decoder::new(&file.bytes).decode().unwrap();
            assert_eq!((decoded.width(), decoded.height()), (file.width, file.width / 2));
        }
    }

    #[test]
    fn scaled_down_looks_as_if_it_were_drawn_small() {
        let round = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><circle cx="50" cy="50" r="40" fill="#205080"/></svg>"##;
        let small = scaled_down(render_svg(round, 200).unwrap(), 100).unwrap();
        let drawn = render_svg(round, 100).unwrap();
        let furthest = small.rgba.iter().zip(&drawn.rgba).map(|(one, other)| one.abs_diff(*other)).max();
        // At the edge of the circle, where both guess how much of a pixel it covers.
        assert!(furthest < Some(40), "{furthest:?}");
    }

    #[test]
    fn a_broken_drawing_is_an_error() {
        assert!(matches!(draw("<svg"), Err(PictureError::Drawing(_))));
    }

    #[test]
    fn the_fingerprint_follows_the_drawing() {
        assert_eq!(fingerprint(DRAWING), fingerprint(DRAWING));
        assert_ne!(fingerprint(DRAWING), fingerprint("<svg/>"));
        assert_eq!(fingerprint(DRAWING).len(), 10);
    }
}
