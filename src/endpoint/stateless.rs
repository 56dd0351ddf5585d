//! Stateless clients (2026-07-28): served here, without an object unless the
//! request is about a handle, a task or what others change.

use http::{Response, StatusCode};
use mcp::era::{Refusal, RequestMeta};
use mcp::reply::{self, method_not_found};
use mcp::revision::Revision;
use mcp::tool::catalog::{Kind, Place};
use mcp::tool::is_invocation;
use mcp::{RequestId, envelope};
use platform::answer::{self, Body};
use platform::quota::Admission;
use platform::records::Refused;
use platform::tools;

use super::{Call, SERVER, admission, refused};
use crate::error::{Error, doing};

impl Call<'_> {
    /// One request that names everything it needs.
    pub(super) async fn stateless(
        self,
        request: &envelope::Request<'_>,
        meta: &RequestMeta,
    ) -> Result<Response<Body>, Error> {
        let id = &request.id;
        let features = super::features(self.app).await?;
        if request.method == "server/discover" {
            return Ok(whole(reply::result(id, &SERVER.discover_result(features))));
        }
        if !is_known(&request.method) || !features.serve(&request.method) {
            let error = method_not_found(&request.method); // P9, M-CAP-02
            return Ok(refused(&Refusal::new(404, Some(id.clone()), error)));
        }
        self.permit(request).await?;
        let admission = self.spend(request).await?;
        let Some(admission) = admission else {
            self.note_refusal(&request.method, Refused::Grant);
            return Err(self.ended());
        };
        if let Some(refused) = admission::refusal(&admission, Some(id)) {
            self.note_refusal(&request.method, Refused::Quota);
            return Ok(refused);
        }
        let response = self.admitted(request, meta, &admission).await?;
        Ok(admission::with_fields(&admission, response))
    }

    async fn admitted(
        self,
        request: &envelope::Request<'_>,
        meta: &RequestMeta,
        admission: &Admission,
    ) -> Result<Response<Body>, Error> {
        match request.method.as_ref() {
            "subscriptions/listen" => self.listen_to_changes(request, meta).await,
            "tasks/get" | "tasks/update" | "tasks/cancel" => self.task(request, meta).await,
            method if is_invocation(method) => self.invoke(request, meta, admission).await,
            method => match Kind::of_method(method) {
                Some(kind) => self.list(kind, request).await,
                None => Err(Error::bug("a method is served by nobody")),
            },
        }
    }

    async fn list(
        self,
        kind: Kind,
        request: &envelope::Request<'_>,
    ) -> Result<Response<Body>, Error> {
        let id = &request.id;
        let place = match Place::read(kind, request.params.text()) {
            Ok(place) => place,
            Err(error) => return Ok(failed(id, &error)),
        };
        let env = &self.app.env;
        let asked = tools::catalog(env).await;
        let catalog = asked.map_err(doing("asking for the tools"))?;
        let key = platform::keys::names(env).map_err(doing("reading the key of names"))?;
        let cursor = place.cursor.as_deref();
        match catalog.list(kind, Revision::MODERN, cursor, &key, |it| self.shows(it)) {
            Err(error) => Ok(failed(id, &error)),
            Ok(mut list) => {
                SERVER.sign(&mut list);
                Ok(whole(reply::result(id, &list)))
            }
        }
    }
}

/// The methods of this era that stand for themselves in what is advertised.
fn is_known(method: &str) -> bool {
    is_invocation(method)
        || Kind::of_method(method).is_some()
        || matches!(
            method,
            "subscriptions/listen" | "tasks/get" | "tasks/update" | "tasks/cancel"
        )
}

/// A JSON-RPC response with HTTP's 200.
pub(super) fn whole(text: String) -> Response<Body> {
    answer::json_text(StatusCode::OK, text)
}

/// An error of the request's own, which HTTP knows nothing of (ERA-06).
pub(super) fn failed(id: &RequestId, error: &mcp::ErrorData) -> Response<Body> {
    whole(reply::error(Some(id), error))
}
