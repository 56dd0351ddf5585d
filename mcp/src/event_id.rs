//! Event ids: the `id:` of an SSE event, and what `Last-Event-ID` brings back.
//!
//! An id names the stream and the place in it, and carries a MAC over the
//! session, so that a guessed id or one of another session replays nothing
//! (checklist L-RSM-01, L-RSM-03; GHSA-84j6-jc92-77jm is what happens without).

use crate::mac::NameKey;

/// A stream of a session. Stream 0 is the standalone GET stream.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct StreamId(pub u32);

impl StreamId {
    /// The stream of `GET`, which belongs to no call.
    pub const STANDALONE: Self = Self(0);
}

/// A place in a session's log of events: 1 is the first, 0 is before it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Seq(pub u64);

/// The last thing a client saw on a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventId {
    /// The stream it was seen on.
    pub stream: StreamId,
    /// The place of that event in the session's log.
    pub seq: Seq,
}

const PURPOSE: &str = "event";

impl EventId {
    /// Its text, for the session of that object name.
    pub fn text(self, key: &NameKey, session_name: &str) -> String {
        let place = self.place();
        let tag = key.mac(PURPOSE, &[session_name.as_bytes(), place.as_bytes()]);
        format!("{place}-{tag}")
    }

    /// What an id says, for who trusts where it comes from.
    pub fn trusted(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        Some(Self {
            stream: StreamId(u32::from_str_radix(parts.next()?, 16).ok()?),
            seq: Seq(u64::from_str_radix(parts.next()?, 16).ok()?),
        })
    }

    /// The id, if we gave it to that session.
    pub fn verify(key: &NameKey, session_name: &str, text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let (stream, seq, tag) = (parts.next()?, parts.next()?, parts.next()?);
        let id = Self {
            stream: StreamId(u32::from_str_radix(stream, 16).ok()?),
            seq: Seq(u64::from_str_radix(seq, 16).ok()?),
        };
        let place = id.place();
        key.confirms(tag, PURPOSE, &[session_name.as_bytes(), place.as_bytes()])
            .then_some(id)
    }

    fn place(self) -> String {
        format!("{:x}-{:x}", self.stream.0, self.seq.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> EventId {
        EventId {
            stream: StreamId(3),
            seq: Seq(77),
        }
    }

    #[test]
    fn an_id_comes_back_as_it_was_given() {
        let key = NameKey::new([1; 32]);
        let text = id().text(&key, "session");
        assert_eq!(EventId::verify(&key, "session", &text), Some(id()));
    }

    /// Checklist L-RSM-03.
    /// Also SEC-01.
    #[test]
    fn an_id_of_another_session_or_place_is_not_ours() {
        let key = NameKey::new([1; 32]);
        let text = id().text(&key, "session");
        assert_eq!(EventId::verify(&key, "another", &text), None);
        assert_eq!(
            EventId::verify(&key, "session", &text.replacen("3-", "4-", 1)),
            None
        );
        for forged in [
            "",
            "-",
            "3-4d-",
            "3-4d",
            "x-y-z",
            "0-0-AAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert_eq!(EventId::verify(&key, "session", forged), None, "{forged}");
        }
    }
}
