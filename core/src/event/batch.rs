use std::ops::Deref;

/// The records of one delivery, for a function that handles them together, as a bulk write does.
///
/// A function with this argument is called once for each delivery. The batch contains the records in the order in which the platform
/// sent them, and is never empty. How many there are depends on the platform and on `batch_size`; a platform that delivers single
/// events sends batches of one.
///
/// The function returns an outcome for each record, in the order of the batch: a `Vec<Result<(), E>>`, or a `Result` of one. With
/// `Result<(), E>`, all records have the same outcome; with `()`, all are done. Only the failed records are delivered again, where the
/// platform supports that. A record whose content cannot be decoded is reported as failed and is not part of the batch.
///
/// If records of one group fail (of a FIFO group, a partition, or an ordering key), those after them in the same group are delivered
/// again, too, so that their order is preserved.
///
/// ```
/// use omnifn_core::{Error, Result, event::{Batch, Message}};
///
/// #[derive(serde::Deserialize)]
/// struct Order {
///     item: String,
/// }
///
/// /// Returns the positions of the orders that could not be stored.
/// async fn insert_all(orders: &[&Order]) -> Result<Vec<usize>> {
///     # Ok((0..orders.len()).filter(|position| orders[*position].item.is_empty()).collect())
/// }
///
/// // #[function(queue = "orders", batch_size = 100)]
/// async fn store(batch: Batch<Message<Order>>) -> Result<Vec<Result<()>>> {
///     let orders: Vec<_> = batch.iter().map(|message| &message.body).collect();
///     let mut outcomes = vec![Ok(()); batch.len()];
///     for position in insert_all(&orders).await? {
///         outcomes[position] = Err(Error::retry("the order was not stored"));
///     }
///     Ok(outcomes)
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch<T>(Vec<T>);

impl<T> Batch<T> {
    /// Returns the records.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T> From<Vec<T>> for Batch<T> {
    fn from(records: Vec<T>) -> Self {
        Batch(records)
    }
}

impl<T> Deref for Batch<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> IntoIterator for Batch<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'b, T> IntoIterator for &'b Batch<T> {
    type Item = &'b T;
    type IntoIter = std::slice::Iter<'b, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
