//! The front doors that the emitted texts describe, as each platform documents it: what reaches which unit, with which settings, and what the
//! gateway answers itself.

use std::collections::BTreeMap;

use cargo_omnifn::{
    cloud::Cloud,
    emit::{self, Format},
    model::App,
    package::azure,
};
use hcl::{Body, Expression};
use omnifn::http::{Method, Request};
use yaml_rust2::{Yaml, YamlLoader};

use crate::azure_host::{Front, KEY};

/// A unit as it is deployed.
#[derive(Debug, Default, Clone)]
pub(crate) struct Unit {
    pub(crate) environment: BTreeMap<String, String>,
    /// In seconds.
    pub(crate) timeout: Option<u64>,
}

/// One address, and what is behind it.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) kind: Kind,
    pub(crate) units: BTreeMap<String, Unit>,
    routes: Vec<Route>,
    pub(crate) app: Option<AzureApp>,
}

/// What Azure's host knows of an app.
#[derive(Debug)]
pub(crate) struct AzureApp {
    front: Front,
    /// What the emitted text says of browsers.
    pub(crate) cors: Option<omnifn::Cors>,
    pub(crate) host_json: String,
    /// The `function.json` of each function.
    pub(crate) function_jsons: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    HttpApi,
    FunctionUrl,
    CloudRun,
    AzureApp,
}

#[derive(Debug)]
struct Route {
    /// `$default`, or `GET /notes/{id}`.
    key: String,
    unit: String,
    /// Whether callers without an identity of the cloud's own are let through.
    is_open: bool,
}

/// What becomes of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Passage<'d> {
    To(&'d str),
    Refused(u16),
}

impl Door {
    fn alone(kind: Kind, id: &str, unit: Unit, is_open: bool) -> Self {
        let route = Route { key: "$default".to_owned(), unit: id.to_owned(), is_open };
        Door { kind, units: BTreeMap::from([(id.to_owned(), unit)]), routes: vec![route], app: None }
    }

    /// Returns the unit that a request reaches, if the gateway lets it through. The most specific route is chosen first, and only then it is
    /// checked whether the caller may use it: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>.
    pub(crate) fn passage<B>(&self, request: &Request<B>, has_identity: bool) -> Passage<'_> {
        if let Some(app) = &self.app {
            let admitted = app.front.admit(request, has_identity.then_some(KEY.as_bytes()));
            let unit = self.units.keys().next().expect("an app is a unit");
            return admitted.map_or_else(Passage::Refused, |_| Passage::To(unit));
        }
        let matching = self.routes.iter().filter_map(|route| Some((fits(&route.key, request)?, route)));
        match matching.max_by_key(|(specific, _)| specific.clone()).map(|(_, route)| route) {
            Some(route) if route.is_open || has_identity => Passage::To(&route.unit),
            Some(_) => Passage::Refused(403),
            None => Passage::Refused(404),
        }
    }
}

/// How specific a route is for a request that it takes: each segment, then the method.
fn fits<B>(key: &str, request: &Request<B>) -> Option<(Vec<u8>, bool)> {
    let Some((method, path)) = key.split_once(' ') else { return Some((Vec::new(), false)) };
    if method != "ANY" && method != request.method().as_str() {
        return None;
    }
    let mut specific = Vec::new();
    let mut segments = request.uri().path().split('/');
    for part in path.split('/') {
        let segment = segments.next()?;
        if part.ends_with("+}") {
            specific.push(1);
            return (!segment.is_empty()).then_some((specific, method != "ANY"));
        }
        match part.starts_with('{') {
            true if !segment.is_empty() => specific.push(2),
            false if part == segment => specific.push(3),
            _ => return None,
        }
    }
    segments.next().is_none().then_some((specific, method != "ANY"))
}

/// Reads the doors of a format.
pub(crate) fn doors(app: &App, format: Format, cloud: Cloud) -> Vec<Door> {
    let files = emit::render(app, format, &[cloud]).unwrap();
    let text = files.iter().map(|file| file.content.as_str()).collect::<Vec<_>>().join("\n");
    let mut doors = match (format, cloud) {
        (Format::Sam, _) => sam(&yaml(&text)[0]),
        (Format::Cloudformation, _) => cloudformation(&yaml(&text)[0]),
        (Format::Serverless, _) => serverless(&yaml(&text)[0]),
        (Format::Knative, _) => knative(&yaml(&text)),
        (Format::Terraform, Cloud::Aws) => terraform_aws(&hcl(&text)),
        (Format::Terraform, Cloud::Gcp) => terraform_gcp(&hcl(&text)),
        (Format::Bicep | Format::Terraform, Cloud::Azure) => azure_apps(app, format, &text),
        _ => panic!("no front door is read from {format:?}"),
    };
    // Units of events have no door for callers, or one for the platform alone.
    doors.retain(|door| door.units.values().any(|unit| serves_http(app, unit)));
    doors
}

/// The functions that a unit serves.
pub(crate) fn served<'a>(app: &'a App, unit: &Unit) -> Vec<&'a str> {
    let named = unit.environment.get("OMNIFN_FUNCTION").or(unit.environment.get("FUNCTION_TARGET"));
    let is_served = |name: &&str| named.is_none_or(|named| named.split(',').any(|own| own == *name));
    app.functions.iter().map(|function| function.name.as_str()).filter(is_served).collect()
}

fn serves_http(app: &App, unit: &Unit) -> bool {
    let served = served(app, unit);
    app.functions.iter().any(|function| served.contains(&&*function.name) && function.trigger.class().key() == "http")
}

fn yaml(text: &str) -> Vec<Yaml> {
    let all = YamlLoader::load_from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    all.into_iter().filter(|document| !document.is_null()).collect()
}

fn text<'y>(value: &'y Yaml, path: &str) -> Option<&'y str> {
    at(value, path)?.as_str()
}

fn at<'y>(value: &'y Yaml, path: &str) -> Option<&'y Yaml> {
    path.split('/').try_fold(value, |value, key| Some(&value[key]).filter(|value| !value.is_badvalue()))
}

fn entries(value: Option<&Yaml>) -> impl Iterator<Item = (&str, &Yaml)> {
    value.and_then(Yaml::as_hash).into_iter().flatten().map(|(key, value)| (key.as_str().unwrap(), value))
}

/// The variables; what refers to a resource is a text of its own, which no test reads.
fn variables(value: Option<&Yaml>) -> BTreeMap<String, String> {
    entries(value).map(|(name, value)| (name.to_owned(), value.as_str().unwrap_or("a reference").to_owned())).collect()
}

fn seconds(value: Option<&Yaml>) -> Option<u64> {
    value?.as_i64()?.try_into().ok()
}

fn http_api(units: BTreeMap<String, Unit>, routes: Vec<Route>) -> Option<Door> {
    (!routes.is_empty()).then_some(Door { kind: Kind::HttpApi, units, routes, app: None })
}

fn sam(document: &Yaml) -> Vec<Door> {
    let (mut units, mut routes, mut doors) = (BTreeMap::new(), Vec::new(), Vec::new());
    for (id, resource) in entries(at(document, "Resources")) {
        if text(resource, "Type") == Some("AWS::Serverless::HttpApi") {
            assert_eq!(at(resource, "Properties/CorsConfiguration"), None, "it would replace what the program answers");
            assert_eq!(at(resource, "Properties/StageName"), None, "a stage is a part of every path");
        }
        if text(resource, "Type") != Some("AWS::Serverless::Function") {
            continue;
        }
        let properties = &resource["Properties"];
        let unit = Unit {
            environment: variables(at(properties, "Environment/Variables")),
            timeout: seconds(at(properties, "Timeout")),
        };
        if let Some(url) = at(properties, "FunctionUrlConfig") {
            assert_eq!(at(url, "Cors"), None);
            doors.push(Door::alone(Kind::FunctionUrl, id, unit.clone(), text(url, "AuthType") == Some("NONE")));
        }
        for (_, event) in entries(at(properties, "Events")).filter(|(_, event)| text(event, "Type") == Some("HttpApi"))
        {
            let key = match text(event, "Properties/Path") {
                Some(path) => format!("{} {path}", text(event, "Properties/Method").unwrap()),
                None => "$default".to_owned(),
            };
            let is_open = text(event, "Properties/Auth/Authorizer").is_none();
            routes.push(Route { key, unit: id.to_owned(), is_open });
            units.insert(id.to_owned(), unit.clone());
        }
    }
    doors.extend(http_api(units, routes));
    doors
}

fn cloudformation(document: &Yaml) -> Vec<Door> {
    let resources: Vec<_> = entries(at(document, "Resources")).collect();
    let of_type = |kind: &'static str| {
        let all = resources.iter().filter(move |(_, resource)| text(resource, "Type") == Some(kind));
        all.map(|(id, resource)| (*id, &resource["Properties"]))
    };
    let target = |value: &Yaml| value["Fn::GetAtt"][0].as_str().unwrap().to_owned();
    let unit = |id: &str| {
        let (_, properties) = of_type("AWS::Lambda::Function").find(|(own, _)| *own == id).unwrap();
        Unit {
            environment: variables(at(properties, "Environment/Variables")),
            timeout: seconds(at(properties, "Timeout")),
        }
    };
    for (_, api) in of_type("AWS::ApiGatewayV2::Api") {
        assert_eq!(at(api, "CorsConfiguration"), None, "it would replace what the program answers");
    }
    for (_, stage) in of_type("AWS::ApiGatewayV2::Stage") {
        assert_eq!(text(stage, "StageName"), Some("$default"), "a stage is a part of every path");
    }
    let mut units = BTreeMap::new();
    let routes = of_type("AWS::ApiGatewayV2::Route").map(|(_, route)| {
        let integration = text(route, "Target/Fn::Sub").or_else(|| route["Target"]["Fn::Sub"].as_str()).unwrap();
        let integration = integration.strip_prefix("integrations/${").and_then(|id| id.strip_suffix('}')).unwrap();
        let (_, integration) = of_type("AWS::ApiGatewayV2::Integration").find(|(id, _)| *id == integration).unwrap();
        assert_eq!(text(integration, "PayloadFormatVersion"), Some("2.0"));
        let id = target(&integration["IntegrationUri"]);
        units.insert(id.clone(), unit(&id));
        let is_open = text(route, "AuthorizationType").is_none_or(|kind| kind == "NONE");
        Route { key: text(route, "RouteKey").unwrap().to_owned(), unit: id, is_open }
    });
    let routes = routes.collect();
    let mut doors: Vec<_> = http_api(units, routes).into_iter().collect();
    for (_, url) in of_type("AWS::Lambda::Url") {
        assert_eq!(at(url, "Cors"), None);
        let id = target(&url["TargetFunctionArn"]);
        doors.push(Door::alone(Kind::FunctionUrl, &id, unit(&id), text(url, "AuthType") == Some("NONE")));
    }
    doors
}

fn serverless(document: &Yaml) -> Vec<Door> {
    assert_eq!(at(document, "provider/httpApi/cors"), None, "it would replace what the program answers");
    let (mut units, mut routes, mut doors) = (BTreeMap::new(), Vec::new(), Vec::new());
    for (id, function) in entries(at(document, "functions")) {
        let unit =
            Unit { environment: variables(at(function, "environment")), timeout: seconds(at(function, "timeout")) };
        if let Some(url) = at(function, "url") {
            assert_eq!(at(url, "cors"), None);
            doors.push(Door::alone(Kind::FunctionUrl, id, unit.clone(), text(url, "authorizer").is_none()));
        }
        for event in at(function, "events").and_then(Yaml::as_vec).into_iter().flatten() {
            let Some(event) = at(event, "httpApi") else { continue };
            let (method, path) = (text(event, "method").unwrap(), text(event, "path").unwrap());
            let key = if (method, path) == ("*", "*") { "$default".to_owned() } else { format!("{method} {path}") };
            let is_open = text(event, "authorizer/type").is_none();
            routes.push(Route { key, unit: id.to_owned(), is_open });
            units.insert(id.to_owned(), unit.clone());
        }
    }
    doors.extend(http_api(units, routes));
    doors
}

fn knative(documents: &[Yaml]) -> Vec<Door> {
    let services = documents.iter().filter(|document| text(document, "kind") == Some("Service"));
    let doors = services.map(|service| {
        let spec = at(service, "spec/template/spec").unwrap();
        let container = &spec["containers"][0];
        let pairs = container["env"].as_vec().into_iter().flatten();
        let pair =
            |it: &Yaml| (text(it, "name").unwrap().to_owned(), text(it, "value").unwrap_or("a reference").to_owned());
        let unit = Unit { environment: pairs.map(pair).collect(), timeout: seconds(at(spec, "timeoutSeconds")) };
        let visibility = service["metadata"]["labels"]["networking.knative.dev/visibility"].as_str();
        let name = text(service, "metadata/name").unwrap();
        Door::alone(Kind::CloudRun, name, unit, visibility != Some("cluster-local"))
    });
    doors.collect()
}

fn hcl(text: &str) -> Body {
    let code = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n");
    hcl::from_str(&code).unwrap_or_else(|error| panic!("{error}\n{code}"))
}

/// The resources of a kind, each with its name.
fn resources<'b>(body: &'b Body, kind: &'b str) -> impl Iterator<Item = (&'b str, &'b Body)> {
    let of_kind = move |block: &&hcl::Block| {
        block.identifier() == "resource" && block.labels().first().is_some_and(|label| label.as_str() == kind)
    };
    body.blocks().filter(of_kind).map(|block| (block.labels()[1].as_str(), block.body()))
}

fn attribute<'b>(body: &'b Body, key: &str) -> Option<&'b Expression> {
    body.attributes().find(|attribute| attribute.key() == key).map(|attribute| attribute.expr())
}

fn block<'b>(body: &'b Body, key: &str) -> Option<&'b Body> {
    body.blocks().find(|block| block.identifier() == key).map(|block| block.body())
}

fn string(expression: Option<&Expression>) -> Option<String> {
    match expression? {
        Expression::String(text) => Some(text.clone()),
        other => Some(hcl::format::to_string(other).unwrap()),
    }
}

/// The name of the resource that an expression refers to: `aws_lambda_function.http.arn` is `http`.
fn referred(expression: Option<&Expression>) -> String {
    let text = string(expression).unwrap();
    let path = text.trim_start_matches("integrations/").trim_matches(['$', '{', '}']).to_owned();
    path.split('.').nth(1).unwrap().to_owned()
}

fn terraform_aws(body: &Body) -> Vec<Door> {
    let unit = |name: &str| {
        let (_, function) = resources(body, "aws_lambda_function").find(|(own, _)| *own == name).unwrap();
        let environment = block(function, "environment").and_then(|block| attribute(block, "variables"));
        let environment = match environment {
            Some(Expression::Object(object)) => {
                let pair =
                    |(key, value): (&hcl::ObjectKey, &Expression)| (key.to_string(), string(Some(value)).unwrap());
                object.iter().map(pair).collect()
            }
            _ => BTreeMap::new(),
        };
        Unit { environment, timeout: string(attribute(function, "timeout")).and_then(|text| text.parse().ok()) }
    };
    for (_, api) in resources(body, "aws_apigatewayv2_api") {
        assert!(block(api, "cors_configuration").is_none(), "it would replace what the program answers");
    }
    for (_, stage) in resources(body, "aws_apigatewayv2_stage") {
        assert_eq!(string(attribute(stage, "name")).as_deref(), Some("$default"), "a stage is a part of every path");
    }
    let mut units = BTreeMap::new();
    let routes = resources(body, "aws_apigatewayv2_route").map(|(_, route)| {
        let integration = referred(attribute(route, "target"));
        let (_, integration) =
            resources(body, "aws_apigatewayv2_integration").find(|(name, _)| *name == integration).unwrap();
        assert_eq!(string(attribute(integration, "payload_format_version")).as_deref(), Some("2.0"));
        let name = referred(attribute(integration, "integration_uri"));
        units.insert(name.clone(), unit(&name));
        let is_open = string(attribute(route, "authorization_type")).is_none_or(|kind| kind == "NONE");
        Route { key: string(attribute(route, "route_key")).unwrap(), unit: name, is_open }
    });
    let routes = routes.collect();
    let mut doors: Vec<_> = http_api(units, routes).into_iter().collect();
    for (_, url) in resources(body, "aws_lambda_function_url") {
        assert!(block(url, "cors").is_none());
        let name = referred(attribute(url, "function_name"));
        let is_open = string(attribute(url, "authorization_type")).as_deref() == Some("NONE");
        doors.push(Door::alone(Kind::FunctionUrl, &name, unit(&name), is_open));
    }
    doors
}

fn terraform_gcp(body: &Body) -> Vec<Door> {
    let services = resources(body, "google_cloud_run_v2_service").map(|(name, service)| {
        let template = block(service, "template").unwrap();
        let container = block(template, "containers").unwrap();
        let variables = container.blocks().filter(|block| block.identifier() == "env").map(hcl::Block::body);
        let pair = |it: &Body| {
            (
                string(attribute(it, "name")).unwrap(),
                string(attribute(it, "value")).unwrap_or_else(|| "a reference".to_owned()),
            )
        };
        let timeout = string(attribute(template, "timeout")).and_then(|text| text.strip_suffix('s')?.parse().ok());
        let unit = Unit { environment: variables.map(pair).collect(), timeout };
        let mut members = resources(body, "google_cloud_run_v2_service_iam_member");
        let is_open = members.any(|(_, member)| {
            referred(attribute(member, "name")) == name
                && string(attribute(member, "member")).as_deref() == Some("allUsers")
                && string(attribute(member, "role")).as_deref() == Some("roles/run.invoker")
        });
        Door::alone(Kind::CloudRun, name, unit, is_open)
    });
    services.collect()
}

/// How long the host of a Flex Consumption app gives an invocation unless `host.json` says otherwise:
/// <https://learn.microsoft.com/azure/azure-functions/functions-scale#timeout>.
const AZURE_TIMEOUT: u64 = 30 * 60;

/// Each app has an address of its own. The emitted text has its settings; the package tells the host what the app serves.
fn azure_apps(app: &App, format: Format, text: &str) -> Vec<Door> {
    let mut environments = if format == Format::Bicep { bicep_settings(text) } else { terraform_settings(&hcl(text)) };
    let mut all_cors = azure_cors(app, format);
    let mut packages: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (path, text) in azure::texts(app).unwrap() {
        let (unit, path) = path.split_once('/').unwrap();
        packages.entry(unit.to_owned()).or_default().insert(path.to_owned(), text);
    }
    let doors = packages.into_iter().map(|(id, mut package)| {
        let name = id.replace('-', "_");
        let environment =
            environments.remove(&name).unwrap_or_else(|| panic!("{format:?} has no app for {id}\n{text}"));
        let host_json = package.remove("host.json").unwrap();
        let host: serde_json::Value = serde_json::from_str(&host_json).unwrap();
        assert_eq!(host["extensions"]["http"]["routePrefix"], "", "a prefix is a part of every path");
        let timeout = host["functionTimeout"].as_str().map_or(AZURE_TIMEOUT, |time| {
            time.split(':').fold(0, |seconds, part| 60 * seconds + part.parse::<u64>().unwrap())
        });
        let (mut front, mut function_jsons) = (Front::default(), BTreeMap::new());
        for (path, text) in package {
            let function = path.strip_suffix("/function.json").unwrap();
            let is_disabled = environment.contains_key(&format!("AzureWebJobs.{function}.Disabled"));
            front.add(function, &serde_json::from_str(&text).unwrap(), is_disabled);
            function_jsons.insert(function.to_owned(), text);
        }
        let app = Some(AzureApp { front, cors: all_cors.remove(&name), host_json, function_jsons });
        let units = BTreeMap::from([(id, Unit { environment, timeout: Some(timeout) })]);
        Door { kind: Kind::AzureApp, units, routes: Vec::new(), app }
    });
    let doors = doors.collect();
    assert!(environments.is_empty() && all_cors.is_empty(), "no package for {environments:?}, {all_cors:?}");
    doors
}

/// The apps of a Bicep text, each with its name.
fn bicep_sites(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let sites = text.split("\nresource app_").skip(1).map(|text| text.split("\nresource ").next().unwrap());
    let sites = sites.map(|site| (site.split(' ').next().unwrap(), site));
    sites.filter(|(_, site)| site.lines().next().unwrap().contains(" 'Microsoft.Web/sites@"))
}

fn bicep_settings(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let settings = |site: &str| {
        let settings = site.split_once("appSettings: [\n").unwrap().1.split_once("\n      ]").unwrap().0;
        let pairs = settings.split("name: '").skip(1).map(|text| {
            let (name, rest) = text.split_once("'\n").unwrap();
            let value = rest.trim_start().strip_prefix("value: ").unwrap().lines().next().unwrap();
            let value = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
            (name.to_owned(), value.filter(|value| !value.contains("${")).unwrap_or("a reference").to_owned())
        });
        pairs.collect()
    };
    bicep_sites(text).map(|(id, site)| (id.to_owned(), settings(site))).collect()
}

fn terraform_settings(body: &Body) -> BTreeMap<String, BTreeMap<String, String>> {
    let apps = resources(body, "azurerm_function_app_flex_consumption");
    apps.map(|(id, app)| (id.to_owned(), object(attribute(app, "app_settings")))).collect()
}

/// The texts of an object.
fn object(expression: Option<&Expression>) -> BTreeMap<String, String> {
    let Some(Expression::Object(object)) = expression else { return BTreeMap::new() };
    let key = |key: &hcl::ObjectKey| match key {
        hcl::ObjectKey::Expression(key) => string(Some(key)).unwrap(),
        key => key.to_string(),
    };
    object.iter().map(|(name, value)| (key(name), string(Some(value)).unwrap())).collect()
}

/// What Azure's host answers browsers, by the units whose texts have such settings.
pub(crate) fn azure_cors(app: &App, format: Format) -> BTreeMap<String, omnifn::Cors> {
    let files = emit::render(app, format, &[Cloud::Azure]).unwrap();
    let text = files.iter().map(|file| file.content.as_str()).collect::<Vec<_>>().join("\n");
    let cors = |origins: Vec<String>, credentials| {
        let origins: Vec<&'static str> = origins.into_iter().map(|origin| &*origin.leak()).collect();
        omnifn::Cors { credentials, ..omnifn::Cors::of(origins.leak()) }
    };
    if format == Format::Bicep {
        let of_site = |(id, site): (&str, &str)| {
            let (_, text) = site.split_once(" cors: {\n")?;
            let (origins, rest) = text.split_once("allowedOrigins: [\n")?.1.split_once(']')?;
            let origins = origins.lines().map(str::trim).filter(|line| !line.is_empty());
            let origins = origins.map(|line| line.trim_matches('\'').to_owned()).collect();
            let credentials = rest.split_once("supportCredentials: ")?.1.split_whitespace().next()? == "true";
            Some((id.to_owned(), cors(origins, credentials)))
        };
        return bicep_sites(&text).filter_map(of_site).collect();
    }
    let body = hcl(&text);
    let apps = resources(&body, "azurerm_function_app_flex_consumption").filter_map(|(id, app)| {
        let block = block(block(app, "site_config")?, "cors")?;
        let Some(Expression::Array(origins)) = attribute(block, "allowed_origins") else { panic!("{block:?}") };
        let origins = origins.iter().map(|origin| string(Some(origin)).unwrap()).collect();
        let credentials = string(attribute(block, "support_credentials")).as_deref() == Some("true");
        Some((id.to_owned(), cors(origins, credentials)))
    });
    apps.collect()
}

pub(crate) fn method(name: &str) -> Method {
    Method::from_bytes(name.as_bytes()).unwrap()
}

#[test]
fn the_most_specific_route_takes_a_request() {
    let route = |key: &str| Route { key: key.to_owned(), unit: key.to_owned(), is_open: true };
    let keys = ["$default", "ANY /notes/{id}", "GET /notes/{id}", "ANY /notes/new", "ANY /notes/{rest+}", "GET /"];
    let door = Door { kind: Kind::HttpApi, units: BTreeMap::new(), routes: keys.map(route).into(), app: None };
    for (method, path, expected) in [
        ("GET", "/notes/7", "GET /notes/{id}"),
        ("OPTIONS", "/notes/7", "ANY /notes/{id}"),
        ("GET", "/notes/new", "ANY /notes/new"),
        ("GET", "/notes/7/parts", "ANY /notes/{rest+}"),
        ("GET", "/notes/", "$default"),
        ("GET", "/notes", "$default"),
        ("GET", "/", "GET /"),
        ("POST", "/", "$default"),
    ] {
        let request = Request::builder().method(method).uri(path).body(()).unwrap();
        assert_eq!(door.passage(&request, false), Passage::To(expected), "{method} {path}");
    }
}
