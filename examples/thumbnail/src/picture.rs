//! Makes pictures smaller.

use std::io::Cursor;

use image::{ImageFormat, ImageReader, Limits};
use omnifn::FunctionError;

/// The longer side of a thumbnail, in pixels.
pub const SIDE: u32 = 200;

/// The limit on the memory for decoding a picture, in bytes, because a small file can contain an enormous picture.
const MEMORY: u64 = 256 * 1024 * 1024;

/// The reason why a thumbnail cannot be created. Another attempt would fail as well, so the upload is rejected.
#[derive(Debug, FunctionError)]
#[fault(reject)]
pub enum NoPicture {
    /// The file is neither a JPEG nor a PNG.
    Unknown,
    /// The picture is damaged, or too large.
    Unreadable(image::ImageError),
}

impl std::fmt::Display for NoPicture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoPicture::Unknown => f.write_str("this is neither a JPEG nor a PNG"),
            NoPicture::Unreadable(_) => f.write_str("this picture cannot be read"),
        }
    }
}

impl std::error::Error for NoPicture {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            NoPicture::Unknown => None,
            NoPicture::Unreadable(error) => Some(error),
        }
    }
}

/// Returns the picture in the same format, at most [`SIDE`] pixels wide and high.
///
/// # Errors
/// The file is not a picture that can be read.
pub fn smaller(bytes: &[u8]) -> Result<Vec<u8>, NoPicture> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| NoPicture::Unknown)?;
    let format = reader.format().filter(|format| matches!(format, ImageFormat::Jpeg | ImageFormat::Png));
    let format = format.ok_or(NoPicture::Unknown)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY);
    limits.max_image_width = Some(20_000);
    limits.max_image_height = Some(20_000);
    reader.limits(limits);
    let picture = reader.decode().map_err(NoPicture::Unreadable)?;
    let small = if picture.width().max(picture.height()) > SIDE { picture.thumbnail(SIDE, SIDE) } else { picture };
    let mut written = Cursor::new(Vec::new());
    // A JPEG has no transparency.
    let small = if format == ImageFormat::Jpeg { small.into_rgb8().into() } else { small };
    small.write_to(&mut written, format).map_err(NoPicture::Unreadable)?;
    Ok(written.into_inner())
}
