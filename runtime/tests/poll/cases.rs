//! Everything that the API can say, one after another to one process, which must answer a plain event after each.

use crate::{
    runtime_api::{
        Answer::{self, Close, CloseUnread, Early, Status},
        Next, RuntimeApi,
    },
    start,
};

struct Case {
    name: &'static str,
    /// What the API answers to polls.
    next: Vec<Next>,
    /// What it answers to posts, by the end of their paths.
    answers: Vec<(&'static str, Vec<Answer>)>,
    /// The posts that must come for the invocation: the end of the path, and a part of the body.
    posts: &'static [(&'static str, &'static str)],
    /// Parts of the lines that must be logged, and no others.
    log: &'static [&'static str],
}

/// How the loop ends where it cannot read an event. The event gets no reply then, and fails by its timeout.
const ENDED: &[&str] = &["the loop of `lambda_runtime` ended: "];
const NO_REQUEST_ID: &[&str] = &["the loop of `lambda_runtime` panicked: missing lambda-runtime-aws-request-id header"];
const NO_DEADLINE: &[&str] = &["the loop of `lambda_runtime` panicked: missing lambda-runtime-deadline-ms header"];
/// A response 204 is polled again at once in a debug build, and has no request id in a release build.
const NO_EVENT: &[&str] = if cfg!(debug_assertions) { &[] } else { NO_REQUEST_ID };

fn case(name: &'static str, next: Vec<Next>) -> Case {
    Case { name, next, answers: vec![], posts: &[("/response", "hello")], log: &[] }
}

impl Case {
    fn answers(mut self, path_end: &'static str, answers: impl IntoIterator<Item = Answer>) -> Self {
        self.answers.push((path_end, answers.into_iter().collect()));
        self
    }

    fn posts(mut self, posts: &'static [(&'static str, &'static str)]) -> Self {
        self.posts = posts;
        self
    }

    fn log(mut self, log: &'static [&'static str]) -> Self {
        self.log = log;
        self
    }

    fn lost(self, log: &'static [&'static str]) -> Self {
        self.posts(NOTHING_POSTED).log(log)
    }
}

const HELLO: &str = "echo hello";
const NOTHING_POSTED: &[(&str, &str)] = &[];
const FAILED: &[(&str, &str)] = &[("/error", "about:blank")];

#[rustfmt::skip]
fn cases(id: &str) -> Vec<Case> {
    let event = |body: &str| Next::event(id, body);
    let hello = || event(HELLO);
    vec![
        case("a plain event", vec![hello()]),
        case("an empty reply", vec![event("nothing")]).posts(&[("/response", "")]),
        case("an empty event", vec![event("")]).posts(FAILED).log(&["Panicked"]),

        // What stands in the head.
        case("a client context that is not JSON", vec![hello().header("lambda-runtime-client-context", "{oops")]).lost(ENDED),
        case("a client context that is not text", vec![hello().header("lambda-runtime-client-context", b"{\xff\xfe}")]).lost(ENDED),
        case("an identity that is not JSON", vec![hello().header("lambda-runtime-cognito-identity", "[1")]).lost(ENDED),
        case("an ARN that is not text", vec![Next::with_head(
            &[("lambda-runtime-aws-request-id", id.as_bytes()), ("lambda-runtime-deadline-ms", b"1"), ("lambda-runtime-invoked-function-arn", b"\xe9")],
            HELLO,
        )]).lost(ENDED),
        case("a trace id that is not text", vec![Next::with_head(
            &[("lambda-runtime-aws-request-id", id.as_bytes()), ("lambda-runtime-deadline-ms", b"1"), ("lambda-runtime-trace-id", b"\xe9")],
            HELLO,
        )]),
        case("another header that is not text", vec![event("head").header("x-any", b"a\xffb")]).posts(&[("/response", "x-any=[97, 255, 98]")]),
        case("a header twice", vec![event("head").header("x-any", "1").header("x-any", "2")]).posts(&[("/response", "x-any=[50]\nx-any=[49]")]),
        case("a deadline long ago", vec![Next::with_head(&[("lambda-runtime-aws-request-id", id.as_bytes()), ("lambda-runtime-deadline-ms", b"600000")], HELLO)]),
        case("a deadline that is no number", vec![Next::with_head(&[("lambda-runtime-aws-request-id", id.as_bytes()), ("lambda-runtime-deadline-ms", b"soon")], HELLO)]).lost(ENDED),
        case("no deadline", vec![Next::with_head(&[("lambda-runtime-aws-request-id", id.as_bytes())], HELLO)]).lost(NO_DEADLINE),
        case("no request id", vec![Next::with_head(&[("lambda-runtime-deadline-ms", b"1")], HELLO)]).lost(NO_REQUEST_ID),
        case("a request id that is another path", vec![Next::event("../../init", HELLO)]).lost(&["an invalid lambda-runtime-aws-request-id"]),
        case("a request id that is not text", vec![Next::with_head(&[("lambda-runtime-aws-request-id", b"\xff"), ("lambda-runtime-deadline-ms", b"1")], HELLO)]).lost(ENDED),

        // What is no event.
        case("204", vec![Next::status(204), Next::status(204), hello()]).log(NO_EVENT),
        case("500", vec![Next::status(500), hello()]).log(NO_REQUEST_ID),
        case("403, twice", vec![Next::status(403), Next::status(403), hello()]).log(NO_REQUEST_ID),
        case("302", vec![Next::status(302), hello()]).log(NO_REQUEST_ID),
        case("101", vec![Next::raw("HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: any\r\n\r\n"), hello()]).log(NO_REQUEST_ID),
        case("what is not HTTP", vec![Next::raw("+OK hello\r\n\r\n").closing(), hello()]).log(ENDED),
        case("a status that is none", vec![Next::raw("HTTP/1.1 999999 What\r\n\r\n").closing(), hello()]).log(ENDED),
        case("more headers than anyone sends", vec![(0..300).fold(hello(), |next, i| next.header(&format!("x-{i}"), "1")).closing(), hello()]).log(ENDED),

        // The socket closes.
        case("closed without a word, twice", vec![Next::raw("").closing(), Next::raw("").closing(), hello()]).log(ENDED),
        case("closed in the head", vec![hello().cut(HELLO.len() + 30), hello()]).log(ENDED),
        case("closed in the event", vec![hello().cut(3)]).lost(ENDED),
        case("closed before the event's first byte", vec![hello().cut(HELLO.len())]).lost(ENDED),
        case("closed before the end of a length beyond all memory", vec![Next::raw(format!(
            "HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551000\r\nlambda-runtime-aws-request-id: {id}\r\nlambda-runtime-deadline-ms: 1\r\n\r\n{HELLO}"
        )).closing()]).lost(ENDED),
        case("closed after the event", vec![hello().closing()]),
        case("an event whose end is the end of the connection", vec![Next::raw(format!(
            "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: {id}\r\nlambda-runtime-deadline-ms: 1\r\n\r\n{HELLO}"
        )).closing()]),
        case("an event in chunks", vec![Next::raw(format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nlambda-runtime-aws-request-id: {id}\r\nlambda-runtime-deadline-ms: 1\r\n\r\n4\r\necho\r\n6\r\n hello\r\n0\r\n\r\n"
        ))]),
        case("bytes after the event", vec![Next::raw(format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nlambda-runtime-aws-request-id: {id}\r\nlambda-runtime-deadline-ms: 1\r\n\r\n{HELLO}HTTP/1.1 200 OK\r\n\r\n", HELLO.len()
        ))]),

        // What the API answers to a reply.
        case("200 to the reply", vec![hello()]).answers("/response", [Status(200)]),
        case("400 to the reply", vec![hello()]).answers("/response", [Status(400)]).log(&["400: the platform did not understand"]),
        case("403 to the reply", vec![hello()]).answers("/response", [Status(403)]).log(&["403: the platform expects no reply"]),
        case("410 to the reply", vec![hello()]).answers("/response", [Status(410)]).log(&["410: the invocation had ended"]),
        case("413 to the reply", vec![event("give 7000000")]).answers("/response", [Status(413)])
            .posts(&[("/response", "xxx"), ("/error", "Function.ResponseSizeTooLarge")]).log(&["the response is larger than Lambda accepts without streaming"]),
        case("413 to the reply, after its head", vec![event("give 7000000")]).answers("/response", [Early(413)])
            .posts(&[("/response", ""), ("/error", "Function.ResponseSizeTooLarge")]).log(&["the response is larger than Lambda accepts without streaming"]),
        case("413, and the invocation is over", vec![event("give 7000000")]).answers("/response", [Status(413)]).answers("/error", [Status(403)])
            .posts(&[("/response", "xxx"), ("/error", "Function.ResponseSizeTooLarge")]).log(&["the response is larger than Lambda accepts without streaming"]),
        case("500 to the reply", vec![hello()]).answers("/response", [Status(500)]).log(&["answered 500 to the reply"]),
        case("400 to a failure", vec![event("error no")]).answers("/error", [Status(400)]).posts(FAILED).log(&["FunctionError", "400: the platform did not understand"]),
        case("closed instead of an answer", vec![hello()]).answers("/response", [Close]).posts(&[("/response", "hello"), ("/response", "hello")]),
        case("closed after the reply's head", vec![event("give 3000000")]).answers("/response", [CloseUnread]).posts(&[("/response", ""), ("/response", "xxx")]),
        case("closed instead of an answer, twice", vec![hello()]).answers("/response", [Close, Close])
            .posts(&[("/response", "hello"), ("/response", "hello"), ("/error", "Runtime.ReplyNotSent")]).log(&["the reply could not be sent"]),
        case("closed whatever is posted", vec![hello()]).answers("/response", [Close, Close]).answers("/error", [Close, Close])
            .posts(&[("/response", ""), ("/response", ""), ("/error", ""), ("/error", "")]).log(&["the reply could not be sent", "the failure could not be reported"]),
        case("closed instead of an answer to a stream", vec![event("stream a b")]).answers("/response", [Close])
            .posts(&[("/response", "ab"), ("/error", "Runtime.ReplyNotSent")]).log(&["the reply could not be sent"]),
        case("413 to a stream, after its head", vec![event("stream a !later b")]).answers("/response", [Early(413)])
            .posts(&[("/response", ""), ("/error", "Function.ResponseSizeTooLarge")]).log(&["the response is larger than Lambda accepts without streaming"]),
        case("202 to a stream, after its head", vec![event("stream a !later b")]).answers("/response", [Early(202)]).posts(&[("/response", "ab")]),
        case("closed after the event of a stream", vec![event("stream a b").closing()]).posts(&[("/response", "ab")]),

        // What the function does.
        case("the function fails", vec![event("error the disk is full")]).posts(FAILED).log(&["FunctionError provider=direct function=act"]),
        case("the function panics", vec![event("panic at the disk")]).posts(FAILED).log(&["Panicked provider=direct function=act"]),
        case("the adapter panics", vec![event("adapter panics")]).posts(&[("/error", "Runtime.Panicked")]).log(&["the runtime panicked: this adapter has a mistake"]),
        case("a stream fails", vec![event("stream a !error b")]).posts(&[("/response", "a")]).log(&["the response's body failed"]),
        case("a stream panics", vec![event("stream a !panic b")]).posts(&[("/response", "a")]).log(&["the response's body panicked: the stream panicked"]),

        // Sizes.
        case("6 MiB in", vec![event(&format!("size {}", "x".repeat(6 * 1024 * 1024 - 5)))]).posts(&[("/response", "6291456")]),
        case("6 MiB in, closed in the middle", vec![event(&format!("size {}", "x".repeat(6 * 1024 * 1024 - 5))).cut(3 * 1024 * 1024)])
            .lost(ENDED),
        case("6 MiB out", vec![event("give 6291456")]).posts(&[("/response", "xxx")]),
    ]
}

#[test]
fn every_case_and_the_process_lives() {
    let api = RuntimeApi::start();
    let mut process = start(&api);
    let mut expected = Vec::new();
    for number in 0..cases("").len() {
        let id = format!("00000000-0000-4000-8000-{number:012}");
        let case = cases(&id).swap_remove(number);
        let name = case.name;
        for (end, answers) in &case.answers {
            api.answer(&format!("/invocation/{id}{end}"), answers.clone());
        }
        for next in &case.next {
            api.push(next.clone());
        }
        let after = format!("after-{number}");
        api.push(Next::event(&after, "echo alive"));
        let alive = api.wait(&format!("the event after: {name}"), |requests| {
            requests.iter().find(|r| r.path.contains(&after)).cloned()
        });
        assert_eq!((alive.text(), alive.path.ends_with("/response")), ("alive", true), "after: {name}");
        process.assert_alive(name);

        let posts = api.posts_for(&id);
        let wanted: Vec<_> = case.posts.iter().map(|(end, _)| format!("{id}{end}")).collect();
        let paths: Vec<_> = posts.iter().map(|p| p.path.rsplit("/invocation/").next().unwrap_or_default()).collect();
        assert_eq!(paths, wanted, "{name}");
        for (post, (_, body)) in posts.iter().zip(case.posts) {
            assert!(post.text().contains(body), "{name}: {} {:.300}", post.path, post.text());
        }
        expected.extend(case.log.iter().map(|line| (case.name, *line)));
    }
    // If a socket closes after a whole event, the client notices that before the next poll, or by its failure.
    let mut unnoticed =
        cases("").iter().filter(|case| case.log.is_empty() && case.next.iter().any(Next::closes)).count();
    let mut expected = expected.into_iter().peekable();
    for line in process.kill() {
        let (case, part) = expected.peek().copied().unwrap_or(("no case", "no line"));
        if !line.contains(part) && line.contains(ENDED[0]) && unnoticed > 0 {
            unnoticed -= 1;
            continue;
        }
        assert!(line.contains(part), "the next line is for {case} and must say {part:?}: {line}");
        expected.next();
    }
    assert_eq!(expected.next(), None);
}

#[test]
fn two_connections_carry_all() {
    let api = RuntimeApi::start();
    let _process = start(&api);
    for id in ["first", "second", "third"] {
        api.push(Next::event(id, HELLO).header("lambda-runtime-invocation-id", format!("again-{id}")));
        let post = api.wait_for(&format!("/2018-06-01/runtime/invocation/{id}/response"));
        assert_eq!(post.header("lambda-runtime-invocation-id"), Some(&*format!("again-{id}")));
        assert_eq!(post.header("content-length"), Some("5"));
        assert_eq!(post.header("host"), Some(&*api.address()));
    }
    let used: Vec<_> = api.requests().iter().map(|request| (request.connection, request.method.clone())).collect();
    assert!(used.iter().all(|(connection, _)| *connection < 2), "{used:?}");
    // Each reply, and only then the next poll.
    let methods: String = used.iter().map(|(_, method)| &method[..1]).collect();
    assert!("GPGPGPG".starts_with(&methods), "{methods}");
}

#[test]
fn sizes_are_kept_byte_for_byte() {
    let api = RuntimeApi::start();
    let _process = start(&api);
    api.push(Next::event("out", "give 6291456"));
    let post = api.wait_for("/out/response");
    assert_eq!(post.header("content-length"), Some("6291456"));
    assert!(post.body.len() == 6_291_456 && post.body.iter().all(|b| *b == b'x'));
    let text: String = ('a'..='z').cycle().take(6 * 1024 * 1024).collect();
    api.push(Next::event("in", format!("echo {text}")));
    assert!(api.wait_for("/in/response").body == text.as_bytes());
}
