//! `/api/v1/usage`, and one's own under `/me`.

use audit::{By, Every, UsageLine, UsageQuery, csv, usage};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use rest::Code;
use rest::shape::{List, Usage};

use super::caller::Caller;
use super::input::Input;
use super::span::Span;
use super::{Answered, Refused, file, json};
use crate::app::App;
use crate::error::doing;
use crate::store::records::Records;

/// What is after the last hour that counts.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// `GET /me/usage`.
pub(super) async fn own(app: &App, caller: &Caller, input: &Input) -> Answered {
    answer(app, Some(caller.account.as_str()), input).await
}

/// `GET /usage`.
pub(super) async fn all(app: &App, input: &Input) -> Answered {
    answer(app, input.word("account")?, input).await
}

async fn answer(app: &App, account: Option<&str>, input: &Input) -> Answered {
    let span = Span::read(input)?;
    let now = input.now.checked_add(HOUR).unwrap_or(Timestamp::MAX);
    let by = by(input)?;
    let as_csv = input.one_of("format", &["json", "csv"])? == Some("csv");
    let query = UsageQuery {
        from: span.from,
        until: span.until.unwrap_or(now),
        account,
        tool: input.word("tool")?,
        client: input.word("client")?,
        by,
    };
    let records = Records::of(&app.env).map_err(doing("opening the records"))?;
    let lines = usage(&records, &query).await;
    let lines = lines.map_err(doing("asking for usage"))?;
    if as_csv {
        return Ok(file("text/csv; charset=utf-8", csv(&lines)));
    }
    let items = lines.into_iter().map(|found| line(found, by));
    Ok(json(StatusCode::OK, &List::whole(items.collect())))
}

/// What lines tell apart.
fn by(input: &Input) -> Result<By, Refused> {
    let every = match input.one_of("every", &["hour", "day"])? {
        Some("hour") => Some(Every::Hour),
        Some(_) => Some(Every::Day),
        None => None,
    };
    let mut by = By {
        every,
        ..By::default()
    };
    let Some(names) = input.query("by") else {
        return Ok(by);
    };
    for name in names.split(',') {
        match name {
            "account" => by.account = true,
            "tool" => by.tool = true,
            "client" => by.client = true,
            _ => {
                let detail = "`by` has account, tool and client, with commas between.";
                return Err(Refused::new(Code::Malformed, detail));
            }
        }
    }
    Ok(by)
}

fn line(line: UsageLine, by: By) -> Usage {
    let begins = Timestamp::from_second(line.begins);
    Usage {
        begins: by.every.and(begins.ok()),
        account: by.account.then_some(line.account),
        tool: by.tool.then_some(line.tool),
        client: by.client.then_some(line.client),
        calls: line.sums.calls,
        errors: line.sums.errors,
        refused: line.sums.refused,
        rows_written: line.sums.rows_written,
        micros: line.sums.micros,
    }
}
