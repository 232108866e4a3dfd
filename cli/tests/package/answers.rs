//! Each artifact, unpacked and run as its platform would, answers. `.ci/run packages` runs these tests.

use std::{
    fs,
    io::{Cursor, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use cargo_omnifn::cloud::Cloud;
use flate2::read::GzDecoder;
use omnifn::testing::RuntimeApi;
use serde_json::{Value, json};

use crate::binaries::{app, folder, note, package, triggers};

#[path = "../../../tests/support/ports.rs"]
mod ports;

/// A program that runs until the test ends, with this environment alone.
struct Running(Child);

impl Running {
    fn start(program: &Path, folder: &Path, environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(program);
        command.current_dir(folder).env_clear().envs(environment.iter().copied());
        Running(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sends a request until somebody listens; the answer, whole.
fn ask(port: u16, head: &str, body: &str) -> String {
    let until = Instant::now() + Duration::from_secs(60);
    let mut stream = loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => break stream,
            Err(error) if Instant::now() > until => panic!("nobody listens on {port}: {error}"),
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let length = body.len();
    write!(stream, "{head}\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn unzip(zip: &Path, to: &Path) {
    zip::ZipArchive::new(Cursor::new(fs::read(zip).unwrap())).unwrap().extract(to).unwrap();
}

#[tokio::test]
#[ignore = "builds examples/triggers: `.ci/run packages`"]
async fn the_zip_of_aws_behind_the_runtime_api() {
    let out = folder("run-aws");
    package(Cloud::Aws, triggers(), &out, &app(json!({})), &note()).unwrap();
    let task = out.join("task");
    unzip(&out.join("aws/triggers.zip"), &task);
    let api = RuntimeApi::start().unwrap();
    let address = api.address();
    let environment = [
        ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
        ("AWS_LAMBDA_FUNCTION_NAME", "triggers-settle"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_REGION", "eu-west-1"),
        ("OMNIFN_FUNCTION", "settle"),
    ];
    let _running = Running::start(&task.join("bootstrap"), &task, &environment);
    let message = |id: &str, count: u32| {
        json!({"messageId": id, "body": json!({"number": 1, "count": count}).to_string(), "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:1:orders", "attributes": {"ApproximateReceiveCount": "1"},
            "messageAttributes": {}})
    };
    let event = json!({"Records": [message("good", 5), message("bad", 500)]});
    let reply = api.invoke(event.to_string()).await.unwrap();
    let reply: Value = serde_json::from_slice(&reply).unwrap();
    assert_eq!(reply, json!({"batchItemFailures": [{"itemIdentifier": "bad"}]}));
}

#[test]
#[ignore = "builds examples/triggers: `.ci/run packages`"]
fn the_image_and_the_source_on_port() {
    let out = folder("run-gcp");
    package(Cloud::Gcp, triggers(), &out, &app(json!({})), &note()).unwrap();
    let root = out.join("root");
    unpack_image(&out.join("gcp/image"), &root);
    let programs = [root.join("app/triggers"), out.join("gcp/source/triggers")];
    for program in programs {
        let port = ports::free_port();
        let _running = Running::start(&program, &out, &[("PORT", &port.to_string())]);
        let answer = ask(port, "GET /welcome/you HTTP/1.1", "");
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("Welcome, you!"), "{answer}");
        // Clients can reach this one, so it takes no events: each event function is a service of its own.
        let closed = ask(port, "POST /_omnifn/placed HTTP/1.1\r\nContent-Type: application/json", "{}");
        assert!(closed.starts_with("HTTP/1.1 404"), "{closed}");
        let port = ports::free_port();
        let service = [("PORT", port.to_string()), ("FUNCTION_TARGET", "placed".to_owned())];
        let _running = Running::start(&program, &out, &service.each_ref().map(|(name, value)| (*name, value.as_str())));
        let event = "POST /_omnifn/placed HTTP/1.1\r\nce-id: 1\r\nce-source: shop\r\nce-type: order.placed\r\n\
            ce-specversion: 1.0\r\nContent-Type: application/json";
        let answer = ask(port, event, r#"{"number": 1, "count": 2}"#);
        assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    }
}

/// The layers of the one image, in their order.
fn unpack_image(layout: &Path, to: &Path) {
    let json = |path: PathBuf| serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap();
    let blob = |value: &Value| {
        layout.join("blobs/sha256").join(value["digest"].as_str().unwrap().strip_prefix("sha256:").unwrap())
    };
    let index = json(layout.join("index.json"));
    let manifest = json(blob(&index["manifests"][0]));
    for layer in manifest["layers"].as_array().unwrap() {
        let packed = fs::read(blob(layer)).unwrap();
        tar::Archive::new(GzDecoder::new(&packed[..])).unpack(to).unwrap();
    }
}

#[test]
#[ignore = "builds examples/triggers: `.ci/run packages`"]
fn the_app_of_azure_as_a_custom_handler() {
    let out = folder("run-azure");
    package(Cloud::Azure, triggers(), &out, &app(json!({})), &note()).unwrap();
    let unzipped = out.join("unzipped");
    let app = |unit: &str| {
        let app = unzipped.join(unit);
        unzip(&out.join(format!("azure/{unit}.zip")), &app);
        app
    };
    // As the host does: the app's folder is where it starts, with the settings that the emitted texts give the app.
    let start = |app: &Path, function: &str| {
        let host: Value = serde_json::from_slice(&fs::read(app.join("host.json")).unwrap()).unwrap();
        let executable = host["customHandler"]["description"]["defaultExecutablePath"].as_str().unwrap();
        let port = ports::free_port();
        let environment =
            [("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string()), ("OMNIFN_FUNCTION", function.to_owned())];
        let environment = environment.each_ref().map(|(name, value)| (*name, value.as_str()));
        (Running::start(&app.join(executable), app, &environment), port)
    };
    let (_http, port) = start(&app("http"), "welcome");
    let proxied = "GET /welcome/you HTTP/1.1\r\nX-Forwarded-Host: app.example\r\nX-Forwarded-Proto: https";
    let answer = ask(port, proxied, "");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("Welcome, you!"), "{answer}");
    let app = app("settle");
    let (_settle, port) = start(&app, "settle");
    let posted = "POST /settle HTTP/1.1\r\nContent-Type: application/json; charset=utf-8\r\n\
        X-Azure-Functions-InvocationId: 5b7f0c5e-3f9b-4f44-9a55-0a35d6a5a1c2\r\n\
        X-Azure-Functions-HostVersion: 4.1045.200.25556";
    let function: Value = serde_json::from_slice(&fs::read(app.join("settle/function.json")).unwrap()).unwrap();
    let name = function["bindings"][0]["name"].as_str().unwrap();
    assert_eq!(function["bindings"][0]["dataType"], "binary");
    let message = |count: u32| base64_simd::STANDARD.encode_to_string(json!({"number": 1, "count": count}).to_string());
    // Many at once, as the binding asks for: a list of base64, written as a text.
    let envelope = |count: u32| {
        let list = Value::from(vec![message(5), message(count)]).to_string();
        json!({"Data": {name: list}, "Metadata": {"MessageIdArray": "[\"a\",\"b\"]", "SequenceNumberArray": "[1,2]"}})
    };
    let answer = ask(port, posted, &envelope(7).to_string());
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer = ask(port, posted, &envelope(500).to_string());
    assert!(answer.starts_with("HTTP/1.1 503"), "one that is sold out fails the batch: {answer}");
}
