//! Permits: what a call has while it runs, where a policy says how many may at once.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Revision;

/// How long a permit is good for without being renewed. Within that time,
/// [`PERMIT_LOOK_EVERY`] and [`crate::LEASE_SLACK`] the permits of a holder that died
/// are free again.
pub const PERMIT_LIFE: Duration = Duration::from_secs(30);

/// How old the permit of a running call is when it is renewed: so that two attempts
/// may fail, and as old as a lease gets, so that one hop can do both.
pub const PERMIT_RENEW_AFTER: Duration = Duration::from_secs(10);

/// How long a holder keeps a permit whose call has ended for the next one. It is
/// shorter than a call waits for one elsewhere: nobody is refused for the sake of a
/// permit that lies idle.
pub const PERMIT_IDLE_MAX: Duration = Duration::from_secs(1);

/// How long a call waits for a permit before it is refused.
pub const PERMIT_WAIT_MAX: Duration = Duration::from_secs(5);

/// How often a holder looks after its permits ([`crate::PermitHolder::due`]): so much
/// later it may notice that one is not good any more.
pub const PERMIT_LOOK_EVERY: Duration = Duration::from_secs(1);

const _: () = assert!(PERMIT_IDLE_MAX.as_secs() < PERMIT_WAIT_MAX.as_secs());
const _: () = assert!(PERMIT_WAIT_MAX.as_secs() < PERMIT_RENEW_AFTER.as_secs());
const _: () = assert!(3 * PERMIT_RENEW_AFTER.as_secs() <= PERMIT_LIFE.as_secs());

/// Which permit of its ledger it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PermitNumber(pub(crate) u64);

/// Who holds permits: an object, which is the same each time that it begins. What it says
/// is the shell's matter, which asks the object by it ([`crate::Ledger::permits_out`]).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HolderId(String);

impl HolderId {
    /// What it was made of.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for HolderId {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}

/// One call may run. See [`crate::PermitHolder::granted`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permit {
    /// Which permit it is.
    pub number: PermitNumber,
    /// The revision of the policies it was granted under.
    pub revision: Revision,
    /// Whether calls stand in line: then nobody keeps it for a next call of its own.
    #[serde(default)]
    pub crowded: bool,
}
