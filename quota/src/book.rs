//! The buckets of one family, and what was taken from them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::bucket::Bucket;
use crate::clock::{Micros, micros, seconds_up};
use crate::lease::lease_units;
use crate::out::{Out, send_out, units_out};
use crate::permits_out::PermitsOut;
use crate::slot::{SlotNumber, Slots};
use crate::{LEDGER_LAG_MAX, LeaseNumber, Limit, Policy, Standing, Unused, Weight, Window};

/// What one family has left. It starts full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Book {
    /// The latest time seen: what follows was so then.
    at: Micros,
    buckets: BTreeMap<Window, Bucket>,
    /// Leases that are out, first to end first.
    out: Vec<Out>,
    /// Calls that run, or may start at any moment.
    #[serde(default, skip_serializing_if = "PermitsOut::is_empty")]
    pub(crate) permits: PermitsOut,
    /// Units of the future that are promised.
    #[serde(skip)]
    slots: Slots,
}

/// Why a call does not fit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Short {
    pub(crate) standing: Standing,
    /// None if it never will.
    pub(crate) retry_after: Option<Duration>,
}

/// What a family without a bucket has. There is none: a policy has a rate.
const NOTHING: Short = Short {
    standing: Standing {
        limit: Limit::Concurrent,
        remaining: 0,
        reset: Duration::ZERO,
    },
    retry_after: None,
};

impl Short {
    /// Until so many microseconds have passed.
    pub(crate) fn until(wait: u64, standing: Standing) -> Self {
        let reset = seconds_up(wait.max(1));
        Self {
            standing: Standing { reset, ..standing },
            retry_after: Some(reset),
        }
    }
}

impl Book {
    pub(crate) fn new(at: Micros) -> Self {
        Self {
            at,
            buckets: BTreeMap::new(),
            out: Vec::new(),
            permits: PermitsOut::default(),
            slots: Slots::default(),
        }
    }

    /// A book of the ledger of one bucket, as an earlier version stored it.
    pub(crate) fn of_one_bucket(at: Micros, bucket: Bucket, out: Vec<Out>) -> Self {
        Self {
            buckets: BTreeMap::from([(Window::Minute, bucket)]),
            out,
            ..Self::new(at)
        }
    }

    pub(crate) fn at(&self) -> Micros {
        self.at
    }

    /// Takes units for a call of that weight, and more of them up to `want`, from
    /// every bucket at once. What is promised to others stays there; who comes for
    /// what was promised to them names its slot.
    pub(crate) fn take(
        &mut self,
        number: LeaseNumber,
        now: Micros,
        (weight, want): (Weight, u32),
        slot: Option<SlotNumber>,
    ) -> Result<(u32, Standing), Short> {
        let promised = self.slots.claim(slot, self.at);
        let left = self.buckets.iter().map(|(window, it)| it.units(*window));
        let left = left.min().unwrap_or(0);
        let free = left.saturating_sub(self.slots.units());
        let free = free.max(promised.min(left));
        if free < weight.units() {
            return Err(self.short(now, weight));
        }
        let units = lease_units(want, weight, free);
        for (window, bucket) in &mut self.buckets {
            bucket.take(*window, units);
        }
        send_out(&mut self.out, number, units - weight.units(), self.at);
        Ok((units, self.standing()))
    }

    /// Keeps the units of a call that does not fit, for when it is told to come back.
    /// If that cannot be promised, how long to wait until no promise is before it.
    pub(crate) fn keep(
        &mut self,
        number: SlotNumber,
        now: Micros,
        weight: Weight,
        retry_after: Duration,
    ) -> Result<(), Duration> {
        let units = self.slots.units().saturating_add(weight.units());
        let reached = |(window, bucket): (&Window, &Bucket)| {
            bucket.reaches(*window, units, self.at, &self.out)
        };
        let from = self.buckets.iter().map(reached).max().unwrap_or(self.at);
        let told = self.at.max(now.after(micros(retry_after)));
        let kept = self
            .slots
            .keep(number, weight.units(), self.at, (from, told));
        let all_lapsed = Slots::all_lapsed(self.at).since(now);
        kept.then_some(())
            .ok_or(retry_after.max(seconds_up(all_lapsed)))
    }

    /// The bucket that keeps a call of that weight waiting longest: it comes after all
    /// that is promised.
    fn short(&self, now: Micros, weight: Weight) -> Short {
        let units = self.slots.units().saturating_add(weight.units());
        let wait = |it: &(&Window, &Bucket)| match it.1.rate().burst().get() {
            burst if burst < weight.units() => u64::MAX,
            _ => {
                let then = it.1.reaches(*it.0, units, self.at, &self.out);
                then.since(now)
            }
        };
        let Some((window, bucket)) = self.buckets.iter().max_by_key(wait) else {
            return NOTHING;
        };
        let standing = self.standing_of(*window, bucket);
        match wait(&(window, bucket)) {
            u64::MAX => Short {
                standing,
                retry_after: None,
            },
            wait => Short::until(wait, standing),
        }
    }

    /// Settles a lease: its unused units can be taken again, and how many those were
    /// is returned; none for a lease that is over or was settled before.
    pub(crate) fn give_back(&mut self, unused: Unused) -> u32 {
        let Some(index) = self.position(unused.number) else {
            return 0;
        };
        let units = unused.units.min(self.out.remove(index).units);
        let out = units_out(&self.out);
        for (window, bucket) in &mut self.buckets {
            bucket.give_back(*window, units, out);
        }
        units
    }

    pub(crate) fn position(&self, number: LeaseNumber) -> Option<usize> {
        self.out.iter().position(|out| out.number == Some(number))
    }

    /// The bucket that has least left: on a tie the one of the longer window, which
    /// fills more slowly.
    fn standing(&self) -> Standing {
        let units = |it: &(&Window, &Bucket)| it.1.units(*it.0);
        match self.buckets.iter().rev().min_by_key(units) {
            Some((window, bucket)) => self.standing_of(*window, bucket),
            None => NOTHING.standing,
        }
    }

    fn standing_of(&self, window: Window, bucket: &Bucket) -> Standing {
        Standing {
            limit: Limit::Rate(window),
            remaining: bucket.units(window).saturating_sub(self.slots.units()),
            reset: self.reset(window, bucket),
        }
    }

    /// How long until one more unit is left, in whole seconds; zero if it is full.
    fn reset(&self, window: Window, bucket: &Bucket) -> Duration {
        let next = bucket.next(window, self.at, &self.out);
        next.map_or(Duration::ZERO, |next| seconds_up(next.since(self.at)))
    }

    /// Brings the book to `now`, under this policy, or under the rates it has if the
    /// family has none any more.
    ///
    /// A bucket that the policy has not is forgotten; one that is new to it begins
    /// full, but for what is out.
    pub(crate) fn advance(&mut self, policy: Option<Policy>, now: Micros) {
        self.follow_clock(now);
        let span = (self.at, now);
        if let Some(policy) = policy {
            self.buckets.retain(|it, _| policy.rate(*it).is_some());
            let is_same =
                |(it, bucket): (&Window, &Bucket)| policy.rate(*it) == Some(bucket.rate());
            if !self.buckets.iter().all(is_same) {
                self.slots.forget_all(); // what was promised was another policy's
            }
        }
        for (window, bucket) in &mut self.buckets {
            let rate = policy.and_then(|policy| policy.rate(*window));
            bucket.advance(*window, rate.unwrap_or(bucket.rate()), span, &self.out);
        }
        self.out.retain(|out| out.until > now);
        let out = units_out(&self.out);
        for (window, rate) in policy.into_iter().flat_map(Policy::rates) {
            let bucket = self.buckets.entry(window);
            bucket.or_insert_with(|| Bucket::full(window, rate, out));
        }
        self.at = self.at.max(now);
        self.permits.forget_lapsed(self.at);
        self.slots.forget_lapsed(self.at);
    }

    /// Goes back with a clock that was set, all that is out included.
    fn follow_clock(&mut self, now: Micros) {
        let behind = self.at.since(now);
        if behind > micros(LEDGER_LAG_MAX) {
            self.at = now;
            for out in &mut self.out {
                out.until = out.until.before(behind);
            }
            self.permits.set_back(behind);
            self.slots.forget_all();
        }
    }

    /// Whether it is as good as a new one at that time.
    pub(crate) fn is_full(&self, policy: Option<Policy>, now: Micros) -> bool {
        let mut then = self.clone();
        then.advance(policy, now);
        let mut buckets = then.buckets.iter();
        let all_there = buckets.all(|(window, bucket)| bucket.is_full(*window));
        all_there && then.out.is_empty() && then.permits.is_empty()
    }
}
