//! Lines on their way out of the process.
//!
//! A line is written at once, but for those that only say that an invocation has ended, as nearly all do: they wait until their thread
//! has nothing else to do, so that a busy server writes many of them in one piece. No other line overtakes them: whatever is
//! written at once takes them with it, and so does a panic and the end of the program; but not an end that runs nothing more, as by a
//! signal or `abort`.

use std::{
    cell::Cell,
    io::{self, StderrLock, StdoutLock, Write as _},
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
        write_out(format(), b"", b"");
    }
}

/// Writes a line, behind those that wait.
pub(super) fn put(format: &dyn Format, line: &[u8]) {
    write_out(format, line, b"");
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
    write_out(format, b"", line);
}

/// Writes what waits, and `line` behind it; `later` waits from now on. The output is locked first: it is the user's, too, and who has
/// locked it may log a line, or panic, and would wait for these, which would wait for the output.
fn write_out(format: &dyn Format, line: &[u8], later: &[u8]) {
    let mut output = match format.to_stdout() {
        true => Output::Out(io::stdout().lock()),
        false => Output::Err(io::stderr().lock()),
    };
    let mut waiting = waiting();
    let is_one_piece = !waiting.is_empty() && waiting.len() + line.len() <= PIECE;
    if is_one_piece {
        waiting.extend_from_slice(line);
    }
    output.write(&waiting);
    if !is_one_piece {
        output.write(line);
    }
    waiting.clear();
    waiting.extend_from_slice(later);
}

fn waiting() -> MutexGuard<'static, Vec<u8>> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where lines go, locked. No trait object: one would take with it all that can be done with an output.
enum Output {
    Out(StdoutLock<'static>),
    Err(StderrLock<'static>),
}

impl Output {
    /// In one write, so that lines of several processes do not mix.
    fn write(&mut self, lines: &[u8]) {
        if !lines.is_empty() {
            let _ = match self {
                Output::Out(out) => out.write_all(lines),
                Output::Err(err) => err.write_all(lines),
            };
        }
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
