//! Standard input for a live stream: read by a thread of its own.
//!
//! A read from a silent pipe cannot be ended from outside. So a thread reads, what it
//! reads is handed over at once, and whoever waits for it looks up now and then to see
//! whether the run should stop; then the stream has ended.

use crate::signals::POLL;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;

/// How many pieces may wait: the writer is slowed down, nothing is dropped.
const WAITING: usize = 16;

/// The largest piece.
const PIECE: usize = 64 << 10;

/// A stream that ends when it is asked to stop.
#[derive(Debug)]
pub(crate) struct Live<'a> {
    pieces: Receiver<io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    /// How much of the piece was handed on.
    read: usize,
    stop: &'a AtomicBool,
}

impl<'a> Live<'a> {
    /// What `source` gives from now on.
    pub(crate) fn new(source: impl Read + Send + 'static, stop: &'a AtomicBool) -> Self {
        let (sender, pieces) = sync_channel(WAITING);
        thread::spawn(move || hand_over(source, &sender));
        Self { pieces, piece: Vec::new(), read: 0, stop }
    }
}

fn hand_over(mut source: impl Read, to: &SyncSender<io::Result<Vec<u8>>>) {
    let mut buffer = vec![0; PIECE];
    loop {
        let piece = match source.read(&mut buffer) {
            Ok(0) => return,
            Ok(length) => Ok(buffer[..length].to_vec()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let failed = piece.is_err();
        if to.send(piece).is_err() || failed {
            return;
        }
    }
}

impl Read for Live<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.read == self.piece.len() {
            if self.stop.load(Ordering::Relaxed) {
                return Ok(0);
            }
            match self.pieces.recv_timeout(POLL) {
                Ok(piece) => (self.piece, self.read) = (piece?, 0),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
        let rest = &self.piece[self.read..];
        let length = rest.len().min(into.len());
        into[..length].copy_from_slice(&rest[..length]);
        self.read += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_bytes_come_in_order() {
        let stop = AtomicBool::new(false);
        let bytes: Vec<u8> = (0..200_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let mut read = Vec::new();
        Live::new(io::Cursor::new(bytes.clone()), &stop).read_to_end(&mut read).unwrap();
        assert!(read == bytes);
    }

    #[test]
    fn a_silent_source_ends_when_asked_to_stop() {
        struct Silent;
        impl Read for Silent {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                loop {
                    thread::park();
                }
            }
        }
        let stop = AtomicBool::new(true);
        assert_eq!(Live::new(Silent, &stop).read(&mut [0; 8]).unwrap(), 0);
    }
}
