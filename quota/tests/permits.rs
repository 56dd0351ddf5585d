//! Permits and the line for them: how many calls run at once, and who is next.

#![expect(
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is what it is for"
)]

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use quota::{
    Called, Due, Family, HolderId, LEASE_SLACK, LINE_LOOK_EVERY, LINE_MAX, Ledger, Limit, Line,
    NEWS_AGE_MAX, PERMIT_IDLE_MAX, PERMIT_LIFE, PERMIT_LOOK_EVERY, PERMIT_RENEW_AFTER,
    PERMIT_WAIT_MAX, Permit, PermitHolder, PermitNumber, Policies, Policy, Refused, Revision,
    Start,
};

const START: Timestamp = Timestamp::constant(1_800_000_000, 0);

/// The holder, where it does not matter which.
fn me() -> HolderId {
    "me".into()
}

/// The news that every caller has, where nothing else is said.
const NEWS: Option<Revision> = Some(Revision(0));

fn at_ms(ms: i64) -> Timestamp {
    START + SignedDuration::from_millis(ms)
}

/// So many calls at once.
fn at_once(calls: u32) -> Policies {
    let policy = Policy::new(100, 60).unwrap();
    Policies::one(Revision(0), policy.with_concurrent(calls).unwrap())
}

fn permit(ledger: &mut Ledger, policies: &Policies, now: Timestamp) -> Result<Permit, Refused> {
    let granted = ledger.permit(policies, now, &Family::default(), &me());
    granted.map(Option::unwrap)
}

/// Asks the ledger itself, at the same moment.
fn start(
    holder: &mut PermitHolder,
    ledger: &mut Ledger,
    policies: &Policies,
    now: Timestamp,
) -> Option<PermitNumber> {
    match holder.start(now, NEWS) {
        Start::Go(number) => Some(number),
        Start::Ask { end } => {
            ledger.end(policies, now, &end);
            let Ok(granted) = permit(ledger, policies, now) else {
                holder.not_granted();
                return None;
            };
            assert!(holder.granted(granted, now, now));
            Some(granted.number)
        }
    }
}

fn ask(end: &[PermitNumber]) -> Start {
    let end = end.to_vec();
    Start::Ask { end }
}

fn life_and_more() -> SignedDuration {
    (PERMIT_LIFE + PERMIT_LOOK_EVERY + LEASE_SLACK)
        .try_into()
        .unwrap()
}

#[test]
fn as_many_permits_are_out_as_may_and_one_that_comes_back_is_granted_again() {
    let (policies, mut ledger) = (at_once(2), Ledger::new(START));
    let first = permit(&mut ledger, &policies, START).unwrap();
    permit(&mut ledger, &policies, START).unwrap();
    let refused = permit(&mut ledger, &policies, START).unwrap_err();
    assert_eq!(refused.standing.limit, Limit::Concurrent);
    assert_eq!(ledger.end(&policies, START, &[first.number]), 1);
    assert_eq!(ledger.end(&policies, START, &[first.number]), 0);
    assert!(permit(&mut ledger, &policies, START).is_ok());
    assert!(permit(&mut ledger, &policies, START).is_err());
    assert!(!ledger.is_full(&policies, START));
}

#[test]
fn without_a_bound_no_permit_is_needed() {
    let policies = Policies::one(Revision(0), Policy::new(5, 60).unwrap());
    let granted = Ledger::new(START).permit(&policies, START, &Family::default(), &me());
    assert_eq!(granted, Ok(None));
}

#[test]
fn each_family_has_permits_of_its_own() {
    let policy = Policy::new(5, 60).unwrap().with_concurrent(1).unwrap();
    let images = Family::try_from("images".to_owned()).unwrap();
    let by_family = [(Family::default(), policy), (images.clone(), policy)];
    let policies = Policies::new(Revision(0), BTreeMap::from(by_family)).unwrap();
    let mut ledger = Ledger::new(START);
    for family in [&Family::default(), &images] {
        assert!(ledger.permit(&policies, START, family, &me()).is_ok());
        assert!(ledger.permit(&policies, START, family, &me()).is_err());
    }
}

/// A holder that died: nobody renews what it had.
#[test]
fn a_permit_that_nobody_renews_is_free_after_its_life_and_as_was_told() {
    let (policies, mut ledger) = (at_once(1), Ledger::new(START));
    permit(&mut ledger, &policies, START).unwrap();
    let refused = permit(&mut ledger, &policies, at_ms(500)).unwrap_err();
    let wait = refused.retry_after.unwrap();
    let free = START + life_and_more();
    let early = free - SignedDuration::from_micros(1);
    assert!(permit(&mut ledger.clone(), &policies, early).is_err());
    assert!(permit(&mut ledger.clone(), &policies, free).is_ok());
    assert!(permit(&mut ledger, &policies, at_ms(500) + wait).is_ok());
}

#[test]
fn a_ledger_that_is_read_anew_tells_who_may_still_have_a_permit() {
    let (policies, mut ledger) = (at_once(3), Ledger::new(START));
    let other = "other".into();
    let mut granted = |holder: &HolderId| {
        let granted = ledger.permit(&policies, START, &Family::default(), holder);
        granted.unwrap().unwrap().number
    };
    let (first, second, third) = (granted(&me()), granted(&other), granted(&me()));
    let stored = serde_json::to_string(&ledger).unwrap();
    let mut read: Ledger = serde_json::from_str(&stored).unwrap();
    let out = read.permits_out();
    assert_eq!(out.get(&me()), Some(&vec![first, third]));
    assert_eq!(out.get(&other), Some(&vec![second]));
    assert_eq!(read.end(&policies, START, &[first, second]), 2);
    let out = read.permits_out();
    assert_eq!((out.len(), out.get(&me())), (1, Some(&vec![third])));
}

#[test]
fn a_holder_says_which_permits_it_has_and_whether_it_waits_for_one() {
    let mut holder = PermitHolder::default();
    assert_eq!((holder.held().count(), holder.is_asking()), (0, false));
    assert!(matches!(holder.start(START, None), Start::Ask { .. }));
    assert!(holder.is_asking());
    let permit = Ledger::new(START).permit(&at_once(1), START, &Family::default(), &me());
    let permit = permit.unwrap().unwrap();
    assert!(holder.granted(permit, START, START));
    assert!(holder.held().eq([permit.number]) && !holder.is_asking());
    holder.ended(permit.number, START);
    assert!(holder.held().eq([permit.number]), "it lies idle");
}

#[test]
fn a_holder_that_begins_anew_has_no_permit_and_takes_none_from_others() {
    let (policies, mut ledger) = (at_once(3), Ledger::new(START));
    let other = "other".into();
    for holder in [&me(), &other, &me()] {
        let granted = ledger.permit(&policies, START, &Family::default(), holder);
        assert!(granted.is_ok());
    }
    assert_eq!(ledger.begin_anew(&policies, START, &me()), 2);
    assert_eq!(ledger.begin_anew(&policies, START, &me()), 0);
    let granted = (0..9).filter(|_| permit(&mut ledger, &policies, START).is_ok());
    assert_eq!(granted.count(), 2);
}

#[test]
fn a_renewed_permit_stays_and_a_lost_one_is_told() {
    let (policies, mut ledger) = (at_once(1), Ledger::new(START));
    let first = permit(&mut ledger, &policies, START).unwrap().number;
    let renewed = START + SignedDuration::from_secs(20);
    assert_eq!(ledger.renew(&policies, renewed, &[first]), []);
    let late = renewed + life_and_more();
    let early = late - SignedDuration::from_micros(1);
    assert!(permit(&mut ledger.clone(), &policies, early).is_err());
    let second = permit(&mut ledger, &policies, late).unwrap().number;
    let both = ledger.renew(&policies, late, &[first, second]);
    assert_eq!(both, [first]);
}

#[test]
fn a_smaller_bound_ends_no_call_and_starts_none() {
    let (wide, narrow, mut ledger) = (at_once(3), at_once(1), Ledger::new(START));
    let numbers: Vec<_> = (0..3)
        .map(|_| permit(&mut ledger, &wide, START).unwrap().number)
        .collect();
    assert_eq!(ledger.renew(&narrow, START, &numbers), []);
    ledger.end(&narrow, START, &numbers[..2]);
    let refused = permit(&mut ledger, &narrow, START).unwrap_err();
    assert!(
        permit(
            &mut ledger.clone(),
            &narrow,
            START + refused.retry_after.unwrap()
        )
        .is_ok()
    );
    ledger.end(&narrow, START, &numbers);
    assert!(permit(&mut ledger, &narrow, START).is_ok());
}

#[test]
fn permits_go_back_with_a_clock_that_was_set_far_back() {
    let (policies, mut ledger) = (at_once(1), Ledger::new(START));
    permit(&mut ledger, &policies, START).unwrap();
    let back = START - SignedDuration::from_hours(24);
    let refused = permit(&mut ledger, &policies, back).unwrap_err();
    assert!(refused.retry_after.unwrap() <= life_and_more().unsigned_abs());
}

#[test]
fn one_quick_call_after_another_asks_once() {
    let (policies, mut ledger, mut holder) =
        (at_once(1), Ledger::new(START), PermitHolder::default());
    let first = start(&mut holder, &mut ledger, &policies, START).unwrap();
    for ms in (0..9_000).step_by(900) {
        assert!(!holder.ended(first, at_ms(ms)));
        assert_eq!(holder.start(at_ms(ms + 899), NEWS), Start::Go(first));
    }
    let slow = at_ms(8_999) + PERMIT_IDLE_MAX;
    assert!(holder.ended(first, slow), "whoever waits is next");
    assert!(holder.is_empty());
}

#[test]
fn an_idle_permit_is_given_back_soon_and_a_running_one_renewed() {
    let (policies, mut ledger, mut holder) =
        (at_once(9), Ledger::new(START), PermitHolder::default());
    let [one, other] = [0, 0].map(|_| start(&mut holder, &mut ledger, &policies, START).unwrap());
    holder.ended(one, START);
    assert_eq!(holder.due(at_ms(999)), Due::default());
    let idle = holder.due(START + PERMIT_IDLE_MAX);
    let end = vec![one];
    assert_eq!(
        idle,
        Due {
            end,
            ..Due::default()
        }
    );
    let asked = START + PERMIT_RENEW_AFTER;
    let renew = vec![other];
    assert_eq!(
        holder.due(asked),
        Due {
            renew,
            ..Due::default()
        }
    );
    let renewed = ledger.renew(&policies, asked, &[other]);
    assert_eq!(holder.renewed(&[other], &renewed, asked, asked), []);
    assert_eq!(holder.due(asked), Due::default());
    assert_eq!(holder.give_up(), [other]);
    assert!(holder.is_empty());
}

#[test]
fn a_call_whose_permit_could_not_be_renewed_is_told_before_another_starts() {
    let (policies, mut ledger, mut holder) =
        (at_once(1), Ledger::new(START), PermitHolder::default());
    let first = start(&mut holder, &mut ledger, &policies, START).unwrap();
    let over = START + PERMIT_LIFE;
    assert_eq!(holder.due(over - SignedDuration::from_micros(1)).lapsed, []);
    assert!(permit(&mut ledger, &policies, over + PERMIT_LOOK_EVERY).is_err());
    assert_eq!(holder.due(over).lapsed, [first]);
    assert_eq!(holder.due(over), Due::default());
}

#[test]
fn of_lost_permits_those_of_running_calls_are_told() {
    let (policies, mut ledger, mut holder) =
        (at_once(2), Ledger::new(START), PermitHolder::default());
    let both = [0, 0].map(|_| start(&mut holder, &mut ledger, &policies, START).unwrap());
    holder.ended(both[1], START);
    ledger.end(&policies, START, &both);
    let renewed = ledger.renew(&policies, START, &both);
    assert_eq!(holder.renewed(&both, &renewed, START, START), both[..1]);
    assert!(holder.is_empty());
}

#[test]
fn nothing_starts_on_a_permit_of_an_earlier_revision_or_without_news() {
    let (policies, mut ledger) = (at_once(1), Ledger::new(START));
    for (ms, news, wanted) in [
        (0, Some(Revision(1)), false),
        (0, NEWS, true),
        (999, None, true),
        (1_000, None, false),
    ] {
        let mut holder = PermitHolder::default();
        let asked = START - SignedDuration::from_millis(ms);
        let granted = permit(&mut ledger, &policies, START).unwrap();
        holder.start(asked, NEWS);
        assert!(holder.granted(granted, asked, START));
        holder.ended(granted.number, START);
        let starts = holder.start(START, news) == Start::Go(granted.number);
        assert_eq!(starts, wanted, "{ms} ms, {news:?}");
        ledger.end(&policies, START, &[granted.number]);
    }
    assert_eq!(NEWS_AGE_MAX, std::time::Duration::from_secs(1));
}

/// Otherwise a smaller bound would never work while call follows on call.
#[test]
fn a_renewal_under_a_smaller_bound_lets_no_call_start_in_place_of_one_that_ended() {
    let (policies, mut ledger, mut holder) =
        (at_once(1), Ledger::new(START), PermitHolder::default());
    let first = start(&mut holder, &mut ledger, &policies, START).unwrap();
    for ms in (0..10_000).step_by(900) {
        holder.ended(first, at_ms(ms));
        holder.start(at_ms(ms + 899), NEWS);
    }
    let asked = at_ms(10_800);
    assert_eq!(holder.due(asked).renew, [first]);
    assert_eq!(ledger.renew(&policies, asked, &[first]), []);
    holder.renewed(&[first], &[], asked, asked);
    holder.ended(first, asked);
    for (news, wanted) in [
        (Some(Revision(1)), ask(&[first])),
        (None, ask(&[first])),
        (NEWS, Start::Go(first)),
    ] {
        assert_eq!(holder.clone().start(asked, news), wanted);
    }
    // What was given up is not started on as well.
    holder.start(asked, None);
    assert_eq!(holder.start(asked, NEWS), ask(&[]));
}

#[test]
fn a_permit_that_was_too_long_on_its_way_is_none() {
    let mut holder = PermitHolder::default();
    let granted = permit(&mut Ledger::new(START), &at_once(1), START).unwrap();
    holder.start(START, NEWS);
    assert!(!holder.granted(granted, START, START + PERMIT_LIFE));
    assert!(holder.is_empty());
}

/// Otherwise a later call of this holder would get ahead of one that waits.
#[test]
fn who_has_a_call_in_line_keeps_no_permit() {
    let (policies, mut ledger, mut holder) =
        (at_once(1), Ledger::new(START), PermitHolder::default());
    let first = start(&mut holder, &mut ledger, &policies, START).unwrap();
    assert_eq!(holder.start(START, NEWS), ask(&[]));
    assert!(holder.ended(first, START));
    assert_eq!(holder.start(START, NEWS), ask(&[]));
    holder.not_granted();
    holder.not_granted();
    let again = permit(&mut ledger, &policies, START);
    assert!(again.is_err(), "the ledger has not heard of the end yet");
}

fn tickets(called: &[Called<u32>]) -> Vec<(u32, bool)> {
    called
        .iter()
        .map(|called| (called.ticket, called.outcome.is_ok()))
        .collect()
}

#[test]
fn who_came_first_is_served_first_and_who_waited_too_long_is_refused() {
    let (policies, mut ledger, mut line) = (at_once(1), Ledger::new(START), Line::default());
    let join = |line: &mut Line<u32>, ledger: &mut Ledger, ms, ticket| {
        tickets(&line.join(
            ledger,
            &policies,
            at_ms(ms),
            (&Family::default(), &me()),
            ticket,
        ))
    };
    let first = permit(&mut ledger, &policies, START).unwrap().number;
    for ticket in 0..3 {
        assert_eq!(
            join(&mut line, &mut ledger, i64::from(ticket) * 1_000, ticket),
            []
        );
    }
    assert_eq!(ledger.end(&policies, at_ms(3_000), &[first]), 1);
    // Who comes at the moment when one is free does not get it.
    assert_eq!(join(&mut line, &mut ledger, 3_000, 3), [(0, true)]);
    line.leave(&3);
    assert_eq!(
        tickets(&line.advance(&mut ledger, &policies, at_ms(5_999))),
        []
    );
    assert_eq!(line.rest(&1), Some(std::time::Duration::from_millis(1)));
    assert_eq!(
        tickets(&line.advance(&mut ledger, &policies, at_ms(6_000))),
        [(1, false)]
    );
    assert_eq!(
        (line.rest(&1), line.rest(&2)),
        (None, Some(LINE_LOOK_EVERY))
    );
    assert_eq!(
        tickets(&line.advance(&mut ledger, &policies, at_ms(7_000))),
        [(2, false)]
    );
    assert!(line.is_empty());
}

#[test]
fn a_line_of_one_family_holds_up_no_other() {
    let policy = Policy::new(5, 60).unwrap().with_concurrent(1).unwrap();
    let images = Family::try_from("images".to_owned()).unwrap();
    let by_family = [(Family::default(), policy), (images.clone(), policy)];
    let policies = Policies::new(Revision(0), BTreeMap::from(by_family)).unwrap();
    let (mut ledger, mut line) = (Ledger::new(START), Line::default());
    let calls = Family::default();
    let mut joined = Vec::new();
    for (ticket, family) in [(0, &calls), (1, &calls), (2, &images), (3, &images)] {
        let called = line.join(&mut ledger, &policies, START, (family, &me()), ticket);
        joined.extend(tickets(&called));
    }
    assert_eq!(joined, [(0, true), (2, true)]);
}

#[test]
fn the_line_is_bounded_and_who_finds_it_full_is_refused_at_once() {
    let (policies, mut ledger, mut line) = (at_once(1), Ledger::new(START), Line::default());
    let calls = Family::default();
    permit(&mut ledger, &policies, START).unwrap();
    let most = u32::try_from(LINE_MAX).unwrap();
    for ticket in 0..most {
        let called = line.join(&mut ledger, &policies, START, (&calls, &me()), ticket);
        assert_eq!(tickets(&called), []);
    }
    let called = line.join(&mut ledger, &policies, START, (&calls, &me()), most);
    assert_eq!(tickets(&called), [(most, false)]);
}

#[test]
fn a_clock_that_stands_still_or_goes_back_makes_nobody_wait_for_ever() {
    let (policies, mut ledger, mut line) = (at_once(1), Ledger::new(START), Line::default());
    permit(&mut ledger, &policies, START).unwrap();
    line.join(
        &mut ledger,
        &policies,
        START,
        (&Family::default(), &me()),
        1,
    );
    let back = START - PERMIT_WAIT_MAX;
    assert_eq!(
        tickets(&line.advance(&mut ledger, &policies, back)),
        [(1, false)]
    );
}

#[test]
fn a_permit_of_a_dead_holder_goes_to_who_waits() {
    let (policies, mut ledger, mut line) = (at_once(1), Ledger::new(START), Line::default());
    permit(&mut ledger, &policies, START).unwrap();
    let late = START + life_and_more() - SignedDuration::from_secs(1);
    assert_eq!(
        line.join(&mut ledger, &policies, late, (&Family::default(), &me()), 1),
        []
    );
    let free = late + SignedDuration::from_secs(1);
    assert_eq!(
        tickets(&line.advance(&mut ledger, &policies, free)),
        [(1, true)]
    );
}

#[test]
fn while_calls_stand_in_line_a_holder_keeps_no_permit_for_its_next_call() {
    let (policies, mut ledger) = (at_once(1), Ledger::new(START));
    let (mut line, family) = (Line::default(), Family::default());
    let join = |line: &mut Line<u32>, ledger: &mut Ledger, ticket| {
        let called = line.join(ledger, &policies, START, (&family, &me()), ticket);
        called.into_iter().next()
    };
    let granted = |called: Option<Called<u32>>| called.unwrap().outcome.unwrap().unwrap();
    let first = granted(join(&mut line, &mut ledger, 1));
    assert!(!first.crowded);
    assert_eq!(join(&mut line, &mut ledger, 2), None);
    ledger.end(&policies, START, &[first.number]);
    let called = line.advance(&mut ledger, &policies, START);
    let second = granted(called.into_iter().next());
    assert!(second.crowded, "it waited");

    for (permit, is_kept) in [(first, true), (second, false)] {
        let mut holder = PermitHolder::default();
        holder.start(START, None);
        assert!(holder.granted(permit, START, START));
        assert_eq!(holder.ended(permit.number, START), !is_kept);
        assert_eq!(holder.is_empty(), !is_kept);
    }
}
