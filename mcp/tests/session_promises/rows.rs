//! The rows of a session, kept as its object keeps them in SQLite: as texts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use mcp::event_id::{Seq, StreamId};
use mcp::session::{Event, Logged, Phase, Record, Stored, StoredStream};

/// The tables.
#[derive(Debug)]
pub(crate) struct Rows {
    /// As it is read again.
    record: Option<Record>,
    streams: BTreeMap<StreamId, StreamRow>,
    events: BTreeMap<Seq, (StreamId, String, Timestamp)>,
    /// Event bytes.
    pub(crate) bytes: u64,
    /// Up to where events were forgotten.
    pub(crate) forgotten: Seq,
}

#[derive(Debug)]
struct StreamRow {
    text: String,
    done: bool,
}

impl Rows {
    pub(crate) fn none() -> Self {
        Self {
            record: None,
            streams: BTreeMap::new(),
            events: BTreeMap::new(),
            bytes: 0,
            forgotten: Seq(0),
        }
    }

    /// What a machine is restored from; none if nobody opened it, or it ended.
    pub(crate) fn load(&self) -> Option<Stored> {
        let record = self.record()?.clone();
        let streams = self
            .streams
            .values()
            .map(|row| serde_json::from_str(&row.text).unwrap())
            .collect();
        let events = self
            .events
            .iter()
            .map(|(seq, (stream, message, at))| Logged {
                seq: *seq,
                stream: *stream,
                bytes: message.len() as u64,
                at: *at,
            })
            .collect();
        Some(Stored {
            record,
            streams,
            events,
            progress: self.progress(),
        })
    }

    /// The highest progress on each stream whose call was running.
    fn progress(&self) -> BTreeMap<StreamId, f64> {
        let mut highest = BTreeMap::new();
        for (stream, message, _) in self.events.values() {
            let message: serde_json::Value = serde_json::from_str(message).unwrap();
            if let Some(progress) = message["params"]["progress"].as_f64() {
                let told = highest.entry(*stream).or_insert(progress);
                *told = progress.max(*told);
            }
        }
        highest
    }

    pub(crate) fn record(&self) -> Option<&Record> {
        self.record.as_ref()
    }

    /// Returns the row's size, in bytes.
    pub(crate) fn save_record(&mut self, record: &Record) -> usize {
        let text = serde_json::to_string(record).unwrap();
        self.record = Some(serde_json::from_str(&text).unwrap());
        text.len()
    }

    /// Returns the row's size, in bytes.
    pub(crate) fn save_stream(&mut self, stream: &StoredStream) -> usize {
        let text = serde_json::to_string(stream).unwrap();
        let bytes = text.len();
        let done = stream.phase == Phase::Done;
        self.streams.insert(stream.id, StreamRow { text, done });
        bytes
    }

    /// Returns whether the place was free.
    pub(crate) fn append(&mut self, event: &Event) -> bool {
        let row = (event.stream, event.message.clone(), event.at);
        self.bytes += event.message.len() as u64;
        self.events.insert(event.seq, row).is_none()
    }

    pub(crate) fn after(&self, stream: StreamId, seq: Seq) -> Vec<Event> {
        self.events
            .range(seq..)
            .filter(|(place, (of, ..))| **place > seq && *of == stream)
            .map(|(seq, (stream, message, at))| Event {
                seq: *seq,
                stream: *stream,
                message: message.clone(),
                at: *at,
            })
            .collect()
    }

    /// As the object's `DELETE`s: events up to a place, and finished streams
    /// that have none left, but for the newest.
    pub(crate) fn prune(&mut self, through: Seq) {
        while let Some(oldest) = self.events.first_entry()
            && *oldest.key() <= through
        {
            self.forgotten = *oldest.key();
            self.bytes -= oldest.remove().1.len() as u64;
        }
        let newest = self.streams.keys().next_back().copied();
        let with_events: BTreeSet<_> = self.events.values().map(|(stream, ..)| *stream).collect();
        self.streams
            .retain(|id, row| !row.done || Some(*id) == newest || with_events.contains(id));
    }

    pub(crate) fn erase(&mut self) {
        *self = Self::none();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.record.is_none() && self.streams.is_empty() && self.events.is_empty()
    }

    pub(crate) fn events(&self) -> usize {
        self.events.len()
    }

    /// When the oldest event was appended, if it is not the newest, too.
    pub(crate) fn oldest_of_several(&self) -> Option<Timestamp> {
        let oldest = self
            .events
            .values()
            .next()
            .filter(|_| self.events.len() > 1);
        oldest.map(|(.., at)| *at)
    }

    pub(crate) fn streams(&self) -> usize {
        self.streams.len()
    }

    pub(crate) fn newest_event_bytes(&self) -> u64 {
        self.events
            .values()
            .next_back()
            .map_or(0, |(_, message, _)| message.len() as u64)
    }

    /// The ids of our requests that wait for an answer.
    pub(crate) fn open_questions(&self) -> Vec<String> {
        let open = |row: &StreamRow| match serde_json::from_str::<StoredStream>(&row.text)
            .unwrap()
            .phase
        {
            Phase::Asking { open, .. } => open.into_keys().collect(),
            Phase::Running | Phase::Done => Vec::new(),
        };
        let unfinished = self.streams.values().filter(|row| !row.done);
        unfinished.flat_map(open).collect()
    }
}
