use std::{borrow::Cow, collections::BTreeMap};

use omnifn_core::{
    Error, ErrorKind,
    json::{Scanner, once},
};
use serde::Deserialize;
use serde_json::Value;

/// What Cloud Storage says of an object. Its 64-bit integers are texts.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Resource<'a> {
    pub(super) bucket: Option<Cow<'a, str>>,
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) size: Option<Cow<'a, str>>,
    pub(super) etag: Option<Cow<'a, str>>,
    pub(super) generation: Option<Cow<'a, str>>,
    pub(super) metageneration: Option<Cow<'a, str>>,
    pub(super) content_type: Option<Cow<'a, str>>,
    pub(super) metadata: Option<BTreeMap<String, String>>,
}

impl<'a> Resource<'a> {
    /// Reads it: as Cloud Storage writes it in one pass, and else with care.
    pub(super) fn read(json: &'a [u8]) -> Result<Self, Error> {
        match Self::usual(json) {
            Some(resource) => Ok(resource),
            None => Self::careful(json),
        }
    }

    fn usual(json: &'a [u8]) -> Option<Self> {
        let mut scanner = Scanner::new(std::str::from_utf8(json).ok()?);
        let mut found = Resource::default();
        scanner.object(|scanner, name| {
            let place = match name {
                "bucket" => &mut found.bucket,
                "name" => &mut found.name,
                "size" => &mut found.size,
                "etag" => &mut found.etag,
                "generation" => &mut found.generation,
                "metageneration" => &mut found.metageneration,
                "contentType" => &mut found.content_type,
                "metadata" => return once(&mut found.metadata, metadata(scanner)?),
                _ => return scanner.skip(),
            };
            once(place, scanner.text()?)
        })?;
        scanner.end()?;
        Some(found)
    }

    fn careful(json: &[u8]) -> Result<Self, Error> {
        #[derive(Deserialize, Default)]
        #[serde(rename_all = "camelCase", default)]
        struct Wire {
            bucket: Option<String>,
            name: Option<String>,
            size: Option<Value>,
            etag: Option<String>,
            generation: Option<Value>,
            metageneration: Option<Value>,
            content_type: Option<String>,
            metadata: Option<BTreeMap<String, String>>,
        }
        let wire: Wire = serde_json::from_slice(json).map_err(|error| {
            Error::new(ErrorKind::Decode, "this event of Cloud Storage cannot be read").with_json_source(&error)
        })?;
        let text = |value| match value {
            Value::String(text) => Cow::Owned(text),
            other => Cow::Owned(other.to_string()),
        };
        Ok(Resource {
            bucket: wire.bucket.map(Cow::Owned),
            name: wire.name.map(Cow::Owned),
            size: wire.size.map(text),
            etag: wire.etag.map(Cow::Owned),
            generation: wire.generation.map(text),
            metageneration: wire.metageneration.map(text),
            content_type: wire.content_type.map(Cow::Owned),
            metadata: wire.metadata,
        })
    }
}

fn metadata(scanner: &mut Scanner<'_>) -> Option<BTreeMap<String, String>> {
    let mut metadata = BTreeMap::new();
    scanner.object(|scanner, name| {
        metadata.insert(name.to_owned(), scanner.text()?.into_owned());
        Some(())
    })?;
    Some(metadata)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::Index};

    use super::Resource;

    const OBJECTS: [&str; 6] = [
        r#"{"kind":"storage#object","name":"cat.jpg","bucket":"photos","generation":"1773119783207123","metageneration":"1","contentType":"image/jpeg","size":"352427","etag":"CJPX0Zq2s4QDEAE="}"#,
        r#"{"bucket": "photos", "name": "a \"cat\".jpg", "metadata": {"by": "Ada", "a\tb": "\u00e9"}, "owner": {"entity": [1, null, true]}}"#,
        r#"{"bucket":"photos","name":"cat.jpg","size":352427,"generation":1773119783207123}"#,
        r#"{"bucket":"photos","name":null,"size":null,"metadata":null}"#,
        r#"{"bucket":"photos","bucket":"others","name":"cat.jpg"}"#,
        "{}",
    ];

    /// What is read in one pass is what is read with care. Whether it was.
    fn agree(json: &[u8]) -> bool {
        let Some(resource) = Resource::usual(json) else { return false };
        assert_eq!(Resource::careful(json).ok(), Some(resource), "{}", json.escape_ascii());
        true
    }

    #[test]
    fn what_cloud_storage_writes_is_usual() {
        assert_eq!(OBJECTS.map(|json| agree(json.as_bytes())), [true, false, false, false, false, true]);
        let by = br#"{"bucket":"photos","name":"cat.jpg","metadata":{"by":"Ada","by":"Bob"},"note":"\ud800"}"#;
        assert!(agree(by));
        let is_read = OBJECTS.map(|json| Resource::read(json.as_bytes()).is_ok());
        assert_eq!(is_read, [true, true, true, true, false, true]);
    }

    #[test]
    fn whatever_is_cut_off_is_refused() {
        for json in OBJECTS {
            for at in 0..json.len() {
                assert!(Resource::read(&json.as_bytes()[..at]).is_err(), "{}", json[..at].escape_debug());
            }
        }
    }

    proptest! {
        #[test]
        fn both_agree_after_slips(which: Index, slips in vec((any::<Index>(), 0_usize..6, vec(any::<u8>(), 0..3)), 1..3)) {
            let mut json = which.get(&OBJECTS).as_bytes().to_vec();
            for (at, length, piece) in slips {
                let at = at.index(json.len() + 1);
                let end = json.len().min(at + length);
                json.splice(at..end, piece);
            }
            agree(&json);
        }

        #[test]
        fn both_agree_on_fields(fields in vec(("bucket|name|size|etag|generation|metageneration|contentType|metadata|x", "\"[a-z0-9]{0,3}\"|[0-9]{1,3}|null|\\{\\}|\\{\"a\":(\"b\"|1|null)\\}"), 0..5)) {
            let fields: Vec<String> = fields.into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
            agree(format!("{{{}}}", fields.join(",")).as_bytes());
        }
    }
}
