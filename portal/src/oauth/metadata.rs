//! `/.well-known/…`: the documents by which clients find us.

use http::Response;
use oauth::metadata::{Others, ServerMetadata};
use platform::answer::{self, Body};

use super::scopes;
use crate::app::App;

/// `GET /.well-known/oauth-authorization-server` and its aliases (RFC 8414).
pub(crate) async fn server(app: &App) -> Response<Body> {
    let others = Others {
        ask: !app.config.resource_servers.is_empty(),
        vouch: !app.config.vouching.is_empty(),
    };
    // A document without some scopes is better than none.
    let catalog = platform::tools::catalog_soon(&app.env).await;
    let scopes = catalog.map(|catalog| scopes::of_tools(&catalog));
    let scopes = scopes.unwrap_or_default();
    let (public, clients) = (&app.config.public_origin, &app.config.keys.clients);
    answer::document(&ServerMetadata::new(public, clients, others, &scopes))
}

/// `GET /.well-known/jwks.json` (RFC 7517 section 5).
pub(crate) fn keys(app: &App) -> Response<Body> {
    answer::document(app.config.access_tokens.keys.public())
}
