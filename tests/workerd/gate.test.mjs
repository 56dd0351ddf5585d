// The gate for those whom nobody knows yet: what one network may ask for in a minute, and what it is told beyond that.
// Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startDocuments } from '../counterparts/documents.mjs';
import { serve } from '../support/fixture.mjs';
import { exchange } from '../support/http.mjs';
import { logInToCode } from '../support/login.mjs';
import { modern } from '../support/mcp.mjs';
import { authorizeUrl, pkce, post, redeem, REDIRECT, register } from '../support/oauth.mjs';
import { startServer } from '../support/server.mjs';

/** What each gate lets through in a minute. */
const LIMITS = { LOGIN: 40, REGISTRATION: 5, TOKEN: 20, DOCUMENT: 3 };
/** The span over which the platform counts, in seconds. */
const WINDOW_S = 60;
const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Longer than a test takes that waits for a whole span. */
const together = { timeout: 120_000, concurrency: true };

const limits = Object.entries(LIMITS).map(([name, limit]) => [`${name}_GATE_PER_MINUTE`, limit]);
const { base, alice } = await serve({
  vars: { ...Object.fromEntries(limits), LOOPBACK_CLIENT_DOCUMENTS: 'on', QUOTA_BURST: 1_000, QUOTA_PER_MINUTE: 1_000 },
  people: ['alice'],
});
const documents = await startDocuments();
after(() => documents.stop());

let networks = 0;
/** The field by which the platform names a sender, of a network of its own. */
const elsewhere = () => ({ 'cf-connecting-ip': `192.0.2.${(networks += 1)}` });

/** Sends at once what a gate lets through in two spans, and one more: whenever a new span begins meanwhile, that is too
 * much. Gives what passed and what did not. */
async function flood(limit, send) {
  const answers = await Promise.all(Array.from({ length: 2 * limit + 1 }, (_, index) => send(index)));
  const [passed, refused] = [answers.filter(({ status }) => status !== 429), answers.filter(({ status }) => status === 429)];
  assert.ok(passed.length >= limit && passed.length <= 2 * limit, `${passed.length} passed, where ${limit} may in a minute`);
  return { passed, refused };
}

/** A refusal says which gate is closed and when to return. */
function tellsWhenToReturn(answer, counted, limit) {
  assert.equal(answer.header('retry-after'), String(WINDOW_S));
  assert.equal(answer.header('ratelimit-policy'), `"${counted}";q=${limit};w=${WINDOW_S}`);
  assert.equal(answer.header('ratelimit'), `"${counted}";r=0;t=${WINDOW_S}`);
}

/** To a client it is an error in the form that it knows, and none that makes it forget what it has. */
async function refusesClient(answer, counted, limit) {
  tellsWhenToReturn(answer, counted, limit);
  assert.match(answer.header('content-type'), /^application\/json/);
  const { error, error_description: words } = await answer.json();
  assert.equal(error, 'temporarily_unavailable');
  assert.match(words, /try again in 60 s/);
  assert.equal(answer.header('access-control-allow-origin'), '*', 'a page can read it, too');
}

/** To a person it is a page. */
async function refusesPerson(answer, counted, limit) {
  tellsWhenToReturn(answer, counted, limit);
  assert.match(answer.header('content-type'), /^text\/html/);
  assert.match(await answer.text(), /Wait for a minute/);
  assert.equal(answer.header('cache-control'), 'no-store');
}

/** The first page of an authorization. */
const authorize = (clientId, headers) =>
  exchange(authorizeUrl(base, { client_id: clientId, code_challenge: pkce().challenge }), { headers });

const registering = (headers) => exchange(`${base}/register`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify({ redirect_uris: [REDIRECT] }),
});

describe('SEC-12: before anybody is known, a network may not ask without end', together, () => {
  test('AS-12: for registrations; who waits as told gets through, and nobody else has to', async () => {
    const here = elsewhere();
    const { passed, refused } = await flood(LIMITS.REGISTRATION, () => registering(here));
    for (const answer of passed) assert.equal(answer.status, 201);
    for (const answer of refused) await refusesClient(answer, 'registrations', LIMITS.REGISTRATION);
    assert.equal((await registering(elsewhere())).status, 201);
    assert.equal((await register(base)).status, 201);
    // The one clock that the test must wait for: the span of the platform's counter.
    await new Promise((resolve) => setTimeout(resolve, Number(refused[0].header('retry-after')) * 1_000));
    assert.equal((await registering(here)).status, 201);
  });

  test('the addresses of one IPv6 network are one, and the next network is another', async () => {
    const from = (network, host) => ({ 'cf-connecting-ip': `2001:db8:0:${network}::${(host + 1).toString(16)}` });
    const { refused } = await flood(LIMITS.REGISTRATION, (host) => registering(from(1, host)));
    await refusesClient(refused[0], 'registrations', LIMITS.REGISTRATION);
    assert.equal((await registering(from(2, 0))).status, 201);
  });

  for (const path of ['/token', '/revoke', '/par']) {
    test(`for ${path}`, async () => {
      const here = elsewhere();
      const { passed, refused } = await flood(LIMITS.TOKEN, () => post(base, path, { client_id: 'made-up' }, here));
      for (const answer of passed) assert.ok([200, 400, 401].includes(answer.status), `${answer.status}`);
      for (const answer of refused) await refusesClient(answer, 'tokens', LIMITS.TOKEN);
      const other = await post(base, path, { client_id: 'made-up' }, elsewhere());
      assert.notEqual(other.status, 429);
    });
  }

  const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'provider=dev' };
  for (const [what, path, options] of [
    ['pages of an authorization', '/authorize?client_id=made-up', {}],
    ['decisions', '/authorize', form],
    ['logins', '/login/start', form],
    ['changes of the user', '/login/switch', form],
    ['callbacks of providers', '/login/callback/dev?state=made-up&code=made-up', {}],
  ]) {
    test(`for ${what}`, async () => {
      const here = elsewhere();
      const ask = (field) => exchange(`${base}${path}`, { ...options, headers: { ...options.headers, ...field } });
      const { passed, refused } = await flood(LIMITS.LOGIN, () => ask(here));
      for (const answer of passed) assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
      for (const answer of refused) await refusesPerson(answer, 'logins', LIMITS.LOGIN);
      assert.notEqual((await ask(elsewhere())).status, 429);
    });
  }

  test('for documents of clients that we would have to fetch; those that we know are not counted', async () => {
    const here = elsewhere();
    const clients = Array.from({ length: 2 * LIMITS.DOCUMENT + 1 }, () => documents.publish());
    const { passed, refused } = await flood(LIMITS.DOCUMENT, (index) => authorize(clients[index], here));
    for (const answer of passed) assert.equal(answer.status, 200, await answer.text());
    for (const answer of refused) await refusesPerson(answer, 'documents', LIMITS.DOCUMENT);
    const fetched = clients.filter((client) => documents.reads(client).length > 0);
    assert.equal(fetched.length, passed.length, 'who is refused makes us fetch nothing');
    for (const client of fetched) assert.equal((await authorize(client, here)).status, 200);
    const refusedOne = clients.find((client) => documents.reads(client).length === 0);
    assert.equal((await authorize(refusedOne, elsewhere())).status, 200);
  });

  test('for documents by requests that a client pushes', async () => {
    const here = elsewhere();
    const challenge = { response_type: 'code', redirect_uri: REDIRECT, code_challenge: pkce().challenge, code_challenge_method: 'S256' };
    const push = (clientId, field) => post(base, '/par', { client_id: clientId, ...challenge }, field);
    const clients = Array.from({ length: 2 * LIMITS.DOCUMENT + 1 }, () => documents.publish());
    const { passed, refused } = await flood(LIMITS.DOCUMENT, (index) => push(clients[index], here));
    for (const answer of passed) assert.equal(answer.status, 201, await answer.text());
    for (const answer of refused) await refusesClient(answer, 'documents', LIMITS.DOCUMENT);
    assert.equal((await push(documents.publish(), elsewhere())).status, 201);
  });
});

describe('what a closed gate leaves alone', together, () => {
  test('AS-04: a code that is sent to it is not used up', async () => {
    const here = elsewhere();
    let granted;
    let answer;
    do {
      granted = await logInToCode(base);
      await flood(LIMITS.TOKEN, () => post(base, '/token', {}, here));
      const { clientId: client_id, code, verifier: code_verifier } = granted;
      answer = await post(base, '/token', { grant_type: 'authorization_code', client_id, code, code_verifier, redirect_uri: REDIRECT }, here);
      // Where a new span began in between, it is redeemed; that does not happen twice in a row.
    } while (answer.status === 200);
    assert.equal(answer.status, 429, await answer.text());
    assert.equal((await redeem(base, granted)).status, 200);
  });

  test('RS-01, AS-01: MCP requests with a token, and the documents by which clients find us', async () => {
    const here = elsewhere();
    await flood(LIMITS.REGISTRATION, () => registering(here));
    await flood(LIMITS.TOKEN, () => post(base, '/token', {}, here));
    const more = Array.from({ length: Math.max(...Object.values(LIMITS)) + 1 });
    const calls = await Promise.all(more.map(() => modern(base, alice.token, 'tools/list', {}, { headers: here })));
    assert.ok(calls.every(({ status }) => status === 200));
    for (const path of ['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-authorization-server', '/.well-known/jwks.json']) {
      const answers = await Promise.all(more.map(() => exchange(`${base}${path}`, { headers: here })));
      assert.ok(answers.every(({ status }) => status === 200), path);
    }
    const refused = await Promise.all(more.map(() => exchange(`${base}/mcp`, { method: 'POST', headers: here, body: '{}' })));
    assert.ok(refused.every(({ status }) => status === 401), 'that a token is needed is said each time');
  });
});

describe('a gate that is not there', { timeout: 120_000 }, () => {
  /** Starts a server, sees what it says, and ends it. */
  async function said(options, see) {
    const server = await startServer(options);
    try {
      await see(server.url);
    } finally {
      await server.stop();
    }
  }

  test('stops the server, which names it: nobody believes in a gate that stands open', async () => {
    await said({ vars: { LOGIN_GATE_PER_MINUTE: '' } }, async (url) => {
      const answer = await exchange(`${url}/`);
      assert.equal(answer.status, 503);
      assert.match(await answer.text(), /LOGIN_GATE_PER_MINUTE is missing/);
    });
    const folder = await mkdtemp(join(tmpdir(), 'sessile-gate-'));
    after(() => rm(folder, { recursive: true, force: true }));
    const config = join(folder, 'wrangler.toml');
    const front = await readFile(join(ROOT, 'wrangler.toml'), 'utf8');
    await writeFile(config, front.replace('main = "', `main = "${ROOT}/`));
    const portal = await readFile(join(ROOT, 'portal/wrangler.toml'), 'utf8');
    const older = portal
      .replace(/\[\[ratelimits\]\][^[]*/g, '')
      .replace('main = "', `main = "${ROOT}/portal/`)
      .replace('migrations_dir = "', `migrations_dir = "${ROOT}/portal/`);
    await mkdir(join(folder, 'portal'));
    await writeFile(join(folder, 'portal/wrangler.toml'), older);
    await said({ config }, async (url) => {
      const answer = await exchange(`${url}/`);
      assert.equal(answer.status, 503);
      assert.match(await answer.text(), /LOGIN_GATE is missing/);
    });
  });

  test('is wanted so if its variable says off', async () => {
    await said({ vars: { REGISTRATION_GATE_PER_MINUTE: 'off' } }, async (url) => {
      const answers = await Promise.all(Array.from({ length: 130 }, () => register(url)));
      assert.ok(answers.every(({ status }) => status === 201));
    });
  });
});
