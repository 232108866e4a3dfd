//! How things are called on AWS: their names, and their ARNs in any text's own words for region and account.

use crate::{
    model::{App, Resource, ResourceKind},
    plan::units::Unit,
};

/// What a text writes where the partition, the region and the account belong.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// `aws`, or what stands for it.
    pub partition: &'a str,
    /// The region, or what stands for it.
    pub region: &'a str,
    /// The account's number, or what stands for it.
    pub account: &'a str,
}

impl Place<'static> {
    /// For CloudFormation's `Fn::Sub`.
    pub const CLOUDFORMATION: Place<'static> =
        Place { partition: "${AWS::Partition}", region: "${AWS::Region}", account: "${AWS::AccountId}" };
    /// For eyes.
    pub const WORDS: Place<'static> = Place { partition: "aws", region: "REGION", account: "ACCOUNT" };
}

/// An ARN, whose region and account are those of the deployment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arn {
    service: &'static str,
    /// What stands before the name: `stream/`.
    before: &'static str,
    name: Name,
    /// What stands behind it: `/*`.
    after: &'static str,
}

/// A name in the cloud.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    text: String,
    /// Whether account and region follow, so that nobody else on earth has it.
    is_global: bool,
}

impl Name {
    /// A resource's name: that of the stage. A bucket that was given none has the account and the region behind its name in the source,
    /// for the names of buckets are shared by all accounts.
    pub(crate) fn of(app: &App, resource: &Resource) -> Name {
        let set = app.resources.get(&format!("{}:{}", resource.kind.name(), resource.logical));
        let is_named = set.is_some_and(|set| set.name.is_some());
        let is_global = resource.kind == ResourceKind::Bucket && !is_named && resource.create;
        Name { text: resource.name.clone(), is_global }
    }

    /// The name of a unit's Lambda function: that of the program, the stage (unless the program's name has it), and its own.
    pub(crate) fn of_unit(app: &App, unit: &Unit<'_>) -> Name {
        let prefix = match &app.stage {
            Some(stage) if !app.name.ends_with(&format!("-{stage}")) => format!("{}-{stage}", app.name),
            _ => app.name.clone(),
        };
        Name { text: format!("{prefix}-{}", unit.label()), is_global: false }
    }

    /// As a text writes it.
    pub(crate) fn write(&self, place: &Place<'_>) -> String {
        let Name { text, is_global } = self;
        if *is_global { format!("{text}-{}-{}", place.account, place.region) } else { text.clone() }
    }
}

impl Arn {
    /// That of a resource.
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

    /// That of a unit's Lambda function.
    pub(crate) fn of_unit(app: &App, unit: &Unit<'_>) -> Arn {
        Arn { service: "lambda", before: "function:", name: Name::of_unit(app, unit), after: "" }
    }

    /// That of what the log group of a unit holds.
    pub(crate) fn of_log(app: &App, unit: &Unit<'_>) -> Arn {
        let name = Name::of_unit(app, unit);
        Arn { service: "logs", before: "log-group:/aws/lambda/", name, after: ":*" }
    }

    /// What is below it: `/*`.
    #[must_use]
    pub fn below(self, after: &'static str) -> Arn {
        Arn { after, ..self }
    }

    /// As a text writes it.
    ///
    /// ```
    /// use cargo_omnifn::{model::*, policy::{Arn, Place}};
    ///
    /// let app = App { name: "shop".into(), package: "shop".into(), stage: None, functions: vec![], units: Default::default(), resources: Default::default(),
    ///     aws: Default::default(), gcp: Default::default(), azure: Default::default(), artifacts: "target/omnifn".into() };
    /// let arn = Arn::of(&app, &app.resource(ResourceKind::Queue, "orders"));
    /// assert_eq!(arn.write(&Place::WORDS), "arn:aws:sqs:REGION:ACCOUNT:orders");
    /// ```
    pub fn write(&self, place: &Place<'_>) -> String {
        let Arn { service, before, name, after } = self;
        // The ARN of a bucket has neither region nor account.
        let (region, account) = if *service == "s3" { ("", "") } else { (place.region, place.account) };
        format!("arn:{}:{service}:{region}:{account}:{before}{}{after}", place.partition, name.write(place))
    }
}
