// What crosses between JavaScript and wasm for a request and its answer, each in one step.

const encoder = new TextEncoder();

/**
 * The fields that decide anything about a client's request. To be given all that came takes three times as long; those
 * of a tool's parameters are asked for where it has some.
 */
const OF_CLIENTS = [
  'accept',
  'access-control-request-headers',
  'authorization',
  'cf-connecting-ip',
  'content-length',
  'content-type',
  'dpop',
  'host',
  'last-event-id',
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'mcp-session-id',
  'origin',
  'x-api-key',
];

/** Of a request: its verb, its URL and its fields, a line each for a name and for its value. */
export function head_of(request) {
  return encoder.encode([request.method, request.url, ...Array.from(request.headers).flat()].join('\n'));
}

/** The same of a client's request, without the fields that nobody reads. */
export function head_of_client({ method, url, headers }) {
  let text = `${method}\n${url}`;
  for (const name of OF_CLIENTS) {
    const value = headers.get(name);
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
