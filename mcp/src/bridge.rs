//! The frames between a session's object and the front Worker.
//!
//! The client's SSE response lives in the front Worker; between it and the
//! object runs one hibernatable WebSocket, whose text frames are these. A
//! frame is one kind letter, then its fields, one a line; the message comes
//! last and is passed on untouched.
//!
//! A client that reads slowly must not fill the front Worker: the front says
//! how far it has written ([`acknowledgement`]), and the object sends no more
//! than a [`Window`] beyond. What it holds back is in the log, and is taken from
//! there when the front has caught up.

use std::collections::VecDeque;

use crate::event_id::Seq;

/// The close code of a socket whose stream went to a newer one: who holds it
/// must not open it anew. From the range that applications may use (RFC 6455,
/// 7.4.2).
pub const TAKEN_OVER: u16 = 4001;

/// The close code of a socket whose client left. With HTTP+SSE that ends the
/// session, so that a socket that merely broke must never be closed with it.
pub const LEFT: u16 = 4002;

/// Message bytes after which the front Worker says how far it has written.
pub const ACKNOWLEDGED_BYTES: usize = 128 * 1024;
/// Message bytes that may be on their way to the front Worker, or wait there for
/// a client that reads slowly. One message may exceed it alone.
pub const WINDOW_BYTES_MAX: usize = 512 * 1024;

/// What the object has sent over one socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The last place that was sent.
    sent: Seq,
    /// What was sent and is not known to be written, oldest first, with sizes.
    unwritten: VecDeque<(Seq, usize)>,
    unwritten_bytes: usize,
    held: bool,
}

impl Window {
    /// A socket whose other side has everything up to that place.
    pub fn open(at: Seq) -> Self {
        Self {
            sent: at,
            unwritten: VecDeque::new(),
            unwritten_bytes: 0,
            held: false,
        }
    }

    /// Whether to send this event now. If not, nothing is sent any more until
    /// the front has caught up. As long as it would not say so by itself, having
    /// too little to write, it is sent more.
    pub fn admits(&mut self, seq: Seq, bytes: usize) -> bool {
        let full = self.unwritten_bytes >= ACKNOWLEDGED_BYTES
            && self.unwritten_bytes.saturating_add(bytes) > WINDOW_BYTES_MAX;
        if self.held || full {
            self.held = true;
            return false;
        }
        self.unwritten.push_back((seq, bytes));
        self.unwritten_bytes = self.unwritten_bytes.saturating_add(bytes);
        self.sent = seq;
        true
    }

    /// The front has written everything up to that place: gives the place after
    /// which to go on, if something was held back.
    pub fn acknowledged(&mut self, written: Seq) -> Option<Seq> {
        while let Some((seq, bytes)) = self.unwritten.front().copied()
            && seq <= written
        {
            self.unwritten.pop_front();
            self.unwritten_bytes = self.unwritten_bytes.saturating_sub(bytes);
        }
        std::mem::take(&mut self.held).then_some(self.sent)
    }

    /// Whether something is held back.
    pub fn is_held(&self) -> bool {
        self.held
    }
}

/// Counts what the front Worker has written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Meter(usize);

impl Meter {
    /// Whether it is time to tell the object.
    pub fn wrote(&mut self, bytes: usize) -> bool {
        self.0 = self.0.saturating_add(bytes);
        let told = self.0 >= ACKNOWLEDGED_BYTES;
        if told {
            self.0 = 0;
        }
        told
    }
}

/// What the front Worker tells the object: everything up to the event of this id
/// is written.
pub fn acknowledgement(id: &str) -> String {
    format!("K{id}")
}

/// The id in an acknowledgement.
pub fn acknowledged(text: &str) -> Option<&str> {
    text.strip_prefix('K')
}

/// What the object tells the front Worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame<'a> {
    /// The place where the stream begins: from there it is taken up again
    /// when this socket breaks.
    At {
        /// The id of that place.
        id: &'a str,
        /// Whether the client is told too, with the priming event of 2025-11-25.
        primed: bool,
    },
    /// Write a message that is in the log.
    Event {
        /// Its id there.
        id: &'a str,
        /// The JSON-RPC message.
        message: &'a str,
    },
    /// The client's token was renewed: what is open without a call may stay
    /// open until then. In seconds since 1970.
    Until(i64),
    /// End the stream: nothing will follow on it.
    End,
}

impl<'a> Frame<'a> {
    /// The frame's text.
    pub fn encode(&self) -> String {
        match self {
            Self::At { id, primed: true } => format!("P{id}"),
            Self::At { id, primed: false } => format!("A{id}"),
            Self::Event { id, message } => format!("E{id}\n{message}"),
            Self::Until(second) => format!("U{second}"),
            Self::End => "Z".to_owned(),
        }
    }

    /// The frame of that text; none if it is not of ours.
    pub fn decode(text: &'a str) -> Option<Self> {
        match text.split_at_checked(1)? {
            ("P", id) => Some(Self::At { id, primed: true }),
            ("A", id) => Some(Self::At { id, primed: false }),
            ("E", rest) => {
                let (id, message) = rest.split_once('\n')?;
                Some(Self::Event { id, message })
            }
            ("U", second) => second.parse().ok().map(Self::Until),
            ("Z", "") => Some(Self::End),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays a front that writes only when `writes` says so, and gives the most
    /// bytes that waited for it.
    fn play(sizes: &[usize], writes: impl Fn(usize) -> bool) -> usize {
        let (mut window, mut meter) = (Window::open(Seq(0)), Meter::default());
        let mut waiting = VecDeque::new();
        let (mut written, mut most) = (Vec::new(), 0);
        let seqs = |after: u64| (after + 1..=sizes.len() as u64).map(Seq);
        let size = |seq: Seq| sizes[usize::try_from(seq.0).unwrap() - 1];
        let mut next = 1;
        for turn in 0.. {
            assert!(turn < 100_000, "it stands still");
            if let Some(seq) = seqs(0).nth(next - 1) {
                next += 1;
                if window.admits(seq, size(seq)) {
                    waiting.push_back(seq);
                }
            }
            most = most.max(waiting.iter().map(|seq| size(*seq)).sum());
            if next > sizes.len() && waiting.is_empty() {
                break;
            }
            if writes(turn)
                && let Some(seq) = waiting.pop_front()
            {
                written.push(seq);
                if meter.wrote(size(seq))
                    && let Some(after) = window.acknowledged(seq)
                {
                    let mut lacking = seqs(after.0).take_while(|seq| seq.0 < next as u64);
                    waiting.extend(
                        lacking
                            .by_ref()
                            .take_while(|seq| window.admits(*seq, size(*seq))),
                    );
                }
            }
        }
        assert_eq!(written, seqs(0).collect::<Vec<_>>(), "all, once, in order");
        most
    }

    #[test]
    fn a_slow_reader_gets_everything_and_little_waits_for_it() {
        let small = vec![1_000; 2_000];
        let large = vec![1_900_000; 20];
        let mixed: Vec<usize> = (0..500)
            .map(|n| if n % 7 == 0 { 900_000 } else { 50 })
            .collect();
        for sizes in [small, large, mixed] {
            let largest = *sizes.iter().max().unwrap();
            let bound = WINDOW_BYTES_MAX + ACKNOWLEDGED_BYTES + 2 * largest;
            assert!(play(&sizes, |_| true) <= bound);
            assert!(play(&sizes, |turn| turn % 5 == 0) <= bound);
            assert!(play(&sizes, |turn| turn > 2_500) <= bound);
        }
    }

    #[test]
    fn a_frame_comes_back_as_it_was_sent() {
        for frame in [
            Frame::At {
                id: "1-0-x",
                primed: true,
            },
            Frame::At {
                id: "0-0-x",
                primed: false,
            },
            Frame::Event {
                id: "1-2-x",
                message: "{\"a\":\"line\\nbreak\"}",
            },
            Frame::Until(1_800_000_000),
            Frame::End,
        ] {
            assert_eq!(Frame::decode(&frame.encode()), Some(frame));
        }
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        for text in ["", "X", "Eno message", "Usoon", "Zmore", "ü"] {
            assert_eq!(Frame::decode(text), None, "{text}");
        }
    }
}
