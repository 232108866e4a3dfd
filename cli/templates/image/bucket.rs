//! Where pictures are.

use std::sync::Arc;

use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt as _, path::Path, prefix::PrefixStore};
use omnifn::{Error, Result, bytes::Bytes};

/// A place for pictures.
#[derive(Debug, Clone)]
pub struct Bucket(Arc<dyn ObjectStore>);

/// Opens the bucket that `OMNIFN_BUCKET_UPLOADS` names. The cloud's own variables say who may read it.
pub async fn connect() -> Result<Bucket> {
    let address = std::env::var("OMNIFN_BUCKET_UPLOADS").unwrap_or_else(|_| "memory:///".to_owned());
    Bucket::open(&address, std::env::vars())
}

impl Bucket {
    /// Opens a bucket by its address, with options as the environment has them.
    pub fn open(address: &str, options: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let known = options.into_iter().map(|(name, value)| (name.to_lowercase(), value));
        let (store, path) = object_store::parse_url_opts(&url::Url::parse(address)?, known)?;
        Ok(Bucket(Arc::new(PrefixStore::new(store, path))))
    }

    /// What an object holds.
    pub async fn get(&self, key: &str) -> Result<Bytes> {
        let failed = |error: StoreError| match error {
            StoreError::NotFound { .. } => Error::reject("the picture is gone").with_source(error),
            error => Error::retry("the bucket cannot be read").with_source(error),
        };
        self.0.get(&path(key)?).await.map_err(failed)?.bytes().await.map_err(failed)
    }

    /// Writes an object.
    pub async fn put(&self, key: &str, bytes: Bytes) -> Result<()> {
        let put = self.0.put(&path(key)?, bytes.into()).await;
        put.map(drop).map_err(|error| Error::retry("the bucket cannot be written").with_source(error))
    }
}

fn path(key: &str) -> Result<Path> {
    Path::parse(key).map_err(|error| Error::reject("an object of such a key cannot be read").with_source(error))
}
