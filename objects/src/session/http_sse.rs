//! What an object does only for a client over HTTP+SSE (checklist S24).

use std::rc::Rc;

use mcp::bridge::{Frame, LEFT, TAKEN_OVER};
use mcp::envelope::Request;
use mcp::event_id::StreamId;
use mcp::session::{Input, Session};
use platform::session::Presented;
use worker::Result;

use super::Inner;
use super::reply::Reply;

/// What a socket's `readyState` is while it can be used (WHATWG,
/// `WebSockets` Standard, 3.1).
const OPEN: u16 = 1;

impl Inner {
    /// A request of the client. What the machine had to ask the object for
    /// goes back to it, which gives it its place on the stream (S24-02).
    pub(super) async fn asked(
        self: &Rc<Self>,
        request: Request<'_>,
        Presented { allowance, via, .. }: &Presented,
    ) -> Result<Reply> {
        self.with_mut(|session| session.comes_with(allowance.scopes.names(), via.clone()))?;
        let mut reply = self.happened(Input::Request(request)).await?;
        if let Reply::List { id, place } = &reply {
            reply = Reply::Json(self.list(id, place, &allowance.bound).await?);
        }
        if let Reply::Json(text) = reply {
            return self.found(text).await;
        }
        Ok(reply)
    }

    /// An answer that is at hand.
    pub(super) async fn found(self: &Rc<Self>, text: String) -> Result<Reply> {
        // A session that ended in this step is not there to be asked.
        if self.with(Session::is_http_sse).unwrap_or_default() {
            self.happened(Input::Found(text)).await
        } else {
            Ok(Reply::Json(text))
        }
    }

    /// A socket was closed, or broke.
    pub(super) async fn lost(self: &Rc<Self>, code: u16) -> Result<()> {
        let left = code == LEFT;
        let is_told = code != TAKEN_OVER && self.is_there().await?;
        if is_told && (left || !self.is_attached()) {
            self.happened(Input::Detached { left }).await?;
        }
        Ok(())
    }

    /// Sockets do not survive a restart of the object, and nobody tells.
    pub(super) async fn notice_lost_socket(self: &Rc<Self>) -> Result<()> {
        let bound = self.with(Session::is_http_sse)?;
        if bound && !self.is_attached() {
            self.happened(Input::Detached { left: false }).await?;
        }
        Ok(())
    }

    /// Whether somebody reads the stream. A socket that is closed is still
    /// listed while its closing is told of.
    fn is_attached(&self) -> bool {
        self.sockets(StreamId::STANDALONE)
            .iter()
            .any(|socket| socket.as_ref().ready_state() == OPEN)
    }

    /// The client showed a newer token than the one it opened its stream with.
    pub(super) fn stay_open(&self, until: Option<i64>) {
        let Some(until) = until else { return };
        for socket in self.sockets(StreamId::STANDALONE) {
            // Who does not hear of it ends the stream earlier, no more.
            let _ = socket.send_with_str(Frame::Until(until).encode());
        }
    }
}
