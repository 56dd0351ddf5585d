//! State handles: what a stateless client names its state by.
//!
//! A handle is an ordinary argument of a tool, minted by another tool. It is
//! the random name of an object and a MAC over that name and its owner, so a
//! stranger's handle is refused without asking the object (SEC-01).

use crate::mac::{NameKey, OwnedName};

/// A handle that was verified for the account that presented it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle(OwnedName);

const PURPOSE: &str = "handle";

impl Handle {
    /// A new handle owned by `account`.
    pub fn mint(key: &NameKey, account: &str, random: [u8; 16]) -> Self {
        Self(OwnedName::mint(key, PURPOSE, account, random))
    }

    /// The handle, if it was minted by us for this account.
    pub fn verify(key: &NameKey, account: &str, text: &str) -> Option<Self> {
        OwnedName::verify(key, PURPOSE, account, text).map(Self)
    }

    /// The name of its object.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// What the client passes.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checklist M-STATE-02, SEC-01.
    #[test]
    fn a_handle_is_of_use_to_its_owner_only() {
        let key = NameKey::new([7; 32]);
        let handle = Handle::mint(&key, "alice", [3; 16]);
        assert_eq!(
            Handle::verify(&key, "alice", handle.as_str()),
            Some(handle.clone())
        );
        assert_eq!(Handle::verify(&key, "mallory", handle.as_str()), None);
    }

    #[test]
    fn a_session_id_is_no_handle() {
        let key = NameKey::new([7; 32]);
        let nobody = crate::principal::Principal::anonymous("anonymous".into());
        let session = crate::session_id::SessionId::mint(&key, &nobody, [3; 16]);
        assert_eq!(Handle::verify(&key, "anonymous", session.as_str()), None);
    }
}
