//! Lines on their way out of the process.
//!
//! A line is written at once, but for those that only say that an invocation has ended, as nearly all do: they wait until their thread
//! has nothing else to do, so that a busy server writes many of them in one piece. No other line overtakes them: whatever is
//! written at once takes them with it, and so does a panic and the end of the program.

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

/// Whether this thread says when it has nothing to do. When it ends, also by `exit`, it takes with it what waits.
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
    let mut waiting = waiting();
    if !waiting.is_empty() {
        write(format(), &waiting);
        waiting.clear();
    }
}

/// Writes a line, behind those that wait.
pub(super) fn put(format: &dyn Format, line: &[u8]) {
    let mut waiting = waiting();
    if waiting.len() + line.len() > PIECE || waiting.is_empty() {
        write(format, &waiting);
        write(format, line);
    } else {
        waiting.extend_from_slice(line);
        write(format, &waiting);
    }
    waiting.clear();
}

/// Writes a line when this thread has nothing else to do; at once where it never says so.
pub(super) fn put_soon(format: &dyn Format, line: &[u8]) {
    if line.len() > PIECE || !PARKS.try_with(|parks| parks.0.get()).unwrap_or_default() {
        return put(format, line);
    }
    let mut waiting = waiting();
    if waiting.len() + line.len() > PIECE {
        write(format, &waiting);
        waiting.clear();
    }
    waiting.extend_from_slice(line);
}

fn waiting() -> MutexGuard<'static, Vec<u8>> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// In one write, so that lines of several processes do not mix.
fn write(format: &dyn Format, lines: &[u8]) {
    if lines.is_empty() {
        return;
    }
    let _ = if format.to_stdout() { io::stdout().lock().write_all(lines) } else { io::stderr().write_all(lines) };
}
