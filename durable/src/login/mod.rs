//! `LoginObject`: one login on its way to a provider and back.
//!
//! Its name is the random part of `state`. What it keeps is sealed by the
//! front Worker; it gives it away once, to the browser that began, and an
//! alarm erases what nobody fetched.

#![expect(
    missing_docs,
    reason = "the methods that the macro exports cannot have any"
)]

pub mod wire;

use oauth::login::LOGIN_LIFE;
use oauth::secret;
use serde::Deserialize;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object, wasm_bindgen};

use wire::{BEGIN, Begun, TAKE, Taken};

/// The object of one login.
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
            BEGIN => self.begin(request.json().await?).await,
            TAKE => {
                let browser: String = request.json().await?;
                let taken = self.take(&browser)?;
                if matches!(taken, Taken::Login(_)) {
                    self.erase().await?;
                }
                Response::from_json(&taken)
            }
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

    async fn erase(&self) -> Result<()> {
        let storage = self.state.storage();
        storage.delete_alarm().await?;
        storage.delete_all().await
    }
}
