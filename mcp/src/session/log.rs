//! The log of events: what was sent, so that it can be sent again.

use std::collections::{BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::Retention;
use crate::event_id::{Seq, StreamId};

/// A message on a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its place in the session's log.
    pub seq: Seq,
    /// The one stream it belongs to.
    pub stream: StreamId,
    /// The JSON-RPC message.
    pub message: String,
    /// When it was appended.
    pub at: Timestamp,
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
    /// When it was appended.
    pub at: Timestamp,
}

/// The stored events, oldest first, without their texts.
#[derive(Debug, Default)]
pub(super) struct Log {
    kept: VecDeque<Logged>,
    bytes: u64,
    newest: u64,
    retention: Retention,
}

impl Log {
    pub(super) fn new(retention: Retention) -> Self {
        Self {
            retention,
            ..Self::default()
        }
    }

    pub(super) fn restore(events: Vec<Logged>, retention: Retention) -> Self {
        let newest = events.iter().map(|event| event.seq.0).max().unwrap_or(0);
        Self {
            bytes: events.iter().map(|event| event.bytes).sum(),
            kept: events.into(),
            newest,
            retention,
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

    /// Gives a message its place. Where the clock went back, it is as old as the
    /// one before.
    pub(super) fn append(&mut self, stream: StreamId, message: String, now: Timestamp) -> Event {
        let at = self.kept.back().map_or(now, |newest| newest.at.max(now));
        self.newest += 1;
        let seq = Seq(self.newest);
        let bytes = u64::try_from(message.len()).unwrap_or(u64::MAX);
        self.kept.push_back(Logged {
            seq,
            stream,
            bytes,
            at,
        });
        self.bytes = self.bytes.saturating_add(bytes);
        Event {
            seq,
            stream,
            message,
            at,
        }
    }

    /// When the oldest event is old enough to be forgotten; none while there is
    /// nothing to forget.
    pub(super) fn due(&self) -> Option<Timestamp> {
        let oldest = self.kept.front().filter(|_| self.kept.len() > 1)?;
        let age = SignedDuration::try_from(self.retention.age).unwrap_or(SignedDuration::MAX);
        Some(oldest.at.saturating_add(age).unwrap_or(Timestamp::MAX))
    }

    /// Forgets the oldest events beyond what a session keeps, and tells up to
    /// which place. The newest stays, so that no place is ever given twice.
    pub(super) fn prune(&mut self, now: Timestamp) -> Option<Seq> {
        let mut through = None;
        while self.kept.len() > 1
            && (u64::try_from(self.kept.len()).unwrap_or(u64::MAX) > self.retention.events
                || self.bytes > self.retention.bytes
                || self.due().is_some_and(|due| due <= now))
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
    use std::time::Duration;

    use super::*;

    const SMALL: Retention = Retention {
        events: 20,
        bytes: 1_000,
        age: Duration::from_mins(1),
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn the_log_is_bounded_in_number() {
        let mut log = Log::new(SMALL);
        let mut pruned = 0;
        for _ in 0..SMALL.events + 10 {
            log.append(StreamId(1), "{}".into(), at(0));
            if let Some(through) = log.prune(at(0)) {
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
        let mut log = Log::new(SMALL);
        let large = usize::try_from(SMALL.bytes).unwrap() + 1;
        log.append(StreamId(1), "x".repeat(large), at(0));
        assert_eq!(log.prune(at(0)), None);
        log.append(StreamId(1), "x".repeat(large), at(0));
        assert_eq!(log.prune(at(0)), Some(Seq(1)));
        assert_eq!(log.newest(), Seq(2));
    }

    #[test]
    fn the_log_is_bounded_in_age_and_keeps_the_newest() {
        let mut log = Log::new(SMALL);
        for second in [0, 10, 20] {
            assert_eq!(
                log.append(StreamId(1), "{}".into(), at(second)).at,
                at(second)
            );
        }
        assert_eq!(log.due(), Some(at(60)));
        assert_eq!(log.prune(at(59)), None);
        assert_eq!(log.prune(at(70)), Some(Seq(2)));
        assert_eq!((log.due(), log.prune(at(1_000))), (None, None));
        assert_eq!(log.newest(), Seq(3));
    }

    #[test]
    fn a_clock_that_goes_back_forgets_nothing() {
        let mut log = Log::new(SMALL);
        log.append(StreamId(1), "{}".into(), at(100));
        assert_eq!(log.append(StreamId(1), "{}".into(), at(0)).at, at(100));
        assert_eq!(log.prune(at(50)), None);
        assert_eq!(log.prune(at(160)), Some(Seq(1)));
    }

    #[test]
    fn a_place_that_was_never_given_is_not_reached() {
        assert!(!Log::default().reaches_back_to(Seq(1)));
        assert!(Log::default().reaches_back_to(Seq(0)));
    }
}
