//! A key's life, from making it to its end.

use super::*;
use crate::grant::Secret;
use crate::grant::contract::{NOW, terms};
use crate::identity::AccountId;
use crate::role::Bound;
use crate::secret::SecretHash;

const DAY: i64 = 24 * 3_600;

fn hours(hours: i64) -> Timestamp {
    NOW + SignedDuration::from_hours(hours)
}

fn wanted(name: &str, form: &str) -> Making {
    Making {
        name: name.into(),
        scopes: Scopes::read(Some("notes:read notes:write")).unwrap(),
        life_s: 30 * DAY,
        identity: terms().identity,
        form: form.into(),
    }
}

fn made(byte: u8) -> (ApiKey, Secret) {
    let asked = wanted(&format!("key {byte}"), &format!("form {byte}"));
    let (key, made) = make(&[], NOW, ([byte; 9], [byte; 32]), asked).unwrap();
    (key, made.secret)
}

fn shown(secret: &Secret) -> SecretHash {
    SecretHash::of(&secret.0)
}

fn rotating(key: &ApiKey, overlap_s: i64, form: &str) -> Rotating {
    Rotating {
        id: key.info.id.clone(),
        overlap_s,
        form: form.into(),
    }
}

/// Checklist SEC-08.
#[test]
fn a_key_is_kept_as_a_hash_and_good_until_it_expires() {
    let (key, secret) = made(1);
    let kept = serde_json::to_string(&key).unwrap();
    assert!(!kept.contains(&secret.0));
    assert!(!format!("{key:?}").contains(key.current.as_str()));
    let checked = check(Some(&key), &shown(&secret), NOW).unwrap();
    assert_eq!(checked.until, key.info.expires);
    let last = key.info.expires - SignedDuration::from_secs(1);
    assert!(check(Some(&key), &shown(&secret), last).is_ok());
    let late = check(Some(&key), &shown(&secret), key.info.expires);
    assert_eq!(late, Err(KeyRefusal::Expired));
}

#[test]
fn who_has_not_the_secret_learns_nothing_of_the_key() {
    let (key, secret) = made(1);
    let (_, other) = made(2);
    let revoked = revoke(Some(key.clone()), NOW).unwrap();
    for (key, now) in [(&key, NOW), (&key, hours(9_000)), (&revoked, NOW)] {
        let got = check(Some(key), &shown(&other), now);
        assert_eq!(got, Err(KeyRefusal::Unknown));
    }
    let gone = check(None, &shown(&secret), NOW);
    assert_eq!(gone, Err(KeyRefusal::Unknown));
}

#[test]
fn a_revoked_key_is_refused_from_then_on_and_is_revoked_once() {
    let (key, secret) = made(1);
    let revoked = revoke(Some(key), hours(1)).unwrap();
    let got = check(Some(&revoked), &shown(&secret), hours(1));
    assert_eq!(got, Err(KeyRefusal::Revoked));
    assert!(!revoked.info.stands(hours(1)));
    assert_eq!(revoked.info.ends(), hours(1));
    assert_eq!(revoke(Some(revoked), hours(2)), None);
    assert_eq!(revoke(None, NOW), None);
}

#[test]
fn after_a_rotation_two_secrets_are_good_for_a_while_and_never_three() {
    let (key, first) = made(1);
    let asked = rotating(&key, DAY, "a");
    let (key, second) = rotate(Some(key), hours(24), [2; 32], asked).unwrap();
    let good = |key: &ApiKey, secret: &Secret, now| check(Some(key), &shown(secret), now);
    assert_eq!(good(&key, &first, hours(47)).unwrap().until, hours(48));
    assert_eq!(good(&key, &first, hours(48)), Err(KeyRefusal::Rotated));
    let until = good(&key, &second.secret, hours(48)).unwrap().until;
    assert_eq!(until, hours(24) + SignedDuration::from_secs(30 * DAY));
    let asked = rotating(&key, DAY, "b");
    let (key, third) = rotate(Some(key), hours(25), [3; 32], asked).unwrap();
    assert_eq!(good(&key, &first, hours(25)), Err(KeyRefusal::Unknown));
    assert!(good(&key, &second.secret, hours(25)).is_ok());
    assert!(good(&key, &third.secret, hours(25)).is_ok());
    // The name and the id stay: what is open goes on.
    assert_eq!(key.info.id, made(1).0.info.id);
}

#[test]
fn an_overlap_neither_outlives_the_former_secret_nor_its_limit() {
    let (key, first) = made(1);
    let ends = key.info.expires;
    let late = ends - SignedDuration::from_hours(1);
    let (rotated, _) = rotate(Some(key.clone()), late, [2; 32], rotating(&key, DAY, "a")).unwrap();
    assert_eq!(rotated.info.former_until, Some(ends));
    let got = check(Some(&rotated), &shown(&first), ends);
    assert_eq!(got, Err(KeyRefusal::Rotated));
    for overlap in [-1, 7 * DAY + 1, i64::MAX] {
        let got = rotate(
            Some(key.clone()),
            NOW,
            [2; 32],
            rotating(&key, overlap, "a"),
        );
        assert_eq!(got, Err(MakingRefusal::Life), "{overlap}");
    }
    let (at_once, _) = rotate(Some(key.clone()), NOW, [2; 32], rotating(&key, 0, "a")).unwrap();
    let got = check(Some(&at_once), &shown(&first), NOW);
    assert_eq!(got, Err(KeyRefusal::Rotated));
}

#[test]
fn a_form_that_is_sent_again_does_nothing() {
    let (key, _) = made(1);
    let again = |kept: &[ApiKey], now| {
        let asked = wanted("key 1", "form 1");
        make(kept, now, ([9; 9], [9; 32]), asked).map(drop)
    };
    let kept = std::slice::from_ref(&key);
    assert_eq!(again(kept, NOW), Err(MakingRefusal::Repeated));
    let revoked = revoke(Some(key.clone()), NOW).unwrap();
    assert_eq!(again(&[revoked], NOW), Err(MakingRefusal::Repeated));
    let asked = rotating(&key, DAY, "a");
    let (rotated, _) = rotate(Some(key), NOW, [2; 32], asked.clone()).unwrap();
    let got = rotate(Some(rotated), NOW, [3; 32], asked);
    assert_eq!(got, Err(MakingRefusal::Repeated));
}

#[test]
fn what_has_ended_is_not_rotated() {
    let (key, _) = made(1);
    let asked = rotating(&key, 0, "a");
    let revoked = revoke(Some(key.clone()), NOW);
    assert_eq!(
        rotate(revoked, NOW, [2; 32], asked.clone()),
        Err(MakingRefusal::Gone)
    );
    let expired = rotate(Some(key), hours(9_000), [2; 32], asked.clone());
    assert_eq!(expired, Err(MakingRefusal::Gone));
    assert_eq!(rotate(None, NOW, [2; 32], asked), Err(MakingRefusal::Gone));
}

#[test]
fn a_name_is_short_and_plain_and_that_of_one_key() {
    let (key, _) = made(1);
    let named = |name: &str| {
        let kept = std::slice::from_ref(&key);
        make(kept, NOW, ([2; 9], [2; 32]), wanted(name, "b")).map(|(key, _)| key.info.name)
    };
    for bad in ["", "  ", "a\nb", &"é".repeat(KEY_NAME_CHARS_MAX + 1)] {
        assert_eq!(named(bad), Err(MakingRefusal::Name), "{bad:?}");
    }
    assert_eq!(named(" backup "), Ok("backup".to_owned()));
    assert_eq!(named("key 1"), Err(MakingRefusal::NameTaken));
    let ended = revoke(Some(key.clone()), NOW).unwrap();
    let after = make(&[ended], NOW, ([2; 9], [2; 32]), wanted("key 1", "b"));
    assert!(after.is_ok(), "a name is free when its key has ended");
}

#[test]
fn a_key_lives_an_hour_at_least_and_a_year_at_most() {
    for (life_s, fits) in [
        (3_599, false),
        (3_600, true),
        (366 * DAY, true),
        (366 * DAY + 1, false),
        (i64::MIN, false),
        (i64::MAX, false),
    ] {
        let asked = Making {
            life_s,
            ..wanted("a", "b")
        };
        let got = make(&[], NOW, ([2; 9], [2; 32]), asked);
        assert_eq!(got.is_ok(), fits, "{life_s}");
    }
}

#[test]
fn there_are_never_more_keys_than_may_be_and_ended_ones_do_not_count() {
    let mut kept: Vec<ApiKey> = (0..).take(KEYS_MAX).map(|byte| made(byte).0).collect();
    let one_more = |kept: &[ApiKey]| make(kept, NOW, ([99; 9], [99; 32]), wanted("a", "b"));
    assert_eq!(one_more(&kept).map(drop), Err(MakingRefusal::Full));
    let last = kept.pop();
    kept.extend(revoke(last, NOW));
    assert!(one_more(&kept).is_ok());
}

#[test]
fn the_last_use_is_known_to_the_hour_and_written_once_an_hour() {
    let (mut key, _) = made(1);
    let minutes = |minutes| NOW + SignedDuration::from_mins(minutes);
    assert!(note_use(&mut key, minutes(0)));
    assert_eq!(key.info.used.map(|used| used.as_second() % 3_600), Some(0));
    let notes = (1..=180).filter(|at| note_use(&mut key, minutes(*at)));
    assert_eq!(notes.count(), 3);
    assert!(!note_use(&mut key, NOW), "a clock that goes back");
}

fn known(byte: u8) -> (String, Known) {
    let (key, secret) = made(byte);
    let checked = check(Some(&key), &shown(&secret), NOW).unwrap();
    let known = Known {
        account: AccountId::trusted("a".into()),
        checked,
        bound: Bound::default(),
    };
    (secret.0, known)
}

#[test]
fn what_is_known_of_a_key_holds_for_seconds_and_not_beyond_its_end() {
    let (text, mut key) = known(1);
    let mut keys = KnownKeys::default();
    assert_eq!(keys.find(&text, NOW), None);
    keys.keep(&text, Ok(key.clone()), NOW);
    assert_eq!(keys.find(&text, NOW), Some(Ok(key.clone())));
    assert_eq!(keys.find("other", NOW), None);
    assert_eq!(keys.find(&text, NOW + KNOWN_LIFE), None);
    key.checked.until = NOW + SignedDuration::from_secs(1);
    keys.keep(&text, Ok(key.clone()), NOW);
    assert_eq!(keys.find(&text, key.checked.until), None);
    keys.keep(&text, Err(KeyRefusal::Revoked), NOW);
    assert_eq!(keys.find(&text, NOW), Some(Err(KeyRefusal::Revoked)));
}

#[test]
fn a_key_that_ended_here_is_forgotten_at_once_and_too_many_are_never_kept() {
    let mut keys = KnownKeys::default();
    let (text, key) = known(1);
    let (other, second) = known(2);
    keys.keep(&text, Ok(key.clone()), NOW);
    keys.keep(&other, Ok(second), NOW);
    keys.forget(&key.checked.info.id);
    assert_eq!(keys.find(&text, NOW), None);
    assert!(keys.find(&other, NOW).is_some());
    for number in 0..2 * KNOWN_MAX {
        keys.keep(&number.to_string(), Ok(key.clone()), NOW);
        assert!(keys.0.len() <= KNOWN_MAX);
    }
}

/// Checklist RS-07.
#[test]
fn a_key_never_goes_beyond_the_roles_of_its_user() {
    let (_, mut key) = known(1);
    assert_eq!(
        key.allowance().scopes.to_string(),
        "mcp notes:read notes:write"
    );
    key.bound = Bound::nothing();
    assert_eq!(key.allowance().scopes.to_string(), "mcp");
}
