"""A stripped hello beside lambda_http's, and what each provider's build is made of."""

import tempfile
from pathlib import Path

from kit import peers

PROFILE = '[profile.release]\ncodegen-units = 1\nlto = "fat"\nstrip = "symbols"\n'
HELLO = {
    "omnifn": (
        f'omnifn = {{ path = "{peers.ROOT}", features = ["aws"] }}\n',
        """use omnifn::prelude::*;

#[function(get = "/hello/{name}")]
async fn hello(Path(name): Path<String>) -> String {
    format!("Hello, {name}!")
}

omnifn::main!(hello);
""",
    ),
    "lambda_http": (
        f'lambda_http = "={peers.VERSIONS["lambda_http"]}"\ntokio = {{ version = "1", features = ["macros"] }}\n',
        """use lambda_http::{Body, Error, Request, Response, run, service_fn};

async fn hello(request: Request) -> Result<Response<Body>, Error> {
    let name = request.uri().path().rsplit('/').next().unwrap_or_default();
    Ok(Response::new(format!("Hello, {name}!").into()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(hello)).await
}
""",
    ),
}

# What no build for one provider holds.
ABSENT = {
    "aws": {"omnifn-gcp", "omnifn-azure", "omnifn-local", "lambda_runtime", 'hyper feature "server"', "h2"},
    "gcp": {"omnifn-aws", "omnifn-azure", "omnifn-local", "lambda_runtime", 'hyper feature "client"'},
    "azure": {"omnifn-aws", "omnifn-gcp", "omnifn-local", "lambda_runtime", 'hyper feature "client"', "h2"},
    "local": {"omnifn-aws", "omnifn-gcp", "omnifn-azure", "lambda_runtime", 'hyper feature "client"'},
}


def run(report):
    report.group("what each build is made of")
    for feature, absent in ABSENT.items():
        command = ["cargo", "tree", "--manifest-path", peers.ROOT / "Cargo.toml", "-p", "omnifn", "--no-default-features"]
        tree = peers.run([*command, "--features", feature, "-e", "normal,features", "--prefix", "none"])
        lines = {line.removesuffix(" (*)") for line in tree.splitlines()}
        names = {line.split(" v")[0] for line in lines} | lines
        crates = {line.split(" ")[0] for line in lines if " feature " not in line}
        report.note(f"{feature}: {len(crates)} crates")
        report.equal(f"{feature} holds nothing of", sorted(absent & names), [])

    report.group("a stripped hello")
    sizes = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, (dependencies, source) in HELLO.items():
            crate = Path(folder) / name
            (crate / "src").mkdir(parents=True)
            package = f'[package]\nname = "hello-{name.replace("_", "-")}"\nversion = "0.1.0"\nedition = "2024"\n\n[workspace]\n\n'
            (crate / "Cargo.toml").write_text(f"{package}[dependencies]\n{dependencies}\n{PROFILE}")
            (crate / "src" / "main.rs").write_text(source)
            binary = peers.build("", f"hello-{name.replace('_', '-')}", release=True, manifest=crate / "Cargo.toml")
            sizes[name] = binary.stat().st_size
    for name, size in sizes.items():
        report.note(f"{name}: {size:,} bytes")
    report.that("omnifn's is smaller than lambda_http's", sizes["omnifn"] < sizes["lambda_http"], sizes)
    report.note(f"ratio {sizes['omnifn'] / sizes['lambda_http']:.2f}")
