//! `AccountObject`: what is kept of one user.
//!
//! Its name is the account's id. The rules of grants are `oauth::grant`; here
//! they meet the object's SQLite, one transaction for each call.

#![expect(
    missing_docs,
    reason = "the methods that the macro exports cannot have any"
)]

mod api_key_rows;
mod api_keys;
mod disabled;
mod ended;
mod everything;
mod grants;
mod held;
mod index;
mod logins;
mod opening;
mod outbox;
mod overview;
mod query;
mod quota;
mod rows;
mod signing;
mod sweep;
mod transaction;
mod upstream;
mod vault;
mod watch;

use std::future::ready;
use std::rc::Rc;

use futures_util::FutureExt;
use platform::account::wire;
use platform::quota::{PERMITS, QUOTA};
use worker::{
    DurableObject, Env, Request, Response, Result, State, WebSocket, WebSocketIncomingMessage,
    durable_object, wasm_bindgen,
};

use crate::config;
use upstream::Asking;

/// The object of one user.
#[durable_object]
#[derive(Debug)]
pub struct AccountObject {
    state: Rc<State>,
    env: Env,
    asking: Asking,
    counter: quota::Counter,
    at_most: held::AtMost,
}

/// What is in memory of who asks a provider is over by itself, and what is of the quota
/// is taken out while it changes.
impl std::panic::RefUnwindSafe for AccountObject {}

impl DurableObject for AccountObject {
    fn new(state: State, env: Env) -> Self {
        Self {
            state: Rc::new(state),
            env,
            asking: Asking::default(),
            counter: quota::Counter::default(),
            at_most: held::AtMost::default(),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        config::check(&self.env)?;
        // Each as a future of its own, or all of them would be compiled for the first that
        // is asked for.
        let answering = match request.path().as_str() {
            QUOTA => quota::take(&self.state, &self.env, &self.counter, request).boxed_local(),
            PERMITS => quota::permits(&self.state, &self.env, &self.counter, request).boxed_local(),
            wire::POLICY => quota::changed(&self.state, &self.env, &self.counter).boxed_local(),
            wire::ISSUE => grants::issue(&self.state, request).boxed_local(),
            wire::REDEEM => grants::redeem(&self.state, &self.env, request).boxed_local(),
            wire::REFRESH => grants::refresh(&self.state, &self.env, request).boxed_local(),
            wire::DIRECT => grants::direct(&self.state, &self.env, request).boxed_local(),
            wire::KEY_MAKE => api_keys::make(&self.state, request).boxed_local(),
            wire::KEY_ROTATE => api_keys::rotate(&self.state, request).boxed_local(),
            wire::KEY_REVOKE => api_keys::revoke(&self.state, &self.env, request).boxed_local(),
            wire::KEY_CHECK => api_keys::check(&self.state, request).boxed_local(),
            wire::REVOKE => grants::revoke(&self.state, &self.env, request).boxed_local(),
            wire::WITHDRAW => grants::withdraw(&self.state, &self.env, request).boxed_local(),
            wire::STANDS => grants::answer_whether_stands(&self.state, request).boxed_local(),
            wire::WATCH => ready(watch::watch(&self.state, &request)).boxed_local(),
            wire::OPEN => {
                let (counter, at_most) = (&self.counter, &self.at_most);
                opening::open(&self.state, &self.env, counter, at_most, request).boxed_local()
            }
            wire::RECORD => opening::record(&self.state, request).boxed_local(),
            wire::END => opening::end(&self.state, &self.env, request).boxed_local(),
            wire::LOGIN_BEGIN => signing::begin(&self.state, request).boxed_local(),
            wire::LOGIN_VISIT => signing::visit(&self.state, request).boxed_local(),
            wire::LOGIN_END => signing::end(&self.state, request).boxed_local(),
            wire::OVERVIEW => overview::overview(&self.state).boxed_local(),
            wire::NUMBERS => overview::numbers(&self.state, &self.counter).boxed_local(),
            wire::END_EVERYTHING => everything::end(&self.state, &self.env).boxed_local(),
            wire::DISABLE => disabled::disable(&self.state, &self.env).boxed_local(),
            wire::ENABLE => disabled::enable(&self.state).boxed_local(),
            wire::KEEP => upstream::keep(&self.state, &self.env, request).boxed_local(),
            wire::LEND => {
                upstream::lend(&self.state, &self.env, &self.asking, request).boxed_local()
            }
            wire::RECHECK => {
                upstream::recheck(&self.state, &self.env, &self.asking, request).boxed_local()
            }
            wire::RECORDS => outbox::keep(&self.state, request).boxed_local(),
            wire::ADD => held::add(&self.state, &self.env, request).boxed_local(),
            wire::USED => held::used(&self.state, request).boxed_local(),
            wire::OVER => held::over(&self.state, request).boxed_local(),
            wire::GONE => held::gone(&self.state, request).boxed_local(),
            _ => ready(Response::error("no such path", 404)).boxed_local(),
        };
        answering.await
    }

    async fn alarm(&self) -> Result<Response> {
        sweep::alarm(&self.state, &self.env, &self.counter).await?;
        Response::empty()
    }

    /// Whoever watches a grant has nothing to say.
    async fn websocket_message(&self, _: WebSocket, _: WebSocketIncomingMessage) -> Result<()> {
        Ok(())
    }

    async fn websocket_close(&self, socket: WebSocket, _: usize, _: String, _: bool) -> Result<()> {
        watch::close(&socket);
        Ok(())
    }
}
