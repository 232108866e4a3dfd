use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbImage};
use omnifn::testing::Testing;

use super::*;

fn picture() -> Bytes {
    let picture = RgbImage::from_fn(800, 400, |x, y| image::Rgb([(x % 256) as u8, (y % 256) as u8, 128]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, ImageFormat::Png).expect("a picture");
    bytes.into_inner().into()
}

/// An upload as each provider tells of it: the picture is read out of the bucket, and a smaller one put into it.
#[tokio::test]
async fn a_thumbnail_on_every_provider() {
    let bucket = Bucket::open("memory:///", []).expect("a bucket");
    bucket.put("pictures/cat.png", picture()).await.expect("an upload");
    let testing = Testing::new(|| omnifn::app!(thumbnail).state(bucket.clone()));
    let upload = || {
        let mut object = Object::created("uploads", "pictures/cat.png");
        // Where the event itself holds the picture, it is this one.
        object.content = Some(picture());
        vec![object.into()]
    };
    for delivered in testing.deliver_everywhere("thumbnail", upload).await {
        assert_eq!(delivered.acknowledged(), [true], "{}, {}", delivered.provider, delivered.shape);
    }
    let small = bucket.get("thumbnails/cat.png").await.expect("a thumbnail");
    let small = image::load_from_memory(&small).expect("a picture");
    assert_eq!((small.width(), small.height()), (200, 100));
}

#[test]
fn what_is_no_picture_is_rejected() {
    assert!(picture::smaller(b"words").is_err());
    assert!(picture::smaller(&picture()[..300]).is_err());
}
