use super::*;
use crate::client::DocumentRules;
use crate::origin::PublicOrigin;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn url(text: &str) -> DocumentUrl {
    let public = PublicOrigin::parse("https://mcp.example.com").unwrap();
    DocumentUrl::read(text, &DocumentRules::new(public)).unwrap()
}

fn begun(turns: &mut Turns, text: &str, now: Timestamp) -> Option<Fetching> {
    match turns.ask(&url(text), now, now) {
        Turn::Fetch(fetching) => Some(fetching),
        Turn::Wait | Turn::GiveUp => None,
    }
}

/// Checklist SEC-06.
#[test]
fn a_url_is_fetched_once_at_a_time_and_who_waits_gives_up_some_day() {
    let mut turns = Turns::default();
    let one = "https://app.example/1";
    let first = begun(&mut turns, one, NOW).unwrap();
    assert_eq!(begun(&mut turns, one, NOW), None);
    assert!(begun(&mut turns, "https://app.example/2", NOW).is_some());
    let waited = NOW + PATIENCE_MAX - SignedDuration::from_millis(1);
    let mut slow = Turns::default();
    begun(&mut slow, one, waited);
    assert_eq!(slow.ask(&url(one), NOW, waited), Turn::Wait);
    assert_eq!(slow.ask(&url(one), NOW, NOW + PATIENCE_MAX), Turn::GiveUp);
    turns.end(&first);
    assert!(begun(&mut turns, one, NOW).is_some());
    // Whoever breaks off never says so.
    assert!(begun(&mut turns, one, NOW + TURN_MAX).is_some());
}

/// Checklist SEC-06.
#[test]
fn an_isolate_fetches_so_many_documents_at_once_and_fewer_from_one_host() {
    let mut turns = Turns::default();
    let of_host = |n: usize| format!("https://app.example/{n}");
    let first = begun(&mut turns, &of_host(0), NOW).unwrap();
    for n in 1..AT_ONCE_OF_HOST_MAX {
        assert!(begun(&mut turns, &of_host(n), NOW).is_some());
    }
    assert_eq!(begun(&mut turns, &of_host(99), NOW), None);
    for n in AT_ONCE_OF_HOST_MAX..AT_ONCE_MAX {
        assert!(begun(&mut turns, &format!("https://{n}.example/1"), NOW).is_some());
    }
    let more = "https://more.example/1";
    assert_eq!(begun(&mut turns, more, NOW), None);
    turns.end(&first);
    turns.end(&first);
    assert!(begun(&mut turns, more, NOW).is_some());
    assert_eq!(
        begun(&mut turns, "https://most.example/1", NOW),
        None,
        "one ended, and not two"
    );
    begun(&mut turns, more, NOW + TURN_MAX);
    assert_eq!(turns.fetching.len(), 1);
}
