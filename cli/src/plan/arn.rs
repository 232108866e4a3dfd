//! Names and ARNs on AWS. A text writes the region and the account of an ARN in its own way.

use crate::{
    model::{App, Resource, ResourceKind},
    plan::units::Unit,
};

/// How a text writes the partition, the region, and the account.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The partition, such as `aws`, or the text's expression for it.
    pub partition: &'a str,
    /// The region, or the text's expression for it.
    pub region: &'a str,
    /// The number of the account, or the text's expression for it.
    pub account: &'a str,
}

impl Place<'static> {
    /// The expressions of CloudFormation's `Fn::Sub`.
    pub const CLOUDFORMATION: Place<'static> =
        Place { partition: "${AWS::Partition}", region: "${AWS::Region}", account: "${AWS::AccountId}" };
    /// Placeholders for a person who reads the text.
    pub const WORDS: Place<'static> = Place { partition: "aws", region: "REGION", account: "ACCOUNT" };
}

/// An ARN, whose region and account are those of the deployment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arn {
    service: &'static str,
    /// The part before the name, such as `stream/`.
    before: &'static str,
    name: Name,
    /// The part after the name, such as `/*`.
    after: &'static str,
}

/// A name in the cloud.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    text: String,
    /// Whether the account and the region follow, which makes the name unique in all accounts.
    is_global: bool,
}

impl Name {
    /// Returns the name of a resource in this stage. A bucket without a configured name has the account and the region after its name, because
    /// all accounts share the names of buckets.
    pub(crate) fn of(app: &App, resource: &Resource) -> Name {
        let is_global = resource.kind == ResourceKind::Bucket && !app.is_named(resource) && resource.create;
        Name { text: resource.name.clone(), is_global }
    }

    /// Returns the name of a unit's Lambda function: the program's name, the stage (unless the program's name ends with it), and the unit's own.
    pub(crate) fn of_unit(app: &App, unit: &Unit<'_>) -> Name {
        let prefix = match &app.stage {
            Some(stage) if !app.name.ends_with(&format!("-{stage}")) => format!("{}-{stage}", app.name),
            _ => app.name.clone(),
        };
        Name { text: format!("{prefix}-{}", unit.label()), is_global: false }
    }

    /// Returns the name as a text writes it.
    pub(crate) fn write(&self, place: &Place<'_>) -> String {
        let Name { text, is_global } = self;
        if *is_global { format!("{text}-{}-{}", place.account, place.region) } else { text.clone() }
    }
}

impl Arn {
    /// Returns the ARN of a resource.
    pub fn of(app: &App, resource: &Resource) -> Arn {
        let (service, before) = match resource.kind {
            ResourceKind::Bucket => ("s3", ""),
            ResourceKind::Table => ("dynamodb", "table/"),
            ResourceKind::Queue => ("sqs", ""),
            ResourceKind::Topic => ("sns", ""),
            ResourceKind::Stream => ("kinesis", "stream/"),
        };
        Arn { service, before, name: Name::of(app, resource), after: "" }
    }

    /// Returns the ARN of a unit's Lambda function.
    pub(crate) fn of_unit(app: &App, unit: &Unit<'_>) -> Arn {
        Arn { service: "lambda", before: "function:", name: Name::of_unit(app, unit), after: "" }
    }

    /// Returns the ARN of the log streams in a unit's log group.
    pub(crate) fn of_log(app: &App, unit: &Unit<'_>) -> Arn {
        let name = Name::of_unit(app, unit);
        Arn { service: "logs", before: "log-group:/aws/lambda/", name, after: ":*" }
    }

    /// Returns the ARN of what is below this one, such as `/*`.
    #[must_use]
    pub fn below(self, after: &'static str) -> Arn {
        Arn { after, ..self }
    }

    /// Returns the ARN as a text writes it.
    ///
    /// ```
    /// use cargo_omnifn::{model::ResourceKind, overlay::Overlay, policy::{Arn, Place}};
    ///
    /// let app = Overlay::default().app("shop", Vec::new(), None)?;
    /// let arn = Arn::of(&app, &app.resource(ResourceKind::Queue, "orders"));
    /// assert_eq!(arn.write(&Place::WORDS), "arn:aws:sqs:REGION:ACCOUNT:orders");
    /// # Ok::<(), cargo_omnifn::error::Error>(())
    /// ```
    pub fn write(&self, place: &Place<'_>) -> String {
        let Arn { service, before, name, after } = self;
        // The ARN of a bucket has neither region nor account.
        let (region, account) = if *service == "s3" { ("", "") } else { (place.region, place.account) };
        format!("arn:{}:{service}:{region}:{account}:{before}{}{after}", place.partition, name.write(place))
    }
}
