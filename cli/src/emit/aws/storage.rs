//! Changes of objects in a bucket: as notifications of S3, and as a pattern of EventBridge.

use crate::{
    emit::yaml::{Map, Yaml, map},
    model::{ObjectChange, StorageTrigger, Trigger},
};

/// The changes that a function is notified of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emit) struct Change<'a> {
    on: &'a [ObjectChange],
    prefix: Option<&'a str>,
    suffix: Option<&'a str>,
}

impl<'a> Change<'a> {
    pub(in crate::emit) fn of(trigger: &'a Trigger) -> Self {
        match trigger {
            Trigger::Storage(StorageTrigger { on, prefix, suffix, .. }) => {
                Change { on, prefix: prefix.as_deref(), suffix: suffix.as_deref() }
            }
            _ => Change { on: &[], prefix: None, suffix: None },
        }
    }

    /// The names of S3's events. ([The list](https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html).)
    pub(in crate::emit) fn events(&self) -> Vec<&'static str> {
        let of = |change: &ObjectChange| -> &[&str] {
            match change {
                ObjectChange::Created => &["s3:ObjectCreated:*"],
                ObjectChange::Deleted => &["s3:ObjectRemoved:*", "s3:LifecycleExpiration:*"],
                ObjectChange::Archived => &["s3:LifecycleTransition", "s3:IntelligentTiering"],
                ObjectChange::Updated => &["s3:ObjectTagging:*", "s3:ObjectAcl:Put"],
            }
        };
        self.on.iter().flat_map(of).copied().collect()
    }

    /// The prefix and the suffix in the filter of S3's notifications.
    pub(in crate::emit) fn encoded(&self) -> [Option<String>; 2] {
        [self.prefix.map(encoded), self.suffix.map(encoded)]
    }

    /// The filter of S3's notifications; none where every key counts.
    pub(in crate::emit) fn filter(&self) -> Option<Map> {
        let [prefix, suffix] = self.encoded();
        let rule = |name: &str, value: Option<String>| value.map(|value| map! { "Name" => name, "Value" => value });
        let rules: Vec<_> = [rule("prefix", prefix), rule("suffix", suffix)].into_iter().flatten().collect();
        (!rules.is_empty()).then(|| map! { "S3Key" => map! { "Rules" => rules } })
    }

    /// The pattern of EventBridge for a bucket of this name.
    pub(in crate::emit) fn pattern(&self, bucket: Yaml) -> Map {
        let of = |change: &ObjectChange| -> &[&str] {
            match change {
                ObjectChange::Created => &["Object Created"],
                ObjectChange::Deleted => &["Object Deleted"],
                ObjectChange::Archived => &["Object Storage Class Changed", "Object Access Tier Changed"],
                ObjectChange::Updated => &["Object Tags Added", "Object Tags Deleted", "Object ACL Updated"],
            }
        };
        let types: Vec<_> = self.on.iter().flat_map(of).copied().collect();
        let key = match (self.prefix, self.suffix) {
            (None, None) => None,
            (Some(prefix), None) => Some(map! { "prefix" => prefix }),
            (None, Some(suffix)) => Some(map! { "suffix" => suffix }),
            (Some(prefix), Some(suffix)) => {
                Some(map! { "wildcard" => format!("{}*{}", escaped(prefix), escaped(suffix)) })
            }
        };
        let detail = map! { "bucket" => map! { "name" => vec![bucket] } };
        let detail = detail.maybe("object", key.map(|key| map! { "key" => vec![key] }));
        map! { "source" => vec!["aws.s3"], "detail-type" => types, "detail" => detail }
    }
}

/// S3 compares a filter with the key as its notifications write it: URL-encoded, with `+` for a space.
/// ([The rule](https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html).)
fn encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        match byte {
            b' ' => out.push('+'),
            byte if byte.is_ascii_alphanumeric() || b"-_.*/".contains(&byte) => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

/// `*` and `\` are themselves behind a `\`.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('*', "\\*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_encoded_and_patterns_are_not() {
        let on = [ObjectChange::Created];
        let change = Change { on: &on, prefix: Some("dt=2026/my files/"), suffix: Some("+ü%(1).jpg") };
        assert_eq!(change.encoded().map(Option::unwrap), ["dt%3D2026/my+files/", "%2B%C3%BC%25%281%29.jpg"]);
        let pattern = Change { suffix: None, ..change }.pattern("uploads".into());
        let key = map! { "key" => vec![map! { "prefix" => "dt=2026/my files/" }] };
        let detail = map! { "bucket" => map! { "name" => vec!["uploads"] }, "object" => key };
        let wanted = map! { "source" => vec!["aws.s3"], "detail-type" => vec!["Object Created"], "detail" => detail };
        assert_eq!(pattern, wanted);
    }
}
