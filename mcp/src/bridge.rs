//! The frames between a session's object and the front Worker.
//!
//! The client's SSE response lives in the front Worker; between it and the
//! object runs one hibernatable WebSocket, whose text frames are these. A
//! frame is one kind letter, then its fields, one a line; the message comes
//! last and is passed on untouched.

/// The close code of a socket whose stream went to a newer one: who holds it
/// must not open it anew. From the range that applications may use (RFC 6455,
/// 7.4.2).
pub const TAKEN_OVER: u16 = 4001;

/// The close code of a socket whose client left. With HTTP+SSE that ends the
/// session, so that a socket that merely broke must never be closed with it.
pub const LEFT: u16 = 4002;

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
