//! What was noted and has not arrived yet.

use std::collections::VecDeque;
use std::mem;
use std::rc::Rc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::{Batch, BatchId, Record};

/// Most records that wait for others. Beyond, they are sent at once.
pub const GATHERED_RECORDS_MAX: usize = 500;
/// How long a record waits for others. A sending costs more than a call does
/// (`docs/performance.md`), and the queue waits a second for more of them anyway.
pub const GATHERING_TIME: Duration = Duration::from_millis(500);
/// Longest sending. Who began it may be gone with its request, so that nobody hears of
/// its end: then the batch is sent again, which counts once.
pub const SENDING_MAX: Duration = Duration::from_secs(10);
/// Most batches that are kept while none arrives: 8 MB of texts, and about as much again
/// for their records, of the 128 MB that an isolate has (Cloudflare, "Workers: Limits",
/// read 2026-11). Beyond, the oldest is given up.
pub const GATHERED_BATCHES_MAX: usize = 64;

/// The records of one isolate that have not arrived. Whoever notes the first sends it
/// [`GATHERING_TIME`] later, with what was noted meanwhile; who notes one after that is
/// the first again. So who is busy sends rarely, and nobody waits.
#[derive(Debug, Default)]
pub struct Gathering {
    waiting: Vec<Record>,
    /// When somebody took it upon themselves to send what waits.
    taken_on: Option<Timestamp>,
    packed: VecDeque<Rc<Batch>>,
    under_way: VecDeque<(Timestamp, Rc<Batch>)>,
}

impl Gathering {
    /// Notes a record. If it is the one who notes it that has to send, this is how long
    /// they wait before they [`Self::pack`].
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

    /// Packs what waits; it is sent as what is [`Self::next`].
    pub fn pack(&mut self, random: [u8; 16]) {
        let waiting = mem::take(&mut self.waiting);
        self.taken_on = None;
        let packed = Batch::pack(waiting, random);
        self.packed.extend(packed.into_iter().map(Rc::new));
    }

    /// What is to be sent now, if anything is; [`Self::arrived`] is to be called when it
    /// has, and then this again.
    pub fn next(&mut self, now: Timestamp) -> Option<Rc<Batch>> {
        let too_long = SignedDuration::try_from(SENDING_MAX).unwrap_or(SignedDuration::MAX);
        let mut under_way = self.under_way.iter_mut();
        if let Some((since, batch)) =
            under_way.find(|(since, _)| now.duration_since(*since) > too_long)
        {
            *since = now;
            return Some(Rc::clone(batch));
        }
        let batch = self.packed.pop_front()?;
        self.under_way.push_back((now, Rc::clone(&batch)));
        Some(batch)
    }

    /// A batch has arrived.
    pub fn arrived(&mut self, id: &BatchId) {
        self.under_way.retain(|(_, batch)| batch.id != *id);
    }

    /// Forgets what is too much to be kept; returns how many records that were.
    pub fn give_up(&mut self) -> usize {
        let mut lost = 0;
        while self.under_way.len() + self.packed.len() > GATHERED_BATCHES_MAX {
            let under_way = self.under_way.pop_front().map(|(_, batch)| batch);
            let oldest = under_way.or_else(|| self.packed.pop_front());
            lost += oldest.map_or(0, |batch| batch.records.len());
        }
        lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Written;
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

        fn pack(&mut self) {
            self.ids += 1;
            // Packing counts on from it: far apart, as randomness is.
            self.gathering.pack((self.ids << 64).to_be_bytes());
        }

        fn next(&mut self) -> Option<Rc<Batch>> {
            self.gathering.next(self.now)
        }

        /// All that is to be sent.
        fn sent(&mut self) -> Vec<Rc<Batch>> {
            self.pack();
            std::iter::from_fn(|| self.next()).collect()
        }
    }

    fn names(batch: &Batch) -> Vec<&str> {
        let records = batch.records.iter().map(Written::record);
        records.map(|record| record.name.as_str()).collect()
    }

    #[test]
    fn who_notes_the_first_sends_it_with_those_that_were_noted_meanwhile() {
        let mut world = World::new();
        assert_eq!(world.note("1"), Some(GATHERING_TIME));
        assert_eq!(world.note("1 too"), None);
        world.pack();
        let first = world.next().unwrap();
        assert_eq!(names(&first), ["1", "1 too"]);
        assert_eq!(world.next(), None);
        assert_eq!(world.note("2"), Some(GATHERING_TIME));
        assert_eq!(world.note("3"), None);
        world.gathering.arrived(&first.id);
        let second = world.sent().remove(0);
        assert_eq!(names(&second), ["2", "3"]);
        world.gathering.arrived(&second.id);
        assert_eq!(world.sent(), []);
    }

    /// Else who is busy would send a few at a time, one sending after the other.
    #[test]
    fn who_has_sent_leaves_what_came_meanwhile_to_who_noted_it() {
        let mut world = World::new();
        world.note("1");
        let first = world.sent().remove(0);
        world.note("2");
        world.gathering.arrived(&first.id);
        assert_eq!(world.next(), None);
    }

    #[test]
    fn a_batch_whose_sender_is_gone_is_sent_again_as_it_was() {
        let mut world = World::new();
        world.note("1");
        let first = world.sent().remove(0);
        world.now = NOW + SENDING_MAX;
        assert_eq!(world.next(), None);
        world.now += SignedDuration::from_millis(1);
        world.note("2");
        let sent = world.sent();
        assert_eq!(sent.first(), Some(&first));
        assert_eq!(names(&sent[1]), ["2"]);
        world.gathering.arrived(&first.id);
        assert_eq!(world.sent(), []);
    }

    #[test]
    fn another_sends_what_somebody_did_not_send_who_took_it_on() {
        let mut world = World::new();
        assert_eq!(world.note("1"), Some(GATHERING_TIME));
        world.now = NOW + GATHERING_TIME + SENDING_MAX;
        assert_eq!(world.note("2"), None);
        world.now += SignedDuration::from_millis(1);
        assert_eq!(world.note("3"), Some(GATHERING_TIME));
        assert_eq!(names(&world.sent()[0]), ["1", "2", "3"]);
    }

    #[test]
    fn very_many_do_not_wait() {
        let mut world = World::new();
        for number in 1..GATHERED_RECORDS_MAX {
            let wait = world.note(&number.to_string());
            assert_ne!(wait, Some(Duration::ZERO));
        }
        assert_eq!(world.note("the last"), Some(Duration::ZERO));
        let sent = world.sent();
        let noted = sent.iter().flat_map(|batch| names(batch));
        assert_eq!(noted.count(), GATHERED_RECORDS_MAX);
        assert_eq!(world.note("one more"), Some(GATHERING_TIME));
    }

    #[test]
    fn very_many_are_sent_beside_what_is_under_way_and_each_once() {
        let mut world = World::new();
        let mut sent = Vec::new();
        let mut noted = Vec::new();
        for number in 0..GATHERED_RECORDS_MAX * 3 + 7 {
            noted.push(number.to_string());
            if world.note(&number.to_string()) == Some(Duration::ZERO) {
                sent.extend(world.sent());
            }
            assert!(world.gathering.waiting.len() < GATHERED_RECORDS_MAX);
        }
        sent.extend(world.sent());
        let sent: Vec<&str> = sent.iter().flat_map(|batch| names(batch)).collect();
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
            world.pack();
            world.next(); // which fails, and so does who tried
            lost += world.gathering.give_up();
            let kept = world.gathering.under_way.len() + world.gathering.packed.len();
            assert!(kept <= GATHERED_BATCHES_MAX);
        }
        assert!(lost > 0);
    }
}
