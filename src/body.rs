//! Reading a request's body, up to a limit.

use futures_util::StreamExt;

use crate::error::{Error, doing};

/// A body larger than its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// The whole body; reading ends at the limit, whatever length was announced.
pub(crate) async fn read(
    mut body: worker::Body,
    bytes_max: usize,
) -> Result<Result<Vec<u8>, TooLarge>, Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(doing("reading a body"))?;
        if bytes.len() + chunk.len() > bytes_max {
            return Ok(Err(TooLarge));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Ok(bytes))
}
