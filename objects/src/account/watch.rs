//! Who has to know at once when a grant ends, and waits for it: a hibernatable
//! socket, on which nothing is ever said. It is closed with the grant.

use oauth::grant::GrantId;
use platform::account::wire;
use worker::{Request, Response, ResponseBuilder, Result, State, WebSocket, WebSocketPair};

use super::grants;

/// `GET /grants/watch`: a socket that is open as long as the grant stands.
pub(super) fn watch(state: &State, request: &Request) -> Result<Response> {
    let named = request.headers().get(wire::GRANT)?.unwrap_or_default();
    let grant = GrantId::trusted(named);
    if !grants::stands(state, &grant)? {
        return Response::error("the grant has ended", 410);
    }
    let pair = WebSocketPair::new()?;
    state.accept_web_socket(&pair.server);
    pair.server.serialize_attachment(&grant)?;
    Ok(ResponseBuilder::new()
        .with_status(101)
        .with_websocket(pair.client)
        .empty())
}

/// Closes the sockets of grants that have ended.
pub(super) fn close_ended(state: &State) -> Result<()> {
    for socket in state.get_websockets() {
        let grant = socket.deserialize_attachment::<GrantId>()?;
        let stands = grant.map(|grant| grants::stands(state, &grant));
        if !stands.transpose()?.unwrap_or(false) {
            close(&socket);
        }
    }
    Ok(())
}

/// Closes a socket; the other side may have closed it completely by now.
pub(super) fn close(socket: &WebSocket) {
    let _ = socket.close(Some(1000), Some("closed"));
}
