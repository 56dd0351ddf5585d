use oauth::grant::contract::NOW;
use rusqlite::Connection;

use super::*;

fn logins() -> Logins<Connection> {
    Logins::of(Connection::open_in_memory().unwrap())
}

fn hours(hours: i64) -> Timestamp {
    NOW + SignedDuration::from_hours(hours)
}

fn visit(key: &str) -> Visit {
    Visit {
        key: key.to_owned(),
        begun: NOW,
        entered: true,
        from: SeenFrom::of(Some("Firefox/1 Linux"), Some("192.0.2.7")),
    }
}

/// As an earlier version began it.
fn earlier(key: &str) -> Visit {
    Visit {
        entered: false,
        ..visit(key)
    }
}

fn keys(logins: &Logins<Connection>, now: Timestamp) -> Vec<String> {
    let live = logins.live(now).unwrap();
    live.into_iter().map(|login| login.key).collect()
}

#[test]
fn a_session_stands_from_its_beginning_until_it_is_idle_or_old() {
    let logins = logins();
    logins.enter(&visit("a"), NOW).unwrap();
    assert!(logins.visit(&visit("a"), hours(23)).unwrap());
    assert!(logins.visit(&visit("a"), hours(46)).unwrap(), "it was used");
    assert!(!logins.visit(&visit("a"), hours(70)).unwrap());
    assert_eq!(keys(&logins, hours(70)), [""; 0]);
    for day in 0..30 {
        logins.enter(&visit("busy"), NOW).unwrap();
        assert!(logins.visit(&visit("busy"), hours(day * 24 - day)).unwrap());
    }
    assert!(!logins.visit(&visit("busy"), hours(30 * 24)).unwrap());
}

#[test]
fn a_use_is_noted_once_an_hour_with_where_it_was() {
    let logins = logins();
    logins.enter(&visit("a"), NOW).unwrap();
    let elsewhere = Visit {
        from: SeenFrom::of(Some("Safari/1 iPhone"), None),
        ..visit("a")
    };
    let minutes = |minutes| NOW + SignedDuration::from_mins(minutes);
    assert!(logins.visit(&elsewhere, minutes(59)).unwrap());
    assert_eq!(logins.live(NOW).unwrap()[0].from, visit("a").from);
    assert!(logins.visit(&elsewhere, minutes(60)).unwrap());
    let seen = logins.live(NOW).unwrap();
    assert_eq!(
        (&seen[0].from, seen[0].seen),
        (&elsewhere.from, minutes(60))
    );
}

#[test]
fn one_that_nobody_entered_does_not_stand() {
    let logins = logins();
    assert!(
        !logins.visit(&visit("a"), NOW).unwrap(),
        "not even a table is made"
    );
    assert!(!logins.is_there().unwrap());
    logins.enter(&visit("a"), NOW).unwrap();
    assert!(!logins.visit(&visit("b"), NOW).unwrap());
    assert_eq!(keys(&logins, NOW), ["a"]);
}

#[test]
fn one_of_an_earlier_version_is_entered_when_it_is_used_and_never_again_when_it_has_ended() {
    let logins = logins();
    assert!(logins.visit(&earlier("a"), hours(2)).unwrap());
    assert_eq!(keys(&logins, hours(2)), ["a"]);
    assert_eq!(
        logins.end(&SignOut::One("a".into()), hours(2)).unwrap(),
        ["a"]
    );
    for hour in [2, 3, 30 * 24 - 1, 30 * 24] {
        logins.forget(hours(hour)).unwrap();
        assert!(!logins.visit(&earlier("a"), hours(hour)).unwrap());
    }
    assert!(!logins.visit(&earlier("old"), hours(30 * 24)).unwrap());
}

#[test]
fn one_of_an_earlier_version_that_nobody_used_since_ends_with_the_others() {
    for which in [SignOut::All, SignOut::Others("a".into())] {
        let logins = logins();
        assert!(logins.visit(&earlier("a"), NOW).unwrap());
        logins.end(&which, hours(1)).unwrap();
        for number in 0..=ENDED_MAX {
            logins.enter(&visit(&number.to_string()), hours(1)).unwrap();
            logins
                .end(&SignOut::One(number.to_string()), hours(1))
                .unwrap();
        }
        logins.forget(hours(1)).unwrap();
        assert!(!logins.visit(&earlier("unknown"), hours(1)).unwrap());
        assert_eq!(
            logins.visit(&earlier("a"), hours(1)).unwrap(),
            which != SignOut::All
        );
        let begun = hours(2);
        let newer = Visit {
            begun,
            ..earlier("newer")
        };
        assert!(logins.visit(&newer, hours(2)).unwrap());
    }
}

#[test]
fn one_the_others_or_all_end_and_tell_it_once() {
    let logins = logins();
    for key in ["a", "b", "c", "d"] {
        logins.enter(&visit(key), NOW).unwrap();
    }
    let end = |which: &SignOut| {
        let mut keys = logins.end(which, NOW).unwrap();
        keys.sort_unstable();
        keys
    };
    assert_eq!(end(&SignOut::One("foreign".into())), [""; 0]);
    let one = SignOut::One("a".into());
    assert_eq!(end(&one), ["a"]);
    assert_eq!(end(&one), [""; 0]);
    assert_eq!(end(&SignOut::Others("b".into())), ["c", "d"]);
    assert!(logins.visit(&visit("b"), NOW).unwrap());
    assert_eq!(end(&SignOut::All), ["b"]);
    for key in ["a", "b", "c", "d"] {
        assert!(!logins.visit(&visit(key), NOW).unwrap());
        logins.enter(&visit(key), NOW).unwrap();
        assert!(
            !logins.visit(&visit(key), NOW).unwrap(),
            "a key is used once"
        );
    }
}

#[test]
fn beyond_the_limit_the_one_that_was_not_used_for_longest_ends() {
    let logins = logins();
    for number in 0..LOGINS_MAX {
        let second = NOW + SignedDuration::from_secs(i64::try_from(number).unwrap());
        logins.enter(&visit(&number.to_string()), second).unwrap();
    }
    assert!(logins.visit(&visit("0"), hours(1)).unwrap());
    logins.enter(&visit("new"), hours(1)).unwrap();
    assert!(!logins.visit(&visit("1"), hours(1)).unwrap());
    assert!(logins.visit(&visit("0"), hours(1)).unwrap());
    assert_eq!(keys(&logins, hours(1)).len(), LOGINS_MAX);
}

#[test]
fn what_is_remembered_of_those_that_ended_has_a_limit() {
    let logins = logins();
    for number in 0..=ENDED_MAX {
        let second = NOW + SignedDuration::from_secs(i64::try_from(number).unwrap());
        logins.enter(&visit(&number.to_string()), second).unwrap();
        logins.end(&SignOut::All, second).unwrap();
    }
    logins.forget(hours(1)).unwrap();
    assert_eq!(logins.row("0").unwrap(), None);
    assert!(logins.row("1").unwrap().is_some());
}
