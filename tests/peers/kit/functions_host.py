"""A model of the Azure Functions host, which cannot be installed here: what it sends a custom handler, what it makes of the reply.

By https://github.com/Azure/azure-functions-host (`Workers/Http/DefaultHttpWorkerService.cs`) and what a host 4.1045 was seen
to do. The real host also folds dots in paths, and gives no reply in data mode until its timeout where an envelope is empty.
"""

import base64
import json
import tempfile
import uuid
from pathlib import Path
from urllib.parse import parse_qsl, quote_plus

from . import http
from .process import Process, free_port

FUNCTION_JSON = {
    "bindings": [
        {"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous", "route": "{*path}"},
        {"type": "http", "direction": "out", "name": "res"},
    ]
}
VERSION = "4.1045.200.25556"
CLIENT_HOST = "app.example"


class Hang(Exception):
    """The invocation hangs until the function times out."""


class Host:
    """Starts a program as the custom handler of an app; `ask` is what a client does."""

    def __init__(self, program, function, mode, prefix="api", variable=True, host_json=None):
        """`mode`: Proxying, Forwarding or an empty text. `variable`: it says where the app is; else it starts the program there."""
        self.function, self.mode, self.prefix, self.logs = function, mode, prefix, []
        handler = {"description": {"defaultExecutablePath": program.name}, **({f"enable{mode}HttpRequest": True} if mode else {})}
        extensions = {} if prefix == "api" else {"extensions": {"http": {"routePrefix": prefix}}}
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name, "app")
        (folder / function).mkdir(parents=True)
        text = host_json or json.dumps({"version": "2.0", "customHandler": handler, **extensions})
        (folder / "host.json").write_text(text)
        (folder / function / "function.json").write_text(json.dumps(FUNCTION_JSON))
        self.port = free_port()
        env = {
            "FUNCTIONS_CUSTOMHANDLER_PORT": str(self.port),
            "FUNCTIONS_HTTPWORKER_PORT": str(self.port),
            "FUNCTIONS_CUSTOMHANDLER_WORKER_ID": str(uuid.uuid4()),
            "FUNCTIONS_WORKER_RUNTIME": "custom",
            "WEBSITE_HOSTNAME": "127.0.0.1:7071",
            **({"FUNCTIONS_APP_ROOT_PATH": str(folder)} if variable else {}),
        }
        self.process = Process("the handler", [program], env=env, cwd=self._folder.name if variable else folder)

    def __enter__(self):
        self.process.__enter__()
        self.process.wait_until(self.probe, "answers no probe", 30)
        return self

    def __exit__(self, *error):
        self.process.__exit__(*error)
        self._folder.cleanup()

    def probe(self):
        """Any answer means that the program is ready, or that it lives."""
        try:
            return http.send(self.port, timeout=5)
        except OSError:
            return None

    def ask(self, method, path, headers=(), body=None, chunks=None):
        """What a client gets that sends this request: an http.Reply."""
        target = (f"/{self.prefix}" if self.prefix else "") + path
        headers = [("Host", CLIENT_HOST), *headers]
        way = {"Proxying": self._proxy, "Forwarding": self._forward, "": self._envelope}[self.mode]
        return way(method, target, headers, body, chunks)

    def _proxy(self, method, target, headers, body, chunks):
        headers = [header for header in headers if header[0] != "Host"]
        headers += [("Host", f"127.0.0.1:{self.port}"), ("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Host", CLIENT_HOST)]
        headers += [("X-Forwarded-Proto", "https"), ("x-ms-invocation-id", str(uuid.uuid4()))]
        return http.send(self.port, method, target, _joined(headers), body, chunks=chunks)

    def _forward(self, method, target, headers, body, chunks):
        if chunks is not None:
            return _failed()  # the handler is not called
        path, query = (target.split("?", 1) + [""])[:2]
        query = "&".join(f"{quote_plus(key)}={quote_plus(value)}" for key, value in _query(query).items())
        headers = [*_joined(headers), *self._marks()]
        return http.send(self.port, method, path + (f"?{query}" if query else ""), headers, body)

    def _envelope(self, method, target, headers, body, chunks):
        fields = {}
        for name, value in headers:
            fields.setdefault(name, []).append(value)
        request = {"Url": f"https://{CLIENT_HOST}{target}", "Method": method, "Query": _query((target.split("?", 1) + [""])[1])}
        request |= {"Headers": fields, "Params": {}, "Identities": [{"IsAuthenticated": False, "Claims": []}]}
        if body:  # one that came in chunks is left out, without a word
            request["Body"] = _text(body, dict(headers).get("Content-Type", ""))
        reply = self.post({"Data": {"req": request}, "Metadata": {"sys": {"MethodName": self.function}}})
        return self._opened(reply)

    def post(self, envelope, chunks=None):
        """Posts an envelope, or bytes that should be one; gives the handler's own reply."""
        data = envelope if isinstance(envelope, bytes) else json.dumps(envelope).encode()
        headers = [("Host", f"127.0.0.1:{self.port}"), ("Content-Type", "application/json; charset=utf-8"), *self._marks()]
        sent = {"chunks": [data[i : i + chunks] for i in range(0, len(data), chunks)]} if chunks else {"body": data}
        return http.send(self.port, "POST", f"/{self.function}", headers, **sent)

    def _opened(self, reply):
        if reply.body.strip() in (b"", b"null") and reply.status < 300:
            raise Hang("the reply is empty")
        try:
            if not 200 <= reply.status < 300 or not (reply.value("content-type") or "").startswith("application/json"):
                return _failed()
            envelope = json.loads(reply.body)
            self.logs += envelope.get("Logs") or []
            output = envelope["Outputs"]["res"]
            headers = [(name.lower(), value) for name, value in (output.get("headers") or {}).items()]
            if not all(isinstance(value, str) for _, value in headers):
                return _failed()
            body = output.get("body") or ""
            return http.Reply(int(output["statusCode"]), headers, body.encode() if isinstance(body, str) else json.dumps(body).encode())
        except (ValueError, KeyError, TypeError):
            return _failed()

    def _marks(self):
        trace = f"00-{uuid.uuid4().hex}-{uuid.uuid4().hex[:16]}-01"
        return [("X-Azure-Functions-InvocationId", str(uuid.uuid4())), ("X-Azure-Functions-HostVersion", VERSION), ("traceparent", trace)]


def _failed():
    return http.Reply(500, [], b"")


def _query(query):
    keys = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        keys[key] = f"{keys[key]},{value}" if key in keys else value
    return keys


def _joined(headers):
    """One line for each name."""
    lines = {}
    for name, value in headers:
        lines[name] = f"{lines[name]}, {value}" if name in lines else value
    return list(lines.items())


def _text(body, media_type):
    body = body.encode() if isinstance(body, str) else body
    if media_type.startswith(("application/octet-stream", "multipart/")):
        return base64.b64encode(body).decode()
    return body.decode("utf-8", "replace")
