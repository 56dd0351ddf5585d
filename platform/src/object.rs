//! Asking an object: JSON there, JSON back.

use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::{AbortSignal, Env, Error, Method, Result, js_sys, web_sys};

use crate::hop::{self, Answer, Hop, Load};
use crate::json;

/// Sends `body` to a path of the object of that name.
pub async fn tell<T: Serialize>(
    env: &Env,
    (binding, name): (&str, &str),
    path: &str,
    body: &T,
) -> Result<Answer> {
    let answer = post(env, (binding, name), path, body, None).await?;
    match answer.status() {
        200..=299 => Ok(answer),
        status => Err(Error::RustError(format!(
            "{binding}{path} answered {status}"
        ))),
    }
}

/// The same, and reads what comes back.
pub async fn ask<T: Serialize, A: DeserializeOwned>(
    env: &Env,
    object: (&str, &str),
    path: &str,
    body: &T,
) -> Result<A> {
    json::answered(tell(env, object, path, body).await?).await
}

/// Sends `body` likewise and answers with any status, for as long as somebody waits for it: until this is
/// dropped, or whoever it is made for has left.
pub(crate) async fn tell_while<T: Serialize>(
    env: &Env,
    object: (&str, &str),
    path: &str,
    body: &T,
    left: Option<&AbortSignal>,
) -> Result<Answer> {
    let mut hang_up = HangUp::new()?;
    let signal = hang_up.signal(left);
    let answer = post(env, object, path, body, Some(&signal)).await;
    hang_up.answered = true;
    answer
}

async fn post<T: Serialize>(
    env: &Env,
    (binding, name): (&str, &str),
    path: &str,
    body: &T,
    signal: Option<&web_sys::AbortSignal>,
) -> Result<Answer> {
    let body = serde_json::to_string(body)?;
    let hop = Hop {
        method: Method::Post,
        url: &format!("https://object{path}"),
        fields: &[],
        body: Some(Load::Bytes(body.as_bytes())),
        signal,
    };
    hop.to(&hop::object(env, binding, name)?).await
}

/// Ends a request that nobody waits for any more, before its answer began (L-CANC-01,
/// M-CANC-01). Afterwards, dropping the answer's body does the same.
#[derive(Debug)]
struct HangUp {
    controller: web_sys::AbortController,
    /// Whether there is nothing left to hang up on.
    answered: bool,
}

impl HangUp {
    /// One for a request that is about to be sent.
    fn new() -> Result<Self> {
        Ok(Self {
            controller: web_sys::AbortController::new()?,
            answered: false,
        })
    }

    /// What ends the request when this is dropped unanswered, or when whoever it is
    /// made for has left.
    fn signal(&self, left: Option<&AbortSignal>) -> web_sys::AbortSignal {
        let own = self.controller.signal();
        match left {
            Some(left) => web_sys::AbortSignal::any(&js_sys::Array::of2(&own, left)),
            None => own,
        }
    }
}

impl Drop for HangUp {
    fn drop(&mut self) {
        if !self.answered {
            self.controller.abort();
        }
    }
}
