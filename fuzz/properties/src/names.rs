//! The names that clients carry: of sessions, events, handles and tasks.

use mcp::NameKey;
use mcp::event_id::{EventId, Seq, StreamId};
use mcp::handle::Handle;
use mcp::principal::Principal;
use mcp::session_id::SessionId;
use mcp::task::{Flow, TaskId};

use crate::alteration::altered;
use crate::fields::fields;

/// Reads a name of one kind: its text and its object's name, if it is genuine.
type Verify = fn(&NameKey, &str, &str) -> Option<(String, String)>;
/// Makes a name of one kind: its text and its object's name.
type Mint = fn(&NameKey, &str, [u8; 16]) -> (String, String);

const KINDS: [(Mint, Verify); 4] = [
    (
        |key, account, random| {
            let id = SessionId::mint(key, &owner(account, random), random);
            told(&id, SessionId::as_str, SessionId::name)
        },
        |key, account, text| {
            let id = SessionId::verify(key, account, text)?;
            Some(told(&id, SessionId::as_str, SessionId::name))
        },
    ),
    (
        |key, account, random| {
            told(
                &Handle::mint(key, account, random),
                Handle::as_str,
                Handle::name,
            )
        },
        |key, account, text| {
            let handle = Handle::verify(key, account, text)?;
            Some(told(&handle, Handle::as_str, Handle::name))
        },
    ),
    (
        |key, account, random| {
            let id = TaskId::mint(Flow::Session, key, account, random);
            told(&id, TaskId::as_str, TaskId::name)
        },
        |key, account, text| {
            let id = TaskId::verify(Flow::Session, key, account, text)?;
            Some(told(&id, TaskId::as_str, TaskId::name))
        },
    ),
    (
        |key, account, random| {
            let id = TaskId::mint(Flow::Stateless, key, account, random);
            told(&id, TaskId::as_str, TaskId::name)
        },
        |key, account, text| {
            let id = TaskId::verify(Flow::Stateless, key, account, text)?;
            Some(told(&id, TaskId::as_str, TaskId::name))
        },
    ),
];

/// Somebody who pays for themselves, or for whom somebody else does.
fn owner(account: &str, random: [u8; 16]) -> Principal {
    let ledger = match random {
        [0..128, ..] => account.to_owned(),
        [_, ..] => format!("{account}/payer"),
    };
    Principal {
        account: account.to_owned(),
        ..Principal::anonymous(ledger)
    }
}

fn told<T>(name: &T, text: fn(&T) -> &str, object: fn(&T) -> &str) -> (String, String) {
    (text(name).to_owned(), object(name).to_owned())
}

/// The input is an account, another one, up to sixteen random bytes as text, an
/// alteration, and a made-up name.
///
/// A name is genuine for its own key, account and kind only, and in one
/// spelling; what was altered in any way is not.
pub fn names(data: &[u8]) {
    let Some([account, other, random, how, made_up]) = fields(data) else {
        return;
    };
    let key = NameKey::new([7; 32]);
    let other_key = NameKey::new([8; 32]);
    let mut bytes = [0; 16];
    for (byte, given) in bytes.iter_mut().zip(random.bytes()) {
        *byte = given;
    }
    for (kind, (mint, verify)) in KINDS.iter().enumerate() {
        let (text, object) = mint(&key, account, bytes);
        assert!(text.bytes().all(|byte| (0x21..=0x7e).contains(&byte)));
        assert!(text.starts_with(&object));
        let read = verify(&key, account, &text);
        assert_eq!(read, Some((text.clone(), object)));
        assert_eq!(verify(&other_key, account, &text), None);
        assert_eq!(verify(&key, other, &text).is_some(), other == account);
        for (other_kind, (_, verify)) in KINDS.iter().enumerate() {
            let genuine = verify(&key, account, &text).is_some();
            assert_eq!(genuine, kind == other_kind);
        }
        let almost = altered(&text, how);
        assert_eq!(verify(&key, account, &almost).is_some(), almost == text);
        // The fuzzer sees our names compared, and learns some of them.
        if let Some((text, object)) = verify(&key, account, made_up) {
            assert_eq!(mint(&key, account, named(&object)), (text, object));
        }
    }
    let [a, b, c, d, place @ ..] = bytes;
    let place = place.first_chunk().copied().unwrap_or_default();
    let id = EventId {
        stream: StreamId(u32::from_be_bytes([a, b, c, d])),
        seq: Seq(u64::from_be_bytes(place)),
    };
    events(id, &key, [account, other, how, made_up]);
}

/// The random bytes in the name of an object.
fn named(object: &str) -> [u8; 16] {
    let object = object.split('~').next().unwrap_or_default();
    let bytes = oauth::encoding::decode(object).expect("a name is base64url");
    bytes.try_into().expect("a name has 128 bits")
}

fn events(id: EventId, key: &NameKey, [session, other, how, made_up]: [&str; 4]) {
    let text = id.text(key, session);
    assert!(text.bytes().all(|byte| (0x21..=0x7e).contains(&byte)));
    assert_eq!(EventId::verify(key, session, &text), Some(id));
    let elsewhere = EventId::verify(key, other, &text).is_some();
    assert_eq!(elsewhere, other == session);
    let almost = altered(&text, how);
    let read = EventId::verify(key, session, &almost);
    assert_eq!(read.is_some(), almost == text, "{almost} for {text}");
    if let Some(id) = EventId::verify(key, session, made_up) {
        assert_eq!(id.text(key, session), made_up);
    }
}
