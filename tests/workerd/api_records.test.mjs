// The API's policies, usage and audit: who may see and change them, and that they are true.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openAccount } from '../support/account_page.mjs';
import { done, loggedIn, refused, withKey } from '../support/api.mjs';
import { newKey } from '../support/api_keys.mjs';
import { serve } from '../support/fixture.mjs';
import { exchange } from '../support/http.mjs';
import { someone } from '../support/login.mjs';
import { modern } from '../support/mcp.mjs';

/** Longest until what happened is in the database, in milliseconds. */
const RECORDED_MS = 30_000;

const limit = { timeout: 120_000 };
const { base } = await serve({ vars: { ADMINS: '[{"provider":"dev","subject":"root"}]', QUOTA_BURST: 100_000, QUOTA_PER_MINUTE: 100_000 } });

/** Somebody with a key that may do this, a browser, and an account. */
async function keyed(scopes, user = someone()) {
  const { browser } = await openAccount(base, { user });
  const key = await newKey(base, browser, { name: someone('key'), scopes });
  const api = withKey(base, key);
  return { key, api, browser, account: done(await api('GET', '/me')).json.account };
}

/** What an answer is when it is as it should be. */
async function eventually(ask, isSo) {
  const until = Date.now() + RECORDED_MS;
  for (;;) {
    const answer = done(await ask());
    if (isSo(answer.json)) return answer;
    assert.ok(Date.now() < until, answer.text.slice(0, 2_000));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const admin = await keyed(['admin:users', 'admin:policies', 'admin:usage', 'admin:audit'], 'root');
const one = await keyed(['account:read', 'account:write']);
const other = await keyed(['account:read']);
for (const { key } of [one, one, other]) await modern(base, key, 'tools/call', { name: 'echo', arguments: { text: 'x' } });

describe('policies', limit, () => {
  /** Next to nothing comes back while a test runs. */
  const POLICY = { per_day: { amount: 1, burst: 3 } };

  test('are for admins who may say so, with that scope', async () => {
    const users = await keyed(['admin:users'], 'root');
    for (const [method, path] of [['GET', '/policies'], ['POST', '/policies'], ['PUT', '/roles/user/policy'], ['DELETE', `/users/${one.account}/policy`]]) {
      refused(await one.api(method, path), 404, 'not_found');
      refused(await users.api(method, path), 403, 'insufficient_scope');
    }
  });

  test('are added, changed with the last version, given, and hold', async () => {
    const name = someone('policy');
    const added = done(await admin.api('POST', '/policies', { body: { name, document: POLICY } }), 201);
    assert.deepEqual(added.json, { name, document: POLICY, roles: [], users: 0 });
    assert.equal(added.header('location'), `/api/v1/policies/${name}`);
    refused(await admin.api('POST', '/policies', { body: { name, document: POLICY } }), 409, 'conflict');
    refused(await admin.api('POST', '/policies', { body: { name: someone('policy'), document: { per_minute: 'many' } } }), 422, 'invalid');
    const save = (tag) => admin.api('PUT', `/policies/${name}`, { body: { document: { ...POLICY, concurrent: 2 } }, headers: { 'if-match': tag } });
    refused(await save(undefined), 428, 'precondition_required');
    const saved = done(await save(added.header('etag')));
    refused(await save(added.header('etag')), 412, 'changed');
    assert.equal(done(await admin.api('GET', `/policies/${name}`)).header('etag'), saved.header('etag'));

    const limited = await keyed([]);
    const path = `/users/${limited.account}/policy`;
    refused(await admin.api('GET', path), 404, 'not_found');
    refused(await admin.api('PUT', path, { body: { policy: 'unheard-of' } }), 409, 'conflict');
    done(await admin.api('PUT', path, { body: { policy: name } }));
    assert.deepEqual(done(await admin.api('GET', path)).json, { policy: name });
    const statuses = [];
    for (let call = 0; call < 8; call += 1) statuses.push((await modern(base, limited.key, 'tools/call', { name: 'echo', arguments: { text: 'x' } })).status);
    assert.ok(statuses.includes(429), String(statuses));
    const remove = (tag) => admin.api('DELETE', `/policies/${name}`, { headers: { 'if-match': tag } });
    refused(await remove(saved.header('etag')), 409, 'conflict');
    for (const time of [1, 2]) done(await admin.api('DELETE', path), 204, time);
    refused(await remove(undefined), 428, 'precondition_required');
    refused(await remove(added.header('etag')), 412, 'changed');
    done(await remove(saved.header('etag')), 204);
    refused(await admin.api('GET', `/policies/${name}`), 404, 'not_found');
  });

  test('of roles are given and taken', async () => {
    const [name, role] = [someone('policy'), someone('role')];
    done(await admin.api('POST', '/policies', { body: { name, document: POLICY } }), 201);
    refused(await admin.api('PUT', `/roles/${role}/policy`, { body: { policy: name } }), 404, 'not_found');
    done(await admin.api('POST', '/roles', { body: { name: role, permissions: [] } }), 201);
    done(await admin.api('PUT', `/roles/${role}/policy`, { body: { policy: name } }));
    const policy = done(await admin.api('GET', `/policies/${name}`));
    assert.deepEqual(policy.json.roles, [role]);
    for (const time of [1, 2]) done(await admin.api('DELETE', `/roles/${role}/policy`), 204, time);
    done(await admin.api('DELETE', `/policies/${name}`, { headers: { 'if-match': policy.header('etag') } }), 204);
  });
});

describe('usage', limit, () => {
  test('is counted, grouped, and had as CSV; everybody sees their own', async () => {
    const { json } = await eventually(() => one.api('GET', '/me/usage?by=tool'), ({ items }) => items.some(({ calls }) => calls === 2));
    assert.deepEqual(json.items.map(({ tool, account, begins }) => [tool, account, begins]), [['echo', null, null]]);
    const all = await eventually(
      () => admin.api('GET', '/usage?by=account,tool&every=hour'),
      ({ items }) => items.some(({ account, calls }) => account === one.account && calls === 2) && items.some(({ account }) => account === other.account),
    );
    assert.ok(all.json.items.every(({ begins }) => /T\d\d:00:00Z$/.test(begins)), all.text);
    const csv = await exchange(`${base}/api/v1/me/usage?by=tool&format=csv`, { headers: { 'x-api-key': one.key } });
    assert.equal(csv.header('content-type'), 'text/csv; charset=utf-8');
    assert.match(await csv.text(), /^begins,account,tool,client,calls,.*\r\n[^\r]*,echo,,2,/);
    refused(await one.api('GET', '/usage'), 404, 'not_found');
    refused(await one.api('GET', `/me/usage?account=${other.account}`), 400, 'malformed');
    for (const query of ['by=day', 'every=week', 'format=xml', 'from=yesterday', 'until=2026-11-21', 'tool=']) refused(await one.api('GET', `/me/usage?${query}`), 400, 'malformed');
    assert.deepEqual(done(await one.api('GET', '/me/usage?from=2020-01-01T00:00:00Z&until=2020-01-02T00:00:00Z')).json.items, []);
  });
});

describe('the audit', limit, () => {
  test('has what somebody did with the API, by which key', async () => {
    const made = done(await one.api('POST', '/me/api-keys', { body: { name: 'recorded', life_seconds: 3_600 } }), 201).json;
    const { json } = await eventually(() => one.api('GET', '/me/audit?kind=key'), ({ items }) => items.some(({ record }) => record.target?.includes(made.key.id)));
    const { record } = json.items.find((row) => row.record.target?.includes(made.key.id));
    assert.deepEqual([record.name, record.outcome, record.actor.account], ['make', 'ok', one.account]);
    assert.equal(record.actor.grant, done(await one.api('GET', '/me')).json.credential.id);
    assert.ok(!JSON.stringify(json).includes(made.text.slice(30)));
    done(await admin.api('POST', `/users/${other.account}/end`), 204);
    const all = await eventually(() => admin.api('GET', '/audit?name=user:%20end%20everything'), ({ items }) => items.length > 0);
    assert.equal(all.json.items[0].record.target, other.account);
    assert.equal(all.json.items[0].record.actor.account, admin.account);
  });

  test('is read page by page, by its reader alone, and as JSON Lines', async () => {
    const seen = [];
    let path = '/audit?limit=3';
    for (let page = 0; path && page < 50; page += 1) {
      const { json } = done(await admin.api('GET', path));
      seen.push(...json.items.map(({ seq }) => seq));
      path = json.next?.replace('/api/v1', '');
    }
    assert.equal(path, undefined);
    assert.equal(new Set(seen).size, seen.length);
    const { next } = done(await admin.api('GET', '/audit?limit=1')).json;
    const cursor = new URL(next, base).searchParams.get('cursor');
    refused(await one.api('GET', `/me/audit?limit=1&cursor=${cursor}`), 400, 'malformed');
    refused(await admin.api('GET', `/audit?limit=1&kind=tool&cursor=${cursor}`), 400, 'malformed');
    refused(await one.api('GET', '/audit'), 404, 'not_found');
    refused(await one.api('GET', `/me/audit?account=${admin.account}`), 400, 'malformed');
    const own = done(await one.api('GET', '/me/audit?limit=500')).json.items;
    assert.ok(own.length > 0 && own.every(({ record }) => record.actor.account === one.account));
    const lines = await exchange(`${base}/api/v1/audit?format=jsonl&limit=2`, { headers: { 'x-api-key': admin.key } });
    assert.equal(lines.header('content-type'), 'application/jsonl');
    assert.match(lines.header('link'), /rel="next"/);
    const read = (await lines.text()).trim().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(read.map((row) => Object.keys(row)), [['seq', 'hash', 'record'], ['seq', 'hash', 'record']]);
  });
});
