//! Pictures that strangers send: looked at before they are decoded, turned the way they were meant, made anew as WebP. Nothing of the
//! file that came is kept: neither what it says of place and camera nor what may be hidden behind its pixels.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, imageops::FilterType};
use thiserror::Error;
use tokio::{sync::Semaphore, task};

use super::{Pixels, to_webp};

/// A side may have this many pixels.
pub const MOST_SIDE: u32 = 12_000;
/// The whole may have this many.
pub const MOST_PIXELS: u64 = 50_000_000;
// What is kept: enough to read a label on a box.
const KEPT_SIDE: u32 = 1_600;
// A decoder may take this much memory.
const MEMORY: u64 = 400 * 1024 * 1024;

// One at a time: a crowd of senders waits, and the memory for one is what it takes at most.
static TURN: Semaphore = Semaphore::const_new(1);

/// A picture made anew.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Received {
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// WebP.
    pub bytes: Vec<u8>,
}

/// Why a picture is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum ReceivedError {
    /// Neither JPEG nor PNG nor WebP by its content, or broken.
    #[error("this is no picture that can be read")]
    Unreadable,
    /// More pixels than are decoded; known before any is.
    #[error("the picture has too many pixels")]
    TooLarge,
    /// The work broke off.
    #[error("the picture could not be worked on")]
    BrokeOff,
}

/// What a file is by its content, if it is one of the pictures that are taken.
#[must_use]
pub fn format_of(bytes: &[u8]) -> Option<ImageFormat> {
    image::guess_format(bytes)
        .ok()
        .filter(|format| matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP))
}

/// Makes a picture anew. Waits its turn.
///
/// # Errors
/// See [`ReceivedError`].
pub async fn anew(bytes: Vec<u8>) -> Result<Received, ReceivedError> {
    let format = format_of(&bytes).ok_or(ReceivedError::Unreadable)?;
    // Cheap, and before anything waits: only the head is read.
    check_size(&bytes, format)?;
    let turn = TURN.acquire().await.map_err(|_| ReceivedError::BrokeOff)?;
    let made = task::spawn_blocking(move || {
        let _turn = turn;
        make(&bytes, format)
    });
    made.await.map_err(|_| ReceivedError::BrokeOff)?
}

fn check_size(bytes: &[u8], format: ImageFormat) -> Result<(), ReceivedError> {
    let read = ImageReader::with_format(Cursor::new(bytes), format).into_dimensions();
    let (width, height) = read.map_err(|_| ReceivedError::Unreadable)?;
    let pixels = u64::from(width) * u64::from(height);
    let fits = width.max(height) <= MOST_SIDE && pixels <= MOST_PIXELS;
    if fits { Ok(()) } else { Err(ReceivedError::TooLarge) }
}

fn make(bytes: &[u8], format: ImageFormat) -> Result<Received, ReceivedError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MOST_SIDE), Some(MOST_SIDE));
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| ReceivedError::Unreadable)?;
    // A phone held upright says so beside the pixels; that goes, so the pixels are turned.
    let turned = decoder.orientation().map_err(|_| ReceivedError::Unreadable)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| ReceivedError::Unreadable)?;
    picture.apply_orientation(turned);
    if picture.width().max(picture.height()) > KEPT_SIDE {
        picture = picture.resize(KEPT_SIDE, KEPT_SIDE, FilterType::Triangle);
    }
    let (width, height) = (picture.width(), picture.height());
    let pixels = Pixels { width, height, rgba: picture.into_rgba8().into_raw() };
    let bytes = to_webp(&pixels).map_err(|_| ReceivedError::Unreadable)?;
    Ok(Received { width, height, bytes })
}

#[cfg(test)]
mod tests {
    use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let pixels = vec![120; (width * height * 3) as usize];
        PngEncoder::new(&mut bytes).write_image(&pixels, width, height, ExtendedColorType::Rgb8).unwrap();
        bytes
    }

    // The head of a PNG says a size that no pixels follow.
    fn lying_png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = png(1, 1);
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        let sum = crc32(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&sum.to_be_bytes());
        bytes
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg()))
        })
    }

    #[tokio::test]
    async fn a_large_picture_becomes_a_smaller_one_of_the_same_shape() {
        let made = anew(png(3_200, 800)).await.unwrap();
        assert_eq!((made.width, made.height), (1_600, 400));
        assert_eq!((&made.bytes[..4], &made.bytes[8..12]), (b"RIFF".as_slice(), b"WEBP".as_slice()));
    }

    #[tokio::test]
    async fn what_a_file_says_besides_its_pixels_is_gone() {
        let mut bytes = png(20, 10);
        // A text chunk before the end.
        let end = bytes.len() - 12;
        let mut chunk = b"tEXtComment\0at home, 52.5N 13.4E".to_vec();
        let sum = crc32(&chunk);
        let mut whole = u32::try_from(chunk.len() - 4).unwrap().to_be_bytes().to_vec();
        whole.append(&mut chunk);
        whole.extend(sum.to_be_bytes());
        bytes.splice(end..end, whole);
        bytes.extend(b"<script>alert(1)</script>");
        let made = anew(bytes).await.unwrap();
        let holds = |needle: &[u8]| made.bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!holds(b"at home") && !holds(b"script"));
    }

    #[tokio::test]
    async fn too_many_pixels_are_refused_before_any_is_decoded() {
        for (width, height) in [(64_000, 64_000), (64_000, 1), (1, 64_000), (11_000, 11_000)] {
            let start = std::time::Instant::now();
            assert_eq!(anew(lying_png(width, height)).await, Err(ReceivedError::TooLarge), "{width}x{height}");
            assert!(start.elapsed().as_millis() < 500);
        }
    }

    #[tokio::test]
    async fn what_is_no_picture_is_refused_whatever_it_is_called() {
        for bytes in [
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(),
            b"GIF89a".to_vec(),
            b"%PDF-1.4".to_vec(),
            Vec::new(),
        ] {
            assert_eq!(anew(bytes).await, Err(ReceivedError::Unreadable));
        }
        let mut torn = png(400, 400);
        torn.truncate(60);
        assert_eq!(anew(torn).await, Err(ReceivedError::Unreadable));
    }
}
