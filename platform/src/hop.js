// What crosses between JavaScript and wasm for a request and its answer, each in one step.

const encoder = new TextEncoder();

/** The fields that decide anything about a request in a session. To be given all that came takes three times as long. */
const OF_SESSIONS = [
  'accept',
  'authorization',
  'cf-connecting-ip',
  'content-length',
  'content-type',
  'dpop',
  'host',
  'last-event-id',
  'mcp-name',
  'mcp-protocol-version',
  'mcp-session-id',
  'origin',
  'x-api-key',
];

/** The fields that a session's object is told something with (`platform/src/session/wire.rs`). */
const OF_OBJECTS = ['last-event-id', 'sessile-presented'];

/** Of a request: its verb, its URL and its fields, a line each for a name and for its value. */
export function head_of(request) {
  return encoder.encode([request.method, request.url, ...Array.from(request.headers).flat()].join('\n'));
}

/** The same of a client's request, without the fields that nobody reads. */
export function head_of_client(request) {
  const { headers, method } = request;
  // What names its method is stateless, also with a session's id, and its parameters may have fields (M-PAR).
  const isInSession = headers.has('mcp-session-id') && !headers.has('mcp-method') && method !== 'OPTIONS';
  return isInSession ? head_with(request, OF_SESSIONS) : head_of(request);
}

/** The same of a request to a session's object. */
export function head_of_hop(request) {
  return head_with(request, OF_OBJECTS);
}

function head_with(request, names) {
  let text = `${request.method}\n${request.url}`;
  for (const name of names) {
    const value = request.headers.get(name);
    if (value !== null) text += `\n${name}\n${value}`;
  }
  return encoder.encode(text);
}

/** The object of that name, if there is such a binding. */
export function object_of(env, binding, name) {
  return env[binding]?.getByName(name);
}

/** Sends a request, of which the verb and the fields are JSON. */
export function send(neighbour, url, head, body, signal) {
  const init = JSON.parse(head);
  if (body !== undefined) init.body = body;
  if (signal !== undefined) init.signal = signal;
  return neighbour.fetch(url, init);
}

/** What an `arrayBuffer()` brought. */
export function bytes_of(buffer) {
  return new Uint8Array(buffer);
}

/** A response with bytes that are in the memory of the Worker. */
export function respond(status, fields, bytes) {
  return respond_with(status, fields, bytes?.slice());
}

/** A response; the fields are a JSON list of names and values. */
export function respond_with(status, fields, body) {
  const response = status === 200 ? new Response(body) : new Response(body, { status });
  // The platform takes a third longer to read the fields out of what a response is made with.
  for (const [name, value] of JSON.parse(fields)) response.headers.append(name, value);
  return response;
}
