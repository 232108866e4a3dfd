"""The function on PyPI's functions-framework, with one JSON log line per request."""

import json
import time

import functions_framework
from flask import Response


@functions_framework.http
def hello(request):
    started = time.perf_counter()
    body = request.get_data()
    name = request.args.get("name", "stranger")
    last = body[-1] if body else 0
    agent = request.headers.get("user-agent", "an unknown agent")
    text = f"Hello, {name}! {request.method} {request.path}: {len(body)} bytes, the last is {last}, from {agent}"
    response = Response(text, content_type="text/plain; charset=utf-8")
    line = {"severity": "INFO", "message": "request", "method": request.method, "path": request.path, "status": 200}
    print(json.dumps({**line, "duration_ms": (time.perf_counter() - started) * 1e3}), flush=True)
    return response
