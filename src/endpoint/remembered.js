// Passes on the messages of callers who were let through before, without deciding anything again: what was decided of a
// caller is the same for each message that comes with the same fields.

/** How many callers are remembered. With one more, all are forgotten. */
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

const callers = new Map();

/** What tells callers apart, of a request that is like others; no field has a line break, nor is it a tab alone. */
function keyOf({ method, url, headers }) {
  if (method !== 'POST' || EACH_TIME.some((name) => headers.has(name))) return undefined;
  let key = url;
  for (const name of FIELDS) key += `\n${headers.get(name) ?? '\t'}`;
  return key;
}

/** Remembers that such requests go to that object with that head until a time, if they have no more bytes than that. */
export function remember(request, binding, name, url, head, until, bytesMax) {
  const key = keyOf(request);
  if (key === undefined) return;
  callers.delete(key);
  // Their tokens are not to lie here for longer than they are of use; who came first is the first here.
  const now = Date.now();
  for (const [first, caller] of callers) {
    if (caller.until > now) break;
    callers.delete(first);
  }
  if (callers.size >= CALLERS_MAX) callers.clear();
  callers.set(key, { binding, name, url, head: JSON.parse(head), until, bytesMax });
}

/** Nothing that was decided holds any more. */
export function forget() {
  callers.clear();
}

/** The answer to a request of a caller who is remembered; one that is not for the client as it is, is judged. */
export function passed(request, env, judge) {
  const key = keyOf(request);
  const caller = key === undefined ? undefined : callers.get(key);
  const length = request.headers.get('content-length');
  if (caller === undefined || length === null || Number(length) > caller.bytesMax) return undefined;
  const at = Date.now();
  if (at >= caller.until) return undefined;
  const object = env[caller.binding].getByName(caller.name);
  return object.fetch(caller.url, { ...caller.head, body: request.body }).then(
    (answer) => (HAS_A_MEANING.has(answer.status) || answer.status > 500 ? judge(request, env, at, true, answer) : answer),
    (error) => judge(request, env, at, false, error),
  );
}
