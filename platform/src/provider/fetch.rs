//! Asking a provider.

use std::time::Duration;

use http::{HeaderValue, StatusCode, header};
use oauth::provider::ANSWER_BYTES_MAX;
use oauth2::{HttpRequest, HttpResponse};

pub(super) use crate::fetch::FetchError;
use crate::fetch::{self, Limits};

/// How long a provider may take for one answer: a person waits, and it may have
/// to ask others itself.
const LIMITS: Limits = Limits {
    time: Duration::from_secs(10),
    bytes: ANSWER_BYTES_MAX,
};

/// Sends a request, and reads the whole answer.
pub(super) async fn send(request: HttpRequest) -> Result<HttpResponse, FetchError> {
    fetch::send(request, &LIMITS).await
}

/// Reads a document; anything but 200 has none.
pub(super) async fn get(url: &str, bearer: Option<&str>) -> Result<Option<Vec<u8>>, FetchError> {
    let response = ask(url, bearer).await?;
    Ok((response.status() == StatusCode::OK).then(|| response.into_body()))
}

/// Asks for a document.
pub(super) async fn ask(url: &str, bearer: Option<&str>) -> Result<HttpResponse, FetchError> {
    let mut request = HttpRequest::new(Vec::new());
    let broken = |_| FetchError::Failed(worker::Error::RustError("not a URL".to_owned()));
    *request.uri_mut() = url.parse().map_err(broken)?;
    let fields = request.headers_mut();
    fields.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let bearer = bearer.and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok());
    if let Some(bearer) = bearer {
        fields.insert(header::AUTHORIZATION, bearer);
    }
    send(request).await
}
