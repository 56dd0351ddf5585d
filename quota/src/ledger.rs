//! The ledger of one user: how many calls are left, and which are out.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clock::{Micros, micros, seconds_up};
use crate::lease::lease_calls;
use crate::{LEASE_LIFE, LEASE_SLACK, LEDGER_LAG_MAX, Lease, LeaseNumber, Policy, Unused};

/// Most leases a ledger keeps apart. Past that the two that end first become
/// one, which nobody can give back from; it ends with the later of them.
pub const LEASES_MAX: usize = 64;

/// The parts a call consists of. One part is what a rate of one call a minute
/// gains in a microsecond; so all sums are exact.
const CALL_PARTS: u64 = 60_000_000;

/// The calls of one user. It starts full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// What can be taken now.
    parts: u64,
    /// When that was so: the latest time seen.
    at: Micros,
    /// The rate since then, in calls a minute.
    per_minute: u32,
    /// The number of the next lease.
    next: u64,
    /// Calls that are out, first to end first.
    out: Vec<Out>,
}

/// Calls that were taken and may not have been spent yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Out {
    /// The lease; none where two became one.
    number: Option<LeaseNumber>,
    /// Calls of the lease, without the one that asked for it.
    calls: u32,
    /// When its holder surely spends no more of it.
    until: Micros,
}

/// The ledger has no call left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("no call is left; one is in {} s", retry_after.as_secs())]
pub struct Refused {
    /// How long to wait, in whole seconds and at least one. Who waits exactly
    /// that long gets through, if nobody else of the same user comes first.
    pub retry_after: Duration,
}

impl Ledger {
    /// A full ledger. Its leases are numbered from the present microsecond on,
    /// so that none has the number of one of an earlier ledger of the same user,
    /// which was forgotten while somebody still held it.
    pub fn new(policy: Policy, now: Timestamp) -> Self {
        let at = Micros::from(now);
        Self {
            parts: room(policy, 0),
            at,
            per_minute: policy.per_minute().get(),
            next: at.number(),
            out: Vec::new(),
        }
    }

    /// Takes a lease of at most `want` calls, the first of which is for the
    /// call that asks.
    ///
    /// Its size: a quarter of what is left, so that four sessions that ask at
    /// once all get some; never more than [`crate::LEASE_CALLS_MAX`].
    pub fn take(&mut self, policy: Policy, now: Timestamp, want: u32) -> Result<Lease, Refused> {
        self.advance(policy, now.into());
        let left = self.calls_left();
        if left == 0 {
            let until_next = self.reaches(policy, CALL_PARTS).since(now.into());
            return Err(Refused {
                retry_after: seconds_up(until_next.max(1)),
            });
        }
        let calls = lease_calls(want, left);
        self.parts = self.parts.saturating_sub(parts(calls));
        let number = LeaseNumber::from(self.next);
        self.next += 1;
        self.send_out(number, calls - 1);
        Ok(Lease {
            number,
            calls,
            remaining: self.calls_left(),
            reset: self.reset(policy),
            policy,
        })
    }

    /// Settles a lease: its unused calls can be taken again, and how many
    /// those were is returned. A lease that is over, or was settled before,
    /// gives back nothing: the calls that took its place may be spent.
    pub fn give_back(&mut self, policy: Policy, now: Timestamp, unused: Unused) -> u32 {
        self.advance(policy, now.into());
        let Some(index) = self
            .out
            .iter()
            .position(|out| out.number == Some(unused.number))
        else {
            return 0;
        };
        let calls = unused.calls.min(self.out.remove(index).calls);
        self.parts += parts(calls);
        self.bound(policy);
        calls
    }

    /// Whether it is as good as a new one: every call is there, and none is out.
    pub fn is_full(&self, policy: Policy, now: Timestamp) -> bool {
        let mut then = self.clone();
        then.advance(policy, now.into());
        then.out.is_empty() && then.parts >= room(policy, 0)
    }

    /// Calls that can be taken now, not counting those that are out.
    fn calls_left(&self) -> u32 {
        u32::try_from(self.parts / CALL_PARTS).unwrap_or(u32::MAX)
    }

    /// Brings the ledger to `now`: ends leases, and gains calls up to what
    /// the leases of each moment leave room for.
    fn advance(&mut self, policy: Policy, now: Micros) {
        self.follow_clock(now);
        // The time before now belongs to the old rate, the new one, or both:
        // the smaller of them is right for sure.
        let rate = self.per_minute.min(policy.per_minute().get());
        self.per_minute = policy.per_minute().get();
        while let Some(first) = self.out.first().filter(|first| first.until <= now) {
            self.gain(policy, rate, first.until);
            self.out.remove(0);
        }
        self.gain(policy, rate, now);
    }

    /// Goes back with a clock that was set, all that is out included.
    fn follow_clock(&mut self, now: Micros) {
        let behind = self.at.since(now);
        if behind > micros(LEDGER_LAG_MAX) {
            self.at = now;
            for out in &mut self.out {
                out.until = out.until.before(behind);
            }
        }
    }

    /// Gains what the time up to `to` brings; none if that is past.
    fn gain(&mut self, policy: Policy, rate: u32, to: Micros) {
        let gained = to.since(self.at).saturating_mul(u64::from(rate));
        self.parts = self.parts.saturating_add(gained);
        self.bound(policy);
        self.at = self.at.max(to);
    }

    /// Forgets what the bucket has no room for.
    fn bound(&mut self, policy: Policy) {
        self.parts = self.parts.min(room(policy, self.calls_out()));
    }

    fn calls_out(&self) -> u32 {
        self.out
            .iter()
            .fold(0, |sum, out| sum.saturating_add(out.calls))
    }

    /// Remembers calls that are out until their holder has surely stopped.
    fn send_out(&mut self, number: LeaseNumber, calls: u32) {
        if calls == 0 {
            return;
        }
        if self.out.len() >= LEASES_MAX {
            let first = self.out.remove(0);
            if let Some(second) = self.out.first_mut() {
                second.number = None;
                second.calls = second.calls.saturating_add(first.calls);
            }
        }
        let until = self.at.after(micros(LEASE_LIFE) + micros(LEASE_SLACK));
        self.out.push(Out {
            number: Some(number),
            calls,
            until,
        });
    }

    /// How long until one more call is left than now, in whole seconds; zero
    /// for a full ledger.
    fn reset(&self, policy: Policy) -> Duration {
        let next = (self.parts / CALL_PARTS + 1) * CALL_PARTS;
        if next > room(policy, 0) {
            return Duration::ZERO;
        }
        seconds_up(self.reaches(policy, next).since(self.at))
    }

    /// When the ledger will have `target` parts, if nobody touches it. The
    /// target has to fit the bucket.
    fn reaches(&self, policy: Policy, target: u64) -> Micros {
        let rate = u64::from(policy.per_minute().get());
        let (mut at, mut have, mut calls_out) = (self.at, self.parts, self.calls_out());
        for out in &self.out {
            let room = room(policy, calls_out);
            let then = at.after(target.saturating_sub(have).div_ceil(rate));
            if target <= room && then <= out.until {
                return then;
            }
            let gained = out.until.since(at).saturating_mul(rate);
            have = have.saturating_add(gained).min(room);
            at = at.max(out.until);
            calls_out = calls_out.saturating_sub(out.calls);
        }
        at.after(target.saturating_sub(have).div_ceil(rate))
    }
}

/// What the bucket can hold while so many calls are out.
fn room(policy: Policy, calls_out: u32) -> u64 {
    parts(policy.burst().get().saturating_sub(calls_out))
}

fn parts(calls: u32) -> u64 {
    u64::from(calls) * CALL_PARTS
}
