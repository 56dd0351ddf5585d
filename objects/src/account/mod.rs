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

use std::rc::Rc;

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
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        config::check(&self.env)?;
        match request.path().as_str() {
            QUOTA => quota::take(&self.state, &self.env, &self.counter, request).await,
            PERMITS => quota::permits(&self.state, &self.env, &self.counter, request).await,
            wire::POLICY => quota::changed(&self.state, &self.env, &self.counter).await,
            wire::ISSUE => grants::issue(&self.state, request).await,
            wire::REDEEM => grants::redeem(&self.state, &self.env, request).await,
            wire::REFRESH => grants::refresh(&self.state, &self.env, request).await,
            wire::DIRECT => grants::direct(&self.state, &self.env, request).await,
            wire::KEY_MAKE => api_keys::make(&self.state, request).await,
            wire::KEY_ROTATE => api_keys::rotate(&self.state, request).await,
            wire::KEY_REVOKE => api_keys::revoke(&self.state, &self.env, request).await,
            wire::KEY_CHECK => api_keys::check(&self.state, request).await,
            wire::REVOKE => grants::revoke(&self.state, &self.env, request).await,
            wire::WITHDRAW => grants::withdraw(&self.state, &self.env, request).await,
            wire::STANDS => grants::answer_whether_stands(&self.state, request).await,
            wire::WATCH => watch::watch(&self.state, &request),
            wire::OPEN => opening::open(&self.state, &self.env, &self.counter, request).await,
            wire::END => opening::end(&self.state, &self.env, request).await,
            wire::LOGIN_BEGIN => signing::begin(&self.state, request).await,
            wire::LOGIN_VISIT => signing::visit(&self.state, request).await,
            wire::LOGIN_END => signing::end(&self.state, request).await,
            wire::OVERVIEW => overview::overview(&self.state).await,
            wire::NUMBERS => overview::numbers(&self.state, &self.counter).await,
            wire::END_EVERYTHING => everything::end(&self.state, &self.env).await,
            wire::DISABLE => disabled::disable(&self.state, &self.env).await,
            wire::ENABLE => disabled::enable(&self.state).await,
            wire::KEEP => upstream::keep(&self.state, &self.env, request).await,
            wire::LEND => upstream::lend(&self.state, &self.env, &self.asking, request).await,
            wire::RECHECK => upstream::recheck(&self.state, &self.env, &self.asking, request).await,
            wire::RECORDS => outbox::keep(&self.state, request).await,
            wire::ADD => held::add(&self.state, &self.env, request).await,
            wire::USED => held::used(&self.state, request).await,
            wire::OVER => held::over(&self.state, request).await,
            wire::GONE => held::gone(&self.state, request).await,
            _ => Response::error("no such path", 404),
        }
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
