//! What every [`GrantStore`] must do: one suite for the store of the tests and
//! for the one of the objects. Each function panics when the store fails it.

use jiff::{SignedDuration, Timestamp};

use crate::dpop::KeyThumbprint;
use crate::grant::{CODES_MAX, Code, GRANTS_MAX, Grant, GrantId, GrantStore, Previous, Terms};
use crate::identity::Identity;
use crate::pkce::Challenge;
use crate::scope::Scopes;
use crate::secret::SecretHash;

/// A time on a whole second: stores keep no fractions.
pub const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

/// Runs the whole suite; each part gets a store of its own.
pub fn holds<S: GrantStore<Error: std::fmt::Debug>>(new: impl Fn() -> S) {
    a_code_is_found_as_it_was_kept(&mut new());
    a_spent_code_leads_to_its_grant_until_it_is_forgotten(&mut new());
    a_grant_is_found_as_it_was_last_kept(&mut new());
    a_grant_without_refresh_token_is_found_by_its_client(&mut new());
    an_ended_grant_is_gone(&mut new());
    what_expired_is_forgotten_and_nothing_else(&mut new());
    codes_and_grants_stay_within_their_limits(&mut new());
}

/// Terms of a public client without a key of its own.
pub fn terms() -> Terms {
    Terms {
        client_id: "client".into(),
        confidential: false,
        dpop_bound: false,
        key_since: 0,
        key: None,
        resource: "https://mcp.example.com/mcp".into(),
        scopes: Scopes::baseline(),
        identity: Identity {
            provider: "dev".into(),
            issuer: "https://mcp.example.com/".into(),
            subject: "ada".into(),
            name: Some("Ada 'the' \"Countess\"".into()),
        },
    }
}

fn code(secret: &str) -> Code {
    Code {
        hash: SecretHash::of(secret),
        terms: terms(),
        redirect_uri: "http://127.0.0.1:1/cb".into(),
        challenge: Challenge::trusted("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".into()),
        expires: later(60),
        redeemed: None,
    }
}

fn grant(number: u8) -> Grant {
    Grant {
        id: GrantId::new([number; 16]),
        terms: Terms {
            key: KeyThumbprint::parse("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"),
            ..terms()
        },
        created: NOW,
        used: later(i64::from(number)),
        expires: later(3_600),
        generation: 1,
        current: SecretHash::of("current"),
        previous: None,
    }
}

fn later(seconds: i64) -> Timestamp {
    NOW + SignedDuration::from_secs(seconds)
}

fn ok<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("the store failed: {error:?}"))
}

fn a_code_is_found_as_it_was_kept<S: GrantStore<Error: std::fmt::Debug>>(store: &mut S) {
    assert!(ok(store.is_empty()));
    ok(store.keep_code(&code("a")));
    assert_eq!(ok(store.code(&SecretHash::of("a"))), Some(code("a")));
    assert_eq!(ok(store.code(&SecretHash::of("b"))), None);
    assert!(!ok(store.is_empty()));
}

fn a_spent_code_leads_to_its_grant_until_it_is_forgotten<S>(store: &mut S)
where
    S: GrantStore<Error: std::fmt::Debug>,
{
    let (hash, id) = (SecretHash::of("a"), GrantId::new([1; 16]));
    ok(store.keep_code(&code("a")));
    ok(store.spend_code(&hash, &id, later(3_600)));
    ok(store.forget_expired(later(60)));
    assert_eq!(
        ok(store.code(&hash)).and_then(|code| code.redeemed),
        Some(id)
    );
    ok(store.forget_expired(later(3_600)));
    assert_eq!(ok(store.code(&hash)), None);
}

fn a_grant_is_found_as_it_was_last_kept<S: GrantStore<Error: std::fmt::Debug>>(store: &mut S) {
    ok(store.keep_grant(&grant(1)));
    assert_eq!(ok(store.grant(&grant(1).id)), Some(grant(1)));
    let hash = SecretHash::of("current");
    let previous = Some(Previous {
        hash,
        replaced: later(5),
        salt: "salt".into(),
    });
    let current = SecretHash::of("next");
    let next = Grant {
        generation: 2,
        current,
        previous,
        used: later(5),
        ..grant(1)
    };
    ok(store.keep_grant(&next));
    assert_eq!(ok(store.grant(&next.id)), Some(next));
    assert_eq!(ok(store.grant(&grant(2).id)), None);
}

fn a_grant_without_refresh_token_is_found_by_its_client<S>(store: &mut S)
where
    S: GrantStore<Error: std::fmt::Debug>,
{
    ok(store.keep_grant(&grant(1)));
    assert_eq!(ok(store.direct_grant("client", NOW)), None);
    let mut direct = Grant {
        generation: 0,
        ..grant(2)
    };
    direct.terms.client_id = "quote's \"client\"".into();
    ok(store.keep_grant(&direct));
    assert_eq!(ok(store.direct_grant("client", NOW)), None);
    let found = ok(store.direct_grant(&direct.terms.client_id, NOW));
    assert_eq!(found, Some(direct));
}

fn an_ended_grant_is_gone<S: GrantStore<Error: std::fmt::Debug>>(store: &mut S) {
    ok(store.keep_grant(&grant(1)));
    ok(store.keep_grant(&grant(2)));
    ok(store.end_grant(&grant(1).id));
    ok(store.end_grant(&grant(1).id));
    assert_eq!(ok(store.grant(&grant(1).id)), None);
    assert_eq!(ok(store.grant(&grant(2).id)), Some(grant(2)));
}

fn what_expired_is_forgotten_and_nothing_else<S>(store: &mut S)
where
    S: GrantStore<Error: std::fmt::Debug>,
{
    ok(store.keep_code(&code("a")));
    ok(store.keep_grant(&grant(1)));
    ok(store.forget_expired(later(59)));
    assert!(ok(store.code(&SecretHash::of("a"))).is_some());
    ok(store.forget_expired(later(60)));
    assert_eq!(ok(store.code(&SecretHash::of("a"))), None);
    assert!(ok(store.grant(&grant(1).id)).is_some());
    ok(store.forget_expired(later(3_600)));
    assert!(ok(store.is_empty()));
}

fn codes_and_grants_stay_within_their_limits<S>(store: &mut S)
where
    S: GrantStore<Error: std::fmt::Debug>,
{
    for number in 0..=CODES_MAX {
        let offset = i64::try_from(number).unwrap_or_default();
        let expires = later(60 + offset);
        ok(store.keep_code(&Code {
            expires,
            ..code(&number.to_string())
        }));
    }
    assert_eq!(ok(store.code(&SecretHash::of("0"))), None);
    assert!(ok(store.code(&SecretHash::of("1"))).is_some());
    for number in 0..=GRANTS_MAX {
        ok(store.keep_grant(&grant(u8::try_from(number).unwrap_or_default())));
    }
    assert_eq!(
        ok(store.grant(&grant(0).id)),
        None,
        "the least recently used makes room"
    );
    assert!(ok(store.grant(&grant(1).id)).is_some());
}
