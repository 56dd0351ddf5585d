//! Which of our origins a request was sent to, and from which network.

use http::{HeaderMap, Request, header};
use oauth::origin::PublicOrigin;
use quota::network;

use crate::failure::Failure;

/// The origin of ours a request was sent to, kept with the request.
#[derive(Debug, Clone)]
struct Reached(String);

/// Refuses a host that is not ours: DNS rebinding ends here.
pub fn check<B>(public: &PublicOrigin, request: &mut Request<B>) -> Result<(), Failure> {
    let named = request
        .headers()
        .get(header::HOST)
        .map(|host| host.to_str().ok());
    let sent = request.uri().authority().map(http::uri::Authority::as_str);
    let reached = ours(public, [sent, named.flatten()]).ok_or(Failure::Host)?;
    request.extensions_mut().insert(Reached(reached));
    Ok(())
}

/// The same for a request that is passed on as it came.
pub fn check_passed(public: &PublicOrigin, request: &worker::Request) -> Result<(), Failure> {
    let (url, named) = (request.url().ok(), request.headers().get("host"));
    let sent = url.as_ref().map(url::Url::authority);
    ours(public, [sent, named.ok().flatten().as_deref()])
        .map(drop)
        .ok_or(Failure::Host)
}

/// The origin of ours that the hosts name. The platform makes the URL from the field;
/// two that differ are an attack.
fn ours(public: &PublicOrigin, hosts: [Option<&str>; 2]) -> Option<String> {
    let hosts = hosts.into_iter().flatten();
    hosts
        .map(|host| public.reached_as(host))
        .reduce(|one, other| if one == other { one } else { None })
        .flatten()
}

/// The origin the client used: ours, or an alias of it on loopback.
pub fn reached<'a, B>(public: &'a PublicOrigin, request: &'a Request<B>) -> &'a str {
    match request.extensions().get::<Reached>() {
        Some(Reached(origin)) => origin,
        None => public.as_str(),
    }
}

/// Where the platform says who sends a request (Cloudflare, "HTTP headers"). What
/// a client says there itself does not reach us.
const ADDRESS: &str = "cf-connecting-ip";

/// The address that a request comes from, if the platform says.
pub fn address(fields: &HeaderMap) -> Option<&str> {
    fields.get(ADDRESS)?.to_str().ok()
}

/// The network that a request comes from; empty if the platform does not say.
pub fn sender(fields: &HeaderMap) -> String {
    network(address(fields).unwrap_or_default())
}
