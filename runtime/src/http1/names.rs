use http::HeaderName;

use super::{head::Bad, lines::NO_NAME};

/// The names of headers that mostly come. To make one that is no standard one takes an allocation, so these are made once.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Those of each length. Longer ones are made anew.
    by_length: [Vec<HeaderName>; 32],
}

impl Names {
    pub(crate) fn new(usual: &[HeaderName]) -> Self {
        let mut names = Names::default();
        for name in usual {
            if let Some(same) = names.by_length.get_mut(name.as_str().len()) {
                same.push(name.clone());
            }
        }
        names
    }

    /// The name of a header, as it came.
    pub(crate) fn name(&self, text: &[u8]) -> Result<HeaderName, Bad> {
        let is_it = |name: &&HeaderName| name.as_str().as_bytes().eq_ignore_ascii_case(text);
        match self.by_length.get(text.len()).and_then(|usual| usual.iter().find(is_it)) {
            Some(name) => Ok(name.clone()),
            None => HeaderName::from_bytes(text).map_err(|_| NO_NAME),
        }
    }
}
