//! The chain of the rows: each names, by its hash, all that came before it.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What the hash begins with, so that it is no hash of anything else.
const DOMAIN: &[u8] = b"sessile audit row 1\0";
/// The length of a hash, in bytes.
const HASH_BYTES: usize = 32;

/// The hash of a row: SHA-256 over `DOMAIN`, the hash of the row before, the number
/// as 8 bytes with the greatest first, and the record's text. All but the last have
/// one length, so no two rows have the same bytes.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RowHash([u8; HASH_BYTES]);

/// A text that is no hash: not 64 small hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not 64 hexadecimal digits")]
pub struct BadHash;

/// The last row of a chain, or the one that a chain goes on from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Its number: 1 for the first row, 0 where there is none yet.
    pub seq: u64,
    /// Its hash; zeros where there is none yet.
    pub hash: RowHash,
}

impl Link {
    /// Where a chain begins that has no row.
    pub const START: Self = Self {
        seq: 0,
        hash: RowHash([0; HASH_BYTES]),
    };

    /// The row that comes next, with this record.
    #[must_use]
    pub fn next(&self, record: &str) -> Self {
        let seq = self.seq + 1;
        let hash = Sha256::new()
            .chain_update(DOMAIN)
            .chain_update(self.hash.0)
            .chain_update(seq.to_be_bytes())
            .chain_update(record.as_bytes())
            .finalize();
        Self {
            seq,
            hash: RowHash(hash.into()),
        }
    }
}

impl fmt::Display for Link {
    /// `SEQ:HASH`, as a person notes it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.seq, self.hash)
    }
}

impl std::str::FromStr for Link {
    type Err = BadHash;

    fn from_str(text: &str) -> Result<Self, BadHash> {
        let (seq, hash) = text.split_once(':').ok_or(BadHash)?;
        Ok(Self {
            seq: seq.parse().map_err(|_| BadHash)?,
            hash: hash.parse()?,
        })
    }
}

impl fmt::Display for RowHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

impl fmt::Debug for RowHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::str::FromStr for RowHash {
    type Err = BadHash;

    fn from_str(text: &str) -> Result<Self, BadHash> {
        let mut hash = [0; HASH_BYTES];
        match base16ct::lower::decode(text, &mut hash) {
            Ok(read) if read.len() == HASH_BYTES => Ok(Self(hash)),
            Ok(_) | Err(_) => Err(BadHash),
        }
    }
}

impl TryFrom<String> for RowHash {
    type Error = BadHash;

    fn try_from(text: String) -> Result<Self, BadHash> {
        text.parse()
    }
}

impl From<RowHash> for String {
    fn from(hash: RowHash) -> Self {
        hash.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with another program, so that a change of the encoding is noticed:
    /// it would break every chain that there is.
    #[test]
    fn the_hash_of_the_first_row_stays_what_it_is() {
        let first = Link::START.next("{}");
        assert_eq!(first.to_string(), FIRST);
    }

    const FIRST: &str = "1:6540a05870c777918d195bc209fb51ac53c0bd46c7eab69f2a1155e9ceae864b";

    #[test]
    fn a_link_is_read_as_it_is_written_and_nothing_else() {
        let link = Link::START.next("a").next("b");
        assert_eq!(link.to_string().parse(), Ok(link));
        let upper = link.to_string().to_uppercase();
        for bad in ["", "1", "1:", "x:00", &upper, &format!("{link}0"), "-1:00"] {
            assert_eq!(bad.parse::<Link>(), Err(BadHash), "{bad}");
        }
    }

    #[test]
    fn another_record_number_or_past_is_another_hash() {
        let link = Link::START.next("a");
        let others = [
            Link::START.next("b"),
            Link {
                seq: 1,
                ..Link::START
            }
            .next("a"),
            link.next("a"),
        ];
        assert!(others.iter().all(|other| other.hash != link.hash));
    }
}
