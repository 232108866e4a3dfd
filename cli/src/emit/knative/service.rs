//! The Service of a unit, and its identity.

use super::{Document, commands, gcloud};
use crate::{
    emit::{
        words,
        yaml::{Map, map},
    },
    model::App,
    plan::{
        google::{cpus, memory, port, timeout_of},
        units::Unit,
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
        "env" => environment(unit, timeout),
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

fn environment(unit: &Unit<'_>, timeout: u32) -> Vec<Map> {
    let variable = |name: &str, value: &str| map! { "name" => name, "value" => value };
    let mut all: Vec<_> = unit.target.iter().map(|target| variable("FUNCTION_TARGET", target)).collect();
    all.push(variable("OMNIFN_TIMEOUT", &timeout.to_string()));
    all.extend(unit.environment().into_iter().map(|(name, value)| variable(name, &unexpanded(value))));
    all.extend(unit.secrets().into_iter().map(|secret| {
        let place = map! { "name" => unit.name.as_str(), "key" => secret };
        map! { "name" => secret, "valueFrom" => map! { "secretKeyRef" => place } }
    }));
    all
}

/// Returns a value in which Kubernetes replaces nothing: it reads `$(NAME)` as another variable, and `$$` as `$`.
/// ([The rule](https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#environment-variables).)
pub(crate) fn unexpanded(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value.chars().peekable();
    while let Some(c) = rest.next() {
        out.push(c);
        if c == '$' && matches!(rest.peek(), Some('(' | '$')) {
            out.push('$');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::unexpanded;

    /// Kubernetes' own rule, for variables that exist.
    fn expanded(text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(behind) = rest.strip_prefix('$') {
                out.push('$');
                rest = behind;
            } else if let Some((_, behind)) = rest.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
                out.push_str("REPLACED");
                rest = behind;
            } else {
                out.push('$');
            }
        }
        out + rest
    }

    #[test]
    fn a_value_is_what_it_says() {
        for value in ["$(A)", "a$$b", "$$(A)", "$", "$5", "$$$", "x$(A)$$", "$)($", "$$$(A)(B)"] {
            assert_eq!(expanded(&unexpanded(value)), value, "{value}: {}", unexpanded(value));
        }
        assert_eq!(unexpanded("$5 and $(A)"), "$5 and $$(A)");
    }
}
