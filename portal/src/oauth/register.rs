//! `POST /register`: dynamic client registration (RFC 7591).

use http::{Response, StatusCode};
use oauth::client::{BadRegistration, REGISTRATION_BYTES_MAX};
use platform::answer::{self, Body};
use platform::body;
use platform::clock;
use platform::random;
use worker::HttpRequest;

use super::{failure, refused, unstored};
use crate::app::App;
use crate::error::Error;

/// Registers a client; nothing is stored.
pub(crate) async fn serve(app: &App, request: HttpRequest) -> Response<Body> {
    register(app, request)
        .await
        .unwrap_or_else(|error| failure(&error))
}

async fn register(app: &App, request: HttpRequest) -> Result<Response<Body>, Error> {
    let registered = match body::read_in_time(request.into_body(), REGISTRATION_BYTES_MAX).await? {
        Ok(body) => app
            .config
            .keys
            .clients
            .register(&body, clock::now(), random::bytes()?),
        Err(body::TooLarge) => Err(BadRegistration::TooLarge),
    };
    Ok(match registered {
        Ok(registered) => unstored(answer::json(StatusCode::CREATED, &registered)),
        Err(bad) => {
            let status = match bad {
                BadRegistration::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                BadRegistration::RedirectUri | BadRegistration::Metadata(_) => {
                    StatusCode::BAD_REQUEST
                }
            };
            refused(status, bad.code(), &bad.to_string())
        }
    })
}
