//! Calls, errors, rows and time, by hour, user, tool, and client or key.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::database::{Database, Statement};
use crate::{Kind, Outcome, Record, Word};

/// Most lines that a question about usage gives.
pub const USAGE_LINES_MAX: usize = 10_000;
/// Most sums that one statement adds: they are one text for the database, of which D1
/// takes 2 MB at most (Cloudflare, "D1: Limits", read 2026-11), and each sum has at
/// most three words of 256 bytes, which JSON may double.
const SUMS_MAX: usize = 1_000;
/// Milliseconds of an hour.
const HOUR_MS: i64 = 3_600_000;

/// What is summed up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Calls that were made, whatever came of them.
    pub calls: u64,
    /// Those of them that went wrong.
    pub errors: u64,
    /// Calls that were not let through; these are no calls.
    pub refused: u64,
    /// Rows written in objects.
    pub rows_written: u64,
    /// Time that tools took, in microseconds.
    pub micros: u64,
}

/// What sums are of: hour since 1970, account, tool and client.
type Of<'a> = (i64, &'a str, &'a str, &'a str);

/// The sums of some records.
#[derive(Debug, Default)]
pub(crate) struct Tally<'a>(BTreeMap<Of<'a>, Sums>);

impl<'a> Tally<'a> {
    /// Counts a record, if it is a call.
    pub(crate) fn add(&mut self, record: &'a Record) {
        // A resource's name may be anything a client thinks of; a row for each would
        // let it write as many rows as it likes.
        let tool = match record.kind {
            Kind::Tool => record.name.as_str(),
            Kind::Prompt => "prompts/get",
            Kind::Resource => "resources/read",
            Kind::Login
            | Kind::Consent
            | Kind::Grant
            | Kind::Revocation
            | Kind::Key
            | Kind::Admin => return,
        };
        let account = record.actor.account.as_ref().map_or("", Word::as_str);
        let client = record.actor.client.as_ref().map_or("", Word::as_str);
        let of = (hour(record.at), account, tool, client);
        let sums = self.0.entry(of).or_default();
        match record.outcome {
            Outcome::Refused => sums.refused += u64::from(record.times),
            Outcome::Ok => sums.calls += 1,
            Outcome::Error | Outcome::Failed => {
                sums.calls += 1;
                sums.errors += 1;
            }
        }
        sums.rows_written += u64::from(record.cost.rows);
        sums.micros = sums.micros.saturating_add(record.cost.micros);
    }

    /// Adds it to what the table has.
    pub(crate) fn statements(self) -> Vec<Statement> {
        let sums: Vec<_> = self.0.into_iter().collect();
        let add = |sums: &[(Of, Sums)]| {
            Statement::new(
                "INSERT INTO usage
                 (hour, account, tool, client, calls, errors, refused, rows_written, micros)
                 SELECT value ->> '$[0][0]', value ->> '$[0][1]', value ->> '$[0][2]',
                  value ->> '$[0][3]', value ->> '$[1].calls', value ->> '$[1].errors',
                  value ->> '$[1].refused', value ->> '$[1].rows_written',
                  value ->> '$[1].micros' FROM json_each(?1) WHERE true
                 ON CONFLICT (hour, account, tool, client) DO UPDATE SET
                 calls = calls + excluded.calls, errors = errors + excluded.errors,
                 refused = refused + excluded.refused,
                 rows_written = rows_written + excluded.rows_written,
                 micros = micros + excluded.micros",
            )
            .with(serde_json::to_string(sums).unwrap_or_default())
        };
        sums.chunks(SUMS_MAX).map(add).collect()
    }
}

/// Which usage is asked for.
#[derive(Debug, Clone, Copy)]
pub struct UsageQuery<'a> {
    /// From the hour of this time on.
    pub from: Timestamp,
    /// Before the hour of this time.
    pub until: Timestamp,
    /// Of this account alone.
    pub account: Option<&'a str>,
    /// Of this tool alone.
    pub tool: Option<&'a str>,
    /// Of this client or key alone.
    pub client: Option<&'a str>,
    /// What a line is about; what is not named here is summed up.
    pub by: By,
}

/// What the lines tell apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct By {
    /// Over how long each line goes; without it, over all of the time asked for.
    pub every: Option<Every>,
    /// Who.
    pub account: bool,
    /// Which tool.
    pub tool: bool,
    /// Which client or key.
    pub client: bool,
}

/// How long a line goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// An hour.
    Hour,
    /// A day, in UTC.
    Day,
}

impl Every {
    fn hours(self) -> i64 {
        match self {
            Self::Hour => 1,
            Self::Day => 24,
        }
    }
}

/// A line of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageLine {
    /// When it begins, in seconds since 1970.
    pub begins: i64,
    /// Who; empty if lines do not tell, or nobody is known.
    pub account: String,
    /// Which tool, likewise.
    pub tool: String,
    /// Which client or key, likewise.
    pub client: String,
    /// What was used.
    #[serde(flatten)]
    pub sums: Sums,
}

/// Asks for usage: at most [`USAGE_LINES_MAX`] lines, the newest first, and of the same
/// time those with the most calls.
pub async fn usage<D: Database>(
    database: &D,
    query: &UsageQuery<'_>,
) -> Result<Vec<UsageLine>, D::Error> {
    database.rows(&question(query)).await
}

fn question(query: &UsageQuery<'_>) -> Statement {
    let begins = match query.by.every {
        Some(every) => format!("hour - hour % {}", every.hours()),
        None => "CAST(?1 AS INTEGER)".to_owned(),
    };
    let column = |named: bool, column: &'static str| if named { column } else { "''" };
    let (account, tool, client) = (
        column(query.by.account, "account"),
        column(query.by.tool, "tool"),
        column(query.by.client, "client"),
    );
    let mut statement = Statement::new("")
        .with(hour(query.from))
        .with(hour(query.until))
        .with(USAGE_LINES_MAX);
    let mut only = String::new();
    let filters = [
        ("account", query.account),
        ("tool", query.tool),
        ("client", query.client),
    ];
    for (column, value) in filters {
        if let Some(value) = value {
            statement = statement.with(value);
            only = format!("{only} AND {column} = ?{}", statement.values.len());
        }
    }
    // Columns of the table and of the answer have the same names: the numbers say
    // that those of the answer are meant.
    statement.sql = format!(
        "SELECT ({begins}) * 3600 AS begins, {account} AS account, {tool} AS tool,
         {client} AS client, SUM(calls) AS calls, SUM(errors) AS errors,
         SUM(refused) AS refused, SUM(rows_written) AS rows_written, SUM(micros) AS micros
         FROM usage WHERE hour >= CAST(?1 AS INTEGER) AND hour < CAST(?2 AS INTEGER){only}
         GROUP BY 1, 2, 3, 4 ORDER BY 1 DESC, 5 DESC, 2, 3, 4 LIMIT CAST(?3 AS INTEGER)"
    );
    statement
}

/// The hour of a time, counted since 1970.
pub(crate) fn hour(time: Timestamp) -> i64 {
    time.as_millisecond().div_euclid(HOUR_MS)
}
