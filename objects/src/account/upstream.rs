//! The vault of the account: what providers gave for the user is kept, lent to tools,
//! renewed, and used to see whether the user still stands there. The rules are
//! `oauth::vault`'s.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;
use mcp::upstream::{Lent, Upstream};
use oauth::identity::AccountId;
use oauth::provider::Keeping;
use oauth::vault::{self, Kept, Look, Step, Turn, Turns};
use platform::provider::{self, Configured, Known, Trouble};
use platform::{clock, json, keys, random, records};
use worker::{Delay, Env, Error, Request, Response, Result, SqlStorage, State, console_log};

use super::transaction::transaction;
use super::vault::{Row, Vault};
use super::{disabled, ended, everything, sweep};

/// Between two looks whether another request has renewed what this one needs.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Who asks a provider, for each: all that an account has in memory. What a panic
/// leaves of it is over by itself.
pub(super) type Asking = Rc<RefCell<HashMap<String, Turns>>>;

/// `POST /vault/keep`: keeps what a login brought. A disabled account keeps nothing.
pub(super) async fn keep(state: &State, env: &Env, mut request: Request) -> Result<Response> {
    // Read as what is sealed is, by the same code.
    let (account, brought): (AccountId, Kept) = json::asked(&mut request).await?;
    let (vault, nonce) = (vault(env, account)?, random::bytes()?);
    let sql = state.storage().sql();
    if disabled::since(&sql)?.is_none() {
        let provider = brought.identity.provider.clone();
        let rows = Vault::of(sql);
        let former = rows.row(&provider)?;
        let former = former.and_then(|row| vault.open(&row.sealed, &provider));
        let kept = brought.after(former);
        rows.keep(&Row {
            provider,
            sealed: vault.seal(&kept, nonce),
            checked: kept.since,
        })?;
        sweep::later(state).await?;
    }
    Response::empty()
}

/// `POST /vault/lend`: what acts for the user at a provider, renewed if it is time;
/// null if there is nothing, and the user has to log in again.
pub(super) async fn lend(
    state: &Rc<State>,
    env: &Env,
    asking: &Asking,
    mut request: Request,
) -> Result<Response> {
    let (account, provider): (AccountId, String) = json::asked(&mut request).await?;
    let since = clock::now();
    let opened = Opened::of(state, env, asking, account)?;
    let lent = opened.lend(&provider, since).await?;
    sweep::later(state).await?;
    Response::from_json(&lent)
}

/// `POST /vault/recheck`: asks each provider that was not asked for long whether the
/// user still stands there. That is done behind the answer: nobody waits for a
/// provider, and one in trouble changes nothing.
pub(super) async fn recheck(
    state: &Rc<State>,
    env: &Env,
    asking: &Asking,
    mut request: Request,
) -> Result<Response> {
    let account: AccountId = json::asked(&mut request).await?;
    let opened = Opened::of(state, env, asking, account)?;
    for row in Vault::of(state.storage().sql()).rows()? {
        if opened.is_due(&row) {
            let opened = opened.clone();
            state.wait_until(async move {
                if let Err(error) = opened.check(&row).await {
                    worker::console_error!("asking {} about a user: {error}", row.provider);
                }
            });
        }
    }
    Response::empty()
}

fn vault(env: &Env, account: AccountId) -> Result<vault::Vault> {
    let root = keys::root(env).map_err(|error| Error::RustError(error.to_string()))?;
    Ok(vault::Vault::of(&root, account))
}

/// The vault, opened for one request.
#[derive(Clone)]
struct Opened {
    state: Rc<State>,
    env: Env,
    asking: Asking,
    known: Rc<Known>,
    vault: vault::Vault,
    account: AccountId,
}

impl Opened {
    fn of(state: &Rc<State>, env: &Env, asking: &Asking, account: AccountId) -> Result<Self> {
        Ok(Self {
            state: Rc::clone(state),
            env: env.clone(),
            asking: Rc::clone(asking),
            known: provider::known(env)?,
            vault: vault(env, account.clone())?,
            account,
        })
    }

    async fn lend(&self, provider: &str, since: Timestamp) -> Result<Option<Lent>> {
        let Some((configured, _)) = self.keeps(provider) else {
            return Ok(None);
        };
        loop {
            let Some(row) = self.rows().row(provider)? else {
                return Ok(None);
            };
            let Some(kept) = self.vault.open(&row.sealed, provider) else {
                return Ok(None);
            };
            let step = self.turns(provider, |turns| turns.next(&kept, since, clock::now()));
            match step {
                Step::Give => return Ok(Some(lent(kept))),
                Step::Unreachable => return Ok(Some(Lent::unreachable())),
                Step::Ended => return Ok(None),
                Step::Wait => Delay::from(LOOK_AGAIN).await,
                Step::Renew(turn) => {
                    let asked = self.renew(configured, &row, &kept).await;
                    self.end(&turn, &row, asked)?;
                }
            }
        }
    }

    /// Whether it is time to ask about the user.
    fn is_due(&self, row: &Row) -> bool {
        let every = self.keeps(&row.provider).and_then(|(_, keep)| keep.recheck);
        every.is_some_and(|every| clock::now().duration_since(row.checked) >= every)
    }

    async fn check(&self, row: &Row) -> Result<()> {
        let Some((configured, _)) = self.keeps(&row.provider) else {
            return Ok(());
        };
        let Some(kept) = self.vault.open(&row.sealed, &row.provider) else {
            return Ok(());
        };
        let now = clock::now();
        let Some(look) = vault::look(&configured.provider, &kept, now) else {
            return Ok(());
        };
        let Some(turn) = self.turns(&row.provider, |turns| turns.begin(now)) else {
            return Ok(());
        };
        let asked = match look {
            Look::Renew => self.renew(configured, row, &kept).await,
            Look::User => self.look(configured, row, &kept).await,
        };
        self.end(&turn, row, asked)
    }

    /// Stores what is new before anybody else has it.
    async fn renew(&self, configured: &Configured, row: &Row, kept: &Kept) -> Result<Answered> {
        let Some(refresh) = &kept.tokens.refresh_token else {
            return Err(Error::RustError("nothing to renew with".into()));
        };
        match provider::renew(&self.known.origin, configured, refresh).await {
            Ok(tokens) if tokens.fit() => {
                let now = clock::now();
                let sealed = self
                    .vault
                    .seal(&kept.renewed(tokens, now), random::bytes()?);
                self.rows().replace(row, &sealed, now)?;
                Ok(Answered::Stands)
            }
            Ok(_) => Ok(troubled(
                row,
                &Trouble::Unusable("its tokens are too large".into()),
            )),
            Err(Trouble::Refused(code)) if vault::says_ended(&code) => self.gone(row).await,
            Err(trouble) => Ok(troubled(row, &trouble)),
        }
    }

    async fn look(&self, configured: &Configured, row: &Row, kept: &Kept) -> Result<Answered> {
        match provider::still_knows(configured, &kept.tokens.access_token).await {
            Ok(true) => {
                self.rows().replace(row, &row.sealed, clock::now())?;
                Ok(Answered::Stands)
            }
            Ok(false) => self.gone(row).await,
            Err(trouble) => Ok(troubled(row, &trouble)),
        }
    }

    /// The provider says that the user is gone, or took back what they had allowed:
    /// all that acts for them ends, as if the operator had disabled them, and they
    /// may log in again if the provider lets them. Unless they just have.
    async fn gone(&self, row: &Row) -> Result<Answered> {
        let (storage, now) = (self.state.storage(), clock::now());
        let ended = transaction(&storage, || {
            let holds = self.rows().holds(row)?;
            if holds {
                everything::end_rows(&self.state, now)?;
            }
            Ok(holds)
        })?;
        if ended {
            records::gone(&self.env, self.account.as_str(), &row.provider);
        }
        ended::later(&self.state, &self.env).await?;
        Ok(Answered::Gone)
    }

    fn end(&self, turn: &Turn, row: &Row, asked: Result<Answered>) -> Result<()> {
        let answered = matches!(asked, Ok(Answered::Stands | Answered::Gone));
        self.turns(&row.provider, |turns| {
            turns.end(turn, answered, clock::now());
        });
        asked.map(drop)
    }

    fn turns<T>(&self, provider: &str, with: impl FnOnce(&mut Turns) -> T) -> T {
        with(
            self.asking
                .borrow_mut()
                .entry(provider.to_owned())
                .or_default(),
        )
    }

    fn rows(&self) -> Vault<SqlStorage> {
        Vault::of(self.state.storage().sql())
    }

    /// The provider, if what it gives is kept.
    fn keeps(&self, provider: &str) -> Option<(&Configured, &Keeping)> {
        let configured = self.known.find(provider)?;
        let keeping = configured.provider.keeping.as_ref()?;
        Some((configured, keeping))
    }
}

/// What a provider said of a user.
enum Answered {
    /// They stand there.
    Stands,
    /// They are gone.
    Gone,
    /// Nothing.
    Trouble,
}

fn troubled(row: &Row, trouble: &Trouble) -> Answered {
    console_log!("asking {} about a user: {trouble:?}", row.provider);
    Answered::Trouble
}

fn lent(kept: Kept) -> Lent {
    let expires = kept.ends().map(Timestamp::as_second);
    Lent::token(&Upstream {
        provider: kept.identity.provider,
        issuer: kept.identity.issuer,
        access_token: kept.tokens.access_token.0,
        expires,
    })
}
