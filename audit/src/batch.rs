//! Records on their way: packed once, and from then on one thing.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::{RECORD_BYTES_MAX, Record, Written};

/// Longest batch, in bytes of JSON. A message of a queue may have 128 kB, of which
/// the platform takes about 100 bytes (Cloudflare, "Queues: Limits", read 2026-11).
pub const BATCH_BYTES_MAX: usize = 120_000;
/// Most records of a batch.
pub const BATCH_RECORDS_MAX: usize = 500;
/// What a batch has beside its records, in bytes: its id and the names of its members.
const ENVELOPE_BYTES: usize = 64;
const _: () = assert!(ENVELOPE_BYTES + RECORD_BYTES_MAX < BATCH_BYTES_MAX);

/// The name of a batch, by which a second delivery is known: 128 random bits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct BatchId(String);

/// A text that is no batch's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the name of a batch")]
pub struct BadBatchId;

impl BatchId {
    /// From randomness.
    pub fn new(random: [u8; 16]) -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(random))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for BatchId {
    type Error = BadBatchId;

    fn try_from(text: String) -> Result<Self, BadBatchId> {
        match BASE64_URL_SAFE_NO_PAD.decode(&text) {
            Ok(bytes) if bytes.len() == 16 => Ok(Self(text)),
            Ok(_) | Err(_) => Err(BadBatchId),
        }
    }
}

impl fmt::Display for BatchId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Records that travel together. What is in it never changes: whoever is not sure
/// whether it arrived sends it again as it is, and it counts once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Its name.
    pub id: BatchId,
    /// In the order in which they were noted.
    pub records: Vec<Written>,
}

impl Batch {
    /// Packs records, in their order, into as few batches as the limits allow. Their
    /// names are the randomness, counted on.
    pub fn pack(records: Vec<Record>, random: [u8; 16]) -> Vec<Self> {
        let mut next = u128::from_be_bytes(random);
        let mut batches: Vec<Self> = Vec::new();
        let mut room = 0;
        for record in records {
            let record = Written::from(record);
            let bytes = record.text().len() + 1;
            match batches.last_mut() {
                Some(batch) if bytes <= room && batch.records.len() < BATCH_RECORDS_MAX => {
                    room -= bytes;
                    batch.records.push(record);
                }
                Some(_) | None => {
                    next = next.wrapping_add(1);
                    room = (BATCH_BYTES_MAX - ENVELOPE_BYTES).saturating_sub(bytes);
                    batches.push(Self {
                        id: BatchId::new(next.to_be_bytes()),
                        records: vec![record],
                    });
                }
            }
        }
        batches
    }

    /// The batch as it travels.
    pub fn text(&self) -> String {
        // As a record, it has a JSON text always.
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{Actor, Cost, Kind, Outcome};

    pub(crate) fn record(name: &str) -> Record {
        Record {
            at: Timestamp::UNIX_EPOCH,
            kind: Kind::Tool,
            actor: Actor::default(),
            address: None,
            name: name.into(),
            target: Some("\"".repeat(200).as_str().into()),
            permission: None,
            arguments: None,
            outcome: Outcome::Ok,
            why: None,
            times: 1,
            cost: Cost::default(),
        }
    }

    fn pack(records: Vec<Record>) -> Vec<Batch> {
        Batch::pack(records, [7; 16])
    }

    #[test]
    fn nothing_is_no_batch() {
        assert_eq!(pack(vec![]), vec![]);
    }

    #[test]
    fn every_record_is_in_one_batch_in_order_and_none_is_too_long() {
        let names: Vec<String> = (0..1_234).map(|n| n.to_string()).collect();
        let batches = pack(names.iter().map(|name| record(name)).collect());
        assert!(batches.len() > 3);
        for batch in &batches {
            assert!(batch.text().len() <= BATCH_BYTES_MAX);
            assert!(batch.records.len() <= BATCH_RECORDS_MAX);
        }
        let packed = batches.iter().flat_map(|batch| &batch.records);
        let packed = packed.map(|written| written.record().name.to_string());
        let packed: Vec<String> = packed.collect();
        assert_eq!(packed, names);
    }

    #[test]
    fn a_batch_is_read_as_it_was_sent() {
        let batch = pack(vec![record("a"), record("b")]).remove(0);
        assert_eq!(serde_json::from_str::<Batch>(&batch.text()).unwrap(), batch);
    }

    #[test]
    fn only_128_bits_are_the_name_of_a_batch() {
        for bad in [
            "",
            "a",
            "AAAAAAAAAAAAAAAAAAAAAA==",
            "AAAAAAAAAAAAAAAAAAAAAAAA",
            "'; --",
        ] {
            assert_eq!(BatchId::try_from(bad.to_owned()), Err(BadBatchId), "{bad}");
        }
    }
}
