// API keys: made on a page of the account, shown once, used at the endpoint, rotated and revoked.
// Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { asksWho, openAccount, press } from '../support/account_page.mjs';
import { idOf, KEY, keyOn, keysForm, lookUp, makeKey, newKey, openKeys, pressKey } from '../support/api_keys.mjs';
import { serve } from '../support/fixture.mjs';
import { exchange } from '../support/http.mjs';
import { logIn, someone } from '../support/login.mjs';
import { modern, modernStream, Session } from '../support/mcp.mjs';
import { claims } from '../support/oauth.mjs';

/** Longest until a revoked key is refused everywhere, in milliseconds. */
const KNOWN_MS = 30_000;

const limit = { timeout: 60_000 };

const TOKEN = randomBytes(16).toString('hex');
const { base } = await serve({ vars: { ADMIN_TOKEN: TOKEN, QUOTA_BURST: 100_000, QUOTA_PER_MINUTE: 100_000 } });
const few = await serve({ vars: { QUOTA_BURST: 5, QUOTA_PER_MINUTE: 1 } });

const tools = (credential, options) => modern(base, credential, 'tools/list', {}, options);
const inField = (key, headers = {}) => tools(undefined, { headers: { 'x-api-key': key, ...headers } });
const call = (key, name, args) => modern(base, key, 'tools/call', { name, arguments: args });

/** Somebody who is logged in, and a browser of theirs. */
async function person(user = someone(), at = base) {
  const { browser } = await openAccount(at, { user });
  return { user, browser };
}

/** The last six characters are the CRC-32 of those before them, as any scanner computes it. */
const checksum = (text) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return bytes.toString('base64url');
};

/** Until a key is refused, also where it was checked before. */
async function ends(key) {
  const until = Date.now() + KNOWN_MS;
  while ((await tools(key)).status !== 401) {
    assert.ok(Date.now() < until, 'the key is still good');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** The answer to a key that is not good, whatever is the matter with it. */
function refused(answer) {
  assert.equal(answer.status, 401);
  assert.match(answer.headers['www-authenticate'], /^Bearer error="invalid_token", error_description="[^"]*", resource_metadata="/);
}

describe('a key', { ...limit, concurrency: true }, () => {
  test('is shown once, and has the checksum that tells it from a typo', async () => {
    const { browser } = await person();
    const made = await makeKey(await openKeys(base, browser), { name: 'backup' });
    assert.equal(made.answer.header('cache-control'), 'no-store');
    const key = keyOn(made);
    assert.match(key, new RegExp(`^${KEY.source}$`));
    assert.equal(key.slice(-6), checksum(key.slice(0, -6)));
    const later = await openKeys(base, browser);
    assert.doesNotMatch(later.html, KEY);
    assert.match(later.words, new RegExp(`backup sessile_${idOf(key)}… Made just now · never used · expires in 30 days`));
    assert.match((await openAccount(base, { browser })).words, /API keys .* 1 key/);
  });

  test('is sent as a bearer token or in a field of its own, in a session and without one', async () => {
    const { browser } = await person();
    const key = await newKey(base, browser, { name: 'script' });
    assert.equal((await tools(key)).status, 200);
    assert.equal((await inField(key)).status, 200);
    const session = await Session.open(base, key);
    assert.match(await session.call('count'), /^\d+$/);
    assert.match((await openKeys(base, browser)).words, /last used within the last hour/);
    const page = await openAccount(base, { browser });
    assert.match(page.words, /Open sessions .*script Opened just now/);
  });

  test('is its user: what they have with a token they have with a key', async () => {
    const account = await logIn(base);
    const key = await newKey(base, account.browser, { name: 'script', scopes: ['notes:read', 'notes:write'] });
    const told = await call(key, 'whoami', {});
    const same = await call(account.token, 'whoami', {});
    assert.equal(told.status, 200, JSON.stringify(told));
    const subject = (answer) => JSON.stringify(answer.result).includes(account.user);
    assert.deepEqual([subject(told), subject(same)], [true, true]);
  });

  test('RFC 6750 section 2: beside another credential, or in the address, is not taken', async () => {
    const account = await logIn(base);
    const key = await newKey(base, account.browser, { name: 'script' });
    for (const authorization of [`Bearer ${account.token}`, `Bearer ${key}`, 'Basic eDp5']) {
      const answer = await inField(key, { authorization });
      assert.equal(answer.status, 400, authorization);
      assert.match(answer.headers['www-authenticate'], /error="invalid_request"/);
    }
    for (const query of [`api_key=${key}`, `access_token=${key}`, `x-api-key=${key}`]) {
      const answer = await exchange(`${base}/mcp?${query}`, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }, body: '{}' });
      assert.equal(answer.status, 401, query);
      await answer.text();
    }
    refused(await inField(account.token));
    const dpop = await tools(undefined, { headers: { authorization: `DPoP ${key}` } });
    assert.equal(dpop.status, 401);
  });

  test('that is mistyped, made up, revoked or of nobody is refused in the same words', async () => {
    const { browser } = await person();
    const key = await newKey(base, browser, { name: 'script' });
    const typo = `${key.slice(0, 60)}${key[60] === 'A' ? 'B' : 'A'}${key.slice(61)}`;
    const forged = typo.slice(0, -6);
    const madeUp = `${forged}${checksum(forged)}`;
    const gone = await newKey(base, browser, { name: 'gone' });
    await pressKey(await openKeys(base, browser), 'revoke', idOf(gone));
    const words = [];
    for (const bad of [typo, madeUp, gone, 'sessile_', `${key}A`, 'sessile_a b']) {
      const answer = await inField(bad);
      refused(answer);
      words.push(answer.headers['www-authenticate']);
    }
    assert.equal(new Set(words).size, 1);
    assert.equal((await tools(key)).status, 200);
  });

  test('SEC-12: its calls count as those of its user', async () => {
    const { browser } = await person(undefined, few.base);
    const keys = [await newKey(few.base, browser, { name: 'one' }), await newKey(few.base, browser, { name: 'two' })];
    const answers = [];
    for (const at of [0, 1, 0, 1, 0, 1, 0, 1]) answers.push((await modern(few.base, keys[at], 'tools/list')).status);
    assert.equal(answers.filter((status) => status === 200).length, 5, String(answers));
    assert.equal(answers.filter((status) => status === 429).length, 3, String(answers));
  });
});

describe('its scopes', { ...limit, concurrency: true }, () => {
  const write = (key) => call(key, 'note_write', { text: 'x' });

  test('RS-06: what was not ticked is 403, and what was is done', async () => {
    const { browser } = await person();
    const reads = await newKey(base, browser, { name: 'reads', scopes: ['notes:read'] });
    const both = await newKey(base, browser, { name: 'both', scopes: ['notes:read', 'notes:write'] });
    const answer = await write(reads);
    assert.equal(answer.status, 403, JSON.stringify(answer));
    assert.match(answer.headers['www-authenticate'], /error="insufficient_scope".*scope="mcp notes:read notes:write"/);
    assert.equal((await write(both)).status, 200);
  });

  test('RS-07: what the roles do not allow cannot be ticked', async () => {
    const { browser } = await person();
    const page = await makeKey(await openKeys(base, browser), { name: 'admin', scopes: ['admin:users', 'nothing:such'] });
    keyOn(page);
    assert.doesNotMatch(page.words, /admin:users|nothing:such/);
  });
});

describe('the page', { ...limit, concurrency: true }, () => {
  test('makes one key of one form, however often it is sent', async () => {
    const { browser } = await person();
    const page = await openKeys(base, browser);
    const first = keyOn(await makeKey(page, { name: 'once' }));
    const again = await makeKey(page, { name: 'once' });
    assert.equal(again.status, 409);
    assert.doesNotMatch(again.html, KEY);
    assert.match(again.words, /This was done before, and not again/);
    await pressKey(again, 'revoke', idOf(first));
    assert.equal((await makeKey(page, { name: 'once' })).status, 409);
    assert.doesNotMatch((await openKeys(base, browser)).words, /expires in/);
  });

  test('takes no name twice, and nothing that is too long or lives too long', async () => {
    const { browser } = await person();
    await newKey(base, browser, { name: 'taken' });
    const wrong = [
      [{ name: 'taken' }, 409],
      [{ name: ' ' }, 400],
      [{ name: 'x'.repeat(61) }, 400],
      [{ name: 'long', days: 367 }, 400],
      [{ name: 'none', days: 0 }, 400],
      [{ name: 'negative', days: -1 }, 400],
    ];
    for (const [typed, status] of wrong) {
      const page = await makeKey(await openKeys(base, browser), typed);
      assert.equal(page.status, status, JSON.stringify(typed));
      assert.doesNotMatch(page.html, KEY);
    }
  });

  test('tells its owner, and nobody else, what is the matter with a key', async () => {
    const [mine, other] = [await person(), await person()];
    const key = await newKey(base, mine.browser, { name: 'one' });
    const gone = await newKey(base, mine.browser, { name: 'gone' });
    await pressKey(await openKeys(base, mine.browser), 'revoke', idOf(gone));
    const forged = `${key.slice(0, 50)}${'A'.repeat(47)}`;
    const table = [
      [mine, key, /That key of yours is good/],
      [mine, ` ${key} `, /That key of yours is good/],
      [mine, gone, /That key of yours was revoked/],
      [mine, key.slice(0, -1), /mistyped, or cut off/],
      [mine, `${forged}${checksum(forged)}`, /did not make that key/],
      [other, key, /no key of yours/],
      [other, gone, /no key of yours/],
    ];
    for (const [{ browser }, text, words] of table) {
      const page = await lookUp(await openKeys(base, browser), text);
      assert.match(page.words, words);
      assert.doesNotMatch(page.html, KEY);
    }
    assert.match((await openKeys(base, mine.browser)).words, /one sessile_\S+ Made just now · never used/);
  });

  test('escapes what a key is called', async () => {
    const { browser } = await person();
    const page = await makeKey(await openKeys(base, browser), { name: '</bdi><script>alert(1)</script>' });
    keyOn(page);
    assert.doesNotMatch(page.html, /<script/);
  });

  test('is for who is logged in', async () => {
    const { browser } = await person();
    const page = await openKeys(base, browser);
    await press(await openAccount(base, { browser }), 'sign-out', 'this');
    assert.ok(asksWho(await openKeys(base, browser)));
    assert.ok(asksWho(await makeKey(page, { name: 'late' })));
  });

  test('SEC-03: takes no form of another user, of another page, or without its proof', async () => {
    const [mine, other] = [await person(), await person()];
    const page = await openKeys(base, mine.browser);
    const form = keysForm(page, 'do');
    const foreign = await openKeys(base, other.browser);
    const sent = [
      { ...form, fields: keysForm(foreign, 'do').fields },
      { ...form, fields: form.fields.filter(([name]) => name !== 'csrf') },
      { ...form, fields: (await openAccount(base, { browser: mine.browser })).forms[0].fields },
    ];
    for (const each of sent) {
      const answer = await page.submit(each, { typed: { name: 'stolen', days: 30 }, button: { name: 'do', value: 'make' } });
      assert.ok([400, 403].includes(answer.status), String(answer.status));
      assert.doesNotMatch(answer.html, KEY);
    }
    assert.match((await openKeys(base, mine.browser)).words, /There is no key/);
  });

  test("SEC-01: another user's key is neither rotated nor revoked", async () => {
    const [mine, other] = [await person(), await person()];
    const key = await newKey(base, mine.browser, { name: 'mine' });
    await newKey(base, other.browser, { name: 'theirs' });
    const theirs = await openKeys(base, other.browser);
    assert.equal((await pressKey(theirs, 'rotate', idOf(key))).status, 409);
    await pressKey(theirs, 'revoke', idOf(key));
    assert.equal((await tools(key)).status, 200);
  });
});

describe('the end of a key', { ...limit, concurrency: true }, () => {
  test('rotating gives a new secret, and the former one works on', async () => {
    const { browser } = await person();
    const key = await newKey(base, browser, { name: 'old' });
    const session = await Session.open(base, key);
    const page = await openKeys(base, browser);
    const rotated = await pressKey(page, 'rotate', idOf(key));
    const next = keyOn(rotated);
    assert.equal(idOf(next), idOf(key));
    assert.notEqual(next, key);
    assert.match(rotated.words, /The former one works on, and ends in 1 day/);
    assert.deepEqual([(await tools(key)).status, (await tools(next)).status], [200, 200]);
    assert.match(await session.call('count'), /^\d+$/);
    const again = await pressKey(page, 'rotate', idOf(key));
    assert.equal(again.status, 409);
    assert.doesNotMatch(again.html, KEY);
    // Of three secrets, two are good.
    const third = keyOn(await pressKey(await openKeys(base, browser), 'rotate', idOf(key)));
    assert.equal((await tools(third)).status, 200);
    await ends(key);
  });

  test('revoking ends it at once where it is done, with its sessions and streams, and nothing else', async () => {
    const { browser } = await person();
    const key = await newKey(base, browser, { name: 'gone' });
    const other = await newKey(base, browser, { name: 'stays' });
    const [session, stays] = [await Session.open(base, key), await Session.open(base, other)];
    const stream = await session.listen();
    const listener = await modernStream(base, key, 'subscriptions/listen', { notifications: { toolsListChanged: true } }, { ms: 60_000 });
    await listener.nextMessage();
    const page = await pressKey(await openKeys(base, browser), 'revoke', idOf(key));
    assert.match(page.words, /The key is revoked.* gone revoked/);
    await ends(key);
    assert.deepEqual(await stream.rest(KNOWN_MS), []);
    const last = await listener.rest(KNOWN_MS);
    assert.deepEqual(last.map(({ message }) => message.id), [listener.requestId]);
    refused(await session.request('tools/list'));
    assert.match(await stays.call('count'), /^\d+$/);
    assert.equal((await tools(other)).status, 200);
  });

  test('a disabled user has no key any more, also when enabled again', async () => {
    const account = await logIn(base);
    const key = await newKey(base, account.browser, { name: 'script' });
    assert.equal((await tools(key)).status, 200);
    const operator = async (what) => {
      const answer = await exchange(`${base}/admin/accounts/${claims(account.token).sub}/${what}`, { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` } });
      assert.equal(answer.status, 200, await answer.text());
    };
    await operator('disable');
    await ends(key);
    await operator('enable');
    refused(await tools(key));
    const { browser } = await openAccount(base, { user: account.user });
    assert.match((await openKeys(base, browser)).words, /script revoked/);
  });
});
