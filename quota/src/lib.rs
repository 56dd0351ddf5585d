//! How many calls a user may make: one ledger per user, and the leases and permits
//! that sessions and isolates take from it. And what a network may ask for before anybody is
//! known ([`Gate`]), which the platform counts.
//!
//! Tools belong to a [`Family`], and a family has a [`Policy`]: token buckets, each
//! of which holds at most `burst` units and gains `amount` of them in its window, and
//! perhaps a bound on the calls that run at once. A call has a weight; it has to fit
//! into every bucket of its family. Asking the ledger costs a hop, so a holder takes
//! a lease: a few units, deducted up front from all of the buckets, to be spent
//! without asking.
//!
//! The steps of one call, at whoever serves it:
//!
//! 1. [`LeaseHolder::spend`]: mostly it spends units of a lease it has.
//! 2. Otherwise it asks the ledger: [`Ledger::give_back`] settles the lease
//!    that is over, and [`Ledger::take_or_keep`] grants a new one or refuses, which
//!    [`LeaseHolder::refused`] remembers.
//! 3. [`LeaseHolder::adopt`] spends the first call of the new lease, which is
//!    the call that asked for it.
//! 4. If the policy says how many may run at once, [`PermitHolder::start`]: mostly
//!    a permit lies idle. Otherwise the call joins the [`Line`] at the account, and
//!    who waited too long is refused, and refunded ([`LeaseHolder::refund`]). The
//!    same hop can do 2 and 4, the permit first.
//! 5. [`RateLimitFields`] says to the client what is left.
//! 6. [`PermitHolder::ended`] when it has ended, and while any permit is held,
//!    [`PermitHolder::due`] each [`PERMIT_LOOK_EVERY`].
//!
//! # What holds
//!
//! *Rates*, over any number of holders whose clocks disagree: in any span
//! of time, of each bucket at most the burst and what the span gained are spent. For a
//! ledger that hands out units in advance this takes two rules. Units that
//! are out on a lease still count as being in the bucket until the lease is
//! settled or over, so that no more than the burst can ever be spent at once.
//! And a lease lives by its holder's clock, from before the holder asked, so
//! that it ends before the ledger forgets it, whatever the two clocks say.
//!
//! *Calls at once*: of calls that hold a good permit there are never more than the
//! limit, by the same two rules. A holder renews the permits of its running calls;
//! one that cannot is told ([`Due::lapsed`]) before its permit goes to another, and
//! with those calls ended the limit holds exactly. Of a holder that died nobody can
//! tell whether a tool still works for it: for [`PERMIT_LIFE`]
//! and a little more after it was heard of last its calls count as running, then as
//! ended; or until it begins anew and says so ([`Ledger::begin_anew`]).
//!
//! *A change of policy*: the ledger goes by the new one at once, and a holder spends
//! nothing, and starts nothing, under the one before for longer than
//! [`NEWS_AGE_MAX`]: leases and permits carry the [`Revision`], and who has no fresh
//! news of it trusts none that is older. From then on the new policy bounds each
//! span; calls that run already may run on. (Without news, a holder whose clock is
//! set back unnoticed trusts a lease for that much longer.)
//!
//! The ledger's own clock may stand still or be set back, but where it jumps
//! ahead, more seems to be gained: it has to be read right before each call
//! of the ledger, with nothing awaited in between.
//!
//! *Who comes back as told*: [`Ledger::take_or_keep`] keeps the units of a refused call
//! for the moment that it names, and nobody else gets them ([`SLOT_GRACE`]); what is
//! promised is never more than what is gained by then. It is kept in memory: a ledger
//! that is read from its row promised nothing.
//!
//! What a holder does not give back in time counts as spent, as nobody can
//! tell whether it was: at most [`LEASE_CALLS_MAX`] less one calls per holder
//! that disappears. They come back as units are gained.
//!
//! This crate reads no clock, stores nothing and knows no HTTP; it does not
//! decide whose ledger a call belongs to.

mod age;
mod book;
mod bucket;
mod clock;
mod cost;
mod document;
mod family;
mod fields;
mod gate;
mod holder;
mod lease;
mod ledger;
mod line;
mod network;
mod out;
mod permit;
mod permit_holder;
mod permits_out;
mod policies;
mod policy;
mod policy_name;
mod rate;
mod slot;
mod standing;
mod stored;
mod told;
mod window;

pub use clock::LEDGER_LAG_MAX;
pub use cost::{BadWeight, Cost, WEIGHT_MAX, Weight};
pub use document::{BadDocument, DOCUMENT_BYTES_MAX, Document};
pub use family::{BadFamily, FAMILY_BYTES_MAX, Family};
pub use fields::RateLimitFields;
pub use gate::{BadLimit, Closed, GATE_PER_MINUTE_MAX, GATE_WINDOW, Gate, Gates};
pub use holder::{Adopted, LEASE_IDLE_MAX, LeaseHolder, Spend, Spent};
pub use lease::{
    LEASE_BRISK, LEASE_CALLS_MAX, LEASE_CALLS_USUAL, LEASE_LIFE, LEASE_MINOR_SHARE, LEASE_SLACK,
    Lease, LeaseNumber, Unused,
};
pub use ledger::{Ask, BOOKS_MAX, Ledger};
pub use line::{Called, LINE_LOOK_EVERY, LINE_MAX, Line};
pub use network::network;
pub use out::LEASES_MAX;
pub use permit::{
    HolderId, PERMIT_IDLE_MAX, PERMIT_LIFE, PERMIT_LOOK_EVERY, PERMIT_RENEW_AFTER, PERMIT_WAIT_MAX,
    Permit, PermitNumber,
};
pub use permit_holder::{Due, PermitHolder, Start};
pub use policies::{FAMILIES_MAX, NEWS_AGE_MAX, Policies, PoliciesError, Revision};
pub use policy::{CONCURRENT_MAX, Policy, PolicyError};
pub use policy_name::{BadPolicyName, POLICIES_MAX, POLICY_NAME_BYTES_MAX, PolicyName};
pub use rate::{AMOUNT_MAX, BURST_MAX, Rate};
pub use slot::{SLOT_AHEAD_MAX, SLOT_GRACE, SLOTS_MAX, SlotNumber};
pub use standing::{Limit, Refused, Standing};
pub use told::Mark;
pub use window::Window;
