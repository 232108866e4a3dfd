"""A client that sends the bytes it is told to: paths, repeated headers and bodies as they are."""

import socket
from typing import NamedTuple


class Reply(NamedTuple):
    """An HTTP reply. Header names are lower case, values as they came, in order."""

    status: int
    headers: list
    body: bytes

    def values(self, name):
        """All values of a header, in order."""
        return [value for header, value in self.headers if header == name]

    def value(self, name):
        """The first value of a header, or None."""
        return next(iter(self.values(name)), None)


class Broken(Exception):
    """The peer ended the connection, or sent what is no HTTP."""


def send(port, method="GET", target="/", headers=(), body=None, host="127.0.0.1", chunks=None, timeout=15):
    """Sends one request on a connection of its own. `chunks` sends the body chunked; text becomes UTF-8, headers Latin-1."""
    lines = [f"{method} {target} HTTP/1.1"]
    given = {name.lower() for name, _ in headers}
    if "host" not in given:
        lines.append(f"host: {host}:{port}")
    lines += [f"{name}: {value}" for name, value in headers]
    if chunks is not None:
        lines.append("transfer-encoding: chunked")
        payload = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks if chunk) + b"0\r\n\r\n"
    else:
        payload = body.encode() if isinstance(body, str) else body or b""
        if body is not None and "content-length" not in given:
            lines.append(f"content-length: {len(payload)}")
    lines.append("connection: close")
    with socket.create_connection((host, port), timeout) as connection:
        connection.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + payload)
        return _read(connection.makefile("rb"), method)


def send_bytes(port, data, host="127.0.0.1", timeout=15):
    """Sends what may be no HTTP at all."""
    with socket.create_connection((host, port), timeout) as connection:
        connection.sendall(data)
        return _read(connection.makefile("rb"), "GET")


def _read(stream, method):
    while True:
        start = stream.readline()
        try:
            status = int(start.split(b" ", 2)[1])
        except (IndexError, ValueError):
            raise Broken(f"no status line but {start[:80]!r}") from None
        headers = []
        while (line := stream.readline()) not in (b"\r\n", b"\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers.append((name.strip().lower(), value.strip()))
        if status >= 200:
            break
    reply = Reply(status, headers, b"")
    if method == "HEAD" or status in (204, 304):
        return reply
    if "chunked" in (reply.value("transfer-encoding") or "").lower():
        return reply._replace(body=_chunks(stream))
    length = reply.value("content-length")
    body = stream.read() if length is None else stream.read(int(length))
    if length is not None and len(body) < int(length):
        raise Broken(f"{len(body)} of {length} bytes of the body came")
    return reply._replace(body=body)


def _chunks(stream):
    body = b""
    while True:
        line = stream.readline()
        try:
            size = int(line.split(b";")[0], 16)
        except ValueError:
            raise Broken(f"the body broke off after {len(body)} bytes") from None
        body += stream.read(size)
        while stream.readline() not in (b"\r\n", b"\n", b""):
            pass  # the chunk's end, or trailers
        if size == 0:
            return body
