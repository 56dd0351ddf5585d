// Clients of a quota that is watched: what was admitted and when, and what the operator knows of an account.

import { exchange } from './http.mjs';
import { logIn } from './login.mjs';
import { modern } from './mcp.mjs';

/** The operator of a server, by the token of its configuration. */
export class Operator {
  constructor(base, token) {
    this.base = base;
    this.token = token;
  }

  async ask(method, path, body) {
    const answer = await exchange(`${this.base}/admin/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}` },
      body: typeof body === 'object' ? JSON.stringify(body) : body,
    });
    const text = await answer.text();
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? {} : JSON.parse(text);
  }

  /** Has an account go by this policy from now on. */
  async allow({ account }, name, policy) {
    await this.ask('PUT', `policies/${name}`, policy);
    await this.ask('PUT', `accounts/${account}/policy`, name);
  }

  /** How often calls were asked for at an account since its object was made. */
  async visits({ account }) {
    return (await this.ask('GET', `accounts/${account}`)).quota_visits;
  }
}

/** Somebody who has logged in, and their account's name. */
export async function somebody(base) {
  const { token } = await logIn(base);
  const { sub } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  return { token, account: sub };
}

/** One call of a tool in a session, or without one: its status, when it was sent and answered, and when to come back. */
export async function attempt(at, { name = 'echo', args = { text: at.text ?? 'x' }, ms = 20_000 } = {}) {
  const sent = Date.now();
  const params = { name, arguments: args };
  const asked = at.session ? at.session.request('tools/call', params, { ms }) : modern(at.base, at.token, 'tools/call', params, { ms });
  const { status, headers, error } = await asked;
  return { status, error, sent, answered: Date.now(), retryAfterMs: Number(headers['retry-after']) * 1_000 };
}

/**
 * The calls by which the admitted ones go beyond what a bucket allows, in the worst span of time; none if that is not
 * more than zero. A call counts at some moment between when it was sent and when it was answered.
 */
export function excess(admitted, { burst, perSecond }) {
  const calls = [...admitted].sort((one, other) => one.answered - other.answered);
  let worst = -Infinity;
  for (let first = 0; first < calls.length; first += 1) {
    // Only calls that were surely made within the span are counted in it.
    let within = 0;
    for (let last = first; last < calls.length; last += 1) {
      if (calls[last].sent < calls[first].sent) continue;
      within += 1;
      const seconds = (calls[last].answered - calls[first].sent) / 1_000;
      worst = Math.max(worst, within - burst - perSecond * seconds);
    }
  }
  return worst;
}
