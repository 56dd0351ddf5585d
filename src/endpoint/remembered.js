// Serves callers who were let through before, without deciding anything again: what was decided of a caller is the same
// for each request that comes with the same fields.

/** How many callers are remembered. With one more, who came first is forgotten. */
const CALLERS_MAX = 1_000;

/** What everything depends on that is decided of a caller, beside the time. */
const FIELDS = [
  'accept',
  'authorization',
  'cf-connecting-ip',
  'content-type',
  'host',
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'mcp-session-id',
  'origin',
];

/** Fields with which each request is looked at: a key that may have ended, a proof that is good once. */
const EACH_TIME = ['dpop', 'x-api-key'];

/** What an object answers that is not for the client as it is (`platform/src/session/wire.rs`). */
const HAS_A_MEANING = new Set([101, 205, 206, 207, 401, 403]);

/** Longest key that is remembered: what is longer is not what clients say of themselves again and again. */
const KEY_CHARS_MAX = 8_192;

const callers = new Map();

/** What tells callers apart, of a request that is like others; no field has a line break, nor is it a tab alone. */
function keyOf({ method, url, headers }) {
  if (method !== 'POST' || EACH_TIME.some((name) => headers.has(name))) return undefined;
  let key = url;
  for (const name of FIELDS) key += `\n${headers.get(name) ?? '\t'}`;
  return key.length > KEY_CHARS_MAX ? undefined : key;
}

/**
 * Remembers a caller until a time, for requests like this one of no more bytes than that.
 *
 * @returns the id of what is replaced, its own if nothing is, or undefined if it is not one to be remembered.
 */
function remember(request, caller) {
  const key = keyOf(request);
  if (key === undefined || !request.headers.has('content-length')) return undefined;
  const replaced = callers.get(key)?.id ?? caller.id;
  callers.delete(key);
  // Their tokens are not to lie here for longer than they are of use; who came first is the first here.
  const now = Date.now();
  for (const [first, { until }] of callers) {
    if (until > now) break;
    callers.delete(first);
  }
  if (callers.size >= CALLERS_MAX) callers.delete(callers.keys().next().value);
  callers.set(key, caller);
  return replaced;
}

/** Remembers that messages like this one go to that object with that head. */
export function remember_session(request, until, bytesMax, binding, name, url, head) {
  const init = JSON.parse(head);
  const passed = (request, env, judge) => {
    const at = Date.now();
    return env[binding].getByName(name).fetch(url, { ...init, body: request.body }).then(
      (answer) => (HAS_A_MEANING.has(answer.status) || answer.status > 500 ? judge(request, env, at, true, answer) : answer),
      (error) => judge(request, env, at, false, error),
    );
  };
  remember(request, { until, bytesMax, serve: passed });
}

/** Remembers that what was decided of a stateless client is kept under that id. */
export function remember_stateless(request, until, bytesMax, id) {
  // What has more bytes than it said is told so, for which one too many is enough.
  const served = (request, env, _, know) =>
    request.arrayBuffer().then((body) => know(id, request, env, new Uint8Array(body, 0, Math.min(body.byteLength, bytesMax + 1))));
  return remember(request, { until, bytesMax, id, serve: served });
}

/** Nothing that was decided holds any more. */
export function forget() {
  callers.clear();
}

/**
 * The answer to a request of a caller who is remembered. An object's that is not for the client as it is, is judged;
 * a stateless request is served by the one who knows what was decided.
 */
export function answer(request, env, judge, know) {
  const key = keyOf(request);
  const caller = key === undefined ? undefined : callers.get(key);
  const length = request.headers.get('content-length');
  if (caller === undefined || length === null || Number(length) > caller.bytesMax) return undefined;
  return Date.now() >= caller.until ? undefined : caller.serve(request, env, judge, know);
}
