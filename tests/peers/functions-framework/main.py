"""The echo function of ../app/echo.rs, for Python's Functions Framework."""

import json

import functions_framework
from flask import Response, request


@functions_framework.http
def echo(_):
    last = request.path.rsplit("/", 1)[-1]
    if last == "fail":
        raise RuntimeError("the function failed on purpose")
    if last == "cookies":
        response = Response("two cookies\n", content_type="text/plain")
        response.headers.add("Set-Cookie", "a=1; Path=/")
        response.headers.add("Set-Cookie", "b=2; HttpOnly")
        return response
    if last == "binary":
        return Response(bytes(range(256)), content_type="application/octet-stream")
    if last == "redirect":
        return Response(status=303, headers={"Location": "/elsewhere?x=1"})
    if last == "missing":
        return Response("not here\n", status=404, content_type="text/plain")
    if last == "nothing":
        return Response(status=204)
    if last == "teapot":
        return Response("short and stout\n", status=418, content_type="text/plain")
    if last == "stream":
        return Response((f"part {i}\n" for i in range(3)), content_type="text/plain")
    sent = [f"{name.lower()}: {value}" for name, value in request.headers if name.lower().startswith("x-sent")]
    target = request.environ.get("RAW_URI") or request.environ["REQUEST_URI"]
    lines = [f"{request.method} {target}", *sent, request.get_data().hex()]
    return Response("\n".join(lines) + "\n", content_type="text/plain")


@functions_framework.cloud_event
def tell(event):
    """The function of ../app/tell.rs."""
    if event["type"] == "fail":
        raise RuntimeError("the function failed on purpose")
    seen = {name: event.get(name) for name in ("id", "source", "type", "subject", "color")}
    print("saw " + json.dumps(seen | {"data": event.get_data()}, sort_keys=True), flush=True)
