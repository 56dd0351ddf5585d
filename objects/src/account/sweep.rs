//! The account's alarm: sweeps out what has expired, once a day while there is
//! anything, and erases the object when nothing is left of the user.
//!
//! What has expired is refused in any case, and a session that nobody used for
//! too long is over: this frees what they keep. It is set when something is first kept, and not
//! moved by what comes later.

use std::time::Duration;

use jiff::Timestamp;
use oauth::grant::GrantStore;
use platform::{clock, session};
use quota::Policies;
use worker::{Env, Result, ScheduledTime, State, Storage, console_error};

use super::api_key_rows::ApiKeyRows;
use super::index::Index;
use super::logins::Logins;
use super::outbox::{self, Outbox};
use super::query::Query;
use super::quota::{self as ledger, Counter, policies, read_old};
use super::rows::GrantRows;
use super::transaction::transaction;
use super::vault::Vault;
use super::{disabled, ended, grants, held};

/// How often an account is swept.
const SWEEP_EVERY: Duration = Duration::from_hours(24);

/// What is left of a user after a sweep.
#[derive(Debug, Clone, Copy)]
struct Left {
    /// What somebody decided: codes, grants, API keys and login sessions, and that the
    /// account is disabled.
    decided: bool,
    /// Sessions, handles or tasks.
    held: bool,
    /// Calls that are out, or not gained back yet: a new ledger would be a full
    /// one, and forgive them. Or records that the queue has not taken.
    debt: bool,
}

/// What comes after a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// Nothing is left: erase the object.
    Erase,
    /// Sweep again.
    SweepAgain,
}

impl Left {
    fn then(self) -> Then {
        match self {
            Self {
                decided: false,
                held: false,
                debt: false,
            } => Then::Erase,
            _ => Then::SweepAgain,
        }
    }
}

/// The alarm.
pub(super) async fn alarm(state: &State, env: &Env, counter: &Counter) -> Result<()> {
    outbox::deliver(state, env).await?;
    let storage = state.storage();
    if let Err(error) = read_old(state, env, counter).await {
        console_error!("asking for a policy: {error}"); // tomorrow again
    }
    let policies = policies(state, env, counter, None).await?;
    let now = clock::now();
    let index = Index::of(storage.sql());
    let all_told = held::tell_of_giving_way(env, &index, index.gave_way()?).await;
    for session in index.unused_sessions(now)? {
        match session::end(env, &session.name).await {
            Ok(()) => index.remove(&session)?,
            Err(error) => console_error!("ending an unused session: {error}"), // tomorrow again
        }
    }
    transaction(&storage, || grants::rows(state)?.forget_expired(now))?;
    let all_ended = ended::now(state, env).await?;
    // Last: between what it finds and the end of everything, nothing is waited for.
    match transaction(&storage, || sweep(&storage.sql(), &policies, now))? {
        Then::Erase => {
            counter.forget();
            return storage.delete_all().await;
        }
        Then::SweepAgain if all_ended && all_told => storage.set_alarm(SWEEP_EVERY).await?,
        Then::SweepAgain => storage.set_alarm(ended::AGAIN_AFTER).await?,
    }
    not_after(&storage, Outbox::of(storage.sql()).due()?).await
}

/// There is something to sweep: at most one row a day.
pub(super) async fn later(state: &State) -> Result<()> {
    let storage = state.storage();
    if storage.get_alarm().await?.is_none() {
        storage.set_alarm(SWEEP_EVERY).await?;
    }
    Ok(())
}

/// The alarm rings at that time, if it would ring later.
pub(super) async fn not_after(storage: &Storage, due: Option<Timestamp>) -> Result<()> {
    let Some(due) = due.map(Timestamp::as_millisecond) else {
        return Ok(());
    };
    if storage.get_alarm().await?.is_none_or(|set| set > due) {
        let at = Timestamp::from_millisecond(due).unwrap_or(Timestamp::UNIX_EPOCH);
        let at = ScheduledTime::new(clock::js_date(at));
        storage.set_alarm(at).await?;
    }
    Ok(())
}

fn sweep(database: &impl Query, policies: &Policies, now: Timestamp) -> Result<Then> {
    let mut grants = GrantRows::open(database)?;
    grants.forget_expired(now)?;
    let index = Index::of(database);
    index.forget_gone(now)?;
    let logins = Logins::of(database);
    logins.forget(now)?;
    let ledger = ledger::load(database)?;
    let keys = ApiKeyRows::of(database);
    keys.forget(now)?;
    let acts = !grants.is_empty()? || !logins.live(now)?.is_empty() || keys.any_stands(now)?;
    if !acts {
        Vault::of(database).forget()?;
    }
    let decided = acts || !keys.is_empty()? || disabled::since(database)?.is_some();
    let left = Left {
        decided,
        held: !index.is_empty()?,
        debt: ledger.is_some_and(|ledger| !ledger.is_full(policies, now))
            || Outbox::of(database).due()?.is_some(),
    };
    Ok(left.then())
}

#[cfg(test)]
mod tests {
    use super::*;
    use oauth::grant::contract;
    use oauth::pkce::Challenge;
    use platform::account::{Held, Kind};
    use quota::{Ask, Ledger, Policy, Revision};
    use rusqlite::Connection;

    const NOW: Timestamp = contract::NOW;

    fn policies() -> Policies {
        Policies::one(Revision::default(), Policy::new(10, 60).unwrap())
    }

    fn database() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    fn hours(hours: i64) -> Timestamp {
        NOW + jiff::SignedDuration::from_hours(hours)
    }

    fn sweep_at(database: &Connection, now: Timestamp) -> Then {
        sweep(database, &policies(), now).unwrap()
    }

    #[test]
    fn an_account_is_erased_only_when_nothing_is_left_in_it() {
        for (decided, held, debt) in (0..8).map(|n| (n & 1 != 0, n & 2 != 0, n & 4 != 0)) {
            let left = Left {
                decided,
                held,
                debt,
            };
            let nothing = !decided && !held && !debt;
            assert_eq!(left.then() == Then::Erase, nothing, "{left:?}");
        }
    }

    #[test]
    fn an_address_that_made_calls_is_forgotten_when_they_have_come_back() {
        let database = database();
        assert_eq!(super::ledger::load(&database).unwrap(), None);
        let mut ledger = Ledger::new(NOW);
        ledger.take(&policies(), NOW, &Ask::one()).unwrap();
        super::ledger::save(&database, &ledger).unwrap();
        assert_eq!(sweep_at(&database, NOW), Then::SweepAgain);
        assert_eq!(sweep_at(&database, hours(24)), Then::Erase);
    }

    #[test]
    fn a_user_with_a_grant_or_anything_else_stays() {
        let database = database();
        let approval = oauth::grant::Approval {
            terms: contract::terms(),
            redirect_uri: "http://127.0.0.1:1/cb".into(),
            challenge: Challenge::trusted("challenge".into()),
        };
        let mut rows = GrantRows::open(&database).unwrap();
        oauth::grant::issue(&mut rows, NOW, [1; 32], approval).unwrap();
        assert_eq!(sweep_at(&database, NOW), Then::SweepAgain);
        assert_eq!(sweep_at(&database, hours(24)), Then::Erase, "a code ended");
        for kind in Kind::ALL {
            let held = Held {
                kind,
                name: "a".into(),
            };
            let index = Index::of(&database);
            index.add(&held, hours(24), 9).unwrap();
            assert_eq!(sweep_at(&database, hours(24)), Then::SweepAgain);
            index.remove(&held).unwrap();
            assert_eq!(sweep_at(&database, hours(24)), Then::Erase);
        }
    }

    /// A key acts like a grant; when it has ended, its owner may still ask why.
    #[test]
    fn a_user_with_a_key_stays_and_what_acts_elsewhere_goes_with_it() {
        let database = database();
        let key = crate::account::api_key_rows::tests::key(1);
        ApiKeyRows::of(&database).keep(&key, NOW).unwrap();
        let vault = Vault::of(&database);
        let row = crate::account::vault::Row {
            provider: "acme".into(),
            sealed: "sealed".into(),
            checked: NOW,
        };
        vault.keep(&row).unwrap();
        assert_eq!(sweep_at(&database, hours(23)), Then::SweepAgain);
        assert!(vault.holds(&row).unwrap());
        assert_eq!(sweep_at(&database, hours(24)), Then::SweepAgain);
        assert!(!vault.holds(&row).unwrap());
        assert_eq!(sweep_at(&database, hours(31 * 24)), Then::Erase);
    }

    #[test]
    fn a_disabled_account_is_never_forgotten() {
        let database = database();
        disabled::set(&database, NOW).unwrap();
        assert_eq!(sweep_at(&database, hours(1_000_000)), Then::SweepAgain);
        disabled::unset(&database).unwrap();
        assert_eq!(sweep_at(&database, hours(1_000_000)), Then::Erase);
    }

    fn visit() -> platform::account::Visit {
        platform::account::Visit {
            key: "a".into(),
            begun: NOW,
            entered: true,
            from: oauth::login::SeenFrom::of(None, None),
        }
    }

    #[test]
    fn who_is_logged_in_stays_until_that_is_over() {
        let database = database();
        let logins = Logins::of(&database);
        logins.enter(&visit(), NOW).unwrap();
        assert_eq!(sweep_at(&database, hours(23)), Then::SweepAgain);
        assert_eq!(sweep_at(&database, hours(24)), Then::Erase);
    }

    #[test]
    fn what_acts_elsewhere_is_kept_as_long_as_anybody_could_use_it() {
        let database = database();
        let (logins, vault) = (Logins::of(&database), Vault::of(&database));
        logins.enter(&visit(), NOW).unwrap();
        let row = crate::account::vault::Row {
            provider: "acme".into(),
            sealed: "sealed".into(),
            checked: NOW,
        };
        vault.keep(&row).unwrap();
        sweep_at(&database, hours(23));
        assert!(vault.holds(&row).unwrap());
        sweep_at(&database, hours(24));
        assert!(!vault.holds(&row).unwrap());
    }

    /// What ended without a word is found out by its age.
    #[test]
    fn a_row_that_nobody_takes_away_does_not_keep_an_account_for_ever() {
        let database = database();
        for kind in Kind::ALL {
            let name = "lost".to_owned();
            Index::of(&database)
                .add(&Held { kind, name }, NOW, 9)
                .unwrap();
        }
        let index = Index::of(&database);
        assert_eq!(index.unused_sessions(hours(8 * 24 - 1)).unwrap(), []);
        assert_eq!(sweep_at(&database, hours(8 * 24 + 1)), Then::SweepAgain);
        // A session is told to end first.
        for session in index.unused_sessions(hours(8 * 24 + 1)).unwrap() {
            index.remove(&session).unwrap();
        }
        assert_eq!(sweep_at(&database, hours(8 * 24 + 1)), Then::Erase);
    }
}
