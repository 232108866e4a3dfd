use bytes::Bytes;
use http::{Request, Response};
use omnifn_core::{Error, Inverse, direct};

use crate::Gcp;

impl Inverse for Gcp {
    fn shapes() -> &'static [&'static str] {
        direct::SHAPES
    }

    fn write(&self, shape: &str, request: Request<Bytes>) -> Result<Request<Bytes>, Error> {
        direct::write(shape, request)
    }

    fn read(&self, _: &str, reply: Response<Bytes>) -> Result<Response<Bytes>, Error> {
        direct::read(reply)
    }
}
