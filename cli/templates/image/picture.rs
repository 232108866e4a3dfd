//! Pictures, made smaller.

use std::io::Cursor;

use image::{ImageFormat, ImageReader, Limits};
use omnifn::{Error, Result};

/// The longer side of a thumbnail, in pixels.
const SIDE: u32 = 200;

/// The memory that one picture may take while it is read, in bytes: a small file can hold an enormous one.
const MEMORY: u64 = 256 * 1024 * 1024;

/// The same picture, at most 200 pixels wide and high, in the same format. What is no JPEG or PNG never will be: it is rejected.
pub fn smaller(bytes: &[u8]) -> Result<Vec<u8>> {
    let none = |error| Error::reject("this picture cannot be read").with_source(error);
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let format = reader.format().filter(|format| matches!(format, ImageFormat::Jpeg | ImageFormat::Png));
    let format = format.ok_or_else(|| Error::reject("this is neither a JPEG nor a PNG"))?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let picture = reader.decode().map_err(none)?;
    let small = if picture.width().max(picture.height()) > SIDE { picture.thumbnail(SIDE, SIDE) } else { picture };
    // A JPEG has no transparency.
    let small = if format == ImageFormat::Jpeg { small.into_rgb8().into() } else { small };
    let mut written = Cursor::new(Vec::new());
    small.write_to(&mut written, format).map_err(none)?;
    Ok(written.into_inner())
}
