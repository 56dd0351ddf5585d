//! One bucket of a family, in exact parts.

use serde::{Deserialize, Serialize};

use crate::clock::Micros;
use crate::out::{Out, units_out};
use crate::{Rate, Window};

/// What can be taken from a bucket, and the rate since it was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bucket {
    parts: u64,
    rate: Rate,
}

/// The bucket of a window.
#[derive(Debug, Clone, Copy)]
pub(crate) struct In(pub(crate) Window);

impl Bucket {
    /// A bucket as it was stored.
    pub(crate) fn stored(parts: u64, rate: Rate) -> Self {
        Self { parts, rate }
    }

    /// A bucket that holds all but the units that are out.
    pub(crate) fn full(window: Window, rate: Rate, out: u64) -> Self {
        let parts = In(window).room(rate, out);
        Self { parts, rate }
    }

    /// Units that can be taken now, not counting those that are out.
    pub(crate) fn units(&self, window: Window) -> u32 {
        u32::try_from(self.parts / window.unit_parts()).unwrap_or(u32::MAX)
    }

    /// The rate that it has.
    pub(crate) fn rate(&self) -> Rate {
        self.rate
    }

    /// Whether it holds its whole burst.
    pub(crate) fn is_full(&self, window: Window) -> bool {
        self.parts >= In(window).room(self.rate, 0)
    }

    /// Deducts units.
    pub(crate) fn take(&mut self, window: Window, units: u32) {
        self.parts = self.parts.saturating_sub(In(window).parts(units));
    }

    /// Adds units that were deducted, while so many are still out.
    pub(crate) fn give_back(&mut self, window: Window, units: u32, out: u64) {
        self.parts = self.parts.saturating_add(In(window).parts(units));
        self.bound(window, out);
    }

    /// Gains what the time brings, up to what the leases of each moment leave room
    /// for.
    pub(crate) fn advance(
        &mut self,
        window: Window,
        rate: Rate,
        span: (Micros, Micros),
        outs: &[Out],
    ) {
        // The time before now belongs to the old rate, the new one, or both: the
        // smaller of them is right for sure.
        let amount = self.rate.amount().min(rate.amount()).get();
        self.rate = rate;
        let ((mut at, now), mut out) = (span, units_out(outs));
        for ended in outs.iter().take_while(|out| out.until <= now) {
            self.gain(window, amount, (at, ended.until), out);
            at = at.max(ended.until);
            out = out.saturating_sub(ended.units.into());
        }
        self.gain(window, amount, (at, now), out);
    }

    /// Gains what the time from one moment to the other brings; none if that is past.
    fn gain(&mut self, window: Window, amount: u32, (from, to): (Micros, Micros), out: u64) {
        let ticks = to.ticks_since(from, window.tick());
        let gained = ticks.saturating_mul(amount.into());
        self.parts = self.parts.saturating_add(gained);
        self.bound(window, out);
    }

    /// Forgets what the bucket has no room for.
    fn bound(&mut self, window: Window, out: u64) {
        self.parts = self.parts.min(In(window).room(self.rate, out));
    }

    /// When one more unit is there than at that moment, if nobody touches the
    /// bucket; none for a full one.
    pub(crate) fn next(&self, window: Window, at: Micros, outs: &[Out]) -> Option<Micros> {
        let units = self.units(window).checked_add(1)?;
        (units <= self.rate.burst().get()).then(|| self.reaches(window, units, at, outs))
    }

    /// When the bucket holds so many units, if nobody touches it from `at` on. They
    /// have to fit into it.
    pub(crate) fn reaches(&self, window: Window, units: u32, at: Micros, outs: &[Out]) -> Micros {
        let (mut at, mut have, mut out) = (at, self.parts, units_out(outs));
        let (amount, tick) = (u64::from(self.rate.amount().get()), window.tick());
        let target = In(window).parts(units);
        for ended in outs {
            let room = In(window).room(self.rate, out);
            let ticks = target.saturating_sub(have).div_ceil(amount);
            let then = at.after_ticks(ticks, tick);
            if target <= room && then <= ended.until {
                return then;
            }
            let gained = ended.until.ticks_since(at, tick).saturating_mul(amount);
            have = have.saturating_add(gained).min(room);
            at = at.max(ended.until);
            out = out.saturating_sub(ended.units.into());
        }
        at.after_ticks(target.saturating_sub(have).div_ceil(amount), tick)
    }
}

impl In {
    /// What the bucket can hold while so many units are out.
    fn room(self, rate: Rate, out: u64) -> u64 {
        u64::from(rate.burst().get()).saturating_sub(out) * self.0.unit_parts()
    }

    fn parts(self, units: u32) -> u64 {
        u64::from(units) * self.0.unit_parts()
    }
}
