//! The bucket that contains the pictures.

use std::sync::Arc;

use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt as _, path::Path, prefix::PrefixStore};
use omnifn::{Error, Result, bytes::Bytes};

/// A bucket of pictures.
#[derive(Debug, Clone)]
pub struct Bucket(Arc<dyn ObjectStore>);

/// Opens the bucket that `OMNIFN_BUCKET_UPLOADS` names: `s3://uploads`, `gs://uploads`, `az://uploads`, `file:///tmp/uploads`, `memory:///`.
/// Without it, pictures are kept in memory. The environment variables of the cloud contain the credentials.
///
/// # Errors
/// The address is invalid, or belongs to a cloud that this program was not built for.
pub async fn connect() -> Result<Bucket> {
    let address = std::env::var("OMNIFN_BUCKET_UPLOADS").unwrap_or_else(|_| "memory:///".to_owned());
    Bucket::open(&address, std::env::vars())
}

impl Bucket {
    /// Opens a bucket by its address, with options in the form of environment variables.
    ///
    /// # Errors
    /// The address is invalid, or belongs to a cloud that this program was not built for.
    pub fn open(address: &str, options: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let url = url::Url::parse(address)?;
        let known = options.into_iter().map(|(name, value)| (name.to_lowercase(), value));
        let (store, path) = object_store::parse_url_opts(&url, known)?;
        Ok(Bucket(Arc::new(PrefixStore::new(store, path))))
    }

    /// Reads an object.
    ///
    /// # Errors
    /// The error is a rejection if the object does not exist or its key is invalid. Any other error is retried.
    pub async fn get(&self, key: &str) -> Result<Bytes> {
        let failed = |error: StoreError| match error {
            StoreError::NotFound { .. } => Error::reject("the picture no longer exists").with_source(error),
            error => Error::retry("the bucket cannot be read").with_source(error),
        };
        self.0.get(&path(key)?).await.map_err(failed)?.bytes().await.map_err(failed)
    }

    /// Writes an object.
    ///
    /// # Errors
    /// The bucket cannot be written, which is retried.
    pub async fn put(&self, key: &str, bytes: Bytes) -> Result<()> {
        let put = self.0.put(&path(key)?, bytes.into()).await;
        put.map(drop).map_err(|error| Error::retry("the bucket cannot be written").with_source(error))
    }
}

/// Converts a key into a path without changing it. `Path::from` would encode characters that are not ASCII, which names another object.
fn path(key: &str) -> Result<Path> {
    Path::parse(key).map_err(|error| Error::reject("invalid object key").with_source(error))
}
