//! What comes behind a reply: the next request, or the end of the connection.

use std::{
    future::{Future, poll_fn},
    task::{Context, Poll, ready},
    time::Duration,
};

use http::StatusCode;

use super::{
    connection::{Connection, Reads},
    patience::Wait,
    reply::{self, Asked},
};
use crate::http1::Bad;

/// As much of a body that nobody wants is thrown away, in bytes, so that the connection can live on.
const UNWANTED: u64 = 64 * 1024;

/// As long is what nobody wants thrown away before a connection is closed: where more comes behind, a reply that was sent may be lost.
const LINGER: Duration = Duration::from_secs(2);

impl Connection {
    /// Whether the next request can be found, as far as that can be said now.
    pub(super) fn is_in_step(&mut self) -> bool {
        if let Reads::Lent(lent) = &self.reads
            && let Some(back) = lent.back()
        {
            self.take(back);
        }
        match &mut self.reads {
            Reads::Itself(_) => true,
            // Who was not told to send a body may send the next request in its place.
            Reads::Lent(lent) => !lent.waits(),
            Reads::Lost(_) => false,
            Reads::Unread(reading, decoder) => match reading.skip(decoder) {
                Ok(true) => true,
                Ok(false) => decoder.remaining().is_none_or(|remaining| remaining <= UNWANTED),
                Err(_) => false,
            },
        }
    }

    /// Waits until the body of the request has been read, or throws the rest of it away. Whether the next request can be found.
    pub(super) fn regain(&mut self) -> impl Future<Output = bool> + '_ {
        let (mut spare, mut wait) = (UNWANTED, Wait::new(self.patience.patience));
        poll_fn(move |cx| match self.poll_regain(cx, &mut spare, &mut wait) {
            Poll::Pending if self.open.is_ending() => Poll::Ready(false),
            regained => regained,
        })
    }

    fn poll_regain(&mut self, cx: &mut Context<'_>, spare: &mut u64, wait: &mut Wait) -> Poll<bool> {
        if let Reads::Lent(lent) = &self.reads {
            let Some(back) = lent.wish(cx).back else { return Poll::Pending };
            self.take(back);
        }
        let is_found = match &mut self.reads {
            Reads::Itself(_) => return Poll::Ready(true),
            Reads::Unread(reading, decoder) => ready!(reading.poll_skip(cx, decoder, spare, wait)),
            Reads::Lent(_) | Reads::Lost(_) => return Poll::Ready(false),
        };
        self.reads = match self.reads.leave() {
            Some(reading) if is_found => Reads::Itself(reading),
            lost => Reads::Lost(lost),
        };
        Poll::Ready(is_found)
    }

    /// Answers what is no request, or too much of one.
    pub(super) fn refuse(&mut self, bad: Bad) {
        let status = match bad {
            Bad::Syntax(_) => StatusCode::BAD_REQUEST,
            Bad::TooManyHeaders | Bad::LongHead => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Bad::LongTarget => StatusCode::URI_TOO_LONG,
        };
        reply::write_plain(self.writing.begin(), status, Asked::NOTHING);
        self.reads = Reads::Lost(self.reads.leave());
    }

    /// Closes the connection, so that what was sent arrives.
    pub(super) fn close(&mut self) -> impl Future<Output = ()> + '_ {
        let (mut is_told, mut wait) = (false, Wait::new(LINGER));
        poll_fn(move |cx| {
            if !is_told && ready!(self.writing.poll_shutdown(cx)).is_err() {
                return Poll::Ready(());
            }
            is_told = true;
            match self.poll_unwanted(cx) {
                Poll::Pending if wait.is_over(cx) => Poll::Ready(()),
                unwanted => unwanted,
            }
        })
    }

    /// Throws away all that comes, whoever reads it now.
    fn poll_unwanted(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Reads::Lent(lent) = &self.reads {
            match lent.wish(cx).back {
                Some(back) => self.take(back),
                None => return Poll::Pending,
            }
        }
        match &mut self.reads {
            Reads::Itself(reading) | Reads::Unread(reading, _) | Reads::Lost(Some(reading)) => reading.poll_end(cx),
            Reads::Lent(_) | Reads::Lost(None) => Poll::Ready(()),
        }
    }
}
