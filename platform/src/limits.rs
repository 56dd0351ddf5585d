//! How much of each thing one user may have, as the variables of the deployment
//! say.
//!
//! The objects read a variable where they need it, and all of them when their Worker
//! starts ([`ALL`]), so that a wrong one is told at once.

use worker::{Env, Error, Result};

/// Largest number that any of them may be: whoever counts looks at as many rows
/// or sockets each time something is added.
pub const PER_USER_MAX: usize = 20_000;

/// How much of one thing a user may have.
#[derive(Debug, Clone, Copy)]
pub struct PerUser {
    /// The variable that says so.
    pub variable: &'static str,
    /// What holds unless it does.
    default: usize,
}

/// People have a few clients on a few machines, and many clients open a session
/// each time and never end one.
pub const SESSIONS: PerUser = PerUser::new("SESSIONS_PER_USER", 200);
/// A handle is one row: a model that makes one for each thing it does must not
/// lose those it still knows.
pub const HANDLES: PerUser = PerUser::new("HANDLES_PER_USER", 1_000);
/// A task's row may be large, but is kept for a day only.
pub const TASKS: PerUser = PerUser::new("TASKS_PER_USER", 1_000);
/// Clients listen once each, or once for each thing they show. An object takes
/// 32,768 hibernatable sockets in all (workerd, `ACTIVE_CONNECTION_LIMIT` of its
/// hibernation manager).
pub const LISTENERS: PerUser = PerUser::new("LISTENERS_PER_USER", 100);

/// All of them.
pub const ALL: [PerUser; 4] = [SESSIONS, HANDLES, TASKS, LISTENERS];

impl PerUser {
    const fn new(variable: &'static str, default: usize) -> Self {
        Self { variable, default }
    }

    /// The number, given what the variable says; none if it cannot be used.
    pub fn read(self, configured: Option<&str>) -> Option<usize> {
        match configured.map(str::trim) {
            None | Some("") => Some(self.default),
            Some(text) => text
                .parse()
                .ok()
                .filter(|number| (1..=PER_USER_MAX).contains(number)),
        }
    }

    /// The number, in this deployment.
    pub fn of(self, env: &Env) -> Result<usize> {
        let configured = env.var(self.variable).map(|value| value.to_string()).ok();
        self.read(configured.as_deref())
            .ok_or_else(|| Error::RustError(format!("{} cannot be used", self.variable)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_positive_number_or_its_default_and_never_something_else() {
        for limit in ALL {
            assert_eq!(limit.read(None), Some(limit.default));
            assert_eq!(limit.read(Some("  ")), Some(limit.default));
            assert_eq!(limit.read(Some(" 7 ")), Some(7));
            for wrong in ["0", "-1", "1.5", "many", "20001", "99999999999999999999"] {
                assert_eq!(limit.read(Some(wrong)), None, "{wrong}");
            }
        }
    }
}
