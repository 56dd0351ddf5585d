// Policies of the quota on the real runtime: weights, families, whose policy it is, and how soon a change works.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { exchange } from '../support/http.mjs';
import { logIn } from '../support/login.mjs';
import { modern, nextId, Session } from '../support/mcp.mjs';
import { startServer } from '../support/server.mjs';

const TOKEN = randomBytes(16).toString('hex');
/** The limits of whoever has none of their own; next to nothing comes back while a test runs. */
const POLICY = { per_day: { amount: 1, burst: 20 }, families: { images: { per_day: { amount: 1, burst: 2 } } } };
/** The short form, which a server of a tool Worker alone is given, taken away. */
const NO_SHORT_FORM = { QUOTA_BURST: '', QUOTA_PER_MINUTE: '' };
/** How soon a change works, in milliseconds: NEWS_AGE_MAX. */
const NEWS_MS = 1_000;

const config = 'examples/faults/wrangler.toml';
const server = await startServer({ config, vars: { ADMIN_TOKEN: TOKEN, QUOTA_POLICY: JSON.stringify(POLICY), ...NO_SHORT_FORM } });
after(() => server.stop());
const base = server.url;

/** What the operator asks. */
async function operator(method, path, body) {
  const answer = await exchange(`${base}/admin/${path}`, { method, headers: { authorization: `Bearer ${TOKEN}` }, body: typeof body === 'object' ? JSON.stringify(body) : body });
  const text = await answer.text();
  return { status: answer.status, text, ...(text.startsWith('{') ? JSON.parse(text) : {}) };
}

/** A user with a session, and their account's name. */
async function user() {
  const { token } = await logIn(base);
  const { sub } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  return { token, account: sub, session: await Session.open(base, token) };
}

const call = (session, name) => session.request('tools/call', { name, arguments: { text: 'x' } });
const stateless = (token, name) => modern(base, token, 'tools/call', { name, arguments: { text: 'x' } });
const left = ({ headers }) => Number(/;r=(\d+)/.exec(headers.ratelimit)[1]);

describe('policies', { timeout: 60_000 }, () => {
  test('SEC-12: a call takes what its tool weighs, from the buckets of its family, in a session and without one', async () => {
    const { token, session } = await user();
    const heavy = await call(session, 'heavy');
    assert.equal(heavy.status, 200);
    assert.equal(left(heavy), 14, 'the session took one, and the call five');
    assert.match(heavy.headers['ratelimit-policy'], /^"calls";q=20;/);
    const drawn = [await call(session, 'picture'), await stateless(token, 'picture'), await stateless(token, 'picture')];
    assert.deepEqual(drawn.map(({ status }) => status), [200, 200, 429]);
    assert.match(drawn[2].headers.ratelimit, /^"images";r=0;/);
    assert.match(drawn[2].headers['ratelimit-policy'], /^"images";q=2;/);
    assert.ok(Number(drawn[2].headers['retry-after']) > 0);
    assert.equal(drawn[2].error.data.retryAfterSeconds, Number(drawn[2].headers['retry-after']));
    assert.equal(drawn[2].error.data.rateLimit, drawn[2].headers.ratelimit);
    assert.equal(drawn[2].error.data.rateLimitPolicy, drawn[2].headers['ratelimit-policy']);
    const rest = await Promise.all([stateless(token, 'heavy'), stateless(token, 'heavy'), call(session, 'heavy')]);
    assert.deepEqual(rest.map(({ status }) => status).sort(), [200, 200, 429], '14 are left for calls of five');
    assert.equal((await stateless(token, 'echo')).status, 200, 'a light one still fits');
  });

  test('a call that is heavier than its bucket is refused without a time to come back', async () => {
    const { account, session } = await user();
    await operator('PUT', 'policies/small', { per_minute: { amount: 60, burst: 4 } });
    assert.equal((await operator('PUT', `accounts/${account}/policy`, 'small')).told, 1);
    const refused = await call(session, 'heavy');
    assert.equal(refused.status, 429);
    assert.equal(refused.headers['retry-after'], undefined);
    assert.equal(refused.error.data.retryAfterSeconds, undefined);
    assert.match(refused.error.message, /never/);
  });

  test('a change of policy works within a second, in sessions and without one, and where it ends', async () => {
    const { token, account, session } = await user();
    const burst = async () => {
      const answers = [await call(session, 'echo'), await stateless(token, 'echo')];
      return answers.map(({ headers }) => Number(/;q=(\d+)/.exec(headers['ratelimit-policy'])[1]));
    };
    assert.deepEqual(await burst(), [20, 20]);
    const holds = async (wanted) => {
      const began = Date.now();
      let seen = await burst();
      assert.equal(seen[0], wanted, 'the session was told before the operator was answered');
      for (let late = false; seen[1] !== wanted && !late;) {
        late = Date.now() - began > NEWS_MS; // The last calls begin when the second is over.
        seen = await burst();
      }
      assert.deepEqual(seen, [wanted, wanted]);
    };
    for (const burst of [900, 800]) {
      await operator('PUT', 'policies/mine', { per_minute: { amount: 900, burst } });
      if (burst === 900) await operator('PUT', `accounts/${account}/policy`, 'mine');
      await holds(burst);
    }
    assert.equal((await operator('DELETE', 'policies/mine')).status, 409, 'somebody has it');
    await operator('DELETE', `accounts/${account}/policy`);
    await holds(20);
    assert.equal((await operator('DELETE', 'policies/mine')).status, 204);
  });

  test('of a role\'s policy and a user\'s own, the own one counts; of several roles\', the first by its name', async () => {
    const { account, session } = await user();
    const seen = async () => Number(/;q=(\d+)/.exec((await call(session, 'echo')).headers['ratelimit-policy'])[1]);
    for (const [name, burst] of [['b-role', 700], ['c-own', 600]]) {
      await operator('PUT', `policies/${name}`, { per_minute: { amount: 600, burst } });
    }
    const given = await operator('PUT', 'roles/user/policy', 'b-role');
    assert.ok(given.told >= 1, 'everybody without a role has the role user');
    assert.equal(await seen(), 700);
    await operator('PUT', `accounts/${account}/policy`, 'c-own');
    assert.equal(await seen(), 600);
    const { policies } = await operator('GET', 'policies');
    assert.deepEqual(policies.filter(({ name }) => /^[bc]-/.test(name)).map(({ name, roles, users }) => [name, roles, users]), [['b-role', ['user'], 0], ['c-own', [], 1]]);
    await operator('DELETE', 'roles/user/policy');
  });

  test('what is no policy is refused, and changes nothing', async () => {
    for (const [name, document, words] of [
      ['new', '{}', /at least one of/],
      ['new', '{"per_minute":{"amount":0}}', /from 1 to/],
      ['new', '', /no policy document/],
      ['NEW', '{"per_minute":{"amount":1}}', /1 to 40 characters/],
    ]) {
      const refused = await operator('PUT', `policies/${name}`, document);
      assert.equal(refused.status, 400, document);
      assert.match(refused.text, words);
    }
    const { account } = await user();
    assert.equal((await operator('PUT', `accounts/${account}/policy`, 'none')).status, 404);
    assert.equal((await operator('PUT', `accounts/${account}/policy`, 'no name')).status, 400);
    assert.equal((await operator('PUT', 'accounts/nobody/policy', 'small')).status, 404);
    const { policies } = await operator('GET', 'policies');
    assert.ok(policies.every(({ name }) => name !== 'new'));
    const stranger = await exchange(`${base}/admin/policies`, { headers: { authorization: 'Bearer wrong' } });
    assert.equal(stranger.status, 401);
    stranger.close();
  });

  test('both forms of the configuration together are refused', async () => {
    const both = await startServer({ config, vars: { QUOTA_POLICY: JSON.stringify(POLICY) } });
    try {
      const { token } = await logIn(both.url).catch(() => ({}));
      const answer = await modern(both.url, token, 'tools/call', { name: 'echo', arguments: { text: 'x' } });
      assert.ok(answer.status >= 500, String(answer.status));
      await both.says(/QUOTA_BURST says what QUOTA_POLICY says already/);
    } finally {
      await both.stop();
    }
  });
});
