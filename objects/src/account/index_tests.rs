use oauth::grant::{self, Approval, GrantStore, Redemption, contract};
use oauth::pkce::Challenge;
use rusqlite::Connection;

use super::*;
use crate::account::api_key_rows::ApiKeyRows;
use crate::account::api_key_rows::tests::key;
use crate::account::rows::{GrantRows, ends};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn held(kind: Kind, name: &str) -> Held {
    Held {
        kind,
        name: name.to_owned(),
    }
}

fn index() -> Index<Connection> {
    Index::of(Connection::open_in_memory().unwrap())
}

#[test]
fn of_each_kind_what_was_not_used_for_longest_gives_way() {
    for kind in Kind::ALL {
        let index = index();
        let add = |name: &str, second| index.add(&held(kind, name), at(second), 2).unwrap();
        assert!(add("a", 0).is_empty() && add("b", 1).is_empty());
        index.note_use(&held(kind, "a"), at(2)).unwrap();
        assert_eq!(add("c", 3), ["b"]);
        assert_eq!(add("d", 4), ["a"]);
        index.remove(&held(kind, "c")).unwrap();
        assert!(add("e", 5).is_empty(), "what is gone does not count");
        assert_eq!(add("f", 5), ["d"], "nothing gives way to itself");
    }
}

#[test]
fn kinds_do_not_take_each_others_places() {
    let index = index();
    for kind in Kind::ALL {
        assert!(index.add(&held(kind, "a"), at(0), 1).unwrap().is_empty());
    }
    index.remove(&held(Kind::Handle, "a")).unwrap();
    for (kind, given_way) in [(Kind::Handle, &[][..]), (Kind::Task, &["a"])] {
        assert_eq!(index.add(&held(kind, "b"), at(1), 1).unwrap(), given_way);
    }
}

#[test]
fn a_task_that_ended_gives_way_before_an_older_one_that_runs() {
    let index = index();
    let add = |name: &str, second| index.add(&held(Kind::Task, name), at(second), 2).unwrap();
    add("runs", 0);
    add("ended", 1);
    index.note_end(&held(Kind::Task, "ended")).unwrap();
    assert_eq!(add("new", 2), ["ended"]);
    assert_eq!(add("newer", 3), ["runs"]);
}

#[test]
fn what_gave_way_does_not_come_back_by_being_used() {
    let index = index();
    index.add(&held(Kind::Handle, "a"), at(0), 1).unwrap();
    index.add(&held(Kind::Handle, "b"), at(1), 1).unwrap();
    index.note_use(&held(Kind::Handle, "a"), at(2)).unwrap();
    assert!(!index.has(&held(Kind::Handle, "a")).unwrap());
    assert_eq!(index.gave_way().unwrap(), [held(Kind::Handle, "a")]);
}

#[test]
fn what_gave_way_is_kept_in_mind_until_it_was_told_and_does_not_count() {
    for kind in Kind::ALL {
        let index = index();
        let add = |name: &str, second| index.add(&held(kind, name), at(second), 1).unwrap();
        assert!(add("a", 0).is_empty());
        assert_eq!(add("b", 1), ["a"]);
        assert_eq!(add("c", 2), ["b"], "nothing gives way twice");
        assert_eq!(index.count(kind).unwrap(), 1);
        index.forget_gone(Timestamp::MAX).unwrap();
        let gave_way = [held(kind, "a"), held(kind, "b")];
        assert_eq!(index.gave_way().unwrap(), gave_way);
        for it in &gave_way {
            index.was_told(it).unwrap();
        }
        assert_eq!(index.gave_way().unwrap(), []);
    }
}

#[test]
fn what_began_anew_under_the_name_of_what_gave_way_stays() {
    let index = index();
    let again = held(Kind::Handle, "a");
    for name in ["a", "b", "a"] {
        index.add(&held(Kind::Handle, name), at(0), 1).unwrap();
    }
    index.was_told(&again).unwrap();
    assert!(index.has(&again).unwrap());
}

#[test]
fn a_row_whose_object_must_be_gone_is_forgotten_and_no_other() {
    for kind in [Kind::Handle, Kind::Task] {
        let index = aged(kind);
        index.forget_gone(at(0)).unwrap();
        assert_eq!(index.add(&held(kind, "new"), at(1), 1).unwrap().len(), 2);
        index.forget_gone(at(0)).unwrap();
        assert!(!index.is_empty().unwrap());
    }
}

#[test]
fn sessions_that_nobody_uses_any_more_are_found_and_not_forgotten_before_they_ended() {
    let index = aged(Kind::Session);
    for _ in 0..2 {
        index.forget_gone(at(0)).unwrap();
        let unused = index.unused_sessions(at(0)).unwrap();
        assert_eq!(unused, [held(Kind::Session, "old")]);
    }
    index.remove(&held(Kind::Session, "old")).unwrap();
    assert_eq!(index.unused_sessions(at(0)).unwrap(), []);
}

/// One that is just too old, one that is just not, and one that was used.
fn aged(kind: Kind) -> Index<Connection> {
    let index = index();
    let kept = i64::try_from((life(kind) + ROW_SLACK).as_secs()).unwrap();
    index.add(&held(kind, "old"), at(-kept - 1), 9).unwrap();
    index.add(&held(kind, "ended"), at(-kept), 9).unwrap();
    index.note_end(&held(kind, "ended")).unwrap();
    index.add(&held(kind, "used"), at(-2 * kept), 9).unwrap();
    index.note_use(&held(kind, "used"), at(0)).unwrap();
    index
}

fn session(name: &str) -> Held {
    held(Kind::Session, name)
}

/// Opens a session; its record tells its name.
fn open<Q: Query>(index: &Index<Q>, name: &str, grant: Option<&GrantId>, second: i64) {
    let record = record_of(name);
    index
        .add_session(&session(name), grant, &record, at(second))
        .unwrap();
}

fn record_of(name: &str) -> String {
    format!(r#"{{"name":"{name}"}}"#)
}

#[test]
fn what_a_session_began_with_is_told_until_it_is_gone() {
    let database = Connection::open_in_memory().unwrap();
    let index = Index::of(&database);
    assert_eq!(index.record("a").unwrap(), None);
    assert!(columns(&index.0, "sessions").unwrap().is_empty());
    let grant = GrantId::new([1; 16]);
    open(&index, "a", Some(&grant), 0);
    open(&index, "b", None, 1);
    index.note_use(&session("a"), at(2)).unwrap();
    let told = Some((Some(grant), record_of("a")));
    assert_eq!(index.record("a").unwrap(), told);
    assert_eq!(index.record("b").unwrap(), Some((None, record_of("b"))));
    index.forget_record(&session("b")).unwrap();
    assert_eq!(index.record("b").unwrap(), None);
    assert!(
        index.has(&session("b")).unwrap(),
        "it counts until it has ended"
    );
    assert_eq!(index.give_way(&session("a"), 1).unwrap(), ["b"]);
    assert_eq!(index.record("b").unwrap(), None);
    index.remove(&session("a")).unwrap();
    assert_eq!(index.record("a").unwrap(), None);
}

/// A grant with this number, in the table of grants.
fn keep_grant(database: &Connection, number: u8) -> GrantId {
    let mut rows = GrantRows::open(database).unwrap();
    let approval = Approval {
        terms: contract::terms(),
        redirect_uri: "http://127.0.0.1:1/cb".into(),
        challenge: Challenge::parse(CHALLENGE).unwrap(),
    };
    let secret = grant::issue(&mut rows, at(0), [number; 32], approval).unwrap();
    let asked = Redemption {
        secret,
        client_id: contract::terms().client_id,
        authenticated: false,
        key: None,
        redirect_uri: None,
        verifier: VERIFIER.into(),
        resource: None,
    };
    let random = ([number; 16], [number; 32]);
    let granted = grant::redeem(&mut rows, at(0), random, &asked).unwrap();
    granted.unwrap().grant
}

/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[test]
fn a_session_is_found_when_its_grant_is_gone_and_until_it_is_removed() {
    let database = Connection::open_in_memory().unwrap();
    let index = Index::of(&database);
    let (one, other) = (keep_grant(&database, 1), keep_grant(&database, 2));
    for (name, grant) in [("a", Some(&one)), ("b", Some(&other)), ("c", None)] {
        open(&index, name, grant, 0);
    }
    assert_eq!(index.sessions_without_grant(at(2)).unwrap(), []);
    GrantRows::open(&database).unwrap().end_grant(&one).unwrap();
    for _ in 0..2 {
        assert_eq!(index.sessions_without_grant(at(2)).unwrap(), [session("a")]);
    }
    index.note_use(&session("a"), at(1)).unwrap();
    assert_eq!(index.sessions_without_grant(at(2)).unwrap(), [session("a")]);
    index.remove(&session("a")).unwrap();
    assert_eq!(index.sessions_without_grant(at(2)).unwrap(), []);
}

#[test]
fn a_session_of_a_key_ends_with_the_key() {
    let database = Connection::open_in_memory().unwrap();
    let (index, keys) = (Index::of(&database), ApiKeyRows::of(&database));
    keep_grant(&database, 1);
    let key = key(1);
    keys.keep(&key, at(0)).unwrap();
    open(&index, "a", Some(&key.info.id), 0);
    assert_eq!(index.sessions_without_grant(at(2)).unwrap(), []);
    assert_eq!(
        index.sessions_without_grant(key.info.expires).unwrap(),
        [session("a")]
    );
    keys.end_all(at(1)).unwrap();
    assert_eq!(index.sessions_without_grant(at(2)).unwrap(), [session("a")]);
}

#[test]
fn a_session_with_a_grant_gives_way_as_any_other() {
    let database = Connection::open_in_memory().unwrap();
    let (index, grant) = (Index::of(&database), keep_grant(&database, 1));
    let add = |name, second| {
        open(&index, name, Some(&grant), second);
        index.give_way(&session(name), 1)
    };
    assert!(add("a", 0).unwrap().is_empty());
    assert_eq!(add("b", 1).unwrap(), ["a"]);
    assert_eq!(index.record("a").unwrap(), None);
    let told: Vec<_> = index.session_infos().unwrap();
    assert_eq!(told.iter().map(|it| &it.name).collect::<Vec<_>>(), ["b"]);
}

/// Whoever has no session pays no table for being asked.
#[test]
fn asking_for_sessions_without_grant_makes_no_table() {
    let database = Connection::open_in_memory().unwrap();
    let index = Index::of(&database);
    keep_grant(&database, 1);
    assert_eq!(index.sessions_without_grant(at(2)).unwrap(), []);
    assert!(columns(&index.0, "sessions").unwrap().is_empty());
}

#[test]
fn whether_a_grant_stands_is_answered_without_a_table_and_from_its_row() {
    let database = Connection::open_in_memory().unwrap();
    let grant = GrantId::new([1; 16]);
    assert_eq!(ends(&database, &grant).unwrap(), None);
    assert!(columns(&database, "grants").unwrap().is_empty());
    let grant = keep_grant(&database, 1);
    let mut rows = GrantRows::open(&database).unwrap();
    let kept = rows.grant(&grant).unwrap().unwrap();
    assert_eq!(ends(&database, &grant).unwrap(), Some(kept.expires));
    rows.end_grant(&grant).unwrap();
    assert_eq!(ends(&database, &grant).unwrap(), None);
    database
        .execute("ALTER TABLE grants RENAME COLUMN expires TO gone", [])
        .unwrap();
    assert!(
        ends(&database, &grant).is_err(),
        "what cannot be read is not taken for none"
    );
}

type Meet = fn(&Connection);

/// The table as accounts of earlier versions have it.
#[test]
fn a_table_of_an_earlier_version_gets_its_columns_and_keeps_its_rows() {
    let old = || {
        let database = Connection::open_in_memory().unwrap();
        database
            .execute_batch(
                "CREATE TABLE sessions (
                    name TEXT PRIMARY KEY,
                    opened INTEGER NOT NULL,
                    seen INTEGER NOT NULL
                ) STRICT, WITHOUT ROWID;
                INSERT INTO sessions VALUES ('old', 1800000000, 1800000000);",
            )
            .unwrap();
        database
    };
    let table: [(&str, Meet); 4] = [
        ("a new session", |database| {
            let grant = keep_grant(database, 1);
            let index = Index::of(database);
            open(&index, "new", Some(&grant), 1);
            assert!(index.give_way(&session("new"), 2).unwrap().is_empty());
        }),
        ("the end of a grant", |database| {
            keep_grant(database, 1);
            let index = Index::of(database);
            assert_eq!(index.sessions_without_grant(at(2)).unwrap(), []);
        }),
        ("a use", |database| {
            let index = Index::of(database);
            index.note_use(&session("old"), at(1)).unwrap();
        }),
        ("a sweep", |database| {
            let index = Index::of(database);
            assert_eq!(index.unused_sessions(at(0)).unwrap(), []);
        }),
    ];
    for (what, meet) in table {
        let database = old();
        assert_eq!(Index::of(&database).record("old").unwrap(), None);
        meet(&database);
        let index = Index::of(&database);
        let columns = columns(&index.0, "sessions").unwrap();
        let all = ["name", "opened", "seen", "grant_id", "record"];
        assert_eq!(columns, all, "{what}");
        assert_eq!(index.record("old").unwrap(), None, "{what}");
        // The old session goes on, and gives way as before.
        let grant = keep_grant(&database, 2);
        open(&index, "newer", Some(&grant), 2);
        let given_way = index.give_way(&session("newer"), 1);
        assert!(given_way.unwrap().contains(&"old".to_owned()), "{what}");
    }
}

#[test]
fn what_is_known_of_sessions_is_told_and_of_none_but_those_that_count() {
    let index = index();
    assert!(index.acting().unwrap().is_empty(), "and no table is made");
    assert!(columns(&index.0, "sessions").unwrap().is_empty());
    let grant = GrantId::new([1; 16]);
    let (old, new) = (held(Kind::Session, "old"), held(Kind::Session, "new"));
    index.add(&old, at(0), 9).unwrap();
    open(&index, &new.name, Some(&grant), 1);
    index.note_use(&old, at(2)).unwrap();
    let info = |name: &str, grant, opened, seen| SessionInfo {
        name: name.to_owned(),
        grant,
        opened: at(opened),
        seen: at(seen),
    };
    assert_eq!(
        index.session_infos().unwrap(),
        [info("old", None, 0, 2), info("new", Some(grant), 1, 1)]
    );
    assert_eq!(index.count(Kind::Session).unwrap(), 2);
    let task = held(Kind::Task, "task");
    index.add(&task, at(2), 9).unwrap();
    let acting = index.acting().unwrap();
    assert!(acting.len() == 3 && acting.contains(&task));
    assert!(index.has(&old).unwrap() && !index.has(&held(Kind::Session, "other")).unwrap());
    assert!(!index.has(&held(Kind::Task, "old")).unwrap());
}
