//! Codes and refresh tokens that are bound to a key (RFC 9449).

use super::*;

fn thumbprint(byte: u8) -> Option<KeyThumbprint> {
    KeyThumbprint::parse(&encoding::encode([byte; 32]))
}

/// The secret of a new code with these terms.
fn code_with(store: &mut MemoryStore, terms: Terms) -> Secret {
    let approval = Approval {
        terms,
        redirect_uri: CALLBACK.into(),
        challenge: Challenge::parse(CHALLENGE).unwrap(),
    };
    issue(store, NOW, [1; 32], approval).unwrap()
}

/// RFC 9449 section 10.
#[test]
fn a_code_that_is_bound_to_a_key_is_redeemed_with_that_key_alone() {
    let mut store = MemoryStore::default();
    let secret = code_with(
        &mut store,
        Terms {
            key: thumbprint(1),
            ..terms()
        },
    );
    let with = |key| Redemption {
        secret: secret.clone(),
        key,
        ..issued(&mut MemoryStore::default())
    };
    let mut redeem = |asked| redeem(&mut store, NOW, ([2; 16], [3; 32]), &asked).unwrap();
    for key in [None, thumbprint(2)] {
        assert_eq!(redeem(with(key)), Err(GrantRefusal::OtherKey));
    }
    let granted = redeem(with(thumbprint(1))).unwrap();
    // Nor can somebody without the key end the grant by a copy of the code.
    assert_eq!(redeem(with(None)), Err(GrantRefusal::OtherKey));
    assert!(store.grant(&granted.grant).unwrap().is_some());
}

/// RFC 9449 section 5.
#[test]
fn the_refresh_token_of_a_public_client_is_bound_to_the_key_it_came_with() {
    let mut store = MemoryStore::default();
    let bare = refreshing(&redeemed(&mut store));
    let with = |asked: &Refreshing, key| Refreshing {
        key,
        ..asked.clone()
    };
    let next = refreshed(&mut store, &with(&bare, thumbprint(1)), 1).unwrap();
    let next = refreshing(&next);
    for key in [None, thumbprint(2)] {
        let got = refreshed(&mut store, &with(&next, key), 2);
        assert_eq!(got, Err(GrantRefusal::OtherKey));
    }
    // A copy of a bound one without the key is no theft: it gets nothing and ends
    // nothing, however old it is.
    let third = refreshed(&mut store, &with(&next, thumbprint(1)), 3).unwrap();
    assert_eq!(
        refreshed(&mut store, &next, 1_000),
        Err(GrantRefusal::OtherKey)
    );
    let third = with(&refreshing(&third), thumbprint(1));
    assert!(refreshed(&mut store, &third, 1_001).is_ok());
}

/// RFC 9700 section 4.14: binding what was stolen to a key of one's own does not
/// hide the theft.
#[test]
fn two_that_hold_an_unbound_refresh_token_do_not_both_go_on_when_one_binds_it() {
    for (late, key) in [
        (1, None),
        (1, thumbprint(2)),
        (1_000, None),
        (1_000, thumbprint(2)),
    ] {
        let mut store = MemoryStore::default();
        let bare = refreshing(&redeemed(&mut store));
        let with = |asked: &Refreshing, key| Refreshing {
            key,
            ..asked.clone()
        };
        let thief = refreshed(&mut store, &with(&bare, thumbprint(1)), 0).unwrap();
        let got = refreshed(&mut store, &with(&bare, key), late);
        assert!(
            matches!(got, Err(GrantRefusal::Reused(_))),
            "{late}: {got:?}"
        );
        let thief = with(&refreshing(&thief), thumbprint(1));
        assert_eq!(
            refreshed(&mut store, &thief, late),
            Err(GrantRefusal::Unknown)
        );
    }
}

/// An answer that was lost is repeated for who shows the same key.
#[test]
fn a_client_that_begins_to_prove_may_lose_an_answer() {
    let mut store = MemoryStore::default();
    let asked = Refreshing {
        key: thumbprint(1),
        ..refreshing(&redeemed(&mut store))
    };
    let first = refreshed(&mut store, &asked, 0).unwrap();
    let again = refreshed(&mut store, &asked, 1).unwrap();
    assert_eq!(again.refresh_secret, first.refresh_secret);
}

/// RFC 9449 section 5: they are bound to the client's own keys already.
#[test]
fn the_refresh_token_of_a_client_with_keys_is_not_bound_to_another() {
    let mut store = MemoryStore::default();
    let secret = code_with(
        &mut store,
        Terms {
            confidential: true,
            ..terms()
        },
    );
    let asked = Redemption {
        secret,
        authenticated: true,
        key: thumbprint(1),
        ..issued(&mut MemoryStore::default())
    };
    let granted = redeem(&mut store, NOW, ([2; 16], [3; 32]), &asked).unwrap();
    let next = Refreshing {
        authenticated: true,
        key: thumbprint(2),
        ..refreshing(&granted.unwrap())
    };
    assert!(refreshed(&mut store, &next, 1).is_ok());
}

/// RFC 9449 section 5.2.
#[test]
fn a_client_that_wants_bound_tokens_alone_gets_no_other() {
    let mut store = MemoryStore::default();
    let secret = code_with(
        &mut store,
        Terms {
            dpop_bound: true,
            ..terms()
        },
    );
    let asked = Redemption {
        secret,
        ..issued(&mut MemoryStore::default())
    };
    let got = redeem(&mut store, NOW, ([2; 16], [3; 32]), &asked).unwrap();
    assert_eq!(got, Err(GrantRefusal::NoProof));
    let asked = Redemption {
        key: thumbprint(1),
        ..asked
    };
    let got = redeem(&mut store, NOW, ([2; 16], [3; 32]), &asked).unwrap();
    let next = refreshing(&got.unwrap());
    assert_eq!(refreshed(&mut store, &next, 1), Err(GrantRefusal::NoProof));
    let next = Refreshing {
        key: thumbprint(1),
        ..next
    };
    assert!(refreshed(&mut store, &next, 1).is_ok());
}
