"""The function on PyPI's functions-framework."""

import functions_framework
from flask import Response


@functions_framework.http
def hello(request):
    body = request.get_data()
    name = request.args.get("name", "stranger")
    last = body[-1] if body else 0
    agent = request.headers.get("user-agent", "nothing known")
    words = f"Hello, {name}! {request.method} {request.path} came with {len(body)} bytes, the last {last}, from {agent}"
    return Response(words, content_type="text/plain; charset=utf-8")
