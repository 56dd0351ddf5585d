//! Proofs that were used here before.

use std::collections::{HashSet, VecDeque};

use jiff::Timestamp;

use crate::dpop::Demonstrated;

/// Most proofs that one isolate remembers: about 100 bytes each. Beyond that the
/// oldest is forgotten, since the alternative is that one busy client keeps all
/// others out.
pub const SEEN_PROOFS_MAX: usize = 16_384;

/// The names of proofs, for as long as they are good.
///
/// It is one isolate's memory: another one has not seen them. What that means is
/// said in docs/clients.md.
#[derive(Debug, Default)]
pub struct SeenProofs {
    names: HashSet<[u8; 32]>,
    /// The same, oldest first, with when each is over.
    ends: VecDeque<([u8; 32], Timestamp)>,
}

impl SeenProofs {
    /// Notes a proof; whether it is new here.
    pub fn first_use(&mut self, proof: &Demonstrated, now: Timestamp) -> bool {
        // Looked for first: what makes room must not be what is looked for.
        if self.names.contains(&proof.name) && proof.until > now {
            return false;
        }
        while let Some((name, until)) = self.ends.front()
            && (*until <= now || self.ends.len() >= SEEN_PROOFS_MAX)
        {
            self.names.remove(name);
            self.ends.pop_front();
        }
        if self.names.insert(proof.name) {
            self.ends.push_back((proof.name, proof.until));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::dpop::KeyThumbprint;
    use crate::encoding;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn proof(number: usize) -> Demonstrated {
        let mut name = [0; 32];
        name[..8].copy_from_slice(&number.to_be_bytes());
        Demonstrated {
            key: KeyThumbprint::parse(&encoding::encode([0; 32])).unwrap(),
            name,
            until: NOW + SignedDuration::from_secs(120),
        }
    }

    /// RFC 9449 section 11.1.
    #[test]
    fn a_proof_is_new_once_for_as_long_as_it_is_good() {
        let mut seen = SeenProofs::default();
        assert!(seen.first_use(&proof(1), NOW));
        assert!(seen.first_use(&proof(2), NOW));
        let late = NOW + SignedDuration::from_secs(119);
        assert!(!seen.first_use(&proof(1), NOW) && !seen.first_use(&proof(1), late));
        seen.first_use(&proof(3), NOW + SignedDuration::from_secs(120));
        assert_eq!((seen.names.len(), seen.ends.len()), (1, 1));
    }

    #[test]
    fn the_memory_never_grows_beyond_its_limit_and_forgets_the_oldest() {
        let mut seen = SeenProofs::default();
        for number in 0..=SEEN_PROOFS_MAX {
            assert!(seen.first_use(&proof(number), NOW));
        }
        assert_eq!(seen.names.len(), SEEN_PROOFS_MAX);
        assert_eq!(seen.ends.len(), SEEN_PROOFS_MAX);
        assert!(!seen.first_use(&proof(SEEN_PROOFS_MAX), NOW));
        assert!(!seen.first_use(&proof(1), NOW), "the oldest that is left");
    }
}
