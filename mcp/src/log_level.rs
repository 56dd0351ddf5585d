//! The severities of log messages (RFC 5424, section 6.2.1), least first.

use serde::{Deserialize, Serialize};

/// How severe a log message is, or how severe it must be to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// For finding faults.
    Debug,
    /// What goes on.
    Info,
    /// What goes on and is worth a look.
    Notice,
    /// What may go wrong.
    Warning,
    /// What went wrong.
    Error,
    /// What went wrong in a part that others need.
    Critical,
    /// What somebody has to act on at once.
    Alert,
    /// Nothing works.
    Emergency,
}

impl LogLevel {
    /// What a session is sent before it says otherwise: the specification
    /// leaves it to the server (2025-11-25, logging).
    pub const SESSION_DEFAULT: Self = Self::Info;

    /// The level of the params of a `notifications/message`.
    pub fn of_message(params: Option<&serde_json::value::RawValue>) -> Option<Self> {
        #[derive(Deserialize)]
        struct Leveled {
            level: LogLevel,
        }
        let leveled: Leveled = serde_json::from_str(params?.get()).ok()?;
        Some(leveled.level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_by_severity() {
        let levels: Vec<LogLevel> = serde_json::from_str(
            r#"["debug","info","notice","warning","error","critical","alert","emergency"]"#,
        )
        .unwrap();
        assert!(levels.is_sorted());
        assert!(serde_json::from_str::<LogLevel>("\"loud\"").is_err());
    }
}
