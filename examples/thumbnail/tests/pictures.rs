//! Real pictures in, smaller ones out, through every provider's event.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbImage};
use omnifn::{App, Outcome, prelude::*, testing::Testing};
use thumbnail::{buckets::Bucket, picture, uploads};

fn picture(width: u32, height: u32, format: ImageFormat) -> Bytes {
    let image = RgbImage::from_fn(width, height, |x, y| image::Rgb([(x % 256) as u8, (y % 256) as u8, 128]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(image).write_to(&mut bytes, format).expect("a picture");
    bytes.into_inner().into()
}

fn memory() -> Bucket {
    Bucket::open("memory:///", []).expect("memory")
}

fn app(bucket: &Bucket) -> App {
    omnifn::app!(uploads::thumbnail).state(bucket.clone())
}

fn size(bytes: &[u8]) -> (u32, u32) {
    let picture = image::load_from_memory(bytes).expect("a picture");
    (picture.width(), picture.height())
}

#[test]
fn the_longer_side_is_200() {
    for (width, height, wanted) in [(800, 400, (200, 100)), (400, 800, (100, 200)), (30, 20, (30, 20))] {
        for format in [ImageFormat::Jpeg, ImageFormat::Png] {
            let small = picture::smaller(&picture(width, height, format)).expect("a smaller picture");
            assert_eq!(size(&small), wanted, "{format:?}");
            assert_eq!(image::guess_format(&small).expect("a format"), format);
        }
    }
}

#[test]
fn a_file_that_is_not_a_picture_is_rejected() {
    let whole = picture(800, 400, ImageFormat::Jpeg);
    for bytes in [&b""[..], b"words", b"GIF89a", &whole[..300], b"\x89PNG\r\n\x1a\n"] {
        assert!(picture::smaller(bytes).is_err());
    }
    // A picture of 60,000 × 60,000 pixels in a few bytes.
    let mut enormous = picture(8, 8, ImageFormat::Png).to_vec();
    enormous[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    assert!(picture::smaller(&enormous).is_err());
}

/// Every provider's event of an upload leaves a thumbnail in the bucket.
#[tokio::test]
async fn an_upload_on_every_provider() {
    let bucket = memory();
    let key = "pictures/2026/grüße + ä.jpg";
    bucket.put(key, picture(800, 400, ImageFormat::Jpeg)).await.expect("memory takes it");
    let testing = Testing::new(|| app(&bucket));
    let events = || {
        let mut object = Object::created("uploads", key);
        object.sequence = Some("1".to_owned());
        object.id = Some("1".to_owned());
        // If the event itself contains the picture, it is this one.
        object.content = Some(picture(800, 400, ImageFormat::Jpeg));
        vec![object.into()]
    };
    let all = testing.deliver_everywhere("thumbnail", events).await;
    assert!(all.len() >= 9, "{} shapes", all.len());
    for delivered in all {
        assert_eq!(delivered.acknowledged(), [true], "{}, {}", delivered.provider, delivered.shape);
    }
    let small = bucket.get("thumbnails/2026/grüße + ä.jpg").await.expect("a thumbnail");
    assert_eq!(size(&small), (200, 100));
}

#[tokio::test]
async fn other_uploads_are_rejected_or_filtered() {
    let bucket = memory();
    bucket.put("pictures/words.jpg", Bytes::from_static(b"words")).await.expect("memory takes it");
    let testing = Testing::new(|| app(&bucket));
    for (key, wanted) in
        [("pictures/words.jpg", "reject"), ("pictures/gone.jpg", "reject"), ("thumbnails/a.jpg", "filtered")]
    {
        let outcome = testing.deliver("thumbnail", Object::created("uploads", key)).await;
        let found = match &outcome {
            Outcome::Failed(error) => error.class().name(),
            Outcome::Filtered => "filtered",
            _ => "done",
        };
        assert_eq!(found, wanted, "{key}: {outcome:?}");
    }
    assert!(testing.deliver("thumbnail", Object::deleted("uploads", "pictures/gone.jpg")).await.is_acknowledged());
}

#[test]
fn an_invalid_address_is_an_error() {
    for address in ["uploads", "ftp://uploads", ""] {
        assert!(Bucket::open(address, []).is_err(), "{address}");
    }
}
