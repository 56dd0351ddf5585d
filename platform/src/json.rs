//! Reading the JSON that the front Worker, the objects and tool Workers send each
//! other. There is one way, from text in our own memory: each further one would be
//! another reader for every type, in a Worker whose size counts, and what comes by
//! way of JavaScript's own values loses raw JSON and large numbers.

use serde::de::DeserializeOwned;
use worker::{Error, Request, Result};

use crate::hop::Answer;

/// Reads the body of a request.
pub async fn asked<T: DeserializeOwned>(request: &mut Request) -> Result<T> {
    read(&request.bytes().await?)
}

/// Reads the body of an answer.
pub async fn answered<T: DeserializeOwned>(answer: impl Into<Answer>) -> Result<T> {
    read(&answer.into().bytes().await?)
}

/// Reads JSON text.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T> {
    let text = str::from_utf8(text).map_err(|error| Error::RustError(error.to_string()))?;
    Ok(serde_json::from_str(text)?)
}
