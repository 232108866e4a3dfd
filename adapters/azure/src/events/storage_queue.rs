//! Messages of Storage Queues.

use omnifn_core::event::Message;

use super::{envelope::Forged, service_bus::Metadata};

/// Returns whether the metadata is that of a Storage Queue.
pub(super) fn is_message(metadata: &Metadata, forged: &Forged) -> bool {
    let own = [
        ("DequeueCount", &metadata.dequeue_count),
        ("PopReceipt", &metadata.pop_receipt),
        ("InsertionTime", &metadata.insertion_time),
    ];
    own.iter().any(|(name, value)| forged.keep(name, value.0.is_some()))
}

pub(super) fn fill(message: &mut Message, metadata: Metadata, forged: &Forged) {
    message.id = forged.keep("Id", metadata.id).0;
    message.attempt = forged.keep("DequeueCount", metadata.dequeue_count).number();
    message.time = forged.keep("InsertionTime", metadata.insertion_time).instant();
}
