"""The same function in omnifn and in Google's own frameworks for Node and Python, asked the same."""

import shutil
import socket

from kit import crates, http, peers
from kit.process import Process, free_port
from kit.process import run as run_command
from kit.report import NotRun

SOURCES = peers.ROOT / "tests" / "peers" / "functions-framework"
TEXT, BYTES = [("content-type", "text/plain")], [("content-type", "application/octet-stream")]
FORM, JSON = [("content-type", "application/x-www-form-urlencoded")], [("content-type", "application/json")]
EVERY_BYTE = bytes(range(256))

# A request, and the headers of the reply that have to agree beside status, body and media type.
CASES = {
    "the root": (dict(target="/"), ()),
    "a request": (dict(target="/a/b?x=1&x=2"), ()),
    "an encoded path": (dict(target="/a%2Fb/%20c?q=%2B+%26"), ()),
    "two slashes": (dict(target="//a//b/"), ()),
    "a query alone": (dict(target="/?=&a"), ()),
    "a body": (dict(method="POST", target="/a", body="tea", headers=TEXT), ()),
    "an empty body": (dict(method="POST", target="/a", body="", headers=TEXT), ()),
    "a form": (dict(method="POST", target="/a", body="a=1&a=%20b", headers=FORM), ()),
    "JSON": (dict(method="POST", target="/a", body='{"a": 1.0}', headers=JSON), ()),
    "a binary body": (dict(method="PUT", target="/a", body=EVERY_BYTE, headers=BYTES), ()),
    "a large body": (dict(method="POST", target="/a", body=b"x" * 1_000_000, headers=BYTES), ()),
    "a chunked body": (dict(method="POST", target="/a", chunks=[b"one", b"two"], headers=TEXT), ()),
    "a header": (dict(target="/a", headers=[("X-Sent", "1, 2"), ("x-sent-too", '"q"')]), ()),
    "PATCH": (dict(method="PATCH", target="/a"), ()),
    "DELETE": (dict(method="DELETE", target="/a"), ()),
    "OPTIONS": (dict(method="OPTIONS", target="/a"), ()),
    "HEAD": (dict(method="HEAD", target="/teapot"), ()),
    "/robots.txt": (dict(target="/robots.txt"), ()),
    "/favicon.ico": (dict(target="/favicon.ico"), ()),
    "several cookies": (dict(target="/cookies"), ("set-cookie",)),
    "binary": (dict(target="/binary"), ("content-length",)),
    "a redirect": (dict(target="/redirect"), ("location",)),
    "no content": (dict(target="/nothing"), ()),
    "a 404 of the function's": (dict(target="/missing"), ()),
    "a 418": (dict(target="/teapot"), ("content-length",)),
    "a stream": (dict(target="/stream"), ()),
    "a failure": (dict(target="/fail"), ()),
    "and then": (dict(target="/teapot"), ()),
}
# The words of a reply that no function made are each framework's own.
STATUS_ALONE = {"/robots.txt", "/favicon.ico", "a failure", "a redirect"}


def run(report):
    ours = free_port()
    program = crates.build(crates.app(), "echo", "gcp,omnifn/h2c")
    with Process("omnifn", [program], env={"PORT": str(ours), "FUNCTION_TARGET": "echo"}) as process:
        process.wait_for_port(ours)
        report.group("HTTP/2 by prior knowledge")
        http2(report, ours)
        for name, framework in (("Node", node), ("Python", python)):
            try:
                theirs = framework(port := free_port())
            except NotRun as error:
                report.not_run(error)
                continue
            with theirs:
                theirs.wait_for_port(port, timeout=60)
                report.group(f"beside {name}")
                compare(report, ours, port)


def compare(report, ours, theirs):
    for name, (request, headers) in CASES.items():
        found = {port: http.send(port, **request) for port in (ours, theirs)}
        views = []
        for reply in found.values():
            view = {"status": reply.status} | {header: reply.values(header) for header in headers}
            if name not in STATUS_ALONE:
                media_type = (reply.value("content-type") or "").split(";")[0]
                view |= {"body": reply.body, "media type": media_type if reply.status != 204 else ""}
            views.append(view)
        report.equal(name, *views)


def http2(report, port):
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
        head = connection.makefile("rb").read(9)
    report.equal("the preface is answered with settings", head[3:], bytes([4, 0, 0, 0, 0, 0]))
    if shutil.which("curl") is None or "HTTP2" not in run_command(["curl", "--version"]):
        return report.note("no curl with HTTP/2 here: no request by it")
    curl = ["curl", "--silent", "--max-time", "10", "--http2-prior-knowledge", "--write-out", " %{http_version} %{http_code}"]
    url = f"http://127.0.0.1:{port}"
    said = run_command([*curl, "--data-binary", "tea", "--header", "x-sent: 1", f"{url}/a?x=1&x=2"])
    report.equal("curl --http2-prior-knowledge", said, "POST /a?x=1&x=2\nx-sent: 1\n746561\n 2 200")
    report.equal("a status", run_command([*curl, f"{url}/teapot"]), "short and stout\n 2 418")


def node(port, target="echo", kind="http"):
    modules = peers.node()
    main = modules / "@google-cloud" / "functions-framework" / "build" / "src" / "main.js"
    command = ["node", main, f"--target={target}", f"--signature-type={kind}", f"--source={SOURCES / 'index.js'}", f"--port={port}"]
    return Process("functions-framework (Node)", command, env={"NODE_PATH": str(modules)})


def python(port, target="echo", kind="http"):
    tools = peers.python("functions-framework")
    command = [tools / "functions-framework", f"--target={target}", f"--signature-type={kind}", f"--source={SOURCES / 'main.py'}"]
    return Process("functions-framework (Python)", [*command, f"--port={port}", "--host=127.0.0.1"], env={"PYTHONDONTWRITEBYTECODE": "1"})
