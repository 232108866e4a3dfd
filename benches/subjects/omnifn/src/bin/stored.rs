//! The function for events of a bucket on omnifn.

use omnifn::prelude::*;

#[function(storage = "photos")]
async fn stored(object: Object) -> Result<()> {
    if object.size.is_none() {
        return Err(Error::new(omnifn::ErrorKind::Function, "the event is about no stored object"));
    }
    Ok(())
}

omnifn::main!(stored);
