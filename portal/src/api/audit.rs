//! `/api/v1/audit`, and one's own under `/me`.

use ::audit::{Found, Kind, Outcome, Search, json_lines, search};
use http::StatusCode;
use rest::shape::{List, Row};
use rest::{BASE, Code, EXPORT_MAX};

use super::caller::Caller;
use super::input::Input;
use super::span::Span;
use super::{Answered, Refused, cursor, file, json, with_next};
use crate::app::App;
use crate::error::doing;
use crate::page::with_query;
use crate::store::records::Records;

/// What says which records are meant, beside the cursor and how many.
const FILTERS: [&str; 7] = [
    "account", "name", "kind", "outcome", "from", "until", "format",
];

/// `GET /me/audit`.
pub(super) async fn own(app: &App, caller: &Caller, input: &Input) -> Answered {
    answer(
        app,
        caller,
        input,
        ("/me/audit", Some(caller.account.as_str())),
    )
    .await
}

/// `GET /audit`.
pub(super) async fn all(app: &App, caller: &Caller, input: &Input) -> Answered {
    answer(app, caller, input, ("/audit", input.word("account")?)).await
}

async fn answer(
    app: &App,
    caller: &Caller,
    input: &Input,
    (path, account): (&str, Option<&str>),
) -> Answered {
    let limit = input.limit(EXPORT_MAX)?;
    let span = Span::read(input)?;
    let kinds = Kind::ALL.map(Kind::name);
    let outcomes = Outcome::ALL.map(Outcome::name);
    let as_lines = input.one_of("format", &["json", "jsonl"])? == Some("jsonl");
    let filters = FILTERS.map(|name| input.query(name).unwrap_or_default());
    let about: Vec<&str> = [path, caller.account.as_str()]
        .into_iter()
        .chain(filters)
        .collect();
    let key = &app.config.keys.cursors;
    let after = input.cursor(key, &about)?.map(|text: String| text.parse());
    let wanted = Search {
        account,
        name: input.word("name")?,
        kind: input.one_of("kind", &kinds)?.and_then(Kind::named),
        outcome: input.one_of("outcome", &outcomes)?.and_then(Outcome::named),
        from: Some(span.from),
        until: span.until,
        after: after.transpose().map_err(|_| bad_cursor())?,
        count: limit,
    };
    let records = Records::of(&app.env).map_err(doing("opening the records"))?;
    let page = search(&records, &wanted).await;
    let page = page.map_err(doing("searching the audit"))?;
    let next = page.next.map(|next| {
        let cursor = cursor::written(key, &about, &next.to_string());
        let limit = limit.to_string();
        let mut parameters = vec![("limit", limit.as_str()), ("cursor", &cursor)];
        parameters.extend(FILTERS.into_iter().zip(filters));
        with_query(&format!("{BASE}{path}"), &parameters)
    });
    let more = next.clone();
    let response = if as_lines {
        file("application/jsonl", json_lines(&page.found))
    } else {
        let items = page.found.iter().map(row).collect();
        json(StatusCode::OK, &List { items, next })
    };
    Ok(with_next(response, more.as_deref()))
}

fn bad_cursor() -> Refused {
    Refused::new(
        Code::Malformed,
        "That `cursor` cannot be read: begin without it.",
    )
}

fn row(found: &Found) -> Row {
    Row {
        seq: found.seq,
        hash: found.hash.to_string(),
        record: serde_json::from_str(&found.text).unwrap_or_default(),
    }
}
