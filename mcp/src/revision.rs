//! The revisions of the protocol we speak, and the two eras they fall into.

use rmcp::model::ProtocolVersion;
use serde::{Deserialize, Serialize};

/// A revision of the specification that this server speaks, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Revision {
    /// The first one. Only its transport HTTP+SSE speaks it, so that it is not
    /// in [`Revision::ALL`], which is offered on the endpoint.
    #[serde(rename = "2024-11-05")]
    V20241105,
    /// Streamable HTTP, batches.
    #[serde(rename = "2025-03-26")]
    V20250326,
    /// Structured results, elicitation; batches gone.
    #[serde(rename = "2025-06-18")]
    V20250618,
    /// Priming events and `retry`, URL elicitation, tasks.
    #[serde(rename = "2025-11-25")]
    V20251125,
    /// Stateless: no handshake, no session.
    #[serde(rename = "2026-07-28")]
    V20260728,
}

impl Revision {
    /// Every revision the endpoint speaks, newest first: the order clients choose in.
    pub const ALL: [Self; 4] = [
        Self::V20260728,
        Self::V20251125,
        Self::V20250618,
        Self::V20250326,
    ];
    /// The newest revision that begins with `initialize`.
    pub const NEWEST_LEGACY: Self = Self::V20251125;
    /// The stateless revision.
    pub const MODERN: Self = Self::V20260728;

    /// The revision of that name, if the endpoint speaks it.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V20241105 => "2024-11-05",
            Self::V20250326 => "2025-03-26",
            Self::V20250618 => "2025-06-18",
            Self::V20251125 => "2025-11-25",
            Self::V20260728 => "2026-07-28",
        }
    }

    /// Whether it has no handshake and no session.
    pub fn is_modern(self) -> bool {
        self >= Self::MODERN
    }

    /// What `initialize` answers to a client that asks for `requested`
    /// (checklist L-INIT-02, ERA-03): the same if it is a revision with a
    /// handshake, else our newest such.
    pub fn negotiate(requested: &str) -> Self {
        match Self::parse(requested) {
            Some(revision) if !revision.is_modern() => revision,
            _ => Self::NEWEST_LEGACY,
        }
    }

    /// What `initialize` answers over HTTP+SSE: any revision with a handshake
    /// that was asked for, the first one included (checklist S24-05).
    pub fn negotiate_http_sse(requested: &str) -> Self {
        if requested == Self::V20241105.as_str() {
            Self::V20241105
        } else {
            Self::negotiate(requested)
        }
    }

    /// The official SDK's name for it.
    pub fn protocol_version(self) -> ProtocolVersion {
        match self {
            Self::V20241105 => ProtocolVersion::V_2024_11_05,
            Self::V20250326 => ProtocolVersion::V_2025_03_26,
            Self::V20250618 => ProtocolVersion::V_2025_06_18,
            Self::V20251125 => ProtocolVersion::V_2025_11_25,
            Self::V20260728 => ProtocolVersion::V_2026_07_28,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checklist L-INIT-02, ERA-03.
    #[test]
    fn initialize_never_negotiates_a_revision_without_a_handshake() {
        for (asked, answered) in [
            ("2025-03-26", Revision::V20250326),
            ("2025-06-18", Revision::V20250618),
            ("2025-11-25", Revision::V20251125),
            ("2026-07-28", Revision::V20251125),
            ("2024-11-05", Revision::V20251125),
            ("1999-01-01", Revision::V20251125),
            ("", Revision::V20251125),
        ] {
            assert_eq!(Revision::negotiate(asked), answered, "{asked}");
        }
    }

    /// Checklist S24-05.
    #[test]
    fn the_first_revision_is_negotiated_over_http_sse_only() {
        for (asked, answered) in [
            ("2024-11-05", Revision::V20241105),
            ("2025-03-26", Revision::V20250326),
            ("2025-11-25", Revision::V20251125),
            ("2026-07-28", Revision::V20251125),
            ("1999-01-01", Revision::V20251125),
        ] {
            assert_eq!(Revision::negotiate_http_sse(asked), answered, "{asked}");
        }
        assert_eq!(Revision::parse("2024-11-05"), None);
        assert!(Revision::V20241105 < Revision::V20250326, "gates compare");
    }

    #[test]
    fn every_name_is_the_one_of_the_official_sdk() {
        for revision in Revision::ALL.into_iter().chain([Revision::V20241105]) {
            assert_eq!(revision.protocol_version().as_str(), revision.as_str());
        }
    }
}
