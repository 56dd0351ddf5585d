//! What a call costs in visits to the account, and what is lost of the limit.

use jiff::{SignedDuration, Timestamp};
use quota::{
    Ask, Family, LeaseHolder, Ledger, PermitHolder, PermitNumber, Policies, Policy, Revision,
    Spend, Start, Weight,
};

const START: Timestamp = Timestamp::constant(1_800_000_000, 0);

const NEWS: Option<Revision> = Some(Revision(0));

fn at_ms(ms: i64) -> Timestamp {
    START + SignedDuration::from_millis(ms)
}

/// The account of one user, and how often it was visited.
struct Account {
    ledger: Ledger,
    policies: Policies,
    visits: u32,
    refused: u32,
}

impl Account {
    fn new(policy: Policy) -> Self {
        Self {
            ledger: Ledger::new(START),
            policies: Policies::one(Revision(0), policy),
            visits: 0,
            refused: 0,
        }
    }

    /// One call of a holder, at once.
    fn call(&mut self, holder: &mut LeaseHolder, now: Timestamp) -> bool {
        let Spend::NeedLease { want, unused, .. } = holder.spend(now, Weight::ONE, NEWS) else {
            return true;
        };
        self.visits += 1;
        if let Some(unused) = unused {
            self.ledger.give_back(&self.policies, now, unused);
        }
        let ask = Ask { want, ..Ask::one() };
        let taken = self.ledger.take(&self.policies, now, &ask);
        self.refused += u32::from(taken.is_err());
        taken.is_ok_and(|lease| {
            holder.adopt(lease, now, Weight::ONE);
            true
        })
    }
}

/// Four calls at a time, a fifth of a second each, within a limit of four at once:
/// for the leases and the permits together.
#[test]
fn at_a_steady_pace_a_call_costs_a_twentieth_of_a_visit() {
    let policy = Policy::new(1_000, 6_000)
        .unwrap()
        .with_concurrent(4)
        .unwrap();
    let mut account = Account::new(policy);
    let (mut leases, mut permits) = (LeaseHolder::default(), PermitHolder::default());
    let mut running: Vec<PermitNumber> = Vec::new();
    let mut calls = 0;
    for ms in (0..60_000).step_by(200) {
        let now = at_ms(ms);
        for number in running.drain(..) {
            account.visits += u32::from(permits.ended(number, now));
        }
        for _ in 0..4 {
            assert!(account.call(&mut leases, now));
            calls += 1;
            running.push(match permits.start(now, NEWS) {
                Start::Go(number) => number,
                Start::Ask { .. } => {
                    account.visits += 1;
                    let (ledger, policies) = (&mut account.ledger, &account.policies);
                    let granted = ledger.permit(policies, now, &Family::default(), &"one".into());
                    let granted = granted.unwrap().unwrap();
                    assert!(permits.granted(granted, now, now));
                    granted.number
                }
            });
        }
        if ms % 1_000 == 0 {
            let due = permits.due(now);
            assert!(due.lapsed.is_empty());
            if !due.renew.is_empty() || !due.end.is_empty() {
                account.visits += 1;
                account.ledger.end(&account.policies, now, &due.end);
                let lost = account.ledger.renew(&account.policies, now, &due.renew);
                permits.renewed(&due.renew, &lost, now, now);
            }
        }
    }
    assert!(
        account.visits * 20 <= calls,
        "{} for {calls}",
        account.visits
    );
}

#[test]
fn a_session_that_makes_two_calls_a_second_asks_for_one_in_fifteen() {
    let mut account = Account::new(Policy::new(1_000, 6_000).unwrap());
    let mut holder = LeaseHolder::default();
    let mut calls = 0;
    for ms in (0..600_000).step_by(480) {
        assert!(account.call(&mut holder, at_ms(ms)));
        calls += 1;
    }
    assert!(
        account.visits * 15 <= calls,
        "{} for {calls}",
        account.visits
    );
}

/// 101 holders (a hundred sessions, and the isolate of the stateless clients) ask for
/// ten times the limit for a minute, and three times all of them die.
#[test]
fn under_a_crowd_that_dies_three_times_next_to_nothing_of_the_limit_is_lost() {
    const HOLDERS: usize = 101;
    let (burst, per_minute) = (100, 1_200);
    let mut account = Account::new(Policy::new(burst, per_minute).unwrap());
    let mut holders = vec![LeaseHolder::default(); HOLDERS];
    let (mut admitted, mut next) = (0, 0);
    for ms in (0..60_000).step_by(5) {
        if [10_000, 25_000, 45_000].contains(&ms) {
            holders = vec![LeaseHolder::default(); HOLDERS];
        }
        // A step that has no common divisor with their number: all have their turn.
        next = (next + 37) % HOLDERS;
        admitted += u32::from(account.call(&mut holders[next], at_ms(ms)));
    }
    let most = burst + per_minute;
    assert!(admitted <= most, "{admitted}");
    assert!(admitted * 100 >= most * 97, "{admitted}");
}
