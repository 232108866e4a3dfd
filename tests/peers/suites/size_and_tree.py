"""What each provider's build is made of, and, for information, the size of a stripped hello beside lambda_http's."""

from kit import crates, peers
from kit.process import run as run_command

LAMBDA_HTTP = """use lambda_http::{Body, Error, Request, Response, run, service_fn};

async fn hello(request: Request) -> Result<Response<Body>, Error> {
    let name = request.uri().path().rsplit('/').next().unwrap_or_default();
    Ok(Response::new(format!("Hello, {name}!").into()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(hello)).await
}
"""

ADAPTERS = {"omnifn-aws", "omnifn-gcp", "omnifn-azure", "omnifn-local"}
NEVER = {"lambda_http", "reqwest", "openssl", "rustls", "native-tls"}
# Crates that compile C, or another language than Rust, or look for a library that is written in it.
C = {"cc", "cmake", "pkg-config", "bindgen", "ring", "aws-lc-rs", "aws-lc-sys", "openssl-sys"}

# A crate, or a feature of one that is on.
LAMBDA = {"lambda_runtime", "lambda_runtime_api_client"}
SERVER = {"hyper", "hyper/server", "hyper-util", "axum"}
HTTP2 = {"hyper/http2", "h2"}

# What a build does not hold, and what it does: that shows that the names are the right ones.
ABSENT = {
    "aws": {"hyper-util/server"} | HTTP2,
    "gcp": LAMBDA | HTTP2,
    "azure": LAMBDA | HTTP2,
    "local": LAMBDA | HTTP2,
    "gcp,omnifn/h2c": LAMBDA,
}
PRESENT = {
    "aws": LAMBDA | {"hyper/client", "hyper-util/client-legacy"},
    "gcp": SERVER,
    "azure": SERVER,
    "local": SERVER,
    "gcp,omnifn/h2c": SERVER | HTTP2,
}


def run(report):
    report.group("what each build is made of")
    hello = crates.hello()
    for feature, absent in ABSENT.items():
        held = tree(hello, "--no-default-features", "--features", feature)
        report.note(f"{feature}: {count(held)} crates below hello")
        own = f"omnifn-{feature.split(',')[0]}"
        absent = absent | NEVER | ADAPTERS - {own}
        report.equal(f"{feature} holds nothing of the others", sorted(absent & held), [])
        report.equal(f"{feature} holds its own", sorted((PRESENT[feature] | {own}) - held), [])
        compiled = tree(hello, "--no-default-features", "--features", feature, edges="normal,build")
        report.equal(f"{feature} compiles no C", sorted(C & compiled), [])

    report.group("a stripped hello")
    dependencies = f'lambda_http = "={peers.VERSIONS["lambda_http"]}"\ntokio = {{ version = "1", features = ["macros"] }}\n'
    manifest = crates.PACKAGE.format(name="hello-lambda-http") + f"[dependencies]\n{dependencies}{crates.SMALL}"
    theirs = crates.written("hello-lambda-http", {"Cargo.toml": manifest, "src/main.rs": LAMBDA_HTTP})
    report.note(f"lambda_http: {count(tree(theirs))} crates below hello")
    ours = crates.build(hello, "hello", "aws", release=True).stat().st_size
    theirs = crates.build(theirs, "hello-lambda-http", None, release=True).stat().st_size
    report.note(f"omnifn: {ours:,} bytes; lambda_http {peers.VERSIONS['lambda_http']}: {theirs:,} bytes; ratio {ours / theirs:.2f}")


def tree(crate, *options, edges="normal"):
    """The crates that a build is made of, by their names, and their features that are on: `crate/feature`."""
    command = ["cargo", "tree", *options, "--edges", edges, "--prefix", "none", "--format", "{p}|{f}"]
    held = set()
    for line in run_command(command, env=crates.ENV, cwd=crate).splitlines():
        package, _, features = line.removesuffix(" (*)").partition("|")
        name = package.split(" ")[0]
        held |= {name, *(f"{name}/{feature}" for feature in features.split(",") if feature)}
    return held


def count(held):
    return len([name for name in held if "/" not in name]) - 1
