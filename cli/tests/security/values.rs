//! What each reader replaces in a value: it stays what it is, or is refused with its place. The texts are parsed by parsers of others where
//! there are any, and evaluated by the documented rules of their readers.

use cargo_omnifn::{
    cloud::Cloud,
    emit::{self, Format},
    error::Error,
    model::App,
    package,
};
use serde_json::{Value, json};
use yaml_rust2::{Yaml, YamlLoader};

use crate::{formats::FORMATS, support};

/// Values that one reader or another would replace.
const HOSTILE: [&str; 40] = [
    "{{resolve:secretsmanager:prod/db:SecretString}}",
    "a{{resolve:ssm:/prod/key}}b",
    "{{ resolve:ssm:/prod/key }}",
    "{{x}}",
    "${self:custom.key}",
    "${file(\"/etc/passwd\")}",
    "${AWS::AccountId}",
    "${!Literal}",
    "$${x}",
    "\\${x}",
    "$\\\\${x}",
    "${",
    "$",
    "$$",
    "$$$(KEY)",
    "$(KEY)",
    "$$(KEY)",
    "$(",
    "$HOME `id` $(id)",
    "%KEY%",
    "50%",
    "%{if true}x%{endif}",
    "%%{x}",
    "@Microsoft.KeyVault(VaultName=v;SecretName=s)",
    " @microsoft.keyvault(SecretUri=https://v.vault.azure.net/secrets/s)",
    "@Microsoft.AppConfiguration(Endpoint=https://c.azconfig.io;Key=k)",
    "mail@Microsoft.com",
    "@/etc/passwd",
    "file:///etc/passwd",
    "fileb:///etc/passwd",
    "a,KEY=b",
    "^;^a;b|c#d~e:0:",
    "it's \"quoted\" \\",
    "[resourceGroup().id]",
    "!Ref Key",
    "{name}",
    "a\n- b: c\r\n\t# d",
    "\u{85}\u{2028}\u{202e}",
    "null",
    "~",
];

/// What stands for something that was replaced.
const REPLACED: &str = "\u{1}replaced\u{1}";

fn note(declared: Value) -> Value {
    let mut note = json!({"v": 1, "name": "f", "module": "shop", "line": 7, "file": "src/lib.rs"});
    note.as_object_mut().unwrap().extend(declared.as_object().unwrap().clone());
    note
}

fn text_of(app: &App, format: Format, cloud: Cloud) -> Result<String, Error> {
    Ok(emit::render(app, format, &[cloud])?.into_iter().map(|file| file.content).collect())
}

/// All texts of a format, as its reader has them when it has replaced what it replaces. Each is a key or a value.
fn evaluated(text: &str, format: Format) -> Vec<String> {
    match format {
        Format::Sam | Format::Cloudformation => yaml(text).iter().map(|text| cloudformation(text)).collect(),
        Format::Serverless => yaml(text).iter().map(|text| cloudformation(&serverless(text))).collect(),
        Format::Knative => yaml(text).iter().map(|text| kubernetes(text)).collect(),
        Format::Terraform => terraform(text),
        Format::Bicep => bicep(text),
        Format::Dockerfile => text.lines().map(str::to_owned).collect(),
    }
}

/// The texts of YAML, without those of `Fn::Sub`, in which something is meant to be replaced.
fn yaml(text: &str) -> Vec<String> {
    fn collect(value: &Yaml, all: &mut Vec<String>) {
        match value {
            Yaml::String(text) => all.push(text.clone()),
            Yaml::Array(list) => list.iter().for_each(|value| collect(value, all)),
            Yaml::Hash(map) => {
                for (key, value) in map.iter().filter(|(key, _)| key.as_str() != Some("Fn::Sub")) {
                    collect(key, all);
                    collect(value, all);
                }
            }
            _ => {}
        }
    }
    let mut all = Vec::new();
    YamlLoader::load_from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}")).iter().for_each(|document| {
        collect(document, &mut all);
    });
    all
}

/// A dynamic reference anywhere in a text is resolved; one with a space in it is none.
fn cloudformation(text: &str) -> String {
    let mut parts = text.split("{{resolve:");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, rest) = part.split_once("}}").unwrap_or((part, ""));
        out += REPLACED;
        out += rest;
    }
    out
}

/// A variable, unless an odd number of backslashes stands in front of it; half of them stay. Behind a `$`, nothing is escaped.
fn serverless(text: &str) -> String {
    let mut parts = text.split("${");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let before = out.trim_end_matches('\\').len();
        let backslashes = out.len() - before;
        let is_behind_dollar = out[..before].ends_with('$');
        out.truncate(before + backslashes / 2);
        if backslashes % 2 == 1 && !is_behind_dollar {
            out += "${";
            out += part;
        } else {
            out += REPLACED;
            out += part.split_once('}').map_or("", |(_, rest)| rest);
        }
    }
    out
}

/// The rule of `k8s.io/kubernetes/third_party/forked/golang/expansion`.
fn kubernetes(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, behind)) = rest.split_once('$') {
        out += before;
        if let Some(behind) = behind.strip_prefix('$') {
            out.push('$');
            rest = behind;
        } else if let Some((_, behind)) = behind.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
            out += REPLACED;
            rest = behind;
        } else {
            out.push('$');
            rest = behind;
        }
    }
    out + rest
}

/// The texts of Terraform, as a parser of others reads them.
fn terraform(text: &str) -> Vec<String> {
    fn collect(value: &hcl::Expression, all: &mut Vec<String>) {
        use hcl::eval::Evaluate as _;
        match value {
            hcl::Expression::String(text) => all.push(text.clone()),
            hcl::Expression::TemplateExpr(_) => {
                let evaluated = value.evaluate(&hcl::eval::Context::new());
                all.push(
                    evaluated
                        .map_or_else(|_| REPLACED.to_owned(), |value| value.as_str().unwrap_or(REPLACED).to_owned()),
                );
            }
            hcl::Expression::Array(list) => list.iter().for_each(|value| collect(value, all)),
            hcl::Expression::Object(map) => {
                for (key, value) in map {
                    all.push(key.to_string());
                    collect(value, all);
                }
            }
            hcl::Expression::FuncCall(call) => call.args.iter().for_each(|value| collect(value, all)),
            _ => {}
        }
    }
    fn collect_all(body: &hcl::Body, all: &mut Vec<String>) {
        body.attributes().for_each(|attribute| collect(attribute.expr(), all));
        body.blocks().for_each(|block| collect_all(block.body(), all));
    }
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with('#')).flat_map(|line| [line, "\n"]).collect();
    let body: hcl::Body = hcl::from_str(&code).unwrap_or_else(|error| panic!("{error}\n{code}"));
    let mut all = Vec::new();
    collect_all(&body, &mut all);
    all
}

/// The texts in single quotes, with their escapes read.
fn bicep(text: &str) -> Vec<String> {
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect();
    let mut all = Vec::new();
    let mut rest = code.chars();
    while rest.by_ref().any(|c| c == '\'') {
        let mut out = String::new();
        loop {
            match rest.next() {
                None | Some('\n') => panic!("a text does not end: {out}\n{code}"),
                Some('\'') => break,
                Some('\\') => match rest.next() {
                    Some('n') => out.push('\n'),
                    Some('r') => out.push('\r'),
                    Some('t') => out.push('\t'),
                    Some('u') => {
                        assert_eq!(rest.next(), Some('{'));
                        let number: String = rest.by_ref().take_while(|c| *c != '}').collect();
                        out.push(char::from_u32(u32::from_str_radix(&number, 16).unwrap()).unwrap());
                    }
                    Some(c @ ('\\' | '\'' | '$')) => out.push(c),
                    other => panic!("no escape of Bicep: {other:?}"),
                },
                Some('$') if rest.as_str().starts_with('{') => {
                    rest.next();
                    let mut depth = 1;
                    while depth > 0 {
                        match rest.next().expect("an expression that ends") {
                            '{' => depth += 1,
                            '}' => depth -= 1,
                            _ => {}
                        }
                    }
                    out += REPLACED;
                }
                Some(c) => out.push(c),
            }
        }
        all.push(out);
    }
    all
}

/// Whether App Service would take a setting for a reference.
fn is_reference(text: &str) -> bool {
    text.trim().to_ascii_lowercase().starts_with("@microsoft.") && text.trim_end().ends_with(')')
}

/// Whether the reader of a format has no way to write a value.
fn is_refused(value: &str, format: Format, cloud: Cloud) -> bool {
    let of_cloudformation = matches!(format, Format::Sam | Format::Cloudformation | Format::Serverless);
    let mut starts = value.match_indices("${").map(|(at, _)| &value[..at]);
    let is_behind_dollar = starts.any(|before| before.trim_end_matches('\\').ends_with('$'));
    (of_cloudformation && value.contains("{{resolve:"))
        || (format == Format::Serverless && is_behind_dollar)
        || (matches!(format, Format::Bicep | Format::Terraform) && cloud == Cloud::Azure && is_reference(value))
}

#[test]
fn the_value_of_a_variable_is_what_it_says_in_every_format() {
    for value in HOSTILE {
        let declared = note(json!({"trigger": {"kind": "queue", "source": "jobs"}, "secrets": ["KEY"]}));
        let settings = json!({
            "environment": {"GREETING": "hello"},
            "stages": {"prod": {"functions": {"f": {"environment": {"GREETING": value}}}}},
        });
        let app = support::app("shop", json!([declared]), settings, Some("prod"));
        for (format, cloud) in FORMATS {
            let what = format!("{value:?} in {format:?} for {cloud:?}");
            match text_of(&app, format, cloud) {
                Err(error) => {
                    assert!(is_refused(value, format, cloud), "{what}: {error}");
                    let place =
                        "`stages.prod.functions.f.environment.GREETING` in [package.metadata.omnifn] of Cargo.toml";
                    assert!(error.message.starts_with(&format!("{place}: {value:?}")), "{what}: {error}");
                    assert!(error.help.as_deref().is_some_and(|help| help.contains("secrets = ")), "{what}");
                }
                Ok(text) => {
                    assert!(!is_refused(value, format, cloud), "{what}");
                    if format == Format::Dockerfile {
                        assert!(!text.contains("GREETING"), "{text}");
                        continue;
                    }
                    let all = evaluated(&text, format);
                    let at: Vec<_> = (0..all.len()).filter(|at| all[*at].trim_matches('"') == "GREETING").collect();
                    assert!(!at.is_empty(), "{what}: {text}");
                    for at in at {
                        // In a list, the keys `name` and `value` stand between them.
                        let written = all[at + 1..].iter().find(|text| *text != "value").expect("a value");
                        assert_eq!(written, value, "{what}:\n{text}");
                        assert!(cloud != Cloud::Azure || !is_reference(written), "{what}");
                    }
                }
            }
        }
    }
}

/// A secret that is declared as one is a reference, in the form of each reader.
#[test]
fn a_declared_secret_is_still_a_reference() {
    let declared = note(json!({"trigger": {"kind": "queue", "source": "jobs"}, "secrets": ["KEY"]}));
    let app = support::app("shop", json!([declared]), json!({}), None);
    for (format, cloud, written) in [
        (Format::Sam, Cloud::Aws, "\"{{resolve:secretsmanager:shop/KEY:SecretString}}\""),
        (Format::Cloudformation, Cloud::Aws, "\"{{resolve:secretsmanager:shop/KEY:SecretString}}\""),
        (Format::Serverless, Cloud::Aws, "\"{{resolve:secretsmanager:shop/KEY:SecretString}}\""),
        (Format::Terraform, Cloud::Aws, "data.aws_secretsmanager_secret_version.key.secret_string"),
        (Format::Terraform, Cloud::Azure, "\"@Microsoft.KeyVault(VaultName=${var.key_vault};SecretName=shop-KEY)\""),
        (Format::Bicep, Cloud::Azure, "'@Microsoft.KeyVault(VaultName=${keyVaultName};SecretName=shop-KEY)'"),
        (Format::Knative, Cloud::Gcp, "secretKeyRef:"),
    ] {
        let text = text_of(&app, format, cloud).unwrap();
        assert!(text.to_lowercase().contains(&written.to_lowercase()), "{format:?} for {cloud:?}: {text}");
    }
}

/// S3's notifications have keys in their encoded form.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.*/".contains(&byte);
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b' ' => out.push('+'),
            byte if plain(byte) => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

/// The values of attributes: filters of objects, and types of events.
#[test]
fn a_filter_is_what_it_says_in_every_format() {
    for value in HOSTILE {
        let attributes = [
            ("prefix", json!({"kind": "storage", "source": "uploads", "on": ["created"], "prefix": value})),
            ("suffix", json!({"kind": "storage", "source": "uploads", "on": ["created"], "suffix": value})),
            ("event", json!({"kind": "event", "source": value})),
            ("source", json!({"kind": "event", "source": "order.placed"})),
        ];
        for (key, trigger) in attributes {
            let options = if key == "source" { json!({"source": value}) } else { json!({}) };
            let app =
                support::app("shop", json!([note(json!({"trigger": trigger, "options": options}))]), json!({}), None);
            for (format, cloud) in FORMATS {
                let what = format!("{key} = {value:?} in {format:?} for {cloud:?}");
                // Neither Eventarc nor Dockerfiles have them.
                if format == Format::Dockerfile
                    || (format == Format::Terraform && cloud == Cloud::Gcp && key != "event")
                {
                    continue;
                }
                let is_encoded =
                    matches!(key, "prefix" | "suffix") && cloud == Cloud::Aws && format != Format::Serverless;
                let is_kept = match format {
                    Format::Sam | Format::Cloudformation | Format::Serverless => {
                        is_encoded || !is_refused(value, format, cloud)
                    }
                    _ => true,
                };
                let text = match text_of(&app, format, cloud) {
                    Ok(text) => text,
                    Err(error) => {
                        assert!(!is_kept, "{what}: {error}");
                        assert!(
                            error.message.starts_with(&format!("`{key}` of `f` (src/lib.rs:7): {value:?}")),
                            "{what}: {error}"
                        );
                        continue;
                    }
                };
                assert!(is_kept, "{what}");
                let written = match (key, cloud) {
                    (_, Cloud::Aws) if is_encoded => encoded(value),
                    ("prefix", Cloud::Azure) => format!("/blobServices/default/containers/uploads/blobs/{value}"),
                    ("prefix", Cloud::Gcp) => format!("objects/{value}"),
                    _ => value.to_owned(),
                };
                // Kubernetes replaces nothing in a filter.
                let all = if format == Format::Knative { yaml(&text) } else { evaluated(&text, format) };
                assert!(all.contains(&written), "{what}: no {written:?} in\n{text}");
            }
        }
    }
}

/// The Functions host replaces `%NAME%` and `{name}` in a binding, and `{{` is one brace.
fn binding(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(['%', '{', '}']) {
        out += &rest[..at];
        let (sign, behind) = rest[at..].split_at(1);
        rest = match sign {
            "%" => {
                out += REPLACED;
                behind.split_once('%').expect("a `%` has another").1
            }
            _ if behind.starts_with(sign) => {
                out += sign;
                &behind[1..]
            }
            "{" => {
                out += REPLACED;
                behind.split_once('}').expect("a brace that is closed").1
            }
            _ => panic!("a brace that closes nothing: {text}"),
        };
    }
    out + rest
}

#[test]
fn a_binding_of_azure_has_no_expression_but_the_name_of_a_blob() {
    for value in HOSTILE {
        let trigger =
            json!({"kind": "storage", "source": "uploads", "on": ["created"], "prefix": value, "suffix": value});
        let app = support::app("shop", json!([note(json!({"trigger": trigger}))]), json!({}), None);
        let texts = package::azure::texts(&app).unwrap();
        let json: Value =
            serde_json::from_str(&texts.iter().find(|(path, _)| path == "f/f/function.json").unwrap().1).unwrap();
        let path = binding(json["bindings"][0]["path"].as_str().unwrap());
        assert_eq!(path.matches(REPLACED).count(), 1, "{value:?}: {path:?}");
        let (prefix, suffix) = path.split_once(REPLACED).unwrap();
        let prefix = prefix.strip_prefix("uploads/").unwrap();
        assert!(value.starts_with(prefix) && value.ends_with(suffix), "{value:?}: {path:?}");
        assert!(value.contains('%') || (prefix, suffix) == (value, value), "{value:?}: {path:?}");
    }
    for (key, declared) in [
        ("queue", json!({"trigger": {"kind": "queue", "source": "%KEY%"}})),
        ("topic", json!({"trigger": {"kind": "topic", "source": "a%b"}})),
        ("stream", json!({"trigger": {"kind": "stream", "source": "%KEY%"}})),
        ("storage", json!({"trigger": {"kind": "storage", "source": "%KEY%", "on": ["created"]}})),
        ("changes", json!({"trigger": {"kind": "changes", "source": "%KEY%"}})),
        ("connection", json!({"trigger": {"kind": "queue", "source": "a"}, "options": {"connection": "%KEY%"}})),
        ("database", json!({"trigger": {"kind": "changes", "source": "a"}, "options": {"database": "%KEY%"}})),
        ("subscription", json!({"trigger": {"kind": "topic", "source": "a"}, "options": {"subscription": "%KEY%"}})),
        (
            "consumer_group",
            json!({"trigger": {"kind": "stream", "source": "a"}, "options": {"consumer_group": "%KEY%"}}),
        ),
    ] {
        let app = support::app("shop", json!([note(declared)]), json!({}), None);
        let error = package::azure::texts(&app).expect_err(key);
        assert!(error.message.starts_with(&format!("`{key}` of `f` (src/lib.rs:7) cannot be")), "{error}");
        assert!(error.help.is_some());
    }
}

/// `check` reports what no text for Azure can have.
#[test]
fn a_reference_in_a_setting_of_azure_is_a_finding() {
    let declared = note(json!({"trigger": {"kind": "queue", "source": "jobs"}}));
    let settings =
        json!({"functions": {"f": {"environment": {"KEY": "@Microsoft.KeyVault(VaultName=v;SecretName=s)"}}}});
    let app = support::app("shop", json!([declared]), settings, None);
    for (cloud, is_found) in [(Cloud::Azure, true), (Cloud::Aws, false), (Cloud::Gcp, false)] {
        let cells = cargo_omnifn::support::check(&app, &[cloud]).unwrap();
        let mut findings = cells[0].findings.iter();
        assert_eq!(findings.any(|finding| finding.why.contains("functions.f.environment.KEY")), is_found, "{cloud:?}");
    }
}

/// The words of a line as a shell has them.
fn words(line: &str) -> Vec<String> {
    let (mut all, mut word, mut rest) = (Vec::new(), None::<String>, line.chars().peekable());
    while let Some(c) = rest.next() {
        match c {
            ' ' => all.extend(word.take()),
            '\'' => word.get_or_insert_default().extend(rest.by_ref().take_while(|c| *c != '\'')),
            '$' if rest.peek() == Some(&'\'') => {
                rest.next();
                let word = word.get_or_insert_default();
                while let Some(c) = rest.next().filter(|c| *c != '\'') {
                    match c {
                        '\\' => match rest.next().unwrap() {
                            'n' => word.push('\n'),
                            'u' => {
                                let number: String = rest.by_ref().take(4).collect();
                                word.push(char::from_u32(u32::from_str_radix(&number, 16).unwrap()).unwrap());
                            }
                            c => word.push(c),
                        },
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(rest.next()),
            '$' | '`' => panic!("a shell replaces something: {line}"),
            c => word.get_or_insert_default().push(c),
        }
    }
    all.extend(word);
    all
}

/// The commands in the comments of Knative's text, as a shell and gcloud read them.
#[test]
fn gcloud_has_the_variables_that_are_set() {
    for value in HOSTILE {
        let declared = note(json!({"trigger": {"kind": "queue", "source": "jobs"}}));
        let settings = json!({"environment": {"GREETING": value, "SIGNS": "; | # ~ :0", "ZONE": "0:x"}});
        let app = support::app("shop", json!([declared]), settings, None);
        let text = text_of(&app, Format::Knative, Cloud::Gcp).unwrap();
        let flag = text.lines().find_map(|line| line.split_once("--set-env-vars=")).expect("a flag").1;
        let word = words(flag.trim_end_matches(" \\")).concat();
        let (sign, list) = word.strip_prefix('^').and_then(|word| word.split_once('^')).expect("a sign");
        let pairs: Vec<_> = list.split(sign).map(|pair| pair.split_once('=').expect("a pair")).collect();
        assert!(pairs.contains(&("GREETING", value)), "{value:?}: {word:?}");
        assert!(pairs.contains(&("SIGNS", "; | # ~ :0")) && pairs.contains(&("ZONE", "0:x")), "{value:?}: {word:?}");
    }
}
