//! All policies of a user: one for each family, and which edition they are.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Family, Policy};

/// Most families with a policy of their own, the default one included.
pub const FAMILIES_MAX: usize = 16;

/// How old news of the revision may be: after a change of policy nobody spends
/// under the one before for longer than this.
pub const NEWS_AGE_MAX: Duration = Duration::from_secs(1);

/// Which edition of the policies it is; a later one is larger. It is for whoever
/// stores the policies to count them.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Revision(pub u64);

/// What one user is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policies {
    revision: Revision,
    by_family: BTreeMap<Family, Policy>,
    /// That of every family without one of its own.
    default: Policy,
}

/// Why these are not the policies of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PoliciesError {
    /// The default family is missing.
    #[error("the default family has no policy")]
    NoDefault,
    /// There are too many.
    #[error("{0} families have a policy, but at most {FAMILIES_MAX} may")]
    TooMany(usize),
}

impl Policies {
    /// The policies by family; that of the default family is for tools of all others.
    pub fn new(
        revision: Revision,
        by_family: BTreeMap<Family, Policy>,
    ) -> Result<Self, PoliciesError> {
        let families = by_family.len();
        if families > FAMILIES_MAX {
            return Err(PoliciesError::TooMany(families));
        }
        let default = *by_family
            .get(&Family::default())
            .ok_or(PoliciesError::NoDefault)?;
        Ok(Self {
            revision,
            by_family,
            default,
        })
    }

    /// One policy for all tools together.
    pub fn one(revision: Revision, policy: Policy) -> Self {
        Self {
            revision,
            by_family: BTreeMap::new(),
            default: policy,
        }
    }

    /// Which edition they are.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The family whose buckets a call of `family` takes from, and its policy: the
    /// default one for a family without a policy, which so brings no new bucket.
    pub fn of(&self, family: &Family) -> (Family, Policy) {
        match self.by_family.get(family) {
            Some(policy) => (family.clone(), *policy),
            None => (Family::default(), self.default),
        }
    }

    /// The policy of exactly this family, if it has one.
    pub(crate) fn own(&self, family: &Family) -> Option<Policy> {
        let (found, policy) = self.of(family);
        (found == *family).then_some(policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(name: &str) -> Family {
        Family::try_from(name.to_owned()).unwrap()
    }

    #[test]
    fn a_family_without_a_policy_takes_from_the_default_one() {
        let (usual, dear) = (Policy::new(9, 9).unwrap(), Policy::new(1, 1).unwrap());
        let by_family = BTreeMap::from([(Family::default(), usual), (family("images"), dear)]);
        let policies = Policies::new(Revision(3), by_family).unwrap();
        assert_eq!(policies.of(&family("images")), (family("images"), dear));
        assert_eq!(policies.of(&family("other")), (Family::default(), usual));
    }

    #[test]
    fn policies_without_a_default_and_too_many_of_them_are_refused() {
        let policy = Policy::new(9, 9).unwrap();
        let none = Policies::new(Revision(0), BTreeMap::new());
        assert_eq!(none, Err(PoliciesError::NoDefault));
        let many = (0..=FAMILIES_MAX).map(|number| (family(&number.to_string()), policy));
        let many = Policies::new(Revision(0), many.collect());
        assert_eq!(many, Err(PoliciesError::TooMany(FAMILIES_MAX + 1)));
    }
}
