//! Whose request it is: the client behind an id.

mod document;
mod proof;

pub(crate) use proof::prove;

use oauth::authorize::PageError;
use oauth::client::{Client, Named};

use self::document::Asked;
use crate::app::App;
use crate::error::Error;

/// Finds the client that an id names: in the id itself, or in the document
/// whose URL the id is.
pub(crate) async fn find(app: &App, id: &str) -> Result<Result<Client, PageError>, Error> {
    Ok(match app.config.keys.clients.named(id) {
        Ok(Named::Registered(client)) => Ok(client),
        Ok(Named::Configured(configured)) => Ok(configured.client),
        Ok(Named::Document(url)) => document::client(app, &url, Asked::Usually)
            .await?
            .map_err(PageError::Document),
        Err(unnamed) => Err(unnamed.into()),
    })
}
