//! Lines on their way out of the process.
//!
//! A line is written at once, but for those that only say that an invocation has ended, as nearly all do: they wait until their thread
//! has nothing else to do, so that a busy server writes many of them in one piece. No other line overtakes them: whatever is
//! written at once takes them with it, and so does a panic and the end of the program; but not an end that runs nothing more, as by a
//! signal or `abort`.

use std::{
    cell::Cell,
    io::{self, Write},
    sync::{Mutex, MutexGuard, PoisonError},
};

use omnifn_core::log::Format;

use super::format;

/// The lines that wait.
static WAITING: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// No more than a pipe takes in one piece, so that the lines do not mix with what others write to it (`PIPE_BUF` in pipe(7)).
const PIECE: usize = 4096;

/// Whether this thread says when it has nothing to do. When it ends, also by `exit` where the C library runs destructors then (glibc
/// does, musl does not), it takes with it what waits.
struct Parks(Cell<bool>);

thread_local! {
    static PARKS: Parks = const { Parks(Cell::new(false)) };
}

impl Drop for Parks {
    fn drop(&mut self) {
        flush();
    }
}

/// This thread has nothing to do, and will say so again.
pub(crate) fn parks() {
    let _ = PARKS.try_with(|parks| parks.0.set(true));
    flush();
}

/// Writes what waits.
pub(crate) fn flush() {
    // Where nothing does, the output is not waited for.
    if !waiting().is_empty() {
        with_output(format(), |out, waiting| {
            write(out, waiting);
            waiting.clear();
        });
    }
}

/// Writes a line, behind those that wait.
pub(super) fn put(format: &dyn Format, line: &[u8]) {
    with_output(format, |out, waiting| {
        if waiting.len() + line.len() > PIECE || waiting.is_empty() {
            write(out, waiting);
            write(out, line);
        } else {
            waiting.extend_from_slice(line);
            write(out, waiting);
        }
        waiting.clear();
    });
}

/// Writes a line when this thread has nothing else to do; at once where it never says so.
pub(super) fn put_soon(format: &dyn Format, line: &[u8]) {
    if line.len() > PIECE || !PARKS.try_with(|parks| parks.0.get()).unwrap_or_default() {
        return put(format, line);
    }
    let mut waits = waiting();
    if waits.len() + line.len() <= PIECE {
        return waits.extend_from_slice(line);
    }
    drop(waits);
    with_output(format, |out, waiting| {
        write(out, waiting);
        waiting.clear();
        waiting.extend_from_slice(line);
    });
}

/// Does something with the output, and with the lines that wait. The output is locked first: it is the user's, too, and who has locked
/// it may log a line, or panic, and would wait for these, which would wait for the output.
fn with_output(format: &dyn Format, act: impl FnOnce(&mut dyn Write, &mut Vec<u8>)) {
    if format.to_stdout() {
        act(&mut io::stdout().lock(), &mut waiting());
    } else {
        act(&mut io::stderr().lock(), &mut waiting());
    }
}

fn waiting() -> MutexGuard<'static, Vec<u8>> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// In one write, so that lines of several processes do not mix.
fn write(out: &mut dyn Write, lines: &[u8]) {
    if !lines.is_empty() {
        let _ = out.write_all(lines);
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread, time::Duration};

    use omnifn_core::log::Plain;

    use super::*;

    #[test]
    fn who_has_locked_the_output_may_log() {
        let (done, is_done) = mpsc::channel();
        thread::spawn(move || {
            let output = io::stderr().lock();
            let other = thread::spawn(|| {
                parks();
                put_soon(&Plain, b"INFO omnifn: a line that waits\n");
                flush();
            });
            // Until the other one waits for the output.
            thread::sleep(Duration::from_millis(200));
            put(&Plain, b"INFO omnifn: a line at once\n");
            drop(output);
            done.send(other.join().is_ok())
        });
        assert_eq!(is_done.recv_timeout(Duration::from_secs(10)), Ok(true));
    }
}
