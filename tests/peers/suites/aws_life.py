"""Bad starts, crashes and functions that take too long, in the Runtime Interface Emulator: each is told, and the next one is answered."""

from kit import crates, emulator


def run(report):
    program = crates.build(crates.app(), "life", "aws")

    def event(deed):
        http = {"method": "GET", "path": f"/{deed}", "sourceIp": "203.0.113.7", "protocol": "HTTP/1.1"}
        return {"version": "2.0", "rawPath": f"/{deed}", "rawQueryString": "", "headers": {"host": "x"}, "isBase64Encoded": False,
                "requestContext": {"http": http, "stage": "$default"}}

    report.group("a start that fails")
    with emulator.running(program) as (process, invoke):
        failed = invoke(event("sing"))
        report.equal("its type", failed.get("errorType"), "Runtime.ConfigError")
        report.contains("its words", failed.get("errorMessage", ""), "the variable `DATABASE` is not set")

    report.group("a function that takes too long")
    with emulator.running(program, {"DATABASE": "db", "AWS_LAMBDA_FUNCTION_TIMEOUT": "8"}) as (process, invoke):
        report.equal("an invocation", invoke(event("sing")).get("body"), "did sing")
        slow = invoke(event("slow"))
        report.equal("one that awaits is cancelled, and answered", slow.get("statusCode"), 504)
        report.contains("and logged", process.log(), "the function `life` was cancelled after 7")
        report.equal("and then", invoke(event("sing")).get("body"), "did sing")

    report.group("a function that ends the process")
    with emulator.running(program, {"DATABASE": "db"}) as (process, invoke):
        report.equal("an invocation", invoke(event("sing")).get("body"), "did sing")
        crashed = invoke(event("crash"))
        report.equal("its type", crashed.get("errorType"), "Runtime.ExitError")
        report.equal("and then, in a process of its own", invoke(event("sing")).get("body"), "did sing")
