//! How many calls a user may make: one ledger per user, and the leases that
//! sessions and isolates take from it. And what a network may ask for before
//! anybody is known ([`Gate`]), which the platform counts.
//!
//! The ledger is a token bucket: it holds at most `burst` calls and gains
//! `per_minute` of them each minute. Asking it costs a hop, so a holder takes
//! a lease: a few calls, deducted up front, to be spent without asking.
//!
//! The steps of one call, at whoever serves it:
//!
//! 1. [`LeaseHolder::spend`]: mostly it spends a call of a lease it has.
//! 2. Otherwise it asks the ledger: [`Ledger::give_back`] settles the lease
//!    that is over, and [`Ledger::take`] grants a new one or refuses.
//! 3. [`LeaseHolder::adopt`] spends the first call of the new lease, which is
//!    the call that asked for it.
//! 4. [`RateLimitFields`] says to the client what is left.
//!
//! What holds, over any number of holders whose clocks disagree: in any span
//! of time, at most `burst` calls and what the span gained are spent. For a
//! ledger that hands out calls in advance this takes two rules. Calls that
//! are out on a lease still count as being in the bucket until the lease is
//! settled or over, so that no more than `burst` can ever be spent at once.
//! And a lease lives by its holder's clock, from before the holder asked, so
//! that it ends before the ledger forgets it, whatever the two clocks say.
//!
//! The ledger's own clock may stand still or be set back, but where it jumps
//! ahead, more seems to be gained: it has to be read right before each call
//! of the ledger, with nothing awaited in between.
//!
//! What a holder does not give back in time counts as spent, as nobody can
//! tell whether it was: at most [`LEASE_CALLS_MAX`] less one calls per holder
//! that disappears. They come back as calls are gained.
//!
//! This crate reads no clock, stores nothing and knows no HTTP; it does not
//! decide whose ledger a call belongs to.

mod clock;
mod fields;
mod gate;
mod lease;
mod ledger;
mod network;
mod policy;

pub use clock::LEDGER_LAG_MAX;
pub use fields::{POLICY_NAME, RateLimitFields};
pub use gate::{BadLimit, Closed, GATE_PER_MINUTE_MAX, GATE_WINDOW, Gate, Gates};
pub use lease::{
    Adopted, LEASE_CALLS_MAX, LEASE_LIFE, LEASE_SLACK, Lease, LeaseHolder, LeaseNumber, Spend,
    Spent, Unused,
};
pub use ledger::{LEASES_MAX, Ledger, Refused};
pub use network::network;
pub use policy::{BURST_MAX, PER_MINUTE_MAX, Policy, PolicyError};
