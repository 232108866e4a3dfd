"""AWS Lambda's official Runtime Interface Emulator runs the program."""

import base64
import json

from kit import http, peers
from kit.process import Process, free_port

FIXTURES = peers.ROOT / "adapters" / "aws" / "fixtures" / "http"


def run(report):
    emulator = peers.emulator()
    program = peers.build("aws", "echo")
    port = free_port()
    runtime = f"127.0.0.1:{free_port()}"
    command = [emulator, "--runtime-interface-emulator-address", f"127.0.0.1:{port}", "--runtime-api-address", runtime, program]
    with Process("emulator", command, env={"AWS_LAMBDA_FUNCTION_TIMEOUT": "30"}) as process:
        process.wait_for_port(port)

        def invoke(event, headers=()):
            body = event if isinstance(event, bytes) else json.dumps(event)
            reply = http.send(port, "POST", "/2015-03-31/functions/function/invocations", headers=headers, body=body)
            return json.loads(reply.body)

        report.group("every shape of HTTP request")
        shapes = {"v2": "v2_get", "function url": "function_url_get", "rest": "rest_v1_get", "alb": "alb_health_check"}
        shapes["alb, lists"] = "alb_multi_value"
        for shape, case in shapes.items():
            event = json.loads((FIXTURES / case / "in.json").read_text())["body"]["json"]
            call = json.loads((FIXTURES / case / "call.json").read_text())
            answer = invoke(event)
            report.equal(f"{shape}: status", answer.get("statusCode"), 200)
            report.contains(f"{shape}: target", answer.get("body", ""), f"{call['method']} {call['uri']}\n")

        report.group("replies")
        v2 = json.loads((FIXTURES / "v2_get" / "in.json").read_text())["body"]["json"]

        def get(path, method="GET", **more):
            event = json.loads(json.dumps(v2)) | {"rawPath": path, "rawQueryString": ""} | more
            event["requestContext"]["http"] |= {"path": path, "method": method}
            event["requestContext"]["stage"] = "$default"
            return invoke(event)

        report.equal("several cookies", get("/cookies")["cookies"], ["a=1; Path=/", "b=2; HttpOnly"])
        binary = get("/binary")
        report.equal("binary is base64", binary["isBase64Encoded"], True)
        report.equal("binary, byte for byte", base64.b64decode(binary["body"]), bytes(range(256)))
        sent = base64.b64encode(bytes(range(256))).decode()
        same = get("/same", "POST", body=sent, isBase64Encoded=True)
        report.equal("binary there and back", (same["isBase64Encoded"], same["body"]), (True, sent))
        report.equal("a redirect", (get("/redirect")["statusCode"], get("/redirect")["headers"]["location"]), (303, "/elsewhere?x=1"))
        report.equal("a stream, whole", get("/stream")["body"], "part 0\npart 1\npart 2\n")

        report.group("failures, and the process lives")
        report.equal("an error is a 500", get("/fail")["statusCode"], 500)
        report.equal("a panic is a 500", get("/panic")["statusCode"], 500)
        s3 = json.loads((FIXTURES / "refused_s3" / "in.json").read_text())["body"]["json"]
        refused = invoke(s3)
        report.equal("an event of S3: its type", refused.get("errorType"), "Runtime.UnsupportedEvent")
        report.contains("an event of S3: what came", refused.get("errorMessage", ""), "S3")
        report.equal("what is no JSON", invoke(b"{\"a\":").get("errorType"), "Runtime.DecodeError")
        garbage = base64.b64encode(b"not json").decode()
        report.equal("a client context that is none", invoke(v2, [("X-Amz-Client-Context", garbage)]).get("statusCode"), 200)
        calls = int(get("/calls")["body"])
        report.that("one process answered all", calls > 10, calls)
