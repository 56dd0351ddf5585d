//! Logging in: the browser's session with us, and the way to a provider and
//! back.

mod cookie;
mod csrf;
mod seen_from;
mod session;
mod state;
mod transaction;

pub use cookie::{CookieNames, read};
pub use csrf::{Csrf, FORM_LIFE};
pub use seen_from::SeenFrom;
pub use session::{
    FRESH, LoginSession, LoginSessions, SESSION_IDLE, SESSION_LIFE, SESSION_TOUCH, SessionCookie,
};
pub use state::States;
pub use transaction::{LOGIN_LIFE, Transaction, Transactions};
