//! What was found, as files.

use crate::search::Found;
use crate::usage::UsageLine;

/// Records as JSON Lines, each with its number and hash: the members `seq`, `hash` and
/// `record`, whose text is the one that was hashed.
pub fn json_lines(found: &[Found]) -> String {
    let line = |found: &Found| {
        let (seq, hash) = (found.seq, found.hash);
        format!(
            "{{\"seq\":{seq},\"hash\":\"{hash}\",\"record\":{}}}\n",
            found.text
        )
    };
    found.iter().map(line).collect()
}

/// Usage as CSV (RFC 4180), with a line of names. A text that a spreadsheet would take
/// for a formula has an apostrophe before it (OWASP, "CSV Injection").
pub fn csv(lines: &[UsageLine]) -> String {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let names = [
        "begins",
        "account",
        "tool",
        "client",
        "calls",
        "errors",
        "refused",
        "rows_written",
        "micros",
    ];
    // Writing into memory does not fail.
    let _ = writer.write_record(names);
    for line in lines {
        let begins = jiff::Timestamp::from_second(line.begins);
        let sums = &line.sums;
        let cells = [
            begins.map_or(String::new(), |begins| begins.to_string()),
            harmless(&line.account),
            harmless(&line.tool),
            harmless(&line.client),
            sums.calls.to_string(),
            sums.errors.to_string(),
            sums.refused.to_string(),
            sums.rows_written.to_string(),
            sums.micros.to_string(),
        ];
        let _ = writer.write_record(&cells);
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::Sums;

    /// RFC 4180 section 2.
    #[test]
    fn cells_are_quoted_where_they_need_it_and_none_is_a_formula() {
        let line = UsageLine {
            begins: 1_800_000_000,
            account: "-abc".into(),
            tool: "say \"hi\", twice".into(),
            client: "=HYPERLINK(\"https://evil.example\")".into(),
            sums: Sums {
                calls: 3,
                ..Sums::default()
            },
        };
        let text = csv(&[line]);
        let wanted = "begins,account,tool,client,calls,errors,refused,rows_written,micros\r\n\
            2027-01-15T08:00:00Z,'-abc,\"say \"\"hi\"\", twice\",\
            \"'=HYPERLINK(\"\"https://evil.example\"\")\",3,0,0,0,0\r\n";
        assert_eq!(text, wanted);
    }

    #[test]
    fn each_record_is_a_line_of_json_with_the_text_that_was_hashed() {
        let text = r#"{"at":1,"name":"a\nb"}"#;
        let hash = crate::Link::START.next(text).hash;
        let found = Found {
            seq: 1,
            hash,
            text: text.into(),
            record: None,
        };
        let lines = json_lines(&[found.clone(), found]);
        assert_eq!(lines.lines().count(), 2);
        for line in lines.lines() {
            assert!(line.ends_with(&format!("\"record\":{text}}}")));
            let read: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(read["hash"], hash.to_string());
        }
    }
}
