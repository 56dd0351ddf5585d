//! What was noted and has not arrived yet.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::{Batch, BatchId, Record};

/// Most records that wait for others, or for a sending to end. Beyond, they are sent at
/// once, beside whatever is under way.
pub const GATHERED_RECORDS_MAX: usize = 500;
/// How long a record waits for others. A sending costs more than a call does
/// (`docs/performance.md`), and the queue waits a second for more of them anyway.
pub const GATHERING_TIME: Duration = Duration::from_millis(500);
/// Longest sending. Who began it may be gone with its request, so that nobody hears of
/// its end: then the batch is sent again, which counts once.
pub const SENDING_MAX: Duration = Duration::from_secs(10);
/// Most batches that are kept while none arrives: 8 MB at most, of the 128 MB that an
/// isolate has (Cloudflare, "Workers: Limits", read 2026-11). Beyond, the oldest is
/// given up.
pub const GATHERED_BATCHES_MAX: usize = 64;

/// The records of one isolate that have not arrived. Whoever notes the first sends it
/// [`GATHERING_TIME`] later, with what was noted meanwhile, and goes on for as long as
/// there is more. So who is busy sends rarely, and nobody waits.
#[derive(Debug, Default)]
pub struct Gathering {
    waiting: Vec<Record>,
    /// When somebody took it upon themselves to send what waits.
    taken_on: Option<Timestamp>,
    packed: VecDeque<Batch>,
    under_way: VecDeque<(Timestamp, Batch)>,
}

impl Gathering {
    /// Notes a record. If it is the one who notes it that has to send, this is how long
    /// they wait before they ask for what is [`Self::next`].
    pub fn note(&mut self, now: Timestamp, record: Record) -> Option<Duration> {
        self.waiting.push(record);
        if self.waiting.len() >= GATHERED_RECORDS_MAX {
            return Some(Duration::ZERO);
        }
        // Who took it on may be gone with their request.
        let patience = SignedDuration::try_from(GATHERING_TIME + SENDING_MAX);
        let patience = patience.unwrap_or(SignedDuration::MAX);
        let is_lost = |since| now.duration_since(since) > patience;
        if !self.taken_on.is_none_or(is_lost) {
            return None;
        }
        self.taken_on = Some(now);
        Some(GATHERING_TIME)
    }

    /// What is to be sent now, if anything is; [`Self::arrived`] is to be called when it
    /// has, and then this again.
    pub fn next(&mut self, now: Timestamp, random: [u8; 16]) -> Option<Batch> {
        let too_long = SignedDuration::try_from(SENDING_MAX).unwrap_or(SignedDuration::MAX);
        let is_lost = |(since, _): &&mut (Timestamp, Batch)| now.duration_since(*since) > too_long;
        if let Some((since, batch)) = self.under_way.iter_mut().find(is_lost) {
            *since = now;
            return Some(batch.clone());
        }
        if self.under_way.is_empty() || self.waiting.len() >= GATHERED_RECORDS_MAX {
            let waiting = mem::take(&mut self.waiting);
            self.taken_on = None;
            self.packed.extend(Batch::pack(waiting, random));
        }
        let batch = self.packed.pop_front()?;
        self.under_way.push_back((now, batch.clone()));
        Some(batch)
    }

    /// A batch has arrived.
    pub fn arrived(&mut self, id: &BatchId) {
        self.under_way.retain(|(_, batch)| batch.id != *id);
    }

    /// Forgets what is too much to be kept; returns how many records that were.
    pub fn give_up(&mut self) -> usize {
        let mut lost = 0;
        while self.under_way.len() > GATHERED_BATCHES_MAX {
            let oldest = self.under_way.pop_front();
            lost += oldest.map_or(0, |(_, batch)| batch.records.len());
        }
        lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::tests::record;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    struct World {
        gathering: Gathering,
        ids: u128,
        now: Timestamp,
    }

    impl World {
        fn new() -> Self {
            Self {
                gathering: Gathering::default(),
                ids: 0,
                now: NOW,
            }
        }

        fn note(&mut self, name: &str) -> Option<Duration> {
            self.gathering.note(self.now, record(name))
        }

        fn next(&mut self) -> Option<Batch> {
            self.ids += 1;
            // Packing counts on from it: far apart, as randomness is.
            self.gathering
                .next(self.now, (self.ids << 64).to_be_bytes())
        }
    }

    fn names(batch: &Batch) -> Vec<&str> {
        let records = batch.records.iter();
        records.map(|record| record.name.as_str()).collect()
    }

    #[test]
    fn who_notes_the_first_sends_it_with_those_that_were_noted_meanwhile() {
        let mut world = World::new();
        assert_eq!(world.note("1"), Some(GATHERING_TIME));
        assert_eq!(world.note("1 too"), None);
        let first = world.next().unwrap();
        assert_eq!(names(&first), ["1", "1 too"]);
        assert_eq!(world.note("2"), Some(GATHERING_TIME));
        assert_eq!(world.next(), None);
        assert_eq!(world.note("3"), None);
        assert_eq!(world.next(), None);
        world.gathering.arrived(&first.id);
        let second = world.next().unwrap();
        assert_eq!(names(&second), ["2", "3"]);
        world.gathering.arrived(&second.id);
        assert_eq!(world.next(), None);
    }

    #[test]
    fn a_batch_whose_sender_is_gone_is_sent_again_as_it_was() {
        let mut world = World::new();
        world.note("1");
        let first = world.next().unwrap();
        world.note("2");
        world.now = NOW + SENDING_MAX;
        assert_eq!(world.next(), None);
        world.now += SignedDuration::from_millis(1);
        assert_eq!(world.next(), Some(first.clone()));
        assert_eq!(world.next(), None);
        world.gathering.arrived(&first.id);
        assert_eq!(names(&world.next().unwrap()), ["2"]);
    }

    #[test]
    fn another_sends_what_somebody_did_not_send_who_took_it_on() {
        let mut world = World::new();
        assert_eq!(world.note("1"), Some(GATHERING_TIME));
        world.now = NOW + GATHERING_TIME + SENDING_MAX;
        assert_eq!(world.note("2"), None);
        world.now += SignedDuration::from_millis(1);
        assert_eq!(world.note("3"), Some(GATHERING_TIME));
        assert_eq!(names(&world.next().unwrap()), ["1", "2", "3"]);
    }

    #[test]
    fn very_many_do_not_wait() {
        let mut world = World::new();
        for number in 1..GATHERED_RECORDS_MAX {
            let wait = world.note(&number.to_string());
            assert_ne!(wait, Some(Duration::ZERO));
        }
        assert_eq!(world.note("the last"), Some(Duration::ZERO));
        let sent = world.next().unwrap();
        assert!(sent.records.len() <= GATHERED_RECORDS_MAX);
    }

    #[test]
    fn very_many_are_sent_beside_what_is_under_way_and_each_once() {
        let mut world = World::new();
        let mut sent = Vec::new();
        let mut noted = Vec::new();
        for number in 0..GATHERED_RECORDS_MAX * 3 + 7 {
            noted.push(number.to_string());
            world.note(&number.to_string());
            while let Some(batch) = world.next() {
                sent.push(batch);
            }
            assert!(world.gathering.waiting.len() < GATHERED_RECORDS_MAX);
        }
        for batch in sent.clone() {
            world.gathering.arrived(&batch.id);
        }
        sent.extend(world.next());
        let sent: Vec<&str> = sent.iter().flat_map(names).collect();
        assert_eq!(sent, noted);
    }

    #[test]
    fn when_none_arrives_what_is_kept_is_bounded() {
        let mut world = World::new();
        let mut lost = 0;
        for round in 0..GATHERED_BATCHES_MAX + 5 {
            for number in 0..GATHERED_RECORDS_MAX {
                world.note(&format!("{round} {number}"));
            }
            while world.next().is_some() {}
            lost += world.gathering.give_up();
            assert!(world.gathering.under_way.len() <= GATHERED_BATCHES_MAX);
        }
        assert!(lost > 0);
    }
}
