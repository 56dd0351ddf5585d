//! Asking other servers: the platform's `fetch` with a time limit, a size limit,
//! no redirects followed, and nothing of ours sent along.

use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use http::Response;
use http::header::{AGE, CACHE_CONTROL, CONTENT_TYPE, DATE, EXPIRES, HeaderName, USER_AGENT};
use oauth2::{HttpRequest, HttpResponse};
use worker::{AbortController, AbortSignal, Delay, Fetch, Method, Request, RequestInit};

/// What we call ourselves; GitHub's API refuses those who say nothing.
const OUR_NAME: &str = concat!("sessile/", env!("CARGO_PKG_VERSION"));

/// The fields of an answer that somebody here looks at.
const READ: [HeaderName; 5] = [CONTENT_TYPE, CACHE_CONTROL, AGE, DATE, EXPIRES];

/// What one exchange may take.
#[derive(Debug)]
pub struct Limits {
    /// How long, the whole body included.
    pub time: Duration,
    /// How many bytes of body, as they are after any decompression.
    pub bytes: usize,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum FetchError {
    /// It took too long.
    Timeout,
    /// It is larger than we read.
    TooLarge,
    /// The server cannot be reached, or broke off.
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
pub async fn send(request: HttpRequest, limits: &Limits) -> Result<HttpResponse, FetchError> {
    let controller = AbortController::default();
    let signal = controller.signal();
    let answer = pin!(exchange(request, &signal, limits.bytes));
    let answer = match select(answer, pin!(Delay::from(limits.time))).await {
        Either::Left((answer, _)) => answer,
        Either::Right(((), _)) => Err(FetchError::Timeout),
    };
    if answer.is_err() {
        controller.abort(); // What is still to come need not come.
    }
    answer
}

async fn exchange(
    request: HttpRequest,
    signal: &AbortSignal,
    bytes_max: usize,
) -> Result<HttpResponse, FetchError> {
    let (parts, body) = request.into_parts();
    let mut init = RequestInit::new();
    init.with_method(Method::from(parts.method.as_str().to_owned()))
        .with_redirect(worker::RequestRedirect::Manual);
    for (name, value) in &parts.headers {
        init.headers
            .set(name.as_str(), value.to_str().unwrap_or_default())?;
    }
    init.headers.set(USER_AGENT.as_str(), OUR_NAME)?;
    if !body.is_empty() {
        init.with_body(Some(
            worker::js_sys::Uint8Array::from(body.as_slice()).into(),
        ));
    }
    let request = Request::new_with_init(&parts.uri.to_string(), &init)?;
    let mut answer = Fetch::Request(request).send_with_signal(signal).await?;
    let mut response = Response::builder().status(answer.status_code());
    for name in READ {
        if let Some(value) = answer.headers().get(name.as_str())? {
            response = response.header(name, value);
        }
    }
    let mut bytes = Vec::new();
    // A body that was never there cannot be streamed.
    if let Ok(mut stream) = answer.stream() {
        while let Some(chunk) = stream.next().await {
            let chunk = chunk?;
            if bytes.len() + chunk.len() > bytes_max {
                return Err(FetchError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
    }
    let broken = |_| FetchError::Failed(worker::Error::RustError("a broken answer".to_owned()));
    response.body(bytes).map_err(broken)
}
