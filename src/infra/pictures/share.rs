//! Pictures for links elsewhere: wide JPEGs, since not every program that shows such a link takes WebP.

use std::io::Cursor;

use image::{ExtendedColorType, ImageFormat, ImageReader, Limits, Rgb, RgbImage, codecs::jpeg::JpegEncoder, imageops};
use thiserror::Error;
use tokio::{sync::Semaphore, task};

/// Pixels of a picture for links.
pub const WIDTH: u32 = 1200;
/// Pixels of a picture for links.
pub const HEIGHT: u32 = 630;

// The shop's paper.
const PAPER: Rgb<u8> = Rgb([0xfb, 0xfb, 0xf8]);
const QUALITY: u8 = 82;
// Our own are 1,280 wide. Whatever is larger was not made here.
const LARGEST: u32 = 4_096;

// One at a time: whoever asks for many of them keeps one core busy and no more.
static TURN: Semaphore = Semaphore::const_new(1);

/// Why there is no picture.
#[derive(Debug, Error)]
pub enum ShareError {
    /// The stored picture cannot be read, or the new one not be written.
    #[error("the picture could not be made: {0}")]
    Picture(#[from] image::ImageError),
    /// It could not be looked at.
    #[error("the picture could not be read: {0}")]
    Reading(#[from] std::io::Error),
    /// The work broke off.
    #[error("the work on the picture broke off: {0}")]
    BrokeOff(#[from] task::JoinError),
    /// The process ends.
    #[error("no more pictures are made")]
    Ending(#[from] tokio::sync::AcquireError),
}

/// The whole picture, 1200 by 630, with the shop's paper beside it where it has another shape. Waits its turn.
///
/// # Errors
/// The bytes are no WebP picture of a sensible size.
pub async fn jpeg(webp: Vec<u8>) -> Result<Vec<u8>, ShareError> {
    let turn = TURN.acquire().await?;
    // The turn goes with the work: a request that is given up meanwhile does not let a second one begin beside it.
    let drawn = task::spawn_blocking(move || {
        let _turn = turn;
        draw(&webp)
    });
    drawn.await?
}

fn draw(webp: &[u8]) -> Result<Vec<u8>, ShareError> {
    let mut reader = ImageReader::with_format(Cursor::new(webp), ImageFormat::WebP);
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(LARGEST), Some(LARGEST));
    reader.limits(limits);
    let picture = reader.decode()?.resize(WIDTH, HEIGHT, imageops::FilterType::Triangle).into_rgb8();
    let mut sheet = RgbImage::from_pixel(WIDTH, HEIGHT, PAPER);
    let middle = |room: u32, taken: u32| i64::from(room.saturating_sub(taken) / 2);
    let place = (middle(WIDTH, picture.width()), middle(HEIGHT, picture.height()));
    imageops::replace(&mut sheet, &picture, place.0, place.1);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode(&sheet, WIDTH, HEIGHT, ExtendedColorType::Rgb8)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infra::pictures::{Pixels, to_webp};

    #[tokio::test]
    async fn a_square_stands_in_the_middle_of_the_paper() {
        let rgba = [200, 30, 40, 255].repeat(640 * 640);
        let bytes = jpeg(to_webp(&Pixels { width: 640, height: 640, rgba }).unwrap()).await.unwrap();
        let read = image::load_from_memory_with_format(&bytes, ImageFormat::Jpeg).unwrap().into_rgb8();
        assert_eq!((read.width(), read.height()), (WIDTH, HEIGHT));
        let near = |x, y, wanted: [u8; 3]| {
            read.get_pixel(x, y).0.iter().zip(wanted).all(|(one, other)| one.abs_diff(other) < 12)
        };
        assert!(near(10, 300, PAPER.0) && near(1190, 300, PAPER.0), "paper at both sides");
        assert!(near(600, 10, [200, 30, 40]) && near(600, 620, [200, 30, 40]), "the picture from top to bottom");
        assert!(bytes.len() < 200_000);
    }

    #[tokio::test]
    async fn what_is_no_picture_is_an_error() {
        assert!(matches!(jpeg(b"RIFF????WEBP".to_vec()).await, Err(ShareError::Picture(_))));
    }
}
