//! A bucket's objects.

use omnifn::prelude::*;

#[function(storage = "photos")]
async fn stored(object: Object) -> Result<()> {
    if object.size.is_none() {
        return Err(Error::new(omnifn::ErrorKind::Function, "an object without a size"));
    }
    Ok(())
}

omnifn::main!(stored);
