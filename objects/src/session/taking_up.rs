//! Where a session's object has its session from: its own rows, or as long as it stored
//! none, the account, which has kept the record since it was opened. So a session that
//! makes plain calls, or none, writes nothing of its own.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::lock::Mutex;
use mcp::session::{Input, Record, Session};
use platform::session::{Arrived, At};
use platform::{account, clock};
use worker::{Result, console_error};

use super::reply::Reply;
use super::rows::Kept;
use super::{Inner, gone, retention};

/// What an object knows of its session while that is not in memory.
#[derive(Debug, Default)]
pub(super) struct TakingUp {
    /// Where its account has it, as the front Worker last said; none if nobody did.
    at: RefCell<Option<At>>,
    /// Whether its account ends it, and is neither asked for it nor told of it.
    given_up: Cell<bool>,
    /// Whether it has ended: what is still stored of it says nothing.
    over: Cell<bool>,
    /// Whoever looks for it, one after another: what the account says of a session that
    /// ends meanwhile must not come last.
    looking: Mutex<()>,
}

impl TakingUp {
    /// Whether the session has ended, after which nothing is stored of it.
    pub(super) fn is_over(&self) -> bool {
        self.over.get()
    }
}

impl Inner {
    /// Whether there is the session that a request is for; takes it up if it is not in
    /// memory.
    pub(super) async fn is_there_for(self: &Rc<Self>, arrived: &Arrived) -> Result<bool> {
        if self.session.borrow().is_none() {
            let at = self.presented(arrived)?.session.clone();
            if at.is_some() {
                self.taking_up.at.replace(at);
            }
        }
        self.is_there().await
    }

    /// Whether there is a session; takes it up if it is not in memory.
    pub(super) async fn is_there(self: &Rc<Self>) -> Result<bool> {
        if self.session.borrow().is_some() {
            return Ok(true);
        }
        self.take_up().boxed_local().await
    }

    async fn take_up(self: &Rc<Self>) -> Result<bool> {
        let looking = self.taking_up.looking.lock().await;
        if self.session.borrow().is_some() {
            return Ok(true); // somebody else has taken it up meanwhile
        }
        if self.taking_up.is_over() {
            return Ok(false);
        }
        let retention = retention::of(&self.env);
        let (session, effects) = match self.rows.load().await? {
            Kept::Session(stored) => Session::restore(*stored, retention, clock::now()),
            Kept::Over(_) => return Ok(false),
            Kept::Nothing => match self.opened().await? {
                Some(record) => (Session::open(record, retention), Vec::new()),
                None => return Ok(false),
            },
        };
        self.session.replace(Some(session));
        drop(looking);
        self.count_construction().await?;
        self.perform(effects, None).await?;
        self.notice_lost_socket().await?;
        Ok(self.session.borrow().is_some())
    }

    /// The record of a session that has stored nothing, as it was opened.
    async fn opened(&self) -> Result<Option<Record>> {
        let at = self.taking_up.at.borrow().clone();
        let Some(At { ledger, name }) = at.filter(|_| !self.taking_up.given_up.get()) else {
            return Ok(None);
        };
        let record = account::session_record(&self.env, &ledger, &name).await?;
        if record.is_none() {
            self.taking_up.over.set(true); // no name is given twice
        }
        Ok(record)
    }

    /// The account ends the session. One that is not there stays ended as well: somebody
    /// may be on the way to it, and the account is only about to forget it.
    pub(super) async fn give_way(self: &Rc<Self>) -> Result<Reply> {
        let looking = self.taking_up.looking.lock().await;
        self.taking_up.given_up.set(true);
        drop(looking);
        if self.is_there().await? {
            self.happened(Input::Delete).await?;
        } else {
            self.rows.erase().await?; // constructions may have been counted
        }
        Ok(Reply::Done)
    }

    /// Ends the session that is in memory, and answers when that stays so whatever
    /// happens. What one that stored nothing began with is the account's to forget: if that
    /// cannot be told, it is an error, and the session goes on.
    pub(super) async fn end(self: &Rc<Self>) -> Result<()> {
        let (at, kept) = (self.at()?, self.with(Session::is_kept)?);
        self.unsubscribe()?;
        self.close_all();
        if kept {
            self.taking_up.over.set(true);
            self.session.replace(None);
        }
        let inner = Rc::clone(self);
        let (sender, receiver) = oneshot::channel();
        // Whoever asked for it may be gone, or be a call that ends with the session.
        self.state.wait_until(async move {
            let ended = if kept {
                inner.end_kept(at).await
            } else {
                inner.end_opened(&at).await
            };
            let _ = sender.send(ended);
        });
        receiver.await.unwrap_or_else(|_| Err(gone()))
    }

    async fn end_kept(&self, at: At) -> Result<()> {
        if self.taking_up.given_up.get() {
            return self.rows.erase().await;
        }
        if let Err(error) = self.rows.save_over(at.clone()).await {
            self.taking_up.over.set(false); // it goes on with what is stored
            return Err(error);
        }
        if let Err(error) = self.leave_account(&at).await {
            console_error!("telling an account of the end of its session: {error}");
            return Ok(()); // the alarm does
        }
        self.rows.erase().await
    }

    async fn end_opened(&self, at: &At) -> Result<()> {
        if !self.taking_up.given_up.get() {
            self.leave_account(at).await?;
        }
        self.taking_up.over.set(true);
        self.session.replace(None);
        self.rows.erase().await
    }

    /// What is left belongs to no session, or to one whose account is to be told that it
    /// has ended.
    pub(super) async fn clear_away(&self) -> Result<()> {
        if let Kept::Over(at) = self.rows.load().await?
            && let Err(error) = self.leave_account(&at).await
        {
            console_error!("telling an account of the end of its session: {error}");
            return self.rows.save_over(at).await; // the platform rings a few times only
        }
        self.rows.erase().await
    }

    /// Has the account forget the session.
    async fn leave_account(&self, At { ledger, name }: &At) -> Result<()> {
        let (kind, name) = (account::Kind::Session, name.clone());
        account::gone(&self.env, ledger, &account::Held { kind, name }).await
    }

    /// Where the session's account has it.
    pub(super) fn at(&self) -> Result<At> {
        self.with(|session| {
            let record = session.record();
            At {
                ledger: record.principal.ledger.clone(),
                name: record.name.clone(),
            }
        })
    }
}
