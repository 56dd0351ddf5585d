use jiff::{SignedDuration, Timestamp};

use super::contract::{NOW, terms};
use super::*;
use crate::dpop::KeyThumbprint;
use crate::encoding;
use crate::pkce::Challenge;
use crate::scope::Scopes;
use crate::secret::{MacKey, RootSecret, Rotation};

/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK: &str = "http://127.0.0.1:1/cb";

fn key() -> MacKey {
    let root = RootSecret::parse(&encoding::encode((0..32).collect::<Vec<u8>>())).unwrap();
    root.mac_key("successors")
}

fn after(seconds: i64) -> Timestamp {
    NOW + SignedDuration::from_secs(seconds)
}

fn issued(store: &mut MemoryStore) -> Redemption {
    let challenge = Challenge::parse(CHALLENGE).unwrap();
    let approval = Approval {
        terms: terms(),
        redirect_uri: CALLBACK.into(),
        challenge,
    };
    let secret = issue(store, NOW, [1; 32], approval).unwrap();
    Redemption {
        secret,
        client_id: "client".into(),
        authenticated: false,
        key: None,
        redirect_uri: Some(CALLBACK.into()),
        verifier: VERIFIER.into(),
        resource: Some(terms().resource),
    }
}

pub(super) fn redeemed(store: &mut MemoryStore) -> Granted {
    let asked = issued(store);
    redeem(store, NOW, ([2; 16], [3; 32]), &asked)
        .unwrap()
        .unwrap()
}

pub(super) fn refreshing(granted: &Granted) -> Refreshing {
    Refreshing {
        grant: granted.grant.clone(),
        generation: granted.generation,
        secret: granted.refresh_secret.clone(),
        client_id: "client".into(),
        authenticated: false,
        key: None,
        scope: None,
        resource: None,
    }
}

pub(super) fn refreshed(store: &mut MemoryStore, asked: &Refreshing, seconds: i64) -> Answer {
    refresh(store, after(seconds), [4; 16], &key(), asked).unwrap()
}

fn live(store: &MemoryStore, granted: &Granted) -> bool {
    store.grant(&granted.grant).unwrap().is_some()
}

#[test]
fn the_memory_store_keeps_the_contract() {
    contract::holds(MemoryStore::default);
}

/// OAuth 2.1 section 4.1.3; workers-oauth-provider#245: a wrong attempt must
/// not burn the code.
/// Checklist AS-04, AS-06.
#[test]
fn a_code_is_redeemed_only_by_who_it_was_issued_to_and_a_wrong_attempt_harms_nothing() {
    let mut store = MemoryStore::default();
    let good = issued(&mut store);
    let wrong = |change: fn(&mut Redemption)| {
        let mut asked = good.clone();
        change(&mut asked);
        asked
    };
    let table = [
        (
            wrong(|a| a.secret = Secret("made-up".into())),
            GrantRefusal::Unknown,
        ),
        (
            wrong(|a| a.client_id = "other".into()),
            GrantRefusal::OtherClient,
        ),
        (
            wrong(|a| a.redirect_uri = Some("http://127.0.0.1:2/cb".into())),
            GrantRefusal::OtherRedirect,
        ),
        (
            wrong(|a| a.verifier = CHALLENGE.into()),
            GrantRefusal::Verifier,
        ),
        (
            wrong(|a| a.verifier = String::new()),
            GrantRefusal::Verifier,
        ),
        (
            wrong(|a| a.resource = Some("https://other/mcp".into())),
            GrantRefusal::OtherResource,
        ),
    ];
    for (asked, want) in table {
        let got = redeem(&mut store, NOW, ([2; 16], [3; 32]), &asked).unwrap();
        assert_eq!(got, Err(want));
    }
    assert!(
        redeem(&mut store, NOW, ([2; 16], [3; 32]), &good)
            .unwrap()
            .is_ok()
    );
}

/// Checklist AS-04.
#[test]
fn a_code_expires() {
    let mut store = MemoryStore::default();
    let asked = issued(&mut store);
    let late = NOW + CODE_LIFE;
    let got = redeem(&mut store, late, ([2; 16], [3; 32]), &asked).unwrap();
    assert_eq!(got, Err(GrantRefusal::Expired));
}

/// Checklist AS-04; OAuth 2.1 section 4.1.3.
#[test]
fn a_code_used_twice_ends_what_it_gave() {
    let mut store = MemoryStore::default();
    let asked = issued(&mut store);
    let given = redeem(&mut store, NOW, ([2; 16], [3; 32]), &asked)
        .unwrap()
        .unwrap();
    let again = redeem(&mut store, after(1), ([5; 16], [6; 32]), &asked).unwrap();
    assert_eq!(again, Err(GrantRefusal::Reused(Some(given.grant.clone()))));
    assert!(!live(&store, &given));
    assert_eq!(
        refreshed(&mut store, &refreshing(&given), 2),
        Err(GrantRefusal::Unknown)
    );
}

/// workers-oauth-provider#225: knowing a code is not enough to end a grant.
/// Checklist AS-04.
#[test]
fn another_client_cannot_end_a_grant_by_repeating_its_code() {
    let mut store = MemoryStore::default();
    let asked = issued(&mut store);
    let given = redeem(&mut store, NOW, ([2; 16], [3; 32]), &asked)
        .unwrap()
        .unwrap();
    let other = Redemption {
        client_id: "other".into(),
        ..asked
    };
    let got = redeem(&mut store, NOW, ([5; 16], [6; 32]), &other).unwrap();
    assert_eq!(got, Err(GrantRefusal::OtherClient));
    assert!(live(&store, &given));
}

/// Checklist AS-09.
#[test]
fn a_refresh_replaces_the_token() {
    let mut store = MemoryStore::default();
    let first = redeemed(&mut store);
    let second = refreshed(&mut store, &refreshing(&first), 100).unwrap();
    assert_ne!(second.refresh_secret, first.refresh_secret);
    assert_eq!((second.generation, &second.terms), (2, &first.terms));
    assert!(refreshed(&mut store, &refreshing(&second), 200).is_ok());
}

/// The root secret is replaced between an answer that was lost and its repetition.
/// Checklist AS-09.
#[test]
fn a_token_repeated_after_a_rotation_gives_the_same_successor() {
    let mut store = MemoryStore::default();
    let first = redeemed(&mut store);
    let next = refreshed(&mut store, &refreshing(&first), 60).unwrap();
    let text = |seed: u8| encoding::encode((seed..seed + 32).collect::<Vec<u8>>());
    let said = [(1, text(0)), (2, format!("{} from {NOW}", text(1)))];
    let rotated = Rotation::read(&said, NOW).unwrap();
    let key = rotated.root.brief_mac_key("successors");
    let asked = refreshing(&first);
    let again = refresh(&mut store, after(61), [5; 16], &key, &asked).unwrap();
    assert_eq!(again.unwrap().refresh_secret, next.refresh_secret);
    assert!(live(&store, &first));
}

/// Promise 4: a refresh whose answer was lost can be repeated.
/// Checklist AS-09.
#[test]
fn a_token_repeated_within_the_grace_time_gives_the_same_successor() {
    let mut store = MemoryStore::default();
    let first = redeemed(&mut store);
    let second = refreshed(&mut store, &refreshing(&first), 100).unwrap();
    for seconds in [100, 101, 160] {
        assert_eq!(
            refreshed(&mut store, &refreshing(&first), seconds),
            Ok(second.clone())
        );
    }
    assert!(refreshed(&mut store, &refreshing(&second), 161).is_ok());
}

/// RFC 9700 section 4.14.2: the family is revoked.
/// Checklist AS-09.
#[test]
fn an_old_token_ends_the_grant() {
    type Steps = fn(&mut MemoryStore, &Granted) -> i64;
    let table: [(&str, Steps); 3] = [
        ("after the grace time", |_, _| 161),
        ("after its successor was used", |store, second| {
            refreshed(store, &refreshing(second), 101).unwrap();
            102
        }),
        ("many generations later", |store, second| {
            let mut current = second.clone();
            for seconds in 101..110 {
                current = refreshed(store, &refreshing(&current), seconds).unwrap();
            }
            111
        }),
    ];
    for (when, steps) in table {
        let mut store = MemoryStore::default();
        let first = redeemed(&mut store);
        let second = refreshed(&mut store, &refreshing(&first), 100).unwrap();
        let seconds = steps(&mut store, &second);
        let got = refreshed(&mut store, &refreshing(&first), seconds);
        assert_eq!(
            got,
            Err(GrantRefusal::Reused(Some(first.grant.clone()))),
            "{when}"
        );
        assert!(!live(&store, &first), "{when}");
        let got = refreshed(&mut store, &refreshing(&second), seconds);
        assert_eq!(got, Err(GrantRefusal::Unknown), "{when}");
    }
}

/// workers-oauth-provider#225.
/// Checklist AS-09.
#[test]
fn a_token_that_was_made_up_or_is_another_clients_harms_nothing() {
    let mut store = MemoryStore::default();
    let first = redeemed(&mut store);
    let second = refreshed(&mut store, &refreshing(&first), 100).unwrap();
    let wrong = |from: &Granted, change: fn(&mut Refreshing)| {
        let mut asked = refreshing(from);
        change(&mut asked);
        asked
    };
    let made: fn(&mut Refreshing) = |asked| asked.secret = Secret("made-up".into());
    let other: fn(&mut Refreshing) = |asked| asked.client_id = "other".into();
    let ahead: fn(&mut Refreshing) = |asked| asked.generation = 7;
    let table = [
        (wrong(&first, made), GrantRefusal::Unknown),
        (wrong(&second, made), GrantRefusal::Unknown),
        (wrong(&second, ahead), GrantRefusal::Unknown),
        (wrong(&first, other), GrantRefusal::OtherClient),
        (wrong(&second, other), GrantRefusal::OtherClient),
    ];
    for (asked, want) in table {
        assert_eq!(refreshed(&mut store, &asked, 1_000), Err(want));
    }
    assert!(live(&store, &second));
}

/// RFC 6749 section 6, RFC 8707 section 2.2.
/// Checklist AS-06, AS-09.
#[test]
fn a_refresh_can_narrow_and_never_widen_and_a_refusal_does_not_rotate() {
    let mut store = MemoryStore::default();
    let first = redeemed(&mut store);
    let wider = Refreshing {
        scope: Some("mcp admin".into()),
        ..refreshing(&first)
    };
    assert_eq!(
        refreshed(&mut store, &wider, 1),
        Err(GrantRefusal::WiderScope)
    );
    let elsewhere = Refreshing {
        resource: Some("https://o/mcp".into()),
        ..refreshing(&first)
    };
    assert_eq!(
        refreshed(&mut store, &elsewhere, 2),
        Err(GrantRefusal::OtherResource)
    );
    let same = Refreshing {
        scope: Some("mcp".into()),
        ..refreshing(&first)
    };
    let got = refreshed(&mut store, &same, 3).unwrap();
    assert_eq!((got.generation, got.terms.scopes), (2, Scopes::baseline()));
}

#[test]
fn a_grant_ends_when_it_is_idle_and_at_last_however_busy() {
    let mut store = MemoryStore::default();
    let first = redeemed(&mut store);
    let idle = REFRESH_IDLE.as_secs();
    assert_eq!(
        refreshed(&mut store, &refreshing(&first), idle),
        Err(GrantRefusal::Expired)
    );
    let mut current = first;
    for number in 1..=13 {
        let seconds = number * 28 * 24 * 3_600;
        current = refreshed(&mut store, &refreshing(&current), seconds).unwrap();
    }
    let got = refreshed(&mut store, &refreshing(&current), GRANT_LIFE.as_secs());
    assert_eq!(got, Err(GrantRefusal::Expired));
}

/// Checklist SEC-08.
#[test]
fn secrets_do_not_show_in_debug_output() {
    let mut store = MemoryStore::default();
    let given = redeemed(&mut store);
    let shown = format!("{given:?} {store:?}");
    assert!(!shown.contains(&given.refresh_secret.0), "{shown}");
}

/// RFC 6749 section 2.3; CIMD section 6.2.
#[test]
fn a_client_with_keys_proves_itself_each_time_and_an_attempt_without_costs_nothing() {
    let mut store = MemoryStore::default();
    let approval = Approval {
        terms: Terms {
            confidential: true,
            ..terms()
        },
        redirect_uri: CALLBACK.into(),
        challenge: Challenge::parse(CHALLENGE).unwrap(),
    };
    let secret = issue(&mut store, NOW, [1; 32], approval).unwrap();
    let bare = Redemption {
        secret,
        ..issued(&mut store)
    };
    let proved = Redemption {
        authenticated: true,
        ..bare.clone()
    };
    let mut redeem = |asked| redeem(&mut store, NOW, ([2; 16], [3; 32]), asked).unwrap();
    assert_eq!(redeem(&bare), Err(GrantRefusal::Unauthenticated));
    let granted = redeem(&proved).unwrap();
    // Not even the reuse of a code is believed of somebody who proves nothing.
    assert_eq!(redeem(&bare), Err(GrantRefusal::Unauthenticated));
    let bare = refreshing(&granted);
    let proved = Refreshing {
        authenticated: true,
        ..bare.clone()
    };
    assert_eq!(
        refreshed(&mut store, &bare, 1),
        Err(GrantRefusal::Unauthenticated)
    );
    assert!(refreshed(&mut store, &proved, 1).is_ok());
    assert_eq!(
        refreshed(&mut store, &bare, 1_000),
        Err(GrantRefusal::Unauthenticated)
    );
    assert!(store.grant(&granted.grant).unwrap().is_some());
    let bare = Revoking {
        grant: granted.grant.clone(),
        client_id: "client".into(),
        authenticated: false,
        token: RevokedToken::Access,
    };
    let proved = Revoking {
        authenticated: true,
        ..bare.clone()
    };
    assert_eq!(
        revoke(&mut store, &bare),
        Ok(Err(GrantRefusal::Unauthenticated))
    );
    assert_eq!(revoke(&mut store, &proved), Ok(Ok(())));
}

#[path = "bound_tests.rs"]
mod bound;
