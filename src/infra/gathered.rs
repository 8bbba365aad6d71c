//! Log lines gathered in memory and written a few times a second by a thread of their own: a request wakes nobody and writes nothing.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

// A line is in its file after this long.
const PAUSE: Duration = Duration::from_millis(100);
// Where a disk is full or a pipe is stuck, lines beyond this are lost; the shop must not stop.
const MOST: usize = 8 * 1024 * 1024;

/// Where lines are put down; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Gathered(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    held: Mutex<Held>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Held {
    lines: Vec<u8>,
    has_ended: bool,
}

/// Keeps the writing thread; what is still held is written when this is dropped.
#[derive(Debug)]
pub struct Writing {
    gathered: Gathered,
    thread: Option<JoinHandle<()>>,
}

impl Gathered {
    /// Starts the thread that writes to `output`.
    ///
    /// # Errors
    /// There can be no more threads.
    pub fn writing_to(output: impl Write + Send + 'static) -> io::Result<(Self, Writing)> {
        let gathered = Self::default();
        let shared = gathered.0.clone();
        let thread = std::thread::Builder::new().name("log".to_owned()).spawn(move || shared.write(output))?;
        Ok((gathered.clone(), Writing { gathered, thread: Some(thread) }))
    }
}

impl Shared {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, mut output: impl Write) {
        let mut lines = Vec::new();
        loop {
            let waited = self.changed.wait_while(self.held(), |held| held.lines.is_empty() && !held.has_ended);
            let held = waited.unwrap_or_else(PoisonError::into_inner);
            let waited = self.changed.wait_timeout_while(held, PAUSE, |held| !held.has_ended);
            let (mut held, _) = waited.unwrap_or_else(PoisonError::into_inner);
            mem::swap(&mut lines, &mut held.lines);
            let has_ended = held.has_ended;
            drop(held);
            // What cannot be written is lost: there is nowhere to say so.
            let _ = output.write_all(&lines).and_then(|()| output.flush());
            lines.clear();
            if has_ended {
                return;
            }
        }
    }
}

impl Write for Gathered {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut held = self.0.held();
        let is_first = held.lines.is_empty();
        if held.lines.len() + line.len() <= MOST {
            held.lines.extend_from_slice(line);
        }
        drop(held);
        // The thread sleeps only while there is nothing.
        if is_first {
            self.0.changed.notify_all();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Gathered {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.gathered.0.held().has_ended = true;
        self.gathered.0.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic in there was told by itself.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;

    struct Sent(Sender<Vec<u8>>);

    impl Write for Sent {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_are_written_together_in_their_order_and_without_being_asked() {
        let (send, written) = channel();
        let (mut lines, _writing) = Gathered::writing_to(Sent(send)).unwrap();
        for line in ["one\n", "two\n", "three\n"] {
            lines.write_all(line.as_bytes()).unwrap();
        }
        let mut all = Vec::new();
        while all.len() < 14 {
            all.extend(written.recv_timeout(Duration::from_secs(5)).unwrap());
        }
        assert_eq!(String::from_utf8(all).unwrap(), "one\ntwo\nthree\n");
    }

    #[test]
    fn what_is_held_at_the_end_is_written() {
        let (send, written) = channel();
        let (mut lines, writing) = Gathered::writing_to(Sent(send)).unwrap();
        lines.write_all(b"last words\n").unwrap();
        drop(writing);
        assert_eq!(written.iter().collect::<Vec<_>>().concat(), b"last words\n");
    }

    #[test]
    fn a_stuck_output_loses_lines_and_stops_nobody() {
        let mut lines = Gathered::default();
        let line = vec![b'x'; 1024 * 1024];
        for _ in 0..20 {
            lines.write_all(&line).unwrap();
        }
        assert!(lines.0.held().lines.len() <= MOST);
    }
}
