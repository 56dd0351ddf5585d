//! `LoginObject`: one login on its way to a provider and back, or one assertion
//! of a client that proves itself, or of a provider that vouches for a user. Each
//! can be used once.
//!
//! The name of a login is the random part of `state`. What it keeps is sealed by
//! the portal; it gives it away once, to the browser that began, and an
//! alarm erases what nobody fetched.
//!
//! The name of an assertion is a hash of who made it and its `jti`. That it was
//! used is all that is kept, until its time is over. An object each, since one
//! account's would not see what is shown to another's, and one client's would
//! be asked by all of its users.

#![expect(
    missing_docs,
    reason = "the methods that the macro exports cannot have any"
)]

use jiff::Timestamp;
use oauth::login::LOGIN_LIFE;
use oauth::secret;
use platform::login::{BEGIN, Begun, FIRST_USE, TAKE, Taken};
use platform::{clock, json};
use serde::Deserialize;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object, wasm_bindgen};

/// The object of one login, or of one assertion.
#[durable_object]
#[derive(Debug)]
pub struct LoginObject {
    state: State,
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS login (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sealed TEXT NOT NULL,
    browser TEXT NOT NULL
) STRICT";

const USED: &str = "CREATE TABLE IF NOT EXISTS used (
    id INTEGER PRIMARY KEY CHECK (id = 1)
) STRICT";

#[derive(Deserialize)]
struct Row {
    sealed: String,
    browser: String,
}

/// Nothing of a login is in memory.
impl std::panic::RefUnwindSafe for LoginObject {}

impl DurableObject for LoginObject {
    fn new(state: State, _env: Env) -> Self {
        Self { state }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        match request.path().as_str() {
            BEGIN => self.begin(json::asked(&mut request).await?).await,
            TAKE => {
                let browser: String = json::asked(&mut request).await?;
                let taken = self.take(&browser)?;
                if matches!(taken, Taken::Login(_)) {
                    self.erase().await?;
                }
                Response::from_json(&taken)
            }
            FIRST_USE => self.first_use(json::asked(&mut request).await?).await,
            _ => Response::error("no such path", 404),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        self.erase().await?;
        Response::empty()
    }
}

impl LoginObject {
    async fn begin(&self, begun: Begun) -> Result<Response> {
        let storage = self.state.storage();
        storage.sql().exec(TABLE, None)?;
        storage.sql().exec(
            "INSERT INTO login (id, sealed, browser) VALUES (1, ?, ?)",
            vec![begun.sealed.into(), begun.browser.as_str().into()],
        )?;
        storage.set_alarm(LOGIN_LIFE.unsigned_abs()).await?;
        Response::empty()
    }

    /// Looks, compares and deletes without waiting in between: of two callbacks
    /// at the same moment, one gets the login.
    fn take(&self, browser: &str) -> Result<Taken> {
        let sql = self.state.storage().sql();
        sql.exec(TABLE, None)?;
        let rows: Vec<Row> = sql
            .exec("SELECT sealed, browser FROM login", None)?
            .to_array()?;
        let Some(row) = rows.into_iter().next() else {
            return Ok(Taken::Gone);
        };
        // Another browser with a stolen state does not get it, and does not
        // take it away from its owner either.
        if !secret::same(&row.browser, browser) {
            return Ok(Taken::OtherBrowser);
        }
        sql.exec("DELETE FROM login", None)?;
        Ok(Taken::Login(row.sealed))
    }

    /// Of two that show the same assertion at the same moment, one is the first.
    async fn first_use(&self, until: Timestamp) -> Result<Response> {
        let storage = self.state.storage();
        storage.sql().exec(USED, None)?;
        let kept = storage.sql().exec(
            "INSERT INTO used (id) VALUES (1) ON CONFLICT DO NOTHING RETURNING id",
            None,
        )?;
        let first = !kept.raw().collect::<Result<Vec<_>>>()?.is_empty();
        if first {
            let life = until.duration_since(clock::now());
            storage.set_alarm(life.unsigned_abs()).await?;
        }
        Response::from_json(&first)
    }

    async fn erase(&self) -> Result<()> {
        let storage = self.state.storage();
        storage.delete_alarm().await?;
        storage.delete_all().await
    }
}
