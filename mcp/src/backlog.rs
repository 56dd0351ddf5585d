//! What waits in the front Worker for a client that reads slowly, and is nowhere
//! else: there is no log to take it from later, as there is for a session. So it
//! has a bound, past which the stream ends and all of it is forgotten.

use std::collections::VecDeque;

/// Bytes that may wait for one client; more than it is behind by when it reads at
/// all, little where it does not. One item may exceed it alone.
pub const BACKLOG_BYTES_MAX: usize = 512 * 1024;

/// What an item takes beside its text, in bytes: its place in the queue, and what
/// an allocation is rounded up to. Without it, many short ones would be cheap.
const ITEM_BYTES: usize = 64;

/// What waits for one client, oldest first.
#[derive(Debug)]
pub struct Backlog<T> {
    waiting: VecDeque<(usize, T)>,
    bytes: usize,
    ended: bool,
}

impl<T> Default for Backlog<T> {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            bytes: 0,
            ended: false,
        }
    }
}

/// The next of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Next<T> {
    /// This.
    Item(T),
    /// Nothing yet.
    Nothing,
    /// Nothing any more.
    End,
}

impl<T> Backlog<T> {
    /// Adds what came; whether more may come.
    pub fn add(&mut self, text_bytes: usize, item: T) -> bool {
        let bytes = text_bytes.saturating_add(ITEM_BYTES);
        let full = self.bytes > 0 && self.bytes.saturating_add(bytes) > BACKLOG_BYTES_MAX;
        if full {
            // Who missed one must look anew, whatever the others said.
            *self = Self::default();
            self.ended = true;
        }
        if !self.ended {
            self.bytes = self.bytes.saturating_add(bytes);
            self.waiting.push_back((bytes, item));
        }
        !self.ended
    }

    /// Nothing more will come; what waits is still given.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// The next, for a client that reads.
    pub fn take(&mut self) -> Next<T> {
        match self.waiting.pop_front() {
            Some((bytes, item)) => {
                self.bytes = self.bytes.saturating_sub(bytes);
                Next::Item(item)
            }
            None if self.ended => Next::End,
            None => Next::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_in_time_never_ends_the_stream() {
        let mut backlog = Backlog::default();
        for n in 0..10_000 {
            assert!(backlog.add(BACKLOG_BYTES_MAX / 2 - ITEM_BYTES, n));
            assert!(backlog.add(BACKLOG_BYTES_MAX / 2 - ITEM_BYTES, n));
            assert_eq!(
                (backlog.take(), backlog.take()),
                (Next::Item(n), Next::Item(n))
            );
        }
        assert_eq!(backlog.take(), Next::Nothing);
    }

    #[test]
    fn past_the_bound_nothing_is_kept_and_nothing_comes() {
        for bytes in [0, 1_000] {
            let mut backlog = Backlog::default();
            let fit = BACKLOG_BYTES_MAX / (bytes + ITEM_BYTES);
            for n in 0..fit {
                assert!(backlog.add(bytes, n));
            }
            assert!(!backlog.add(bytes, fit));
            assert!(!backlog.add(0, fit), "nor anything smaller");
            assert_eq!(backlog.take(), Next::End);
        }
    }

    #[test]
    fn one_item_may_be_larger_but_only_alone() {
        let mut backlog = Backlog::default();
        assert!(backlog.add(4 * BACKLOG_BYTES_MAX, "a"));
        assert_eq!(backlog.take(), Next::Item("a"));
        assert!(backlog.add(4 * BACKLOG_BYTES_MAX, "b"));
        assert!(!backlog.add(1, "c"));
        assert_eq!(backlog.take(), Next::End);
    }

    #[test]
    fn what_came_before_the_end_is_given_first() {
        let mut backlog = Backlog::default();
        backlog.add(1, "a");
        backlog.end();
        assert!(!backlog.add(1, "b"));
        assert_eq!(backlog.take(), Next::Item("a"));
        assert_eq!(backlog.take(), Next::End);
    }
}
