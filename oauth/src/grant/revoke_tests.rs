use super::contract::terms;
use super::tests::{redeemed, refreshed, refreshing};
use super::*;

fn of(granted: &Granted) -> Revoking {
    Revoking {
        grant: granted.grant.clone(),
        client_id: terms().client_id,
        authenticated: false,
        token: RevokedToken::Refresh {
            generation: granted.generation,
            secret: granted.refresh_secret.clone(),
        },
    }
}

fn access(granted: &Granted) -> Revoking {
    Revoking {
        token: RevokedToken::Access,
        ..of(granted)
    }
}

/// A grant that was refreshed three times, and each of its refresh tokens.
fn family(store: &mut MemoryStore) -> [Granted; 4] {
    let first = redeemed(store);
    let second = refreshed(store, &refreshing(&first), 1).unwrap();
    let third = refreshed(store, &refreshing(&second), 2).unwrap();
    let fourth = refreshed(store, &refreshing(&third), 3).unwrap();
    [first, second, third, fourth]
}

fn lives(store: &MemoryStore, granted: &Granted) -> bool {
    store.grant(&granted.grant).unwrap().is_some()
}

/// RFC 7009 section 2.1.
/// Checklist RS-05.
#[test]
fn any_token_of_a_grant_ends_it_and_no_other() {
    type Choose = fn(&[Granted; 4]) -> Revoking;
    let table: [(&str, Choose); 5] = [
        ("current", |family| of(&family[3])),
        ("previous", |family| of(&family[2])),
        ("older", |family| of(&family[1])),
        ("oldest", |family| of(&family[0])),
        ("access", |family| access(&family[3])),
    ];
    for (which, choose) in table {
        let mut store = MemoryStore::default();
        let family = family(&mut store);
        let grant = store.grant(&family[0].grant).unwrap().unwrap();
        let id = GrantId::new([9; 16]);
        let other = Grant { id, ..grant };
        store.keep_grant(&other).unwrap();
        let asked = choose(&family);
        assert_eq!(revoke(&mut store, &asked), Ok(Ok(())), "{which}");
        assert!(!lives(&store, &family[0]), "{which}");
        assert_eq!(store.grant(&other.id), Ok(Some(other)), "{which}");
        let again = revoke(&mut store, &asked);
        assert_eq!(again, Ok(Err(GrantRefusal::Unknown)), "{which}");
        let used = refreshed(&mut store, &refreshing(&family[3]), 4);
        assert_eq!(used, Err(GrantRefusal::Unknown), "{which}");
    }
}

/// RFC 7009 section 2.1: "If this validation fails, the request is refused".
/// Checklist RS-05.
#[test]
fn what_is_made_up_or_another_clients_ends_nothing() {
    let mut store = MemoryStore::default();
    let [first, _, third, fourth] = family(&mut store);
    let made_up = |granted: &Granted| {
        of(&Granted {
            refresh_secret: Secret("made-up".into()),
            ..granted.clone()
        })
    };
    let elsewhere = |asked: Revoking| Revoking {
        client_id: "other".into(),
        ..asked
    };
    let ahead = of(&Granted {
        generation: 9,
        ..fourth.clone()
    });
    let swapped = of(&Granted {
        generation: third.generation,
        ..fourth.clone()
    });
    let nowhere = Revoking {
        grant: GrantId::new([9; 16]),
        ..access(&fourth)
    };
    let table = [
        (made_up(&fourth), GrantRefusal::Unknown),
        (made_up(&third), GrantRefusal::Unknown),
        (elsewhere(made_up(&fourth)), GrantRefusal::Unknown),
        (ahead, GrantRefusal::Unknown),
        (swapped, GrantRefusal::Unknown),
        (nowhere, GrantRefusal::Unknown),
        (elsewhere(of(&fourth)), GrantRefusal::OtherClient),
        (elsewhere(of(&third)), GrantRefusal::OtherClient),
        (elsewhere(of(&first)), GrantRefusal::OtherClient),
        (elsewhere(access(&fourth)), GrantRefusal::OtherClient),
    ];
    let before = store.grant(&fourth.grant).unwrap();
    for (asked, want) in table {
        assert_eq!(revoke(&mut store, &asked), Ok(Err(want)), "{asked:?}");
        assert_eq!(store.grant(&fourth.grant).unwrap(), before, "{asked:?}");
    }
}
