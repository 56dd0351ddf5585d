//! `/account/audit`: who did what.

use ::audit::{Found, Kind, Outcome, PAGE_RECORDS_MAX, Search, json_lines, search};
use http::{Request, Response};
use jiff::Timestamp;
use platform::answer::Body;
use rest::ADMIN_AUDIT;
use web::{AuditOutcome, AuditPage, AuditRow, Choice, Filter, Moment, Shown};

use super::asked::Asked;
use super::usage::called;
use super::{Viewer, file, let_in};
use crate::account::admin::status;
use crate::app::App;
use crate::error::{Error, doing};
use crate::page;

/// Where the page is.
pub(crate) const PATH: &str = "/account/audit";
/// Rows of a page.
const ROWS_PER_PAGE: usize = 50;

/// `GET /account/audit`.
pub(crate) async fn show<B>(app: &App, request: &Request<B>) -> Result<Response<Body>, Error> {
    let viewer = match let_in(app, request, (PATH, ADMIN_AUDIT)).await? {
        Ok(viewer) => viewer,
        Err(answer) => return Ok(answer),
    };
    match viewer.account().await? {
        Ok(account) => viewer.audit(account.as_deref()).await,
        Err(refusal) => {
            let page = viewer.audit_page(Some(refusal));
            Ok(page::html(status(Some(refusal)), page.render()))
        }
    }
}

impl Viewer<'_> {
    async fn audit(&self, account: Option<&str>) -> Result<Response<Body>, Error> {
        let asked = &self.asked;
        let wanted = Search {
            account,
            name: Some(asked.name.as_str()).filter(|name| !name.is_empty()),
            kind: asked.kind,
            outcome: asked.outcome,
            from: Some(asked.from(self.now)),
            until: None,
            after: asked.after.parse().ok(),
            count: if asked.file {
                PAGE_RECORDS_MAX
            } else {
                ROWS_PER_PAGE
            },
        };
        let found = search(&self.records()?, &wanted).await;
        let found = found.map_err(doing("searching the audit"))?;
        if asked.file {
            let name = "attachment; filename=\"audit.jsonl\"";
            return Ok(file("application/jsonl", name, json_lines(&found.found)));
        }
        let who = |found: &Found| Some(found.record.as_ref()?.actor.account.as_ref()?.to_string());
        let accounts: Vec<String> = found.found.iter().filter_map(who).collect();
        let names = self
            .names(&accounts.iter().map(String::as_str).collect::<Vec<_>>())
            .await?;
        let mut page = self.audit_page(None);
        page.rows = found
            .found
            .iter()
            .map(|found| self.row(found, &names))
            .collect();
        page.next = found.next.map(|next| {
            Asked {
                after: next.to_string(),
                ..asked.clone()
            }
            .at(PATH)
        });
        page.first = (!asked.after.is_empty()).then(|| {
            Asked {
                after: String::new(),
                ..asked.clone()
            }
            .at(PATH)
        });
        Ok(page::html(status(None), page.render()))
    }

    /// The page without any rows.
    fn audit_page(&self, refusal: Option<&str>) -> AuditPage {
        let asked = &self.asked;
        let filter = |name, label, value: &str| Filter {
            name,
            label,
            value: value.to_owned(),
        };
        let mut filters = vec![filter("name", "Tool or action", &asked.name)];
        if self.everybody {
            filters.insert(0, filter("user", "User", &asked.user));
        }
        let kinds = Kind::ALL.map(|kind| (kind.name(), word(kind), asked.kind == Some(kind)));
        let outcomes = Outcome::ALL.map(|outcome| {
            (
                outcome.name(),
                outcome.name(),
                asked.outcome == Some(outcome),
            )
        });
        AuditPage {
            frame: self.frame(refusal),
            action: PATH,
            everybody: self.everybody,
            kinds: choices("Everything", asked.kind.is_none(), &kinds),
            outcomes: choices("Any", asked.outcome.is_none(), &outcomes),
            spans: asked.spans(),
            filters,
            rows: Vec::new(),
            next: None,
            first: None,
            export: Asked {
                file: true,
                after: String::new(),
                ..asked.clone()
            }
            .at(PATH),
        }
    }

    fn row(&self, found: &Found, names: &std::collections::BTreeMap<String, String>) -> AuditRow {
        let record = found.record.as_ref();
        let actor = record.map(|record| &record.actor);
        let text = |word: Option<&::audit::Word>| word.map(|word| Shown::prose(word.as_str()));
        AuditRow {
            seq: found.seq,
            at: Moment::past(
                record.map_or(Timestamp::UNIX_EPOCH, |record| record.at),
                self.now,
            ),
            name: Shown::name(record.map_or("(unreadable)", |record| record.name.as_str())),
            kind: record.map_or("unreadable", |record| word(record.kind)),
            target: text(record.and_then(|record| record.target.as_ref())),
            who: actor
                .and_then(|actor| actor.account.as_ref())
                .map(|account| called(names, account.as_str())),
            client: actor
                .and_then(|actor| actor.client.as_ref())
                .map(|client| self.client(client.as_str())),
            address: text(record.and_then(|record| record.address.as_ref())),
            outcome: AuditOutcome {
                word: record.map_or("unreadable", |record| record.outcome.name()),
                good: record.is_some_and(|record| record.outcome == Outcome::Ok),
            },
            why: text(record.and_then(|record| record.why.as_ref())),
            times: record.map_or(1, |record| record.times),
            record: Shown::record(&found.text),
        }
    }
}

fn choices(
    all: &'static str,
    chosen: bool,
    each: &[(&'static str, &'static str, bool)],
) -> Vec<Choice> {
    let each = each.iter().map(|(value, label, chosen)| Choice {
        value,
        label,
        chosen: *chosen,
    });
    std::iter::once(Choice {
        value: "",
        label: all,
        chosen,
    })
    .chain(each)
    .collect()
}

/// What a person calls it.
fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Tool => "tool call",
        Kind::Prompt => "prompt",
        Kind::Resource => "resource",
        Kind::Login => "login",
        Kind::Consent => "consent",
        Kind::Grant => "grant",
        Kind::Revocation => "revocation",
        Kind::Key => "API key",
        Kind::Admin => "administration",
    }
}
