//! A role as a resource of CloudFormation.

use super::{pascal, sub};
use crate::{
    emit::yaml::{Map, Yaml, map},
    policy::{self, Holder, Place, Role},
};

/// A role with its one policy; a comment above each statement gives its reason.
pub(in crate::emit) fn role(role: &Role) -> Map {
    let (service, condition) = match role.holder {
        Holder::Function => ("lambda.amazonaws.com", None),
        // Nobody else's schedule can use it.
        Holder::Schedule => (
            "scheduler.amazonaws.com",
            Some(map! { "StringEquals" => map! { "aws:SourceAccount" => map! { "Ref" => "AWS::AccountId" } } }),
        ),
    };
    let trust =
        map! { "Effect" => "Allow", "Principal" => map! { "Service" => service }, "Action" => "sts:AssumeRole" };
    let statements: Vec<Yaml> = policy::statements(&role.permissions)
        .into_iter()
        .map(|statement| {
            let resource = statement.on.map_or_else(|| "*".into(), |arn| sub(arn.write(&Place::CLOUDFORMATION)));
            let allow = map! { "Effect" => "Allow", "Action" => statement.actions, "Resource" => resource };
            let why: Vec<_> = statement.why.iter().map(ToString::to_string).collect();
            Yaml::from(allow).noted(why.join("\n"))
        })
        .collect();
    map! {
        "Type" => "AWS::IAM::Role",
        "Properties" => map! {
            "AssumeRolePolicyDocument" => map! {
                "Version" => "2012-10-17",
                "Statement" => vec![trust.maybe("Condition", condition)],
            },
            "Policies" => vec![map! {
                "PolicyName" => pascal(&role.unit),
                "PolicyDocument" => map! { "Version" => "2012-10-17", "Statement" => statements },
            }],
        },
    }
}
