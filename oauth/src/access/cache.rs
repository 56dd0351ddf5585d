//! Tokens that were verified before, so that a call pays no signature.

use std::collections::HashMap;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::access::verify::in_time;
use crate::access::{Claims, Expected, KeySet, TokenRefusal};
use crate::grant::GrantId;

/// Most tokens that one isolate remembers: about 1 kB each.
pub const CACHED_TOKENS_MAX: usize = 1024;
/// Most ended grants that one isolate remembers.
pub const ENDED_GRANTS_MAX: usize = 1024;

/// Verified tokens by their SHA-256; no token is kept in clear.
#[derive(Debug, Default)]
pub struct TokenCache {
    verified: HashMap<[u8; 32], Claims>,
    /// Ended grants, and when the last of their tokens is over.
    ended: HashMap<GrantId, Timestamp>,
}

impl TokenCache {
    /// Checks a token, or remembers that it was checked. Whether it has ended
    /// is asked every time.
    pub fn verify(
        &mut self,
        keys: &KeySet,
        token: &str,
        expected: &Expected,
        now: Timestamp,
    ) -> Result<Claims, TokenRefusal> {
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let claims = if let Some(claims) = self.verified.get(&hash) {
            in_time(claims, now)?;
            claims.clone()
        } else {
            let claims = keys.verify(token, expected, now)?;
            self.make_room(now);
            self.verified.insert(hash, claims.clone());
            claims
        };
        if self.ended.contains_key(&claims.sid) {
            return Err(TokenRefusal::Ended);
        }
        Ok(claims)
    }

    /// Notes that a grant was ended: its tokens are refused from now on in this
    /// isolate, until the last of them is over. Other isolates learn of it from
    /// the account, when they next ask it for calls.
    pub fn end(&mut self, grant: GrantId, until: Timestamp, now: Timestamp) {
        if self.ended.len() >= ENDED_GRANTS_MAX {
            self.ended.retain(|_, over| now < *over);
        }
        if self.ended.len() < ENDED_GRANTS_MAX {
            self.ended.insert(grant, until);
        }
    }

    /// Forgets what has ended; if that is not enough, everything: it costs one
    /// signature per token to learn it again.
    fn make_room(&mut self, now: Timestamp) {
        if self.verified.len() >= CACHED_TOKENS_MAX {
            self.verified
                .retain(|_, claims| in_time(claims, now).is_ok());
        }
        if self.verified.len() >= CACHED_TOKENS_MAX {
            self.verified.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use serde_json::json;

    use super::*;
    use crate::encoding;
    use crate::secret::RootSecret;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn keys() -> KeySet {
        let root = encoding::encode((0..32).collect::<Vec<u8>>());
        KeySet::derived(&RootSecret::parse(&root).unwrap()).unwrap()
    }

    fn token(number: usize) -> String {
        let claims = json!({
            "iss": "i", "sub": "account", "aud": "r", "client_id": "client", "scope": "mcp",
            "jti": number.to_string(), "sid": "grant",
            "iat": NOW.as_second(), "exp": NOW.as_second() + 900,
            "idp": { "provider": "dev", "issuer": "i", "subject": "s" },
        });
        keys()
            .sign(&serde_json::from_value(claims).unwrap())
            .unwrap()
    }

    fn expected() -> Expected {
        Expected {
            issuer: "i".into(),
            resources: vec!["r".into()],
        }
    }

    /// Checklist RS-05.
    #[test]
    fn a_remembered_token_still_ends_in_time() {
        let mut cache = TokenCache::default();
        let token = token(0);
        assert!(cache.verify(&keys(), &token, &expected(), NOW).is_ok());
        let later = NOW + SignedDuration::from_secs(899);
        assert!(cache.verify(&keys(), &token, &expected(), later).is_ok());
        let after = NOW + SignedDuration::from_secs(900);
        let got = cache.verify(&keys(), &token, &expected(), after);
        assert_eq!(got, Err(TokenRefusal::Expired));
    }

    #[test]
    fn a_refused_token_is_not_remembered() {
        let mut cache = TokenCache::default();
        let elsewhere = Expected {
            resources: vec!["other".into()],
            ..expected()
        };
        assert!(cache.verify(&keys(), &token(0), &elsewhere, NOW).is_err());
        assert!(cache.verified.is_empty());
    }

    /// Checklist RS-05.
    #[test]
    fn a_token_of_an_ended_grant_is_refused_remembered_or_not() {
        let mut cache = TokenCache::default();
        let token = token(0);
        let claims = cache.verify(&keys(), &token, &expected(), NOW).unwrap();
        cache.end(claims.sid, NOW + SignedDuration::from_mins(15), NOW);
        let refused = cache.verify(&keys(), &token, &expected(), NOW);
        assert_eq!(refused, Err(TokenRefusal::Ended));
        cache.verified.clear();
        let refused = cache.verify(&keys(), &token, &expected(), NOW);
        assert_eq!(refused, Err(TokenRefusal::Ended));
    }

    #[test]
    fn the_cache_never_grows_beyond_its_limit() {
        let mut cache = TokenCache::default();
        let claims = cache.verify(&keys(), &token(0), &expected(), NOW).unwrap();
        for number in 0..CACHED_TOKENS_MAX * 2 {
            let hash: [u8; 32] = Sha256::digest(number.to_be_bytes()).into();
            cache.make_room(NOW);
            cache.verified.insert(hash, claims.clone());
            assert!(cache.verified.len() <= CACHED_TOKENS_MAX);
        }
    }
}
