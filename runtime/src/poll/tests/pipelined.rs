//! The next event is asked for behind a reply, and comes wherever the API does something else in between.

use super::*;

const EVENT: &str = "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: one\r\ncontent-length: 5\r\n\r\nhello";

/// As [`peer`]; the client is that of a loop.
fn pipelining(act: impl Fn(usize, &mut Peer) + Send + Sync + 'static) -> Client {
    Client::of_loop(api(act))
}

async fn hello(client: &mut Client, what: &str) {
    let (event, _) = shown(client.next().await).unwrap_or_else(|why| panic!("{what}: {why}"));
    assert_eq!(event, "hello", "{what}");
}

impl Peer {
    /// All that comes in one piece.
    fn piece(&mut self) -> String {
        let mut piece = vec![0; 64 * 1024];
        let length = self.0.read(&mut piece).unwrap();
        String::from_utf8_lossy(&piece[..length]).into_owned()
    }

    /// Whether nothing comes for a while.
    fn is_silent(&mut self) -> bool {
        self.0.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let is_silent = self.0.peek(&mut [0]).is_err();
        self.0.set_read_timeout(None).unwrap();
        is_silent
    }
}

#[test]
fn the_question_is_in_one_piece_with_the_reply() {
    let (keep, pieces) = kept();
    let mut client = pipelining(move |number, peer| {
        assert_eq!(number, 0, "one connection carries all");
        loop {
            keep(peer.piece());
            peer.say([ACCEPTED, EVENT].concat());
        }
    });
    run(async {
        for _ in 0..3 {
            assert_eq!(said(client.reply(&to(), whole("done")).await), (202, String::new()));
            hello(&mut client, "in one piece").await;
        }
    });
    for _ in 0..3 {
        let piece = pieces.recv_timeout(PATIENCE).unwrap();
        let (reply, question) = piece.split_once("\r\n\r\ndone").unwrap();
        assert!(reply.starts_with("POST /2018-06-01/runtime/invocation/one/response HTTP/1.1\r\n"), "{piece}");
        assert!(question.starts_with("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: "), "{piece}");
        assert!(question.ends_with("\r\n\r\n"), "{piece}");
    }
}

#[test]
fn the_answers_are_the_same_wherever_they_are_cut() {
    let answers = [ACCEPTED, EVENT].concat();
    let (length, cut) = (answers.len(), Mutex::new(0));
    let mut client = pipelining(move |_, peer| {
        loop {
            peer.request();
            peer.request();
            let at = {
                let mut cut = cut.lock().unwrap();
                *cut += 1;
                *cut - 1
            };
            peer.say_cut(answers.as_bytes(), at);
        }
    });
    run(async {
        for at in 0..=length {
            assert_eq!(said(client.reply(&to(), whole("done")).await), (202, String::new()), "{at}");
            hello(&mut client, &at.to_string()).await;
        }
    });
}

#[test]
fn a_refused_reply_does_not_cost_the_event() {
    for status in [400, 403, 410, 413, 500] {
        let mut client = pipelining(move |number, peer| {
            assert_eq!(number, 0, "what was asked is not forgotten");
            peer.request();
            peer.request();
            peer.say(format!("HTTP/1.1 {status} No\r\ncontent-length: 2\r\n\r\nno"));
            peer.say(EVENT);
            thread::sleep(PATIENCE);
        });
        run(async {
            assert_eq!(said(client.reply(&to(), whole("done")).await), (status, ": \"no\"".to_owned()));
            assert!(client.has_asked());
            hello(&mut client, &status.to_string()).await;
        });
    }
}

#[test]
fn an_api_that_closes_in_between_is_asked_again() {
    let closing = ACCEPTED.replace("content-length", "connection: close\r\ncontent-length");
    for (first, reads) in [(ACCEPTED, true), (ACCEPTED, false), (&*closing, true), (&*closing, false)] {
        let first = first.to_owned();
        let what = format!("{first}, reads the question: {reads}");
        let mut client = pipelining(move |number, peer| {
            peer.request();
            if number > 0 {
                return peer.say(EVENT);
            }
            if reads {
                peer.request();
            }
            peer.say(&first);
        });
        run(async {
            assert_eq!(said(client.reply(&to(), whole("done")).await), (202, String::new()), "{what}");
            hello(&mut client, &what).await;
        });
    }
}

#[test]
fn what_begins_an_event_and_breaks_off_is_told() {
    for (end, expected) in [
        (20, "it was closed before the end of the answer's head"),
        (EVENT.len() - 2, "one is broken: the connection to the Runtime API failed: it was closed before the end of"),
    ] {
        let mut client = pipelining(move |_, peer| {
            peer.request();
            peer.request();
            peer.say(ACCEPTED);
            peer.say(&EVENT[..end]);
        });
        run(async {
            assert_eq!(said(client.reply(&to(), whole("done")).await).0, 202);
            let why = shown(client.next().await).unwrap_err();
            assert!(why.contains(expected), "{end}: {why}");
        });
    }
}

#[test]
fn a_reply_that_got_no_answer_is_sent_again_alone() {
    let (keep, requests) = kept();
    // An API that closes because two requests came together takes each alone.
    let mut client = pipelining(move |number, peer| {
        keep(peer.request());
        if number == 0 {
            return keep(peer.request());
        }
        peer.say(ACCEPTED);
        keep(peer.request());
        peer.say(EVENT);
    });
    run(async {
        assert_eq!(said(client.reply(&to(), whole("done")).await), (202, String::new()));
        hello(&mut client, "sent again").await;
    });
    let methods: Vec<_> = requests.try_iter().map(|request| request[0]).collect();
    assert_eq!(methods, *b"PGPG");
}

#[test]
fn an_answer_that_takes_long_or_says_much_does_not_cost_the_event() {
    let much = "x".repeat(50_000);
    let late = |head: &str| (head.to_owned(), Duration::from_millis(1500));
    let answers = [
        late("HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\n"),
        late("HTTP/1.1 400 No\r\ncontent-length: 2\r\n\r\n"),
        (format!("HTTP/1.1 400 No\r\ncontent-length: 50002\r\n\r\n{much}"), Duration::ZERO),
        (format!("HTTP/1.1 202 Accepted\r\ncontent-length: 50002\r\n\r\n{much}"), Duration::ZERO),
    ];
    for (begin, pause) in answers {
        let (what, status) = (begin[..80.min(begin.len())].to_owned(), begin[9..12].parse::<u16>().unwrap());
        let mut client = pipelining(move |number, peer| {
            assert_eq!(number, 0, "what was asked is not forgotten");
            peer.request();
            peer.request();
            peer.say(&begin);
            thread::sleep(pause);
            peer.say(["{}", EVENT].concat());
            thread::sleep(PATIENCE);
        });
        run(async {
            let (code, text) = said(client.reply(&to(), whole("done")).await);
            assert!(code == status && text.len() < 20_000, "{what}: {code}{text}");
            hello(&mut client, &what).await;
        });
    }
}

#[test]
fn an_answer_without_an_end_costs_the_question_alone() {
    let without_length = "HTTP/1.1 202 Accepted\r\n\r\n";
    let cut_off = "HTTP/1.1 202 Accepted\r\ncontent-length: 16\r\n\r\n{";
    for (first, stays) in [(without_length, true), (without_length, false), (cut_off, false)] {
        let mut client = pipelining(move |number, peer| {
            peer.request();
            if number > 0 {
                return peer.say(EVENT);
            }
            peer.request();
            peer.say(first);
            if stays {
                thread::sleep(PATIENCE);
            }
        });
        run(async {
            assert_eq!(said(client.reply(&to(), whole("done")).await), (202, String::new()), "{first}");
            hello(&mut client, first).await;
        });
    }
}

/// One response too many is not taken for the next event for ever.
#[test]
fn an_answer_too_many_costs_one_error() {
    let mut client = pipelining(move |number, peer| {
        for _ in 0..2 {
            peer.request();
            peer.request();
            peer.say([ACCEPTED, if number == 0 { ACCEPTED } else { EVENT }].concat());
        }
    });
    run(async {
        assert_eq!(said(client.reply(&to(), whole("done")).await).0, 202);
        let why = shown(client.next().await).unwrap_err();
        assert!(why.contains("answered 202 to `next`"), "{why}");
        for _ in 0..2 {
            assert_eq!(said(client.reply(&to(), whole("done")).await).0, 202);
            hello(&mut client, "afterwards").await;
        }
    });
}

#[test]
fn nothing_is_asked_behind_what_may_be_refused_or_goes_on() {
    type New = fn(Arc<RuntimeApi>) -> Client;
    let long = whole(vec![b'x'; 16 * 1024 + 1]);
    for (what, client, reply) in [
        ("a long reply", Client::of_loop as New, long),
        ("a stream", Client::of_loop, streamed(Body::from("done"))),
        ("a client of no loop", Client::new, whole("done")),
    ] {
        let mut client = client(api(move |_, peer| {
            peer.request();
            if !peer.is_silent() {
                return;
            }
            peer.say(ACCEPTED);
            peer.request();
            peer.say(EVENT);
        }));
        run(async {
            assert_eq!(said(client.reply(&to(), reply).await), (202, String::new()), "{what}");
            assert!(!client.has_asked(), "{what}");
            hello(&mut client, what).await;
        });
    }
}
