"""The same function in omnifn and in Google's own frameworks for Node and Python, asked the same."""


from kit import http, peers
from kit.process import Process, free_port
from kit.report import NotRun

SOURCES = peers.ROOT / "tests" / "peers" / "functions-framework"

# A request, and the headers of the reply that have to agree.
CASES = {
    "a request": (dict(target="/a/b?x=1&x=2"), ()),
    "an encoded path": (dict(target="/a%2Fb/%20c?q=%2B+%26"), ()),
    "a body": (dict(method="POST", target="/a", body="tea", headers=[("content-type", "text/plain")]), ()),
    "a binary body": (dict(method="PUT", target="/a", body=bytes(range(256)), headers=[("content-type", "application/octet-stream")]), ()),
    "a chunked body": (dict(method="POST", target="/a", chunks=[b"one", b"two"], headers=[("content-type", "text/plain")]), ()),
    "a header": (dict(target="/a", headers=[("X-Sent", "1, 2")]), ()),
    "PATCH": (dict(method="PATCH", target="/a"), ()),
    "DELETE": (dict(method="DELETE", target="/a"), ()),
    "HEAD": (dict(method="HEAD", target="/teapot"), ()),
    "robots.txt": (dict(target="/robots.txt"), ()),
    "favicon.ico": (dict(target="/favicon.ico"), ()),
    "several cookies": (dict(target="/cookies"), ("set-cookie",)),
    "binary": (dict(target="/binary"), ("content-type",)),
    "a redirect": (dict(target="/redirect"), ("location",)),
    "nothing": (dict(target="/nothing"), ()),
    "a status": (dict(target="/teapot"), ()),
    "a stream": (dict(target="/stream"), ()),
    "a failure": (dict(target="/fail"), ()),
}
# Words of the frameworks' own.
WITHOUT_BODY = {"robots.txt", "favicon.ico", "a failure"}


def run(report):
    ours = start_ours()
    missing = []
    with ours[0]:
        ours[0].wait_for_port(ours[1])
        for name, start in (("Node", start_node), ("Python", start_python)):
            try:
                process, port = start()
            except NotRun as error:
                missing.append(str(error))
                continue
            with process:
                process.wait_for_port(port, timeout=60)
                report.group(f"beside {name}")
                compare(report, ours[1], port)
        if missing:
            raise NotRun("; ".join(missing))


def compare(report, ours, theirs):
    for name, (request, headers) in CASES.items():
        mine, other = http.send(ours, **request), http.send(theirs, **request)
        report.equal(f"{name}: status", mine.status, other.status)
        if name not in WITHOUT_BODY:
            report.equal(f"{name}: body", mine.body, other.body)
        for header in headers:
            report.equal(f"{name}: {header}", mine.values(header), other.values(header))


def start_ours():
    program, port = peers.build("gcp", "echo"), free_port()
    return Process("omnifn", [program], env={"PORT": str(port), "FUNCTION_TARGET": "echo"}), port


def start_node():
    modules, port = peers.node(), free_port()
    main = modules / "@google-cloud" / "functions-framework" / "build" / "src" / "main.js"
    command = ["node", main, "--target=echo", f"--source={SOURCES / 'index.js'}", f"--port={port}"]
    return Process("functions-framework (Node)", command, env={"NODE_PATH": str(modules)}), port


def start_python():
    tools, port = peers.python("functions-framework"), free_port()
    command = [tools / "functions-framework", "--target=echo", f"--source={SOURCES / 'main.py'}", f"--port={port}"]
    return Process("functions-framework (Python)", [*command, "--host=127.0.0.1"], env={"PYTHONDONTWRITEBYTECODE": "1"}), port


