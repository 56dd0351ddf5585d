//! The promise about calls at once: never more than the policy allows, first come
//! first served, and nothing is lost for longer than a permit lives.
//!
//! Random holders start and end calls, die, are cut off from the ledger, and have
//! clocks of their own. The judge counts the calls that run.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is what it is for"
)]

use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use quota::{
    Called, Family, HolderId, LEASE_SLACK, LEDGER_LAG_MAX, Ledger, Line, PERMIT_LIFE,
    PERMIT_WAIT_MAX, PermitHolder, PermitNumber, Policies, Policy, Revision, Start,
};

const START: Timestamp = Timestamp::constant(1_800_000_000, 0);

const HOLDERS: usize = 4;

/// Something that happens in the world.
#[derive(Debug, Clone)]
enum Event {
    /// True time passes, in milliseconds; each second everybody looks after what
    /// they have.
    Pass(i64),
    /// A holder begins so many calls at once; the way to the ledger takes so long.
    Begin {
        holder: usize,
        calls: u32,
        way_ms: i64,
        /// How old its news of the revision are, in milliseconds; none without.
        news_ms: Option<i64>,
    },
    /// A call that runs, the one of that number, ends.
    End { nth: usize },
    /// A holder dies with all its calls; it may begin anew, and say so.
    Die { holder: usize, says_so: bool },
    /// A holder is cut off from the ledger, or is so no more.
    Cut { holder: usize, is_cut: bool },
    /// A holder's clock is set to be so many milliseconds late.
    HolderLag { holder: usize, ms: i64 },
    /// The ledger's clock is set back by so many milliseconds.
    LedgerSetBack { ms: i64 },
    /// The ledger is read from its row again.
    Restart,
    /// So many calls may run from now on.
    AtOnce(u32),
}

fn event() -> impl Strategy<Value = Event> {
    let slack_ms = i64::try_from(LEASE_SLACK.as_millis()).unwrap();
    let lag_ms = i64::try_from(LEDGER_LAG_MAX.as_millis()).unwrap();
    let pass = prop_oneof![3 => 0..2_000_i64, 2 => 2_000..12_000_i64, 1 => 25_000..40_000_i64];
    let way = prop_oneof![8 => 0..30_i64, 1 => 0..1_500_i64];
    let news = prop_oneof![3 => (0..=1_000_i64).prop_map(Some), 1 => Just(None)];
    prop_oneof![
        6 => pass.prop_map(Event::Pass),
        12 => (0..HOLDERS, 1..6_u32, way, news)
            .prop_map(|(holder, calls, way_ms, news_ms)| Event::Begin { holder, calls, way_ms, news_ms }),
        12 => any::<usize>().prop_map(|nth| Event::End { nth }),
        1 => (0..HOLDERS, any::<bool>()).prop_map(|(holder, says_so)| Event::Die { holder, says_so }),
        2 => (0..HOLDERS, any::<bool>()).prop_map(|(holder, is_cut)| Event::Cut { holder, is_cut }),
        1 => (0..HOLDERS, 0..=slack_ms).prop_map(|(holder, ms)| Event::HolderLag { holder, ms }),
        1 => (0..=lag_ms * 2).prop_map(|ms| Event::LedgerSetBack { ms }),
        1 => Just(Event::Restart),
        1 => (1..6_u32).prop_map(Event::AtOnce),
    ]
}

fn id(holder: usize) -> HolderId {
    holder.to_string().as_str().into()
}

/// A call in line: which one it is of all that joined, and whose.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ticket {
    place: u64,
    holder: usize,
    life: u32,
    asked: Timestamp,
}

struct World {
    now_ms: i64,
    ledger: Ledger,
    ledger_lag_ms: i64,
    line: Line<Ticket>,
    holders: [PermitHolder; HOLDERS],
    /// How often each has died.
    lives: [u32; HOLDERS],
    is_cut: [bool; HOLDERS],
    holder_lag_ms: [i64; HOLDERS],
    joined: u64,
    /// Calls of each that are in line, in this life.
    waiting: [u32; HOLDERS],
    /// The place of whoever was served last.
    served: u64,
    /// Since when how many may run.
    history: Vec<(i64, u32)>,
    running: Vec<(usize, PermitNumber)>,
    trouble: Option<String>,
}

impl World {
    fn new(at_once: u32) -> Self {
        Self {
            now_ms: 0,
            ledger: Ledger::new(START),
            ledger_lag_ms: 0,
            line: Line::default(),
            holders: Default::default(),
            lives: [0; HOLDERS],
            is_cut: [false; HOLDERS],
            holder_lag_ms: [0; HOLDERS],
            joined: 0,
            waiting: [0; HOLDERS],
            served: 0,
            history: vec![(0, at_once)],
            running: Vec::new(),
            trouble: None,
        }
    }

    fn policies(&self) -> Policies {
        let policy = Policy::new(100, 60).unwrap();
        let at_once = self.history.last().unwrap().1;
        let revision = u64::try_from(self.history.len()).unwrap();
        Policies::one(Revision(revision), policy.with_concurrent(at_once).unwrap())
    }

    fn ledger_now(&self) -> Timestamp {
        START + SignedDuration::from_millis(self.now_ms - self.ledger_lag_ms)
    }

    /// Each holder's clock differs from all others by hours.
    fn holder_now(&self, holder: usize) -> Timestamp {
        let hours = i64::try_from(holder).unwrap() * 7 - 10;
        let ms = self.now_ms - self.holder_lag_ms[holder];
        START + SignedDuration::from_hours(hours) + SignedDuration::from_millis(ms)
    }

    fn revision_at(&self, ms: i64) -> Revision {
        let begun = self
            .history
            .iter()
            .take_while(|(from_ms, _)| *from_ms <= ms);
        Revision(u64::try_from(begun.count().max(1)).unwrap())
    }

    /// Most calls that were allowed at any time in the last so many milliseconds.
    fn most(&self, grace_ms: i64) -> usize {
        let from_ms = self.now_ms - grace_ms;
        let later = self
            .history
            .iter()
            .filter(|(begun_ms, _)| *begun_ms > from_ms);
        let before = self
            .history
            .iter()
            .rev()
            .find(|(begun_ms, _)| *begun_ms <= from_ms);
        let most = later.chain(before).map(|(_, at_once)| *at_once).max();
        usize::try_from(most.unwrap()).unwrap()
    }

    /// A call runs from now on, and the judge counts.
    fn runs(&mut self, holder: usize, number: PermitNumber, grace_ms: i64) {
        self.running.push((holder, number));
        let (running, most) = (self.running.len(), self.most(grace_ms));
        if running > most {
            let trouble = format!("{running} run at {} ms, but {most} may", self.now_ms);
            self.trouble.get_or_insert(trouble);
        }
    }

    fn begin(&mut self, holder: usize, way_ms: i64, news_ms: Option<i64>) {
        let asked = self.holder_now(holder);
        let news = news_ms.map(|ms| self.revision_at(self.now_ms - ms));
        let start = self.holders[holder].start(asked, news);
        if let Start::Go(number) = start {
            // Without news the time counts by the holder's clock.
            let grace_ms = if news.is_some() { 1_000 } else { 3_000 };
            assert_eq!(
                self.waiting[holder], 0,
                "nobody gets ahead of an earlier call"
            );
            return self.runs(holder, number, grace_ms);
        }
        if self.is_cut[holder] {
            return self.holders[holder].not_granted();
        }
        self.pass(way_ms);
        self.joined += 1;
        self.waiting[holder] += 1;
        let ticket = Ticket {
            place: self.joined,
            holder,
            life: self.lives[holder],
            asked,
        };
        let (policies, now) = (self.policies(), self.ledger_now());
        if let Start::Ask { end } = start {
            self.ledger.end(&policies, now, &end);
        }
        let called = self.line.join(
            &mut self.ledger,
            &policies,
            now,
            (&Family::default(), &id(holder)),
            ticket,
        );
        self.call(called);
    }

    /// The ledger answers those who waited.
    fn call(&mut self, called: Vec<Called<Ticket>>) {
        for Called { ticket, outcome } in called {
            let holder = ticket.holder;
            let lives = self.lives[holder] == ticket.life;
            let hears = lives && !self.is_cut[holder];
            self.waiting[holder] -= u32::from(lives);
            if let Ok(granted) = outcome {
                assert!(ticket.place > self.served, "nobody gets ahead");
                self.served = ticket.place;
                let (granted, now) = (granted.unwrap(), self.holder_now(holder));
                if hears && self.holders[holder].granted(granted, ticket.asked, now) {
                    self.runs(holder, granted.number, 0);
                    continue;
                }
            }
            if lives {
                self.holders[holder].not_granted();
            }
        }
    }

    fn advance(&mut self) {
        let (policies, now) = (self.policies(), self.ledger_now());
        let called = self.line.advance(&mut self.ledger, &policies, now);
        self.call(called);
    }

    /// Time passes, and nobody forgets to look.
    fn pass(&mut self, mut ms: i64) {
        while ms > 0 {
            let step = ms.min(1_000);
            self.now_ms += step;
            ms -= step;
            for holder in 0..HOLDERS {
                self.look_after(holder);
            }
            self.advance();
        }
    }

    fn look_after(&mut self, holder: usize) {
        let now = self.holder_now(holder);
        let due = self.holders[holder].due(now);
        let mut over = due.lapsed;
        if !self.is_cut[holder] {
            let (policies, at) = (self.policies(), self.ledger_now());
            self.ledger.end(&policies, at, &due.end);
            let lost = self.ledger.renew(&policies, at, &due.renew);
            over.extend(self.holders[holder].renewed(&due.renew, &lost, now, now));
        }
        self.running
            .retain(|(of, number)| *of != holder || !over.contains(number));
    }

    fn end(&mut self, nth: usize) {
        if self.running.is_empty() {
            return;
        }
        let (holder, number) = self.running.remove(nth % self.running.len());
        let now = self.holder_now(holder);
        if self.holders[holder].ended(number, now) && !self.is_cut[holder] {
            let (policies, at) = (self.policies(), self.ledger_now());
            self.ledger.end(&policies, at, &[number]);
            self.advance();
        }
    }

    fn happen(&mut self, event: &Event) {
        match *event {
            Event::Pass(ms) => self.pass(ms),
            Event::Begin {
                holder,
                calls,
                way_ms,
                news_ms,
            } => (0..calls).for_each(|_| self.begin(holder, way_ms, news_ms)),
            Event::End { nth } => self.end(nth),
            Event::Die { holder, says_so } => {
                self.holders[holder] = PermitHolder::default();
                self.lives[holder] += 1;
                self.waiting[holder] = 0;
                self.running.retain(|(of, _)| *of != holder);
                if says_so && !self.is_cut[holder] {
                    let (policies, at) = (self.policies(), self.ledger_now());
                    self.ledger.begin_anew(&policies, at, &id(holder));
                    self.advance();
                }
            }
            Event::Cut { holder, is_cut } => self.is_cut[holder] = is_cut,
            Event::HolderLag { holder, ms } => self.holder_lag_ms[holder] = ms,
            Event::LedgerSetBack { ms } => self.ledger_lag_ms += ms,
            Event::Restart => {
                let row = serde_json::to_string(&self.ledger).unwrap();
                self.ledger = serde_json::from_str(&row).unwrap();
            }
            Event::AtOnce(at_once) => self.history.push((self.now_ms, at_once)),
        }
    }

    fn grants(&mut self) -> usize {
        let (policies, now) = (self.policies(), self.ledger_now());
        let granted = (0..9).filter(|_| {
            self.ledger
                .permit(&policies, now, &Family::default(), &id(0))
                .is_ok()
        });
        granted.count()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Checklist SEC-12.
    #[test]
    fn never_do_more_calls_run_at_once_than_the_policy_allows(
        at_once in 1..6_u32,
        events in vec(event(), 1..120),
    ) {
        let mut world = World::new(at_once);
        for event in &events {
            world.happen(event);
            prop_assert_eq!(&world.trouble, &None);
        }
    }

    #[test]
    fn who_is_refused_and_waits_as_told_gets_through_if_the_others_are_dead(
        at_once in 1..6_u32,
        events in vec(event(), 1..60),
    ) {
        let mut world = World::new(at_once);
        for event in &events {
            world.happen(event);
        }
        let (policies, now) = (world.policies(), world.ledger_now());
        if let Err(refused) = world.ledger.permit(&policies, now, &Family::default(), &id(0)) {
            let later = now + refused.retry_after.unwrap();
            prop_assert!(world.ledger.permit(&policies, later, &Family::default(), &id(0)).is_ok());
        }
    }

    /// Nothing leaks: some time after all have ended, as many may start as ever.
    #[test]
    fn when_all_calls_have_ended_all_permits_are_there(
        at_once in 1..6_u32,
        events in vec(event(), 1..60),
    ) {
        let mut world = World::new(at_once);
        for event in &events {
            world.happen(event);
        }
        world.ledger_lag_ms = 0;
        world.holder_lag_ms = [0; HOLDERS];
        world.is_cut = [false; HOLDERS];
        // Whoever still waits is served or refused.
        world.pass(i64::try_from(PERMIT_WAIT_MAX.as_millis()).unwrap());
        while !world.running.is_empty() {
            world.end(0);
        }
        let lost_for = PERMIT_LIFE + LEASE_SLACK * 2;
        world.pass(i64::try_from(lost_for.as_millis()).unwrap());
        let at_once = world.history.last().unwrap().1;
        prop_assert_eq!(world.grants(), usize::try_from(at_once).unwrap());
    }
}
