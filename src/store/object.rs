//! Asking an object: JSON there, JSON back.

use durable::json;
use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::{Method, Request, RequestInit, Response};

use crate::app::App;

/// Sends `body` to a path of the object of that name.
pub(super) async fn tell<T: Serialize>(
    app: &App,
    (binding, name): (&str, &str),
    path: &str,
    body: &T,
) -> worker::Result<Response> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_body(Some(serde_json::to_string(body)?.into()));
    let request = Request::new_with_init(&format!("https://object{path}"), &init)?;
    let object = app.env.durable_object(binding)?.get_by_name(name)?;
    let response = object.fetch_with_request(request).await?;
    match response.status_code() {
        200..=299 => Ok(response),
        status => Err(worker::Error::RustError(format!(
            "{binding}{path} answered {status}"
        ))),
    }
}

/// The same, and reads what comes back.
pub(super) async fn ask<T: Serialize, A: DeserializeOwned>(
    app: &App,
    object: (&str, &str),
    path: &str,
    body: &T,
) -> worker::Result<A> {
    json::answered(tell(app, object, path, body).await?).await
}
