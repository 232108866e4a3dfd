use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// Generates an id for an invocation that the platform sent without one: 32 hexadecimal digits.
///
/// The randomness is that of std's hash maps. `Uuid::new_v4` would panic in a container that has no `/dev/urandom`, because a program
/// that is linked statically against musl reads it from there.
pub(crate) fn generate() -> String {
    let random = || u128::from(RandomState::new().build_hasher().finish());
    let bytes = ((random() << 64) | random()).to_ne_bytes();
    uuid::Builder::from_random_bytes(bytes).into_uuid().simple().to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn ids_differ() {
        let ids: HashSet<String> = (0..10_000).map(|_| super::generate()).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(ids.iter().all(|id| id.len() == 32 && id.as_bytes()[12] == b'4'), "{:?}", ids.iter().next());
    }
}
