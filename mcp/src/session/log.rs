//! The log of events: what was sent, so that it can be sent again.

use std::collections::{BTreeSet, VecDeque};

use crate::event_id::{Seq, StreamId};
use crate::limits::{EVENT_BYTES_KEPT_MAX, EVENTS_KEPT_MAX};

/// A message on a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its place in the session's log.
    pub seq: Seq,
    /// The one stream it belongs to.
    pub stream: StreamId,
    /// The JSON-RPC message.
    pub message: String,
}

/// What is remembered of a stored event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Logged {
    /// Its place.
    pub seq: Seq,
    /// Its stream.
    pub stream: StreamId,
    /// Its size.
    pub bytes: u64,
}

/// The stored events, oldest first, without their texts.
#[derive(Debug, Default)]
pub(super) struct Log {
    kept: VecDeque<Logged>,
    bytes: u64,
    newest: u64,
}

impl Log {
    pub(super) fn restore(events: Vec<Logged>) -> Self {
        let newest = events.iter().map(|event| event.seq.0).max().unwrap_or(0);
        Self {
            bytes: events.iter().map(|event| event.bytes).sum(),
            kept: events.into(),
            newest,
        }
    }

    /// The place of the newest event.
    pub(super) fn newest(&self) -> Seq {
        Seq(self.newest)
    }

    /// The highest stream that has an event.
    pub(super) fn newest_stream(&self) -> Option<StreamId> {
        self.kept.iter().map(|event| event.stream).max()
    }

    /// The streams that have events.
    pub(super) fn streams(&self) -> BTreeSet<StreamId> {
        self.kept.iter().map(|event| event.stream).collect()
    }

    /// The place up to which everything is forgotten.
    pub(super) fn forgotten(&self) -> Seq {
        let oldest = self.kept.front();
        Seq(oldest.map_or(self.newest, |oldest| oldest.seq.0.saturating_sub(1)))
    }

    /// Gives a message its place.
    pub(super) fn append(&mut self, stream: StreamId, message: String) -> Event {
        self.newest += 1;
        let seq = Seq(self.newest);
        let bytes = u64::try_from(message.len()).unwrap_or(u64::MAX);
        self.kept.push_back(Logged { seq, stream, bytes });
        self.bytes = self.bytes.saturating_add(bytes);
        Event {
            seq,
            stream,
            message,
        }
    }

    /// Forgets the oldest events beyond what a session keeps, and tells up to
    /// which place. The newest stays, so that no place is ever given twice.
    pub(super) fn prune(&mut self) -> Option<Seq> {
        let mut through = None;
        while self.kept.len() > 1
            && (u64::try_from(self.kept.len()).unwrap_or(u64::MAX) > EVENTS_KEPT_MAX
                || self.bytes > EVENT_BYTES_KEPT_MAX)
        {
            let oldest = self.kept.pop_front()?;
            self.bytes -= oldest.bytes;
            through = Some(oldest.seq);
        }
        through
    }

    /// Whether a stream has events after that place.
    pub(super) fn goes_on(&self, stream: StreamId, seq: Seq) -> bool {
        self.kept
            .iter()
            .rev()
            .take_while(|event| event.seq > seq)
            .any(|event| event.stream == stream)
    }

    /// Whether everything of the session after that place is still there.
    pub(super) fn reaches_back_to(&self, seq: Seq) -> bool {
        seq.0 <= self.newest
            && self
                .kept
                .front()
                .is_none_or(|oldest| oldest.seq.0 <= seq.0.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_bounded_in_number() {
        let mut log = Log::default();
        let mut pruned = 0;
        for _ in 0..EVENTS_KEPT_MAX + 10 {
            log.append(StreamId(1), "{}".into());
            if let Some(through) = log.prune() {
                pruned = through.0;
            }
        }
        assert_eq!(pruned, 10);
        assert!(log.reaches_back_to(Seq(10)));
        assert!(
            !log.reaches_back_to(Seq(9)),
            "what is gone is not passed over in silence"
        );
    }

    #[test]
    fn the_log_is_bounded_in_bytes_and_keeps_the_newest() {
        let mut log = Log::default();
        let large = usize::try_from(EVENT_BYTES_KEPT_MAX).unwrap() + 1;
        log.append(StreamId(1), "x".repeat(large));
        assert_eq!(log.prune(), None);
        log.append(StreamId(1), "x".repeat(large));
        assert_eq!(log.prune(), Some(Seq(1)));
        assert_eq!(log.newest(), Seq(2));
    }

    #[test]
    fn a_place_that_was_never_given_is_not_reached() {
        assert!(!Log::default().reaches_back_to(Seq(1)));
        assert!(Log::default().reaches_back_to(Seq(0)));
    }
}
