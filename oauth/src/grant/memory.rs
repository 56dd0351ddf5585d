//! The store of the tests.

use std::collections::BTreeMap;
use std::convert::Infallible;

use jiff::Timestamp;

use crate::grant::{CODES_MAX, Code, GRANTS_MAX, Grant, GrantId, GrantStore};
use crate::secret::SecretHash;

/// Keeps everything in memory.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct MemoryStore {
    /// Codes by hash, in the order they came, with when each is forgotten.
    codes: Vec<(Code, Timestamp)>,
    grants: BTreeMap<GrantId, Grant>,
}

impl GrantStore for MemoryStore {
    type Error = Infallible;

    fn keep_code(&mut self, code: &Code) -> Result<(), Infallible> {
        self.codes.push((code.clone(), code.expires));
        if self.codes.len() > CODES_MAX {
            self.codes.remove(0);
        }
        Ok(())
    }

    fn code(&self, hash: &SecretHash) -> Result<Option<Code>, Infallible> {
        let found = self.codes.iter().find(|(code, _)| code.hash == *hash);
        Ok(found.map(|(code, _)| code.clone()))
    }

    fn spend_code(
        &mut self,
        hash: &SecretHash,
        grant: &GrantId,
        until: Timestamp,
    ) -> Result<(), Infallible> {
        for (code, forgotten) in self.codes.iter_mut().filter(|(code, _)| code.hash == *hash) {
            code.redeemed = Some(grant.clone());
            *forgotten = until;
        }
        Ok(())
    }

    fn keep_grant(&mut self, grant: &Grant) -> Result<(), Infallible> {
        self.grants.insert(grant.id.clone(), grant.clone());
        if self.grants.len() > GRANTS_MAX {
            let oldest = self.grants.values().min_by_key(|kept| kept.used);
            if let Some(oldest) = oldest.map(|grant| grant.id.clone()) {
                self.grants.remove(&oldest);
            }
        }
        Ok(())
    }

    fn grant(&self, id: &GrantId) -> Result<Option<Grant>, Infallible> {
        Ok(self.grants.get(id).cloned())
    }

    fn direct_grant(&self, client_id: &str, now: Timestamp) -> Result<Option<Grant>, Infallible> {
        let mut grants = self.grants.values();
        let found = grants.find(|grant| {
            grant.generation == 0 && grant.terms.client_id == client_id && now < grant.expires
        });
        Ok(found.cloned())
    }

    fn end_grant(&mut self, id: &GrantId) -> Result<(), Infallible> {
        self.grants.remove(id);
        Ok(())
    }

    fn forget_expired(&mut self, now: Timestamp) -> Result<(), Infallible> {
        self.codes.retain(|(_, forgotten)| now < *forgotten);
        self.grants.retain(|_, grant| now < grant.expires);
        Ok(())
    }

    fn is_empty(&self) -> Result<bool, Infallible> {
        Ok(self.codes.is_empty() && self.grants.is_empty())
    }
}
