//! What stateless calls spend, from the leases of this isolate.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use mcp::envelope::Request;
use mcp::tool::Target;
use platform::leases::Leases;
use platform::quota::{Admission, Spender, admit, cost};
use quota::{Cost, Family, Mark, Spent};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Call;
use crate::error::{Error, doing};

thread_local! {
    static LEASES: Rc<Leases> = Rc::default();
}

impl Call<'_> {
    /// Spends what the request costs; none if the caller's grant has ended.
    pub(super) async fn spend(&self, request: &Request<'_>) -> Result<Option<Admission>, Error> {
        let asking = doing("asking for the quota");
        let env = &self.app.env;
        let target = Target::named(&request.method, &request.params);
        let is_beyond = match &target {
            Some(target) => self.is_beyond(target).await?,
            None => false,
        };
        let cost = if is_beyond {
            Cost::default() // nor are they told what it would cost
        } else {
            cost(env, target.as_ref()).await.map_err(&asking)?
        };
        let leases = LEASES.with(Rc::clone);
        let admitted = admit(
            env,
            &leases,
            self.spender(mark(request, target.as_ref())),
            &cost,
        )
        .await;
        admitted.map_err(&asking)
    }

    /// Takes back what a call spent that was then not made.
    pub(super) fn refund(&self, family: &Family, spent: &Spent) {
        let (leases, spender) = (LEASES.with(Rc::clone), self.spender(Mark::default()));
        leases.refund(spender.account, spender.grant, family, spent);
    }

    fn spender(&self, mark: Mark) -> Spender<'_> {
        Spender {
            account: &self.caller.principal.ledger,
            grant: self.caller.grant.as_ref(),
            session: None,
            mark,
        }
    }
}

/// What of a request is the same when it is repeated.
#[derive(Default, Deserialize)]
struct Repeated<'a> {
    #[serde(borrow, default)]
    arguments: Option<&'a RawValue>,
}

/// By what it is known that a request is repeated: what it names, and with which
/// arguments.
fn mark(request: &Request<'_>, target: Option<&Target>) -> Mark {
    let params = request.params.text().map_or("{}", RawValue::get);
    let repeated: Repeated<'_> = serde_json::from_str(params).unwrap_or_default();
    let arguments = repeated.arguments.map(RawValue::get);
    let mut hasher = DefaultHasher::new();
    request.method.hash(&mut hasher);
    target.map(Target::name).hash(&mut hasher);
    arguments.hash(&mut hasher);
    Mark(hasher.finish())
}
