//! Stateless calls where a policy says how many may run at once: the object of the
//! account's calls makes them.

use std::rc::Rc;

use mcp::tool::Invocation;
use mcp::tool::catalog::Entry;
use platform::calls::{self, StatelessCall};
use platform::incoming;
use platform::quota::{Admission, cost_of};
use platform::tools::ToolAnswer;

use super::Call;
use crate::error::{Error, doing};

/// Whether an admitted call may have to wait until others have ended.
pub(super) fn is_bounded(admission: &Admission) -> bool {
    match admission {
        Admission::Admitted(spent) => spent.policy.concurrent().is_some(),
        Admission::Refused(_) => false,
    }
}

impl Call<'_> {
    /// Has an admitted call made once fewer run than may. One that waited in vain gets
    /// back what it spent, and is refused.
    pub(super) async fn one_of_few(
        &self,
        entry: &Entry,
        invocation: &Rc<Invocation>,
        admission: &Admission,
    ) -> Result<Result<worker::Result<ToolAnswer>, Admission>, Error> {
        let Admission::Admitted(spent) = admission else {
            return Err(Error::bug("a call was not admitted"));
        };
        let cost = cost_of(entry).map_err(doing("reading what a call costs"))?;
        let call = StatelessCall {
            principal: self.caller.principal.clone(),
            family: cost.family,
            invocation: Rc::clone(invocation),
        };
        let left = incoming::left(self.head);
        match calls::send(&self.app.env, &call, left.as_ref()).await {
            Ok(Ok(answer)) => Ok(Ok(Ok(answer))),
            Ok(Err(refused)) => {
                self.refund(&call.family, spent);
                Ok(Err(Admission::Refused(refused)))
            }
            Err(error) => Ok(Ok(Err(error))),
        }
    }
}
