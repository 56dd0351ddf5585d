//! Where a session's object has its session from: its own rows, or as long as it stored
//! none, the account, which has kept the record since it was opened. So a session that
//! makes plain calls, or none, has no database of its own.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::lock::Mutex;
use http::HeaderMap;
use mcp::session::{Input, Record, Session};
use platform::session::At;
use platform::{account, clock};
use worker::Result;

use super::reply::Reply;
use super::{Inner, retention};

/// What an object knows of its session while that is not in memory.
#[derive(Debug, Default)]
pub(super) struct TakingUp {
    /// Where its account has it, as the front Worker last said; none if nobody did.
    at: RefCell<Option<At>>,
    /// Whether it has ended, whatever its account still says.
    ended: Cell<bool>,
    /// Whoever looks for it, one after another: what the account says of a session that
    /// ends meanwhile must not come last.
    looking: Mutex<()>,
}

impl TakingUp {
    /// The session has ended.
    pub(super) fn end(&self) {
        self.ended.set(true);
    }
}

impl Inner {
    /// Whether there is the session that a request is for; takes it up if it is not in
    /// memory.
    pub(super) async fn is_there_for(self: &Rc<Self>, fields: &HeaderMap) -> Result<bool> {
        if self.session.borrow().is_none() {
            let at = self.presented(fields)?.session.clone();
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
        let looking = self.taking_up.looking.lock().await;
        if self.session.borrow().is_some() {
            return Ok(true); // somebody else has taken it up meanwhile
        }
        let (session, effects) = if let Some(stored) = self.rows.load().await? {
            Session::restore(stored, retention::of(&self.env), clock::now())
        } else if let Some(record) = self.opened().await? {
            (Session::open(record, retention::of(&self.env)), Vec::new())
        } else {
            return Ok(false);
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
        let Some(At { ledger, name }) = at.filter(|_| !self.taking_up.ended.get()) else {
            return Ok(None);
        };
        let record = account::session_record(&self.env, &ledger, &name).await?;
        if record.is_none() {
            self.taking_up.end(); // no name is given twice
        }
        Ok(record)
    }

    /// The account ends the session. One that is not there stays ended as well: somebody
    /// may be on the way to it, and the account is only about to forget it.
    pub(super) async fn give_way(self: &Rc<Self>) -> Result<Reply> {
        let looking = self.taking_up.looking.lock().await;
        self.taking_up.end();
        drop(looking);
        if self.is_there().await? {
            self.happened(Input::Delete).await?;
        }
        Ok(Reply::Done)
    }
}
