//! Grants without a refresh token: of a client that logs in by itself, or that
//! somebody else vouched to. It asks again for each access token.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::encoding;
use crate::grant::code::after;
use crate::grant::{Grant, GrantId, GrantStore, Terms};
use crate::secret::SecretHash;

/// How long such a grant stands after its last token: longer than any token
/// lives, so that what the client has open outlasts the change of tokens.
pub const DIRECT_IDLE: SignedDuration = SignedDuration::from_hours(25);
/// The number of a refresh token that there is not.
pub(super) const NO_REFRESH: u32 = 0;

/// What is granted, and why needs no more proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Direct {
    /// The terms.
    pub terms: Terms,
}

/// Grants it, or goes on with the grant that the client has: so that one who
/// asks often pushes no grant of the user's other clients out.
pub fn direct<S: GrantStore>(
    store: &mut S,
    now: Timestamp,
    random: ([u8; 16], [u8; 32]),
    asked: Direct,
) -> Result<GrantId, S::Error> {
    let known = store.direct_grant(&asked.terms.client_id, now)?;
    let (id, created) = known.map_or_else(
        || (GrantId::new(random.0), now),
        |grant| (grant.id, grant.created),
    );
    store.keep_grant(&Grant {
        id: id.clone(),
        terms: asked.terms,
        created,
        used: now,
        expires: after(now, DIRECT_IDLE),
        generation: NO_REFRESH,
        // Of a secret that nobody has.
        current: SecretHash::of(&encoding::encode(random.1)),
        previous: None,
    })?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grant::MemoryStore;
    use crate::grant::contract::{NOW, terms};

    fn asked(client_id: &str) -> Direct {
        Direct {
            terms: Terms {
                client_id: client_id.into(),
                ..terms()
            },
        }
    }

    /// RFC 6749 section 4.4.3, RFC 7521 section 4.1.
    #[test]
    fn a_client_that_asks_again_goes_on_with_its_grant_until_that_ends() {
        let mut store = MemoryStore::default();
        let mut ask = |client, now, byte| {
            direct(&mut store, now, ([byte; 16], [byte; 32]), asked(client)).unwrap()
        };
        let first = ask("a", NOW, 1);
        let hour = SignedDuration::from_hours(1);
        assert_eq!(ask("a", NOW + hour, 2), first);
        assert_ne!(ask("b", NOW + hour, 3), first);
        assert_eq!(ask("a", NOW + DIRECT_IDLE, 4), first, "it was used since");
        let late = NOW + DIRECT_IDLE + DIRECT_IDLE;
        let later = ask("a", late, 5);
        assert_ne!(later, first);
        assert_eq!(ask("a", late, 7), later, "the expired one is still there");
        store.end_grant(&first).unwrap();
        let next = direct(&mut store, NOW, ([6; 16], [6; 32]), asked("a")).unwrap();
        assert_ne!(next, first, "what was given up does not come back");
    }
}
