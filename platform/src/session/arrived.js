// Requests to a session's object, which is asked for something once all of one is here.

/** What decides anything about a request, in the order in which it is handed over. */
const FIELDS = ['sessile-presented', 'last-event-id'];

/** Serves a request when its body is here, in one step then. */
export function arrived(request, serve) {
  const { method, url, headers } = request;
  const fields = FIELDS.map((name) => headers.get(name) ?? undefined);
  if (method !== 'POST') return serve(url, ...fields, undefined);
  return request.arrayBuffer().then((body) => serve(url, ...fields, new Uint8Array(body)));
}
