use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::grant::Secret;
use crate::vault::Tokens;
use crate::vault::tests::{NOW, kept};

fn at(seconds: i64) -> Timestamp {
    NOW + SignedDuration::from_secs(seconds)
}

fn begun(step: Step) -> Turn {
    let Step::Renew(turn) = step else {
        panic!("{step:?}")
    };
    turn
}

#[test]
fn one_renews_and_the_others_wait_for_what_it_brings() {
    let mut turns = Turns::default();
    let old = kept(Some("refresh"), Some(100));
    let (late, ended) = (at(90), at(100));
    let turn = begun(turns.next(&old, late, late));
    assert_eq!(turns.next(&old, late, late), Step::Wait);
    assert_eq!(turns.next(&old, ended, ended), Step::Wait);
    turns.end(&turn, true, ended);
    // Brief as it is, they take it.
    let brief = kept(Some("refresh"), Some(0));
    assert_eq!(turns.next(&brief, late, at(101)), Step::Give);
    begun(turns.next(&brief, at(101), at(101)));
}

#[test]
fn a_provider_in_trouble_is_left_alone_and_what_is_still_good_is_used() {
    let mut turns = Turns::default();
    let old = kept(Some("refresh"), Some(100));
    let turn = begun(turns.next(&old, at(90), at(90)));
    turns.end(&turn, false, at(91));
    assert_eq!(turns.next(&old, at(90), at(91)), Step::Give);
    assert_eq!(turns.next(&old, at(100), at(100)), Step::Unreachable);
    assert_eq!(turns.begin(at(120)), None);
    begun(turns.next(&old, at(121), at(121)));
}

#[test]
fn without_a_refresh_token_it_is_good_to_its_end() {
    let mut turns = Turns::default();
    let brief = kept(None, Some(100));
    assert_eq!(turns.next(&brief, at(99), at(99)), Step::Give);
    assert_eq!(turns.next(&brief, at(100), at(100)), Step::Ended);
    assert_eq!(turns.next(&kept(None, None), NOW, NOW), Step::Give);
}

#[test]
fn a_turn_that_broke_off_is_over_by_itself_and_says_nothing_later() {
    let mut turns = Turns::default();
    let old = kept(Some("refresh"), Some(0));
    let lost = begun(turns.next(&old, NOW, NOW));
    assert_eq!(turns.next(&old, NOW, at(24)), Step::Wait);
    let next = begun(turns.next(&old, NOW, at(25)));
    turns.end(&lost, true, at(26));
    assert_eq!(turns.next(&old, at(26), at(26)), Step::Wait);
    turns.end(&next, true, at(27));
    assert_eq!(turns.next(&old, at(26), at(27)), Step::Give);
}

/// Somebody who wants the token, and what the provider does if it is their turn.
#[derive(Debug, Clone)]
struct Asker {
    comes: i64,
    takes: i64,
    succeeds: bool,
}

fn asker() -> impl Strategy<Value = Asker> {
    let takes = prop_oneof![Just(0), 0..24_i64, 25..40_i64];
    (0..90_i64, takes, any::<bool>()).prop_map(|(comes, takes, succeeds)| Asker {
        comes,
        takes,
        succeeds,
    })
}

proptest! {
    /// However askers come and the provider behaves: no two ask it at once unless one
    /// takes longer than a turn lasts, each refresh token is spent once, and nobody
    /// waits beyond their patience and a turn.
    #[test]
    fn askers_renew_one_at_a_time(askers in vec(asker(), 1..12), life in 0..200_u64) {
        let mut turns = Turns::default();
        let mut row = kept(Some("refresh 0"), Some(life));
        let mut spent = 0;
        let mut waiting: Vec<&Asker> = Vec::new();
        let mut running: Vec<(Turn, i64, &Asker, String)> = Vec::new();
        for second in 0..160 {
            let now = at(second);
            running.retain(|(turn, ends, by, with)| {
                if second < *ends {
                    return true;
                }
                // As the object does: an answer counts for what was asked with.
                let current = row.tokens.refresh_token.as_ref().is_some_and(|it| it.0 == *with);
                if by.succeeds && current {
                    spent += 1;
                    let next = Tokens {
                        access_token: Secret(format!("access {spent}")),
                        refresh_token: Some(Secret(format!("refresh {spent}"))),
                        expires_in: Some(life),
                    };
                    row = row.renewed(next, now);
                }
                turns.end(turn, by.succeeds, now);
                waiting.push(by);
                false
            });
            waiting.extend(askers.iter().filter(|asker| asker.comes == second));
            for asker in std::mem::take(&mut waiting) {
                match turns.next(&row, at(asker.comes), now) {
                    Step::Give | Step::Unreachable => {}
                    Step::Ended => prop_assert!(false, "there is a refresh token"),
                    Step::Wait => {
                        prop_assert!(second - asker.comes < PATIENCE_MAX.as_secs());
                        waiting.push(asker);
                    }
                    Step::Renew(turn) => {
                        let last = TURN_MAX.as_secs();
                        let slow = running.iter().all(|(_, ends, by, _)| second - (ends - by.takes) >= last);
                        prop_assert!(slow, "two renew at once");
                        let with = row.tokens.refresh_token.clone().unwrap().0;
                        running.push((turn, second + asker.takes, asker, with));
                    }
                }
            }
        }
        prop_assert!(waiting.is_empty() && running.is_empty());
    }
}
