//! Asking D1: one statement with its values, and what comes back.

use serde::de::DeserializeOwned;
use worker::{D1Database, D1PreparedStatement, D1Type};

use crate::app::App;
use crate::error::{Error, doing};

/// The binding of the database.
pub(super) const DB: &str = "DB";

/// All rows.
pub(super) async fn rows<T: DeserializeOwned>(
    app: &App,
    what: &'static str,
    statement: &str,
    values: &[D1Type<'_>],
) -> Result<Vec<T>, Error> {
    let asked = async { bound(app, statement, values)?.all().await?.results::<T>() };
    asked.await.map_err(doing(what))
}

/// The first column of the first row, which is a text.
pub(super) async fn text(
    app: &App,
    what: &'static str,
    statement: &str,
    values: &[D1Type<'_>],
) -> Result<Option<String>, Error> {
    let asked = async {
        let rows = bound(app, statement, values)?.raw::<String>().await?;
        Ok(rows.into_iter().flatten().next())
    };
    asked.await.map_err(doing(what))
}

/// A statement with its values.
pub(super) fn bound(
    app: &App,
    statement: &str,
    values: &[D1Type<'_>],
) -> worker::Result<D1PreparedStatement> {
    database(app)?.prepare(statement).bind_refs(values)
}

/// The database.
pub(super) fn database(app: &App) -> worker::Result<D1Database> {
    app.env.d1(DB)
}

/// A count as D1 takes it: a double.
pub(super) fn count<'a>(count: usize) -> D1Type<'a> {
    D1Type::Real(u32::try_from(count).unwrap_or(u32::MAX).into())
}
