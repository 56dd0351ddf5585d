//! Asking a provider: the platform's `fetch` with a time limit, a size limit,
//! and no redirects followed.

use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use http::{HeaderValue, Response, header};
use oauth::provider::ANSWER_BYTES_MAX;
use oauth2::{HttpRequest, HttpResponse};
use worker::{AbortController, AbortSignal, Delay, Fetch, Method, Request, RequestInit};

/// How long a provider may take for one answer, its whole body included.
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(10);

/// What we call ourselves; GitHub's API refuses those who say nothing.
const USER_AGENT: &str = concat!("sessile/", env!("CARGO_PKG_VERSION"));

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum FetchError {
    /// It took too long.
    Timeout,
    /// It is larger than we read.
    TooLarge,
    /// The provider cannot be reached, or broke off.
    Failed(worker::Error),
}

impl std::fmt::Display for FetchError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Timeout => f.write_str("no answer in time"),
            Self::TooLarge => f.write_str("the answer is too large"),
            Self::Failed(error) => write!(f, "no answer: {error}"),
        }
    }
}

impl std::error::Error for FetchError {}

impl From<worker::Error> for FetchError {
    fn from(error: worker::Error) -> Self {
        Self::Failed(error)
    }
}

/// Sends a request, and reads the whole answer.
pub(super) async fn send(request: HttpRequest) -> Result<HttpResponse, FetchError> {
    let controller = AbortController::default();
    let signal = controller.signal();
    let answer = pin!(exchange(request, &signal));
    match select(answer, pin!(Delay::from(PROVIDER_TIMEOUT))).await {
        Either::Left((answer, _)) => answer,
        Either::Right(((), _)) => {
            controller.abort();
            Err(FetchError::Timeout)
        }
    }
}

/// Reads a document; anything but 200 has none.
pub(super) async fn get(url: &str, bearer: Option<&str>) -> Result<Option<Vec<u8>>, FetchError> {
    let mut request = HttpRequest::new(Vec::new());
    let broken = |_| FetchError::Failed(worker::Error::RustError("not a URL".to_owned()));
    *request.uri_mut() = url.parse().map_err(broken)?;
    let fields = request.headers_mut();
    fields.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let bearer = bearer.and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok());
    if let Some(bearer) = bearer {
        fields.insert(header::AUTHORIZATION, bearer);
    }
    let response = send(request).await?;
    Ok((response.status() == http::StatusCode::OK).then(|| response.into_body()))
}

async fn exchange(request: HttpRequest, signal: &AbortSignal) -> Result<HttpResponse, FetchError> {
    let (parts, body) = request.into_parts();
    let mut init = RequestInit::new();
    init.with_method(Method::from(parts.method.as_str().to_owned()))
        .with_redirect(worker::RequestRedirect::Manual);
    for (name, value) in &parts.headers {
        init.headers
            .set(name.as_str(), value.to_str().unwrap_or_default())?;
    }
    init.headers.set(header::USER_AGENT.as_str(), USER_AGENT)?;
    if !body.is_empty() {
        init.with_body(Some(
            worker::js_sys::Uint8Array::from(body.as_slice()).into(),
        ));
    }
    let request = Request::new_with_init(&parts.uri.to_string(), &init)?;
    let mut answer = Fetch::Request(request).send_with_signal(signal).await?;
    let mut response = Response::builder().status(answer.status_code());
    if let Some(kind) = answer.headers().get(header::CONTENT_TYPE.as_str())? {
        response = response.header(header::CONTENT_TYPE, kind);
    }
    let mut bytes = Vec::new();
    // A body that was never there cannot be streamed.
    if let Ok(mut stream) = answer.stream() {
        while let Some(chunk) = stream.next().await {
            let chunk = chunk?;
            if bytes.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(FetchError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
    }
    let broken = |_| FetchError::Failed(worker::Error::RustError("a broken answer".to_owned()));
    response.body(bytes).map_err(broken)
}
