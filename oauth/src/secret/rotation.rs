//! Replacing the root secret while people work.
//!
//! Each secret has a number and may name the time from which it makes what is
//! new. It is known everywhere before that time, so that nothing is made that
//! some machine cannot read yet, and its predecessors read on until they are
//! taken away.

use jiff::{SignedDuration, Timestamp};

use crate::secret::{RootSecret, WeakSecret};

/// Most secrets that are known at once: each one more to try for what none made.
pub const ROOTS_MAX: usize = 4;
/// What lives no longer than this is brief: access tokens, codes, forms and
/// logins on their way. A secret that was replaced longer ago reads none of it.
pub const BRIEF_LIFE_MAX: SignedDuration = SignedDuration::from_hours(25);

/// Between a secret and the time it counts from.
const FROM: &str = "from";

/// All secrets, as they stand at one time.
#[derive(Debug, Clone)]
pub struct Rotation {
    /// What makes, and what reads.
    pub root: RootSecret,
    /// Each of them, by its number.
    pub known: Vec<Numbered>,
    /// Until when that holds; `None` if nothing is to come.
    pub until: Option<Timestamp>,
}

/// A secret as people may know it: nothing of what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbered {
    /// The number in its name.
    pub number: u32,
    /// From when it makes what is new, if it says so.
    pub from: Option<Timestamp>,
    /// What it does.
    pub part: Part,
}

/// What a secret does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It makes what is new, and reads it.
    Makes,
    /// It will, from its time on; until then it reads.
    WillMake,
    /// It reads what it made.
    Reads,
    /// It reads what it made, but for what is brief.
    ReadsLasting,
}

/// Why secrets cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadRoot {
    /// There is none.
    #[error("is missing")]
    Missing,
    /// There are too many.
    #[error("is one secret too many: take away the oldest, there are at most 4")]
    Many,
    /// One of them cannot be a secret.
    #[error(transparent)]
    Weak(#[from] WeakSecret),
    /// What follows the secret is no time.
    #[error(
        "must be a secret, or a secret, the word from, and a time such as 2026-11-21T15:00:00Z"
    )]
    From,
}

struct Written {
    number: u32,
    secret: RootSecret,
    from: Option<Timestamp>,
}

impl Written {
    fn read(number: u32, text: &str) -> Result<Self, BadRoot> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (secret, from) = match *words.as_slice() {
            [secret] => (secret, None),
            [secret, FROM, from] => (secret, Some(from.parse().map_err(|_| BadRoot::From)?)),
            [] => return Err(BadRoot::Missing),
            _ => return Err(BadRoot::From),
        };
        Ok(Self {
            number,
            secret: RootSecret::parse(secret)?,
            from,
        })
    }

    fn known(&self, part: Part) -> Numbered {
        Numbered {
            number: self.number,
            from: self.from,
            part,
        }
    }

    fn has_begun(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= now)
    }
}

impl Rotation {
    /// Reads the secrets, each with its number, as they are configured. An
    /// error comes with the number of the secret that is wrong.
    pub fn read(
        configured: &[(u32, String)],
        now: Timestamp,
    ) -> Result<Self, (Option<u32>, BadRoot)> {
        let mut ordered: Vec<&(u32, String)> = configured.iter().collect();
        ordered.sort_by_key(|(number, _)| *number);
        if let Some((one_too_many, _)) = ordered.get(ROOTS_MAX) {
            return Err((Some(*one_too_many), BadRoot::Many));
        }
        let mut all = ordered
            .iter()
            .map(|(number, text)| Written::read(*number, text).map_err(|bad| (Some(*number), bad)))
            .collect::<Result<Vec<_>, _>>()?;
        // The newest that has begun; if all are to come, the first of them.
        let making = all
            .iter()
            .rposition(|each| each.has_begun(now))
            .unwrap_or(0);
        let until = all
            .iter()
            .filter_map(|each| each.from)
            .filter(|from| *from > now)
            .min();
        if all.is_empty() {
            return Err((None, BadRoot::Missing));
        }
        let newer = all.split_off(making + 1);
        let making = all.pop().ok_or((None, BadRoot::Missing))?;
        // The newest first: what is read is most often of the latest ones. All
        // older ones were replaced when this one began, or before.
        let since = making.from.map(|from| now.duration_since(from));
        let long_ago = since.is_some_and(|since| since > BRIEF_LIFE_MAX);
        let begins_to_be_long_ago = making
            .from
            .filter(|_| !long_ago && !all.is_empty())
            .and_then(|from| from.checked_add(BRIEF_LIFE_MAX).ok())
            .map(|over| over + SignedDuration::from_secs(1));
        let reads = if long_ago {
            Part::ReadsLasting
        } else {
            Part::Reads
        };
        let mut known: Vec<Numbered> = all.iter().map(|each| each.known(reads)).collect();
        known.push(making.known(Part::Makes));
        for each in &newer {
            known.push(each.known(Part::WillMake));
        }
        let mut root = making.secret;
        for each in newer.into_iter().rev() {
            root = root.beside(each.secret, false);
        }
        for each in all.into_iter().rev() {
            root = root.beside(each.secret, long_ago);
        }
        Ok(Self {
            root,
            known,
            until: [until, begins_to_be_long_ago].into_iter().flatten().min(),
        })
    }

    /// Whether it still stands so.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn text(first: u8) -> String {
        encoding::encode((first..first + 32).collect::<Vec<u8>>())
    }

    fn key(first: u8) -> [u8; 32] {
        RootSecret::parse(&text(first)).unwrap().derive("a")
    }

    fn all(read: &Rotation) -> Vec<[u8; 32]> {
        read.root.derive_all("a").all().copied().collect()
    }

    fn brief(read: &Rotation) -> Vec<[u8; 32]> {
        read.root.derive_brief("a").all().copied().collect()
    }

    fn from(first: u8, hours: i64) -> String {
        let from = NOW + SignedDuration::from_hours(hours);
        format!("{} from {from}", text(first))
    }

    #[test]
    fn the_newest_that_has_begun_makes_and_all_read() {
        let said = [(3, from(3, 1)), (1, text(1)), (2, from(2, -1))];
        let read = Rotation::read(&said, NOW).unwrap();
        assert_eq!(read.root.derive("a"), key(2));
        assert_eq!(all(&read), [key(2), key(3), key(1)]);
        assert_eq!(read.until, Some(NOW + SignedDuration::from_hours(1)));
        let later = Rotation::read(&said, NOW + SignedDuration::from_hours(1)).unwrap();
        assert_eq!(all(&later), [key(3), key(2), key(1)]);
        assert!(read.holds(NOW) && !read.holds(NOW + SignedDuration::from_hours(1)));
    }

    #[test]
    fn nothing_brief_is_read_by_a_secret_that_was_replaced_long_ago() {
        let said = [(1, text(1)), (2, from(2, -1))];
        let read = Rotation::read(&said, NOW).unwrap();
        assert_eq!(brief(&read), [key(2), key(1)]);
        let changes = read.until.unwrap();
        let later = Rotation::read(&said, changes).unwrap();
        assert_eq!(brief(&later), [key(2)]);
        assert_eq!(all(&later), [key(2), key(1)]);
        assert_eq!(later.until, None);
    }

    #[test]
    fn what_each_secret_does_is_told_by_its_number() {
        let said = [(3, from(3, 1)), (1, text(1)), (2, from(2, -1))];
        let parts = |now| {
            let read = Rotation::read(&said, now).unwrap();
            let known = read.known.iter().map(|each| (each.number, each.part));
            known.collect::<Vec<_>>()
        };
        let now = [(1, Part::Reads), (2, Part::Makes), (3, Part::WillMake)];
        assert_eq!(parts(NOW), now);
        let later = [
            (1, Part::ReadsLasting),
            (2, Part::ReadsLasting),
            (3, Part::Makes),
        ];
        assert_eq!(parts(NOW + SignedDuration::from_hours(27)), later);
    }

    #[test]
    fn one_secret_alone_makes_even_before_its_time() {
        let read = Rotation::read(&[(7, from(7, 1))], NOW).unwrap();
        assert_eq!(all(&read), [key(7)]);
    }

    #[test]
    fn secrets_that_cannot_be_used_are_named() {
        let many: Vec<(u32, String)> = (1..=5).map(|number| (number, text(1))).collect();
        let table = [
            (vec![], (None, BadRoot::Missing)),
            (vec![(1, String::new())], (Some(1), BadRoot::Missing)),
            (many, (Some(5), BadRoot::Many)),
            (
                vec![(1, text(1)), (2, "changeme".into())],
                (Some(2), BadRoot::Weak(WeakSecret::Short)),
            ),
            (
                vec![(1, format!("{} from soon", text(1)))],
                (Some(1), BadRoot::From),
            ),
            (
                vec![(1, format!("{} x", text(1)))],
                (Some(1), BadRoot::From),
            ),
        ];
        for (said, bad) in table {
            assert_eq!(Rotation::read(&said, NOW).err(), Some(bad), "{said:?}");
        }
    }
}
