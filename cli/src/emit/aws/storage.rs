//! Changes of objects in a bucket: as notifications of S3, and as a pattern of EventBridge.

use crate::{
    emit::yaml::{Map, Yaml, map},
    model::Trigger,
};

/// Which changes a function hears of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emit) struct Change<'a> {
    on: &'a [String],
    prefix: Option<&'a str>,
    suffix: Option<&'a str>,
}

impl<'a> Change<'a> {
    pub(in crate::emit) fn of(trigger: &'a Trigger) -> Self {
        match trigger {
            Trigger::Storage { on, prefix, suffix, .. } => {
                Change { on, prefix: prefix.as_deref(), suffix: suffix.as_deref() }
            }
            _ => Change { on: &[], prefix: None, suffix: None },
        }
    }

    /// The names of S3's events. ([The list](https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html).)
    pub(in crate::emit) fn events(&self) -> Vec<&'static str> {
        let of = |change: &String| -> &[&str] {
            match change.as_str() {
                "created" => &["s3:ObjectCreated:*"],
                "deleted" => &["s3:ObjectRemoved:*", "s3:LifecycleExpiration:*"],
                "archived" => &["s3:LifecycleTransition", "s3:IntelligentTiering"],
                _ => &["s3:ObjectTagging:*", "s3:ObjectAcl:Put"],
            }
        };
        self.on.iter().flat_map(of).copied().collect()
    }

    /// The filter of S3's notifications; none where every key counts.
    pub(in crate::emit) fn filter(&self) -> Option<Map> {
        let rule = |name: &str, value: Option<&str>| value.map(|value| map! { "Name" => name, "Value" => value });
        let rules: Vec<_> = [rule("prefix", self.prefix), rule("suffix", self.suffix)].into_iter().flatten().collect();
        (!rules.is_empty()).then(|| map! { "S3Key" => map! { "Rules" => rules } })
    }

    /// The pattern of EventBridge for a bucket of this name.
    pub(in crate::emit) fn pattern(&self, bucket: Yaml) -> Map {
        let of = |change: &String| -> &[&str] {
            match change.as_str() {
                "created" => &["Object Created"],
                "deleted" => &["Object Deleted"],
                "archived" => &["Object Storage Class Changed", "Object Access Tier Changed"],
                _ => &["Object Tags Added", "Object Tags Deleted", "Object ACL Updated"],
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

/// `*` and `\` are themselves behind a `\`.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('*', "\\*")
}
