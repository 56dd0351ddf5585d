//! `/account/usage`: how many calls there were.

use std::collections::BTreeMap;

use ::audit::{By, Every, Sums, UsageLine, UsageQuery, csv, usage};
use http::{Request, Response};
use jiff::Timestamp;
use platform::answer::Body;
use rest::ADMIN_USAGE;
use web::{Filter, Shown, UsagePage, UsageShare, UsageShares, UsageStep, UsageSums};

use super::asked::Asked;
use super::{Viewer, file, let_in};
use crate::account::admin::status;
use crate::app::App;
use crate::error::{Error, doing};
use crate::page;

/// Where the page is.
pub(crate) const PATH: &str = "/account/usage";
/// Shares that are shown of each kind.
const SHARES_MAX: usize = 10;
/// Longest span that is shown by hours, in hours; beyond, by days.
const BY_HOURS_MAX: i64 = 7 * 24;
/// Seconds of an hour, and of a day.
const STEP_S: [i64; 2] = [3_600, 24 * 3_600];

/// `GET /account/usage`.
pub(crate) async fn show<B>(app: &App, request: &Request<B>) -> Result<Response<Body>, Error> {
    let viewer = match let_in(app, request, (PATH, ADMIN_USAGE)).await? {
        Ok(viewer) => viewer,
        Err(answer) => return Ok(answer),
    };
    match viewer.account().await? {
        Ok(account) => viewer.usage(account.as_deref()).await,
        Err(refusal) => {
            let page = viewer.usage_page(Some(refusal));
            Ok(page::html_with_chart(status(Some(refusal)), page.render()))
        }
    }
}

/// By what shares are told apart.
const SHARES: [(&str, By); 3] = [
    (
        "Tool",
        By {
            every: None,
            account: false,
            tool: true,
            client: false,
        },
    ),
    (
        "App or key",
        By {
            every: None,
            account: false,
            tool: false,
            client: true,
        },
    ),
    (
        "User",
        By {
            every: None,
            account: true,
            tool: false,
            client: false,
        },
    ),
];

impl Viewer<'_> {
    async fn usage(&self, account: Option<&str>) -> Result<Response<Body>, Error> {
        let (asked, records) = (&self.asked, self.records()?);
        let some =
            |text: &'static str, value: &str| (!value.is_empty()).then(|| (text, value.to_owned()));
        let (tool, client) = (some("tool", &asked.name), some("client", &asked.client));
        let every = if asked.hours() > BY_HOURS_MAX {
            Every::Day
        } else {
            Every::Hour
        };
        let query = |by| UsageQuery {
            from: asked.from(self.now),
            until: Timestamp::MAX,
            account,
            tool: tool.as_ref().map(|(_, tool)| tool.as_str()),
            client: client.as_ref().map(|(_, client)| client.as_str()),
            by,
        };
        let doing = doing("asking for usage");
        if asked.file {
            let by = By {
                every: Some(Every::Hour),
                account: true,
                tool: true,
                client: true,
            };
            let lines = usage(&records, &query(by)).await.map_err(doing)?;
            let name = "attachment; filename=\"usage.csv\"";
            return Ok(file("text/csv; charset=utf-8", name, csv(&lines)));
        }
        let by = By {
            every: Some(every),
            ..By::default()
        };
        let steps = usage(&records, &query(by)).await.map_err(&doing)?;
        let mut page = self.usage_page(None);
        for (heading, by) in SHARES
            .into_iter()
            .filter(|(_, by)| self.everybody || !by.account)
        {
            let lines = usage(&records, &query(by)).await.map_err(&doing)?;
            page.shares.push(self.shares(heading, by, &lines).await?);
        }
        let length_s = if every == Every::Day {
            STEP_S[1]
        } else {
            STEP_S[0]
        };
        page.step_s = u32::try_from(length_s).unwrap_or_default();
        page.sums = steps
            .iter()
            .map(|line| sums(&line.sums))
            .fold(UsageSums::default(), added);
        page.steps = filled(&steps, (asked.from(self.now), self.now), length_s);
        Ok(page::html_with_chart(status(None), page.render()))
    }

    /// The page without any numbers.
    fn usage_page(&self, refusal: Option<&str>) -> UsagePage {
        let asked = &self.asked;
        let filter = |name, label, value: &str| Filter {
            name,
            label,
            value: value.to_owned(),
        };
        let mut filters = vec![
            filter("name", "Tool", &asked.name),
            filter("client", "App or key (its id)", &asked.client),
        ];
        if self.everybody {
            filters.insert(0, filter("user", "User", &asked.user));
        }
        UsagePage {
            frame: self.frame(refusal),
            action: PATH,
            everybody: self.everybody,
            spans: asked.spans(),
            filters,
            sums: UsageSums::default(),
            step_s: 0,
            steps: Vec::new(),
            shares: Vec::new(),
            csv: Asked {
                file: true,
                ..asked.clone()
            }
            .at(PATH),
        }
    }

    async fn shares(
        &self,
        heading: &'static str,
        by: By,
        lines: &[UsageLine],
    ) -> Result<UsageShares, Error> {
        let shown: Vec<&UsageLine> = lines.iter().take(SHARES_MAX).collect();
        let accounts: Vec<&str> = if by.account {
            shown.iter().map(|line| line.account.as_str()).collect()
        } else {
            Vec::new()
        };
        let names = self.names(&accounts).await?;
        let most = shown
            .iter()
            .map(|line| weight(line))
            .max()
            .unwrap_or(0)
            .max(1);
        let share = |line: &&UsageLine| {
            let asked = self.asked.clone();
            let (name, asked) = if by.account {
                (
                    called(&names, &line.account),
                    Asked {
                        user: line.account.clone(),
                        ..asked
                    },
                )
            } else if by.tool {
                (
                    Shown::name(&line.tool),
                    Asked {
                        name: line.tool.clone(),
                        ..asked
                    },
                )
            } else {
                (
                    self.client(&line.client),
                    Asked {
                        client: line.client.clone(),
                        ..asked
                    },
                )
            };
            UsageShare {
                name,
                href: asked.at(PATH),
                sums: sums(&line.sums),
                percent: u8::try_from(weight(line).saturating_mul(100) / most).unwrap_or(100),
            }
        };
        Ok(UsageShares {
            heading,
            rows: shown.iter().map(share).collect(),
            more: lines.len() - shown.len(),
        })
    }
}

fn weight(line: &UsageLine) -> u64 {
    line.sums.calls.saturating_add(line.sums.refused)
}

/// What somebody is called; who has no login is somebody at an address.
pub(super) fn called(names: &BTreeMap<String, String>, account: &str) -> Shown {
    let name = names.get(account).map(String::as_str);
    Shown::name(name.unwrap_or(if account.is_empty() {
        "nobody in particular"
    } else {
        account
    }))
}

fn sums(of: &Sums) -> UsageSums {
    UsageSums {
        calls: of.calls,
        errors: of.errors,
        refused: of.refused,
        rows: of.rows_written,
        micros: of.micros,
    }
}

fn added(one: UsageSums, other: UsageSums) -> UsageSums {
    UsageSums {
        calls: one.calls + other.calls,
        errors: one.errors + other.errors,
        refused: one.refused + other.refused,
        rows: one.rows + other.rows,
        micros: one.micros + other.micros,
    }
}

/// Each step of the span, also those without calls, the oldest first.
fn filled(
    lines: &[UsageLine],
    (from, until): (Timestamp, Timestamp),
    step_s: i64,
) -> Vec<UsageStep> {
    let known: BTreeMap<i64, UsageSums> = lines
        .iter()
        .map(|line| (line.begins, sums(&line.sums)))
        .collect();
    let first = from.as_second().div_euclid(step_s) * step_s;
    let count = (until.as_second() - first).div_euclid(step_s) + 1;
    let step = |number: i64| {
        let begins = first + number * step_s;
        let words = Timestamp::from_second(begins).map_or(String::new(), |at| {
            let format = if step_s == STEP_S[0] {
                "%Y-%m-%d %H:%M"
            } else {
                "%Y-%m-%d"
            };
            at.strftime(format).to_string()
        });
        UsageStep {
            begins,
            words,
            sums: known.get(&begins).copied().unwrap_or_default(),
        }
    };
    (0..count).map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_without_calls_are_shown_too() {
        let line = |begins, calls| UsageLine {
            begins,
            account: String::new(),
            tool: String::new(),
            client: String::new(),
            sums: Sums {
                calls,
                ..Sums::default()
            },
        };
        let (from, until) = (
            Timestamp::constant(3_700, 0),
            Timestamp::constant(14_500, 0),
        );
        let steps = filled(&[line(10_800, 5), line(3_600, 2)], (from, until), 3_600);
        let seen: Vec<_> = steps
            .iter()
            .map(|step| (step.begins, step.sums.calls))
            .collect();
        assert_eq!(seen, [(3_600, 2), (7_200, 0), (10_800, 5), (14_400, 0)]);
        assert_eq!(
            steps.first().map(|step| step.words.as_str()),
            Some("1970-01-01 01:00")
        );
    }
}
