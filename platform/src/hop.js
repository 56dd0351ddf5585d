// What crosses between JavaScript and wasm for a request and its answer, each in one step.

const encoder = new TextEncoder();

/** Of a request: its verb, its URL and its fields, a line each for a name and for its value. */
export function head_of(request) {
  let text = `${request.method}\n${request.url}`;
  for (const line of Array.from(request.headers).flat()) text += `\n${line}`;
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

/** A response, of which the status and the fields are JSON; the bytes are in the memory of the Worker. */
export function respond(head, bytes) {
  return new Response(bytes?.slice(), JSON.parse(head));
}
