use http::HeaderName;

use super::{head::Bad, lines::NO_NAME};

/// The names of headers that mostly come. To make one that is no standard one takes an allocation, so these are made once.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Those of each length.
    by_length: Vec<Vec<HeaderName>>,
}

impl Names {
    pub(crate) fn new(usual: &[HeaderName]) -> Self {
        let mut names = Names::default();
        for name in usual {
            let length = name.as_str().len();
            while names.by_length.len() <= length {
                names.by_length.push(Vec::new());
            }
            names.by_length[length].push(name.clone());
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
