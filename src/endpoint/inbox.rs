//! What comes over the sockets of a listening stream, taken in as it comes, so
//! that it is known how much waits for a client that reads slowly.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Poll, Waker};

use futures_util::StreamExt;
use futures_util::future::{AbortHandle, Abortable, poll_fn};
use mcp::backlog::{Backlog, Next};
use worker::wasm_bindgen_futures::spawn_local;
use worker::{WebSocket, WebsocketEvent};

use super::bridge::Open;

/// What came and was not read yet. When it is dropped, the sockets are closed.
pub(super) struct Inbox<K> {
    shared: Rc<Shared<K>>,
    takers: Vec<AbortHandle>,
}

struct Shared<K> {
    backlog: RefCell<Backlog<(K, String)>>,
    reader: Cell<Option<Waker>>,
    sockets: Vec<Open>,
}

impl<K: Copy + 'static> Inbox<K> {
    /// Takes in what comes over these sockets, each a source of one kind.
    pub(super) fn of(sources: Vec<(K, WebSocket)>) -> Self {
        let (kinds, sockets): (Vec<_>, Vec<_>) = sources.into_iter().unzip();
        let shared = Rc::new(Shared {
            backlog: RefCell::default(),
            reader: Cell::default(),
            sockets: sockets.iter().cloned().map(Open::new).collect(),
        });
        let mut takers = Vec::new();
        for (kind, socket) in kinds.into_iter().zip(sockets) {
            let (taker, registration) = AbortHandle::new_pair();
            let taking = Rc::clone(&shared).take_in(kind, socket);
            spawn_local(async move {
                let _ = Abortable::new(taking, registration).await;
            });
            takers.push(taker);
        }
        Self { shared, takers }
    }

    /// The next text and where it is from; none when a socket broke, or more
    /// waited than may.
    pub(super) async fn next(&self) -> Option<(K, String)> {
        poll_fn(|context| match self.shared.backlog.borrow_mut().take() {
            Next::Item(item) => Poll::Ready(Some(item)),
            Next::End => Poll::Ready(None),
            Next::Nothing => {
                self.shared.reader.set(Some(context.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }
}

impl<K: 'static> Shared<K> {
    async fn take_in(self: Rc<Self>, kind: K, socket: WebSocket)
    where
        K: Copy,
    {
        if let (Ok(mut events), Ok(())) = (socket.events(), socket.accept()) {
            while let Some(Ok(WebsocketEvent::Message(message))) = events.next().await {
                let Some(text) = message.text() else { continue };
                if !self.backlog.borrow_mut().add(text.len(), (kind, text)) {
                    // Nobody must go on sending.
                    self.sockets.iter().for_each(Open::close);
                    break;
                }
                self.wake();
            }
        }
        self.backlog.borrow_mut().end();
        self.wake();
    }

    fn wake(&self) {
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }
}

impl<K> Drop for Inbox<K> {
    fn drop(&mut self) {
        self.shared.sockets.iter().for_each(Open::close);
        for taker in &self.takers {
            taker.abort();
        }
    }
}
