//! What a holder of leases does: spend its own, and ask the account for more.
//!
//! Session objects hold some for their user, and so does each front isolate
//! for each user whose stateless calls it serves.

mod admission;
mod admit;
mod configured;
mod permits;
mod wire;

pub use admission::{Admission, TOO_MANY_CALLS, too_many_calls};
pub use admit::{Spender, admit, cost, cost_of};
pub use configured::{BadQuota, configured};
pub use permits::{Permits, Running, held_by, while_permitted};
pub use wire::{
    Asked, Given, PERMITS, PERMITS_HELD, PermitsAsked, PermitsGiven, PermitsHeld, QUOTA, Started,
};
