//! An answer is the same wherever it is cut into pieces, and a broken one is told wherever it breaks off.

use super::*;

const HEAD: &str = "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: one\r\nX-Any: a\r\nx-any:b\r\n";

/// Answers to `next` with the event `hello, world`, and whether the connection is used again.
fn answers() -> Vec<(String, bool)> {
    let with = |rest: &str| format!("{HEAD}{rest}");
    vec![
        (with("content-length: 12\r\n\r\nhello, world"), true),
        (with("content-length: 12\r\nconnection: close\r\n\r\nhello, world"), false),
        (with("transfer-encoding: chunked\r\n\r\nc\r\nhello, world\r\n0\r\n\r\n"), true),
        (with("transfer-encoding: chunked\r\n\r\n1;a=b\r\nh\r\n00B\r\nello, world\r\n0\r\nany: trailer\r\n\r\n"), true),
        (format!("HTTP/1.1 100 Continue\r\n\r\n{HEAD}content-length: 12\r\n\r\nhello, world"), true),
        (with("content-length: 12\r\n\r\nhello, world").replace("HTTP/1.1", "HTTP/1.0"), false),
        (
            with("connection: keep-alive\r\ncontent-length: 12\r\n\r\nhello, world").replace("HTTP/1.1", "HTTP/1.0"),
            true,
        ),
        (with("\r\nhello, world"), false),
    ]
}

#[test]
fn an_answer_is_the_same_wherever_it_is_cut() {
    for (answer, keeps) in answers() {
        let (connected, connections) = kept();
        let (length, text) = (answer.len(), answer.clone());
        let cut = Arc::new(Mutex::new(0));
        let mut client = peer(move |number, peer| {
            connected(number);
            loop {
                let mut begin = [0];
                if peer.0.peek(&mut begin).unwrap_or(0) == 0 {
                    return;
                }
                peer.request();
                let at = {
                    let mut cut = cut.lock().unwrap();
                    *cut += 1;
                    *cut - 1
                };
                peer.say_cut(text.as_bytes(), at);
                if !keeps {
                    return;
                }
            }
        });
        run(async {
            for at in 0..=length {
                let (event, head) = shown(client.next().await).unwrap_or_else(|why| panic!("{at} of {answer}: {why}"));
                assert_eq!(event, "hello, world", "{at} of {answer}");
                assert_eq!(head.get_all("x-any").iter().collect::<Vec<_>>(), ["a", "b"], "{at} of {answer}");
            }
        });
        let used = connections.try_iter().count();
        assert_eq!(used, if keeps { 1 } else { length + 1 }, "{answer}");
    }
}

#[test]
fn an_answer_that_breaks_off_is_told_wherever_it_does() {
    for (answer, _) in answers() {
        let (length, text) = (answer.len(), answer.clone());
        let mut client = peer(move |number, peer| {
            peer.request();
            peer.say(&text.as_bytes()[..number]);
        });
        let head =
            answer.rfind("\r\n\r\nhello").or_else(|| answer.find("\r\n\r\nc\r")).or_else(|| answer.find("\r\n\r\n1;"));
        let head = head.unwrap() + 4;
        let interim = if answer.starts_with("HTTP/1.1 100") { 25 } else { 0 };
        let until_close = !answer.contains("content-length") && !answer.contains("chunked");
        run(async {
            for at in 0..length {
                let expected = match at {
                    _ if at == 0 || at == interim => "failed: it was closed before an answer came",
                    _ if at < head => "failed: it was closed before the end of the answer's head",
                    // Nobody can tell.
                    _ if until_close => "",
                    _ => {
                        "one is broken: the connection to the Runtime API failed: it was closed before the end of the answer's body"
                    }
                };
                match shown(client.next().await) {
                    Err(why) => assert!(!expected.is_empty() && why.ends_with(expected), "{at} of {answer}: {why}"),
                    Ok((event, _)) => {
                        assert!(expected.is_empty() && "hello, world".starts_with(&event), "{at}: {event}")
                    }
                }
            }
        });
    }
}

/// Whole or not: what broke off is posted once more on another connection, and no more often than that.
#[test]
fn a_reply_whose_answer_breaks_off_is_sent_again() {
    // From there on it has a status, and is an answer.
    let head = ACCEPTED.find("\r\n\r\n").unwrap() + 4;
    for at in (0..ACCEPTED.len()).chain([usize::MAX]) {
        let (keep, requests) = kept();
        let mut client = peer(move |number, peer| {
            if at == usize::MAX && number == 0 {
                // Not even that much of the request is read.
                peer.byte(&mut Vec::new());
                return;
            }
            keep((number, peer.request()));
            let length = if number == 0 { at } else { usize::MAX };
            peer.say(&ACCEPTED.as_bytes()[..length.min(ACCEPTED.len())]);
        });
        assert_eq!(said(run(client.reply(&to(), whole("hello")))), (202, String::new()), "{at}");
        let requests: Vec<_> = requests.try_iter().collect();
        assert!(requests.iter().all(|(_, request)| request.ends_with(b"\r\n\r\nhello")), "{at}");
        let numbers: Vec<_> = requests.iter().map(|(number, _)| *number).collect();
        let expected: &[usize] = match at {
            usize::MAX => &[1],
            at if at < head => &[0, 1],
            _ => &[0],
        };
        assert_eq!(numbers, expected, "{at}");
    }
}

/// In chunks, and with a length: longer than what is read in one piece.
#[test]
fn a_long_event_comes_whole_however_it_is_sent() {
    let event: String = ('a'..='z').cycle().take(1_000_003).collect();
    let known = format!("{HEAD}content-length: {}\r\n\r\n{event}", event.len());
    let chunks = |size: usize| {
        let chunk = |chunk: &[u8]| format!("{:x}\r\n{}\r\n", chunk.len(), String::from_utf8_lossy(chunk));
        let chunks: String = event.as_bytes().chunks(size).map(chunk).collect();
        format!("{HEAD}transfer-encoding: chunked\r\n\r\n{chunks}0\r\n\r\n")
    };
    let answers = [known, chunks(usize::MAX), chunks(100_000), chunks(1000), chunks(7)];
    let mut client = peer({
        let answers = answers.clone();
        move |_, peer| {
            for answer in &answers {
                for piece in [answer.len(), 65_536, 9_973] {
                    peer.request();
                    answer.as_bytes().chunks(piece).for_each(|piece| peer.say(piece));
                }
            }
        }
    });
    run(async {
        for answer in &answers {
            for _ in 0..3 {
                let (came, _) = shown(client.next().await).unwrap();
                assert!(came == event, "{} bytes of {:.120}", came.len(), answer);
            }
        }
    });
}
