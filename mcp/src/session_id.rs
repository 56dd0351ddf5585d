//! Session ids: `Mcp-Session-Id` is the object's random name and a MAC over
//! that name and the account it belongs to.
//!
//! Of a session whose owner does not pay for it (nobody logged in: the address pays) the
//! name says who does, by the end of the ledger's name.
//!
//! So an id is checked without I/O, a made-up or altered one never creates an
//! object, and one of another account looks exactly like a made-up one
//! (checklist L-SESS-02, L-SESS-06, P15). It is never proof of who is asking.

use crate::mac::{NameKey, OwnedName};
use crate::principal::{ANONYMOUS, Principal};

/// The id of a session that was verified for the account that presented it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionId(OwnedName);

const PURPOSE: &str = "session";
/// The ids of HTTP+SSE are names of their own, so that neither transport takes
/// a session of the other (S24-05: no `Mcp-Session-Id`).
const HTTP_SSE_PURPOSE: &str = "http+sse";

impl SessionId {
    /// A new id for a session of `principal`'s account, which their ledger pays for.
    pub fn mint(key: &NameKey, principal: &Principal, random: [u8; 16]) -> Self {
        Self::mint_for(PURPOSE, key, principal, random)
    }

    /// The id, if it was minted by us for this account.
    pub fn verify(key: &NameKey, account: &str, text: &str) -> Option<Self> {
        OwnedName::verify(key, PURPOSE, account, text).map(Self)
    }

    /// As [`Self::mint`], for a session over HTTP+SSE (S24-01).
    pub fn mint_http_sse(key: &NameKey, principal: &Principal, random: [u8; 16]) -> Self {
        Self::mint_for(HTTP_SSE_PURPOSE, key, principal, random)
    }

    fn mint_for(purpose: &str, key: &NameKey, principal: &Principal, random: [u8; 16]) -> Self {
        let Principal {
            account, ledger, ..
        } = principal;
        let payer = ledger
            .strip_prefix(account)
            .and_then(|rest| rest.strip_prefix('/'));
        Self(OwnedName::mint_for(key, purpose, account, random, payer))
    }

    /// As [`Self::verify`], for a session over HTTP+SSE (S24-03).
    pub fn verify_http_sse(key: &NameKey, account: &str, text: &str) -> Option<Self> {
        OwnedName::verify(key, HTTP_SSE_PURPOSE, account, text).map(Self)
    }

    /// The name of its object.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The ledger that pays for it, if it is a session of that account; none of a session
    /// of nobody that an earlier version opened, whose name does not say it.
    pub fn ledger(&self, account: &str) -> Option<String> {
        match self.0.payer() {
            Some(payer) => Some(format!("{account}/{payer}")),
            None => (account != ANONYMOUS).then(|| account.to_owned()),
        }
    }

    /// The value of the header: visible ASCII (2025-11-25, Transports).
    pub fn as_str(&self) -> &str {
        &self.0.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> NameKey {
        NameKey::new([7; 32])
    }

    fn alice() -> Principal {
        Principal {
            account: "alice".into(),
            ..Principal::anonymous("alice".into())
        }
    }

    #[test]
    fn an_id_says_who_pays_for_its_session() {
        let own = SessionId::mint(&key(), &alice(), [1; 16]);
        assert_eq!(own.ledger("alice").as_deref(), Some("alice"));
        let ledger = "anonymous/tag-of_an-address";
        let nobody = Principal::anonymous(ledger.into());
        let minted = SessionId::mint(&key(), &nobody, [1; 16]);
        let read = SessionId::verify(&key(), "anonymous", minted.as_str());
        assert_eq!(read.as_ref(), Some(&minted));
        assert_eq!(minted.ledger("anonymous").as_deref(), Some(ledger));
        assert_ne!(minted.name(), own.name());
        // Who pays is no more to be made up than the rest.
        let altered = minted.as_str().replace("tag", "gat");
        assert_eq!(SessionId::verify(&key(), "anonymous", &altered), None);
        for odd in [
            "anonymous/",
            "anonymous/a.b",
            "anonymous/a~b",
            "anonymous/größe",
            "b/c",
        ] {
            let minted = SessionId::mint(&key(), &Principal::anonymous(odd.into()), [1; 16]);
            let read = SessionId::verify(&key(), "anonymous", minted.as_str());
            assert_eq!(read.as_ref(), Some(&minted), "{odd}");
            assert_eq!(minted.ledger("anonymous"), None, "{odd}");
        }
    }

    /// Checklist P15, L-SESS-06, SEC-01.
    #[test]
    fn an_id_is_accepted_only_from_its_own_account() {
        let id = SessionId::mint(&key(), &alice(), [1; 16]);
        assert_eq!(
            SessionId::verify(&key(), "alice", id.as_str()),
            Some(id.clone())
        );
        assert_eq!(SessionId::verify(&key(), "mallory", id.as_str()), None);
        assert_eq!(
            SessionId::verify(&NameKey::new([8; 32]), "alice", id.as_str()),
            None
        );
    }

    #[test]
    fn an_id_is_good_after_its_key_was_replaced_until_that_is_taken_away() {
        let id = SessionId::mint(&key(), &alice(), [1; 16]);
        let newer = NameKey::new([8; 32]);
        let rotated = newer.clone().beside(vec![[7; 32]]);
        assert!(SessionId::verify(&rotated, "alice", id.as_str()).is_some());
        assert!(SessionId::verify(&newer, "alice", id.as_str()).is_none());
        let next = SessionId::mint(&rotated, &alice(), [1; 16]);
        assert!(SessionId::verify(&newer, "alice", next.as_str()).is_some());
    }

    /// Checklist S24-03, S24-05.
    #[test]
    fn neither_transport_takes_an_id_of_the_other_or_of_another_account() {
        let id = SessionId::mint(&key(), &alice(), [1; 16]);
        let http_sse = SessionId::mint_http_sse(&key(), &alice(), [1; 16]);
        let known = |account, id: &SessionId| {
            let text = id.as_str();
            [
                SessionId::verify(&key(), account, text).is_some(),
                SessionId::verify_http_sse(&key(), account, text).is_some(),
            ]
        };
        assert_eq!(known("alice", &id), [true, false]);
        assert_eq!(known("alice", &http_sse), [false, true]);
        assert_eq!(known("mallory", &http_sse), [false, false]);
    }

    /// Checklist L-SESS-02.
    #[test]
    fn an_id_is_visible_ascii() {
        let id = SessionId::mint(&key(), &alice(), [255; 16]);
        assert!(
            id.as_str()
                .bytes()
                .all(|byte| (0x21..=0x7e).contains(&byte))
        );
    }

    /// Checklist P15.
    #[test]
    fn no_altered_id_is_accepted() {
        let id = SessionId::mint(&key(), &alice(), [1; 16]);
        let text = id.as_str();
        for position in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).unwrap();
            assert_eq!(
                SessionId::verify(&key(), "alice", &altered),
                None,
                "{altered}"
            );
        }
        for altered in [
            "",
            ".",
            &text[1..],
            &format!("{text}="),
            &text.replace('.', ""),
        ] {
            assert_eq!(
                SessionId::verify(&key(), "alice", altered),
                None,
                "{altered}"
            );
        }
    }
}
