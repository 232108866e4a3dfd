//! The Service of a unit, and its identity.

use super::{Document, commands, gcloud};
use crate::{
    emit::{
        words,
        yaml::{Map, map},
    },
    literal::kubernetes,
    model::App,
    plan::{
        google::{self, cpus, memory, port, timeout_of},
        units::Unit,
        variables,
    },
};

pub(super) fn documents(app: &App, unit: &Unit<'_>, image: &str) -> Vec<Document> {
    let account = map! {
        "apiVersion" => "v1",
        "kind" => "ServiceAccount",
        "metadata" => map! { "name" => unit.name.as_str() },
        "automountServiceAccountToken" => false,
    };
    let identity = format!(
        "The identity of {}. It needs no role in the cluster and gets no token; bind what its grants need to it where they are.",
        words::of_all(&unit.functions)
    );
    let grants = unit.functions.iter().flat_map(|function| &function.grants).map(|grant| format!("  {grant}"));
    let identity = std::iter::once(identity).chain(grants).collect();
    vec![Document { comments: identity, value: account }, service(app, unit, image)]
}

fn service(app: &App, unit: &Unit<'_>, image: &str) -> Document {
    let (memory, timeout) = (memory(unit.memory()), timeout_of(unit));
    let mut comments = vec![words::of_all(&unit.functions)];
    comments.extend(unit.sizes());
    let secrets = unit.secrets();
    if !secrets.is_empty() {
        let values: String = secrets.iter().map(|secret| format!(" --from-literal={secret}=…")).collect();
        comments.push(format!("Its secrets, once:\n  kubectl create secret generic {}{values}", unit.name));
    }
    comments.push("On Cloud Run:".to_owned());
    comments.extend(commands(gcloud::deploy(app, unit, image)));
    let mut metadata = map! { "name" => unit.name.as_str() };
    if !unit.is_public() {
        metadata = metadata.with("labels", map! { "networking.knative.dev/visibility" => "cluster-local" });
    }
    let security = map! {
        "allowPrivilegeEscalation" => false,
        "capabilities" => map! { "drop" => vec!["ALL"] },
        "runAsNonRoot" => true,
        "seccompProfile" => map! { "type" => "RuntimeDefault" },
    };
    let container = map! {
        "image" => image,
        "ports" => vec![map! { "name" => port(app), "containerPort" => 8080 }],
        "env" => environment(app, unit, timeout),
        "resources" => map! { "limits" => map! { "cpu" => cpus(memory).to_string(), "memory" => format!("{memory}Mi") } },
        "securityContext" => security,
    };
    let spec = map! { "serviceAccountName" => unit.name.as_str() }
        .maybe("containerConcurrency", unit.concurrency())
        .with("timeoutSeconds", timeout)
        .with("containers", vec![container]);
    let mut template = Map::default();
    if let Some(most) = unit.instances() {
        let scale = map! { "autoscaling.knative.dev/max-scale" => most.to_string() };
        template = template.with("metadata", map! { "annotations" => scale });
    }
    let value = map! {
        "apiVersion" => "serving.knative.dev/v1",
        "kind" => "Service",
        "metadata" => metadata,
        "spec" => map! { "template" => template.with("spec", spec) },
    };
    Document { comments, value }
}

fn environment(app: &App, unit: &Unit<'_>, timeout: u32) -> Vec<Map> {
    let variable = |name: &str, value: &str| map! { "name" => name, "value" => value };
    let mut all: Vec<_> = unit.target.iter().map(|target| variable("FUNCTION_TARGET", target)).collect();
    all.push(variable("OMNIFN_TIMEOUT", &timeout.to_string()));
    let places = variables::google(app, unit, google::project(app), str::to_owned);
    all.extend(places.iter().map(|(name, value)| variable(name, &kubernetes::value(value))));
    all.extend(unit.environment().into_iter().map(|(name, value)| variable(name, &kubernetes::value(value))));
    all.extend(unit.secrets().into_iter().map(|secret| {
        let place = map! { "name" => unit.name.as_str(), "key" => secret };
        map! { "name" => secret, "valueFrom" => map! { "secretKeyRef" => place } }
    }));
    all
}
