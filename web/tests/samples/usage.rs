//! Samples of the pages of usage and audit.

use web::{
    AdminFrame, AuditOutcome, AuditPage, AuditRow, Choice, Filter, Shown, UsagePage, UsageShare,
    UsageShares, UsageStep, UsageSums,
};

use super::{admin::links, ago};

const HOSTILE: &str = "\u{202e}</bdi></td><script>alert('x')</script>\" onload=\"y\u{0}";

pub(crate) fn all() -> Vec<(&'static str, String)> {
    vec![
        ("usage", usage("/account/usage", "notes_add").render()),
        ("usage-hostile", usage("/account/usage", HOSTILE).render()),
        (
            "usage-none",
            UsagePage {
                steps: vec![],
                shares: vec![],
                sums: UsageSums::default(),
                ..own()
            }
            .render(),
        ),
        ("audit", audit("Ada Lovelace").render()),
        ("audit-hostile", audit(HOSTILE).render()),
        (
            "audit-none",
            AuditPage {
                rows: vec![],
                next: None,
                ..audit("Ada")
            }
            .render(),
        ),
    ]
}

fn choices(chosen: &str) -> Vec<Choice> {
    [
        ("day", "Last 24 hours"),
        ("week", "Last 7 days"),
        ("month", "Last 30 days"),
    ]
    .map(|(value, label)| Choice {
        value,
        label,
        chosen: value == chosen,
    })
    .to_vec()
}

fn filter(name: &'static str, label: &'static str, value: &str) -> Filter {
    Filter {
        name,
        label,
        value: value.to_owned(),
    }
}

fn sums(calls: u64, errors: u64, refused: u64) -> UsageSums {
    UsageSums {
        calls,
        errors,
        refused,
        rows: calls / 3,
        micros: calls * 12_400,
    }
}

fn usage(here: &str, tool: &str) -> UsagePage {
    let counts = [4, 12, 9, 0, 0, 31, 88, 120, 96, 140, 133, 71];
    let steps = (0..).zip(counts).map(|(hour, calls)| UsageStep {
        begins: 1_795_219_200 + hour * 3_600,
        words: format!("2026-11-21 {hour:02}:00"),
        sums: sums(calls, calls / 20, calls / 30),
    });
    let share = |name: &str, calls, percent| UsageShare {
        name: Shown::name(name),
        href: "/account/usage?tool=x".to_owned(),
        sums: sums(calls, calls / 50, 0),
        percent,
    };
    UsagePage {
        frame: AdminFrame {
            pages: links(here),
            notice: None,
            refusal: None,
        },
        action: "/account/usage",
        everybody: true,
        spans: choices("day"),
        filters: vec![
            filter("user", "User", ""),
            filter("tool", "Tool", tool),
            filter("client", "App or key", ""),
        ],
        sums: sums(704, 35, 20),
        step_s: 3_600,
        steps: steps.collect(),
        shares: vec![
            UsageShares {
                heading: "Tool",
                rows: vec![share(tool, 500, 100), share("echo", 204, 41)],
                more: 3,
            },
            UsageShares {
                heading: "User",
                rows: vec![share("Ada Lovelace", 704, 100)],
                more: 0,
            },
        ],
        csv: "/account/usage?span=day&as=csv".to_owned(),
    }
}

fn own() -> UsagePage {
    UsagePage {
        frame: AdminFrame {
            pages: vec![],
            notice: None,
            refusal: None,
        },
        everybody: false,
        ..usage("/account/usage", "echo")
    }
}

fn audit(name: &str) -> AuditPage {
    let row = |seq, word, kind, good, why: Option<&str>| AuditRow {
        seq,
        at: ago(7),
        name: Shown::name(word),
        kind,
        target: Some(Shown::prose("note://shopping")),
        who: Some(Shown::name(name)),
        client: Some(Shown::name("Inspector")),
        address: Some(Shown::prose("192.0.2.7")),
        outcome: AuditOutcome {
            word: if good { "ok" } else { "refused" },
            good,
        },
        why: why.map(Shown::prose),
        times: if good { 1 } else { 12 },
        record: Shown::record(&format!("{{\"name\":\"{word}\",\"who\":\"{name}\"}}")),
    };
    AuditPage {
        frame: AdminFrame {
            pages: links("/account/audit"),
            notice: None,
            refusal: None,
        },
        action: "/account/audit",
        everybody: true,
        kinds: vec![Choice {
            value: "",
            label: "Everything",
            chosen: true,
        }],
        outcomes: vec![Choice {
            value: "",
            label: "Any",
            chosen: true,
        }],
        spans: choices("week"),
        filters: vec![
            filter("user", "User", name),
            filter("name", "Tool or action", ""),
        ],
        rows: vec![
            row(42, "notes_add", "tool", true, None),
            row(
                41,
                "echo",
                "tool",
                false,
                Some("too many calls: try again in 3 s"),
            ),
        ],
        next: Some("/account/audit?after=41".to_owned()),
        first: None,
        export: "/account/audit?as=jsonl".to_owned(),
    }
}
