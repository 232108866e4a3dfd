"""AWS Lambda's official Runtime Interface Emulator runs the program."""

import base64
import copy

from kit import crates
from kit.emulator import fixture, running

# Golden vectors whose events are posted; what the function sees is in its `call.json`.
SHAPES = {
    "HTTP API": "v2_get",
    "HTTP API, JSON": "v2_post_json",
    "HTTP API, path and query": "v2_query_byte_for_byte",
    "HTTP API, dots": "v2_path_is_not_folded",
    "HTTP API, binary": "v2_binary_both_ways",
    "function URL": "function_url_get",
    "REST API": "rest_v1_get",
    "REST API, custom domain": "rest_v1_custom_domain",
    "load balancer": "alb_health_check",
    "load balancer, encoded": "alb_path_and_query_stay_encoded",
    "load balancer, lists": "alb_multi_value",
}
EVERY_BYTE = bytes(range(256))


def run(report):
    program = crates.build(crates.app(), "echo", "aws")
    with running(program) as (process, invoke):
        report.group("every shape of HTTP request, the whole reply")
        for shape, case in SHAPES.items():
            event = marked(fixture(case))
            report.equal(shape, invoke(event), expected(case, event))

        v2 = fixture("v2_get")

        def get(path, method="GET", **more):
            event = copy.deepcopy(v2) | {"rawPath": path, "rawQueryString": ""} | more
            event["requestContext"]["http"] |= {"path": path, "method": method}
            return invoke(event)

        report.group("replies")
        report.equal("several cookies", get("/cookies")["cookies"], ["a=1; Path=/", "b=2; HttpOnly"])
        binary = get("/binary")
        report.equal("binary is base64", binary["isBase64Encoded"], True)
        report.equal("binary, byte for byte", base64.b64decode(binary["body"]), EVERY_BYTE)
        sent = base64.b64encode(EVERY_BYTE).decode()
        same = get("/same", "POST", body=sent, isBase64Encoded=True)
        report.equal("binary there and back", (same["isBase64Encoded"], same["body"]), (True, sent))
        redirect = get("/redirect")
        report.equal("a redirect", (redirect["statusCode"], redirect["headers"]["location"]), (303, "/elsewhere?x=1"))
        report.equal("a stream, whole", get("/stream")["body"], "part 0\npart 1\npart 2\n")
        report.equal("no content", get("/nothing")["statusCode"], 204)
        cookies = invoke(copy.deepcopy(fixture("rest_v1_get")) | {"path": "/cookies"})
        report.equal("several cookies, REST API", cookies["multiValueHeaders"]["set-cookie"], ["a=1; Path=/", "b=2; HttpOnly"])

        report.group("failures, and the process lives")
        before = int(get("/calls")["body"])
        report.equal("an error is a 500", get("/fail")["statusCode"], 500)
        panic = get("/panic")
        report.equal("a panic is a 500", panic["statusCode"], 500)
        report.that("the caller does not see its words", "on purpose" not in str(panic), panic)
        report.contains("the log does", process.log(), "the function panicked on purpose")
        report.equal("the next invocation", get("/teapot")["statusCode"], 418)
        for name, case in {"S3": "refused_s3", "SQS": "refused_sqs", "EventBridge": "refused_eventbridge"}.items():
            refused = invoke(fixture(case))
            report.equal(f"an event of {name}: its type", refused.get("errorType"), "Runtime.UnsupportedEvent")
            report.contains(f"an event of {name}: what came", refused.get("errorMessage", ""), name)
        report.equal("what is no JSON", invoke(b'{"a":').get("errorType"), "Runtime.DecodeError")
        report.equal("one process answered all", int(get("/calls")["body"]), before + 4)

    report.group("direct invocations")
    invoked = crates.build(crates.app(), "invoked", "aws")
    with running(invoked, {"OMNIFN_FUNCTION": "mirror"}) as (process, invoke):
        for event in [None, True, 7, "text", [], {}, {"Records": []}, *(fixture(case) for case in SHAPES.values())]:
            report.equal(f"an event is only a payload: {str(event)[:40]}", invoke(event), event)
    with running(invoked, {"OMNIFN_FUNCTION": "length"}) as (process, invoke):
        report.equal("a result", invoke("four"), 4)
        failed = invoke("")
        report.equal("the name of an error", (failed["errorType"], failed["errorMessage"]), ("SoldOut", "nothing is left"))
        report.equal("a panic", invoke("panic").get("errorType"), "Function.Panicked")
        report.equal("a payload that does not fit", invoke({"text": 7}).get("errorType"), "Runtime.DecodeError")
        report.equal("the next invocation", invoke("five!"), 5)
    with running(invoked, {"OMNIFN_FUNCTION": "nothing"}) as (process, invoke):
        report.equal("no result is null", invoke({}), None)

    report.group("a client context that lambda_runtime cannot read")
    with running(program, {"AWS_LAMBDA_FUNCTION_TIMEOUT": "3"}) as (process, invoke):
        garbage = base64.b64encode(b"not json").decode()
        try:
            reply = invoke(v2, [("X-Amz-Client-Context", garbage)])
        except ValueError:
            reply = None
        report.equal("the invocation times out", reply, None)
        report.contains("the log says why", process.log(), "the loop of `lambda_runtime` ended")
        report.equal("the next invocation", invoke(v2).get("statusCode"), 200)


def marked(event):
    """The event with a header of two values, in the way of its shape."""
    event = copy.deepcopy(event)
    if event.get("multiValueHeaders") is not None:
        event["multiValueHeaders"]["X-Sent"] = ["1", "2"]
    if event.get("headers") is not None:
        event["headers"]["x-sent"] = "2" if "multiValueHeaders" in event else "1,2"
    return event


def expected(case, event):
    """What the function `echo` says of the call that the golden vector describes, in the form of the event's shape."""
    call, lists = fixture(case, "call"), event.get("multiValueHeaders") is not None
    body = event.get("body") or ""
    body = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    sent = ["x-sent: 1", "x-sent: 2"] if lists else ["x-sent: 1,2"]
    text = "\n".join([f"{call['method']} {call['uri']}", *sent, body.hex()]) + "\n"
    reply = {"statusCode": 200, "isBase64Encoded": False, "body": text}
    if "elb" in event["requestContext"]:
        reply["statusDescription"] = "200 OK"
    if lists:
        return reply | {"multiValueHeaders": {"content-type": ["text/plain"]}}
    reply["headers"] = {"content-type": "text/plain"}
    return reply | ({} if "elb" in event["requestContext"] else {"cookies": []})
