//! `/account/clients`: the clients that the configuration names.

use http::{Response, StatusCode};
use oauth::client::{ClientKeys, Configured};
use oauth::direct::{CLIENT_CREDENTIALS, JWT_BEARER};
use oauth::exchange::TOKEN_EXCHANGE;
use platform::answer::Body;
use web::{ClientRow, ClientsPage, Shown};

use super::Admin;
use crate::page;

/// `GET /account/clients`.
pub(super) fn show(admin: &Admin<'_>) -> Response<Body> {
    let clients = admin.app.config.keys.clients.configured();
    let page = ClientsPage {
        frame: admin.frame(None),
        clients: clients.iter().map(row).collect(),
    };
    page::html(StatusCode::OK, page.render())
}

fn row(configured: &Configured) -> ClientRow {
    let client = &configured.client;
    let grant_types = [
        ("authorization_code", !client.redirect_uris.is_empty()),
        (CLIENT_CREDENTIALS, configured.by_itself),
        (JWT_BEARER, configured.vouched),
        (TOKEN_EXCHANGE, configured.exchanges),
    ];
    let keys_at = match &client.keys {
        Some(ClientKeys::At(uri)) => Some(Shown::prose(uri.as_str())),
        Some(ClientKeys::Here(_)) | None => None,
    };
    ClientRow {
        id: Shown::prose(&configured.id),
        name: Shown::name(client.name.as_deref().unwrap_or(&configured.id)),
        authentication: if client.secret.is_some() {
            "client_secret_basic"
        } else {
            "private_key_jwt"
        },
        keys_at,
        grant_types: grant_types
            .into_iter()
            .filter_map(|(name, has)| has.then_some(name))
            .collect(),
        scopes: configured.scopes.to_string(),
        redirect_uris: client
            .redirect_uris
            .iter()
            .map(|uri| Shown::prose(uri))
            .collect(),
    }
}
