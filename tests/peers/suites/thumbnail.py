"""The example `thumbnail` and the template `image`, as deployed, over real stores: moto's S3, Azurite, a Cloud Storage emulator. Each
program gets the environment of the emitted texts, an event, and real bytes, and writes a smaller picture."""

import base64
import hashlib
import hmac
import json
import re
import struct
import tempfile
import threading
import urllib.request
import zlib
from contextlib import contextmanager
from email.utils import formatdate
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from kit import cli, crates, emulator, http, peers
from kit.process import Process, free_port
from kit.process import run as run_command
from kit.report import NotRun

VARIABLE = "OMNIFN_BUCKET_UPLOADS"
KEY, THUMBNAIL = "pictures/a b+ü.png", "thumbnails/a b+ü.png"
# Azurite's own, which is in its documentation.
ACCOUNT = "devstoreaccount1"
SECRET = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def run(report):
    for crate in (Crate("the example", peers.ROOT / "examples" / "thumbnail", "thumbnail"), template()):
        for title, store in (("S3", s3), ("Cloud Storage", cloud_storage), ("Azure Blob Storage", azure_blob)):
            report.group(f"{crate.title}, {title}")
            try:
                found = store(report, crate)
            except NotRun as error:
                report.not_run(error)
                continue
            report.equal("the picture is smaller", size(found), (200, 100))


class Crate:
    """A crate with a function `thumbnail`, and the address of its bucket in the texts that `cargo omnifn emit` writes for it."""

    def __init__(self, title, folder, binary):
        self.title, self.folder, self.binary = title, folder, binary
        self._texts = None

    def build(self, provider):
        return crates.build(self.folder, self.binary, provider)

    def address(self, cloud, **replaced):
        """The bucket's address in the text for Terraform, with these references replaced."""
        if self._texts is None:
            self._texts = Path(tempfile.mkdtemp())
            cli.omnifn("emit", "terraform", "--out", self._texts, cwd=self.folder)
        files = sorted((self._texts / "terraform" / cloud).glob("*.tf"))
        found = re.findall(rf'{VARIABLE}"?\s*(?:=|\n\s*value\s*=)\s*"([^"]+)"', "\n".join(file.read_text() for file in files))
        [address] = set(found)
        address = re.sub(r"\$\{([^}]*)\}", lambda match: replaced[match[1].replace(".", "_")], address)
        return address


def template():
    """The crate that `cargo omnifn new --template image` makes, on the omnifn of this checkout."""
    folder = crates.FOLDER / "new-image"
    if not folder.exists():
        crates.FOLDER.mkdir(parents=True, exist_ok=True)
        made = ["new", folder.name, "--template", "image", "--omnifn-path", peers.ROOT]
        run_command([cli.program(), "omnifn", *made], env=crates.ENV, cwd=crates.FOLDER)
        (folder / "Cargo.lock").write_bytes((peers.ROOT / "Cargo.lock").read_bytes())
    return Crate("the template", folder, folder.name)


def picture(width, height):
    """A PNG of a gradient."""
    rows = b"".join(b"\0" + bytes(c for x in range(width) for c in (x % 256, y % 256, 128)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def size(png):
    """The width and the height of a PNG."""
    return struct.unpack(">II", png[16:24]) if png[:8] == b"\x89PNG\r\n\x1a\n" else png[:80]


def quoted(key):
    return urllib.request.quote(key, safe="/")


def send(method, url, body=None, headers=()):
    request = urllib.request.Request(url, body, dict(headers), method=method)
    with urllib.request.urlopen(request, timeout=20) as reply:
        return reply.read()


def s3(report, crate):
    tools = peers.moto()
    with Process("moto_server", [tools / "moto_server", "-H", "127.0.0.1", "-p", port := free_port()]) as server:
        server.wait_for_port(port, timeout=60)
        endpoint = f"http://127.0.0.1:{port}"
        address = crate.address("aws", local_account="123456789012", local_region="us-east-1")
        bucket = address.removeprefix("s3://")
        with tempfile.NamedTemporaryFile() as file:
            Path(file.name).write_bytes(picture(600, 300))
            program = peers.ROOT / "tests" / "peers" / "moto_events" / "upload.py"
            upload = [tools / "python", program, file.name, KEY, bucket]
            made = run_command(upload, env={"AWS_ENDPOINT_URL": endpoint, "PYTHONDONTWRITEBYTECODE": "1"})
        event = json.loads(made.strip().splitlines()[-1])
        credentials = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "us-east-1"}
        env = {VARIABLE: address, "AWS_ENDPOINT": endpoint, "AWS_ALLOW_HTTP": "true", **credentials}
        with emulator.running(crate.build("aws"), env) as (_, invoke):
            report.equal("the event that S3 sent is done", invoke(event), {"batchItemFailures": []})
        # moto looks whether a request is signed, and not how.
        someone = ("authorization", "AWS4-HMAC-SHA256 Credential=x/20261123/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x")
        return send("GET", f"{endpoint}/{bucket}/{quoted(THUMBNAIL)}", headers=[someone])


def cloud_storage(report, crate):
    tools = peers.python("gcp-storage-emulator")
    command = [tools / "gcp-storage-emulator", "start", "--host=127.0.0.1", f"--port={(port := free_port())}", "--in-memory"]
    address = crate.address("gcp", var_project="shop-1")
    bucket = address.removeprefix("gs://")
    with Process("gcp-storage-emulator", [*command, f"--default-bucket={bucket}"]) as server, dated(port) as front:
        server.wait_for_port(port, timeout=60)
        base = f"http://127.0.0.1:{front}"
        upload = f"{base}/upload/storage/v1/b/{bucket}/o?uploadType=media&name={urllib.request.quote(KEY, safe='')}"
        send("POST", upload, picture(600, 300), [("content-type", "image/png")])
        key = {"gcs_base_url": base, "disable_oauth": True, "client_email": "", "private_key": "", "private_key_id": ""}
        env = {VARIABLE: address, "GOOGLE_SERVICE_ACCOUNT_KEY": json.dumps(key), "GOOGLE_ALLOW_HTTP": "true"}
        attributes = {"specversion": "1.0", "id": "1", "source": f"//storage.googleapis.com/projects/_/buckets/{bucket}",
                      "type": "google.cloud.storage.object.v1.finalized", "subject": f"objects/{quoted(KEY)}"}
        headers = [(f"ce-{name}", value) for name, value in attributes.items()]
        data = json.dumps({"bucket": bucket, "name": KEY, "contentType": "image/png"})
        serve(report, crate, "gcp", "PORT", env, [*headers, ("content-type", "application/json")], data, 204)
        return send("GET", f"{base}/{bucket}/{quoted(THUMBNAIL)}")


@contextmanager
def dated(port):
    """A port in front of the emulator, which adds what Cloud Storage always sends and the emulator does not: when an object was
    changed, and its ETag."""

    class Front(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            connection = HTTPConnection("127.0.0.1", port, timeout=20)
            # The emulator does not decode the bucket's name.
            connection.request(self.command, self.path.replace("%2D", "-"), body, dict(self.headers))
            reply = connection.getresponse()
            content = reply.read()
            headers = {name.lower(): value for name, value in reply.getheaders() if name.lower() != "transfer-encoding"}
            added = {"last-modified": formatdate(usegmt=True), "etag": '"1"', "content-length": str(len(content))}
            self.send_response(reply.status)
            for name, value in {**added, **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = pass_on

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Front) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


def azure_blob(report, crate):
    binary = peers.node("azurite") / "azurite" / "dist" / "src" / "blob" / "main.js"
    command = ["node", binary, "--blobHost", "127.0.0.1", "--blobPort", port := free_port(), "--inMemoryPersistence"]
    with Process("azurite", [*command, "--silent", "--skipApiVersionCheck"]) as server:
        server.wait_for_port(port, timeout=60)
        base = f"http://127.0.0.1:{port}"
        signed("PUT", base, "/uploads", query={"restype": "container"})
        signed("PUT", base, f"/uploads/{quoted(KEY)}", picture(600, 300), {"x-ms-blob-type": "BlockBlob"})
        # The emulator has another address than the account, and the store's client is told of it by its own variables.
        address = crate.address("azure", azurerm_storage_account_data_primary_blob_endpoint=f"https://{ACCOUNT}.blob.core.windows.net/")
        env = {"OMNIFN_AZURE_HTTP": "proxying", VARIABLE: address, "AZURE_STORAGE_USE_EMULATOR": "true", "AZURITE_BLOB_STORAGE_URL": base}
        subject = f"/blobServices/default/containers/uploads/blobs/{KEY}"
        event = {"id": "1", "eventType": "Microsoft.Storage.BlobCreated", "subject": subject, "eventTime": "2026-11-23T05:42:01Z",
                 "topic": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a", "dataVersion": "",
                 "metadataVersion": "1", "data": {"url": f"{base}/{ACCOUNT}/uploads/{quoted(KEY)}", "contentType": "image/png"}}
        headers = [("aeg-event-type", "Notification"), ("content-type", "application/json")]
        serve(report, crate, "azure", "FUNCTIONS_CUSTOMHANDLER_PORT", env, headers, json.dumps([event]), 204)
        return signed("GET", base, f"/uploads/{quoted(THUMBNAIL)}")


def serve(report, crate, provider, variable, env, headers, body, status):
    """Starts the program on a provider, and posts an event to it."""
    with Process(f"thumbnail on {provider}", [crate.build(provider)], env={variable: str(port := free_port()), **env}) as process:
        process.wait_for_port(port)
        reply = http.send(port, "POST", "/_omnifn/thumbnail", headers=headers, body=body, timeout=30)
        if not report.equal("the event is done", reply.status, status):
            report.note(process.log()[-1000:])


def signed(method, base, path, body=b"", headers=None, query=None):
    """A request with the account's shared key, by the Storage services' rule."""
    query = query or {}
    headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2021-08-06", **(headers or {})}
    length = str(len(body)) if body else ""
    content_type = "application/octet-stream" if method != "GET" else ""
    own = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()))
    resource = f"/{ACCOUNT}/{ACCOUNT}{path}" + "".join(f"\n{name}:{value}" for name, value in sorted(query.items()))
    text = "\n".join([method, "", "", length, "", content_type, "", "", "", "", "", ""]) + "\n" + own + resource
    mark = base64.b64encode(hmac.new(base64.b64decode(SECRET), text.encode(), hashlib.sha256).digest()).decode()
    headers |= {"authorization": f"SharedKey {ACCOUNT}:{mark}"} | ({"content-type": content_type} if content_type else {})
    words = "&".join(f"{name}={value}" for name, value in query.items())
    return send(method, f"{base}/{ACCOUNT}{path}" + (f"?{words}" if words else ""), body if method != "GET" else None, headers)
