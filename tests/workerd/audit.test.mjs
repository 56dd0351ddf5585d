// The audit: who did what is in the chain, once, and whatever is done to the chain is found.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openAccount } from '../support/account_page.mjs';
import { act, tells } from '../support/admin_pages.mjs';
import { done, loggedIn } from '../support/api.mjs';
import { exchange } from '../support/http.mjs';
import { logIn } from '../support/login.mjs';
import { modern, Session } from '../support/mcp.mjs';
import { claims, revoke } from '../support/oauth.mjs';
import { recordsWhen, verify, withDatabase } from '../support/records.mjs';
import { startServer } from '../support/server.mjs';

const limit = { timeout: 240_000 };

const ADMIN_TOKEN = randomBytes(16).toString('hex');

let persist;
let server;
let alice;
let head;

const named = (name, more = {}) => (record) =>
  record.name === name && Object.entries(more).every(([member, value]) => record[member] === value);

before(async () => {
  persist = await mkdtemp(join(tmpdir(), 'sessile-audit-'));
  server = await startServer({ persist, vars: { QUOTA_BURST: 8, QUOTA_PER_MINUTE: 1, ADMIN_TOKEN, ADMINS: '[{"provider":"dev","subject":"root"}]' } });
  alice = await logIn(server.url);
});

after(async () => {
  await server?.stop();
  await rm(persist, { recursive: true, force: true });
});

describe('the audit', limit, () => {
  test('has the login, the consent and the grant, with who and with which app', async () => {
    const all = await recordsWhen(persist, (all) => all.some(({ kind }) => kind === 'grant'));
    const account = claims(alice.token).sub;
    const [login, consent, grant] = ['login', 'consent', 'grant'].map((kind) => all.find((record) => record.kind === kind));
    for (const record of [login, consent, grant]) {
      assert.equal(record.actor.account, account);
      assert.equal(record.outcome, 'ok');
      assert.ok(record.address, 'an address');
    }
    assert.equal(login.name, 'login');
    assert.equal(consent.name, 'allow');
    assert.ok(consent.actor.client);
    assert.equal(grant.actor.grant, claims(alice.token).sid);
    assert.match(grant.permission, /\bmcp\b/);
  });

  test('has calls of both eras with a digest of their arguments, and counts them as used', async () => {
    const secret = 'correct horse battery staple';
    const long = 'x'.repeat(65_536); // its digest is taken elsewhere
    const session = await Session.open(server.url, alice.token);
    for (const text of [secret, long]) {
      await modern(server.url, alice.token, 'tools/call', { name: 'echo', arguments: { text } });
      await session.call('echo', { text });
    }
    const all = await recordsWhen(persist, (all) => all.filter(named('echo')).length === 4);
    const echoes = all.filter(named('echo'));
    const digests = echoes.map(({ arguments: { digest } }) => digest).sort();
    const expected = [secret, long].map((text) => createHash('sha256').update(JSON.stringify({ text })).digest('base64url'));
    assert.deepEqual(digests, [...expected, ...expected].sort());
    assert.ok(echoes.every(({ kind, outcome }) => kind === 'tool' && outcome === 'ok'));
    const one = echoes.find(({ actor }) => actor.session === undefined);
    const other = echoes.find(({ actor }) => actor.session !== undefined);
    assert.ok(session.id.startsWith(other.actor.session));
    assert.equal(other.actor.grant, claims(alice.token).sid);
    assert.ok(!JSON.stringify(all).includes(secret), 'no argument that the tool did not name');
    const used = withDatabase(persist, (database) => database.prepare("SELECT SUM(calls) AS calls FROM usage WHERE tool = 'echo'").get());
    assert.equal(used.calls, 4);
  });

  test('shows the arguments that a tool names, and no others', async () => {
    await modern(server.url, alice.token, 'tools/call', { name: 'progress', arguments: { steps: 2, delay_ms: 1 } });
    const all = await recordsWhen(persist, (all) => all.some(named('progress')));
    assert.deepEqual(all.find(named('progress')).arguments.shown, { steps: 2 });
  });

  test('has one record of many refusals', async () => {
    for (let round = 0; round < 12; round += 1) await modern(server.url, alice.token, 'tools/call', { name: 'echo', arguments: { text: 'x' } });
    const all = await recordsWhen(persist, (all) => all.some(({ outcome }) => outcome === 'refused'));
    const refused = all.filter(({ outcome }) => outcome === 'refused');
    assert.equal(refused.length, 1, JSON.stringify(refused));
    assert.equal(refused[0].why, 'no call is left');
    assert.equal(refused[0].actor.account, claims(alice.token).sub);
  });

  test('has the end of a grant', async () => {
    await (await revoke(server.url, { clientId: alice.clientId, token: alice.refreshToken })).text();
    const all = await recordsWhen(persist, (all) => all.some(({ kind }) => kind === 'revocation'));
    const revoked = all.find(({ kind }) => kind === 'revocation');
    assert.equal(revoked.name, 'revoke');
    assert.equal(revoked.actor.grant, claims(alice.token).sid);
  });

  test('has what the operator does', async () => {
    const account = claims(alice.token).sub;
    for (const what of ['disable', 'enable']) {
      const answer = await exchange(`${server.url}/admin/accounts/${account}/${what}`, { method: 'POST', headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
      assert.equal(answer.status, 200, await answer.text());
    }
    const all = await recordsWhen(persist, (all) => all.some(named('user: enable')));
    const done = all.filter(({ kind }) => kind === 'admin');
    assert.deepEqual(done.map(({ name }) => name), ['user: disable', 'user: enable']);
    for (const { actor, target } of done) assert.deepEqual([actor.client, target], ['operator', account]);
  });

  test('has what admins do on pages and through the API, and the keys that people make', async () => {
    const { browser } = await openAccount(server.url, { user: 'root' });
    const api = await loggedIn(server.url, browser);
    done(await api('POST', '/roles', { body: { name: 'help-desk', permissions: ['notes:read'] } }), 201);
    const { json } = done(await api('POST', '/me/api-keys', { body: { name: 'script', life_seconds: 3_600 } }), 201);
    const roles = await browser.open(`${server.url}/account/roles`);
    tells(await act(roles, 'delete', { name: 'help-desk' }), /The role is gone/);
    const all = await recordsWhen(persist, (all) => all.some(named('role: delete')) && all.some(named('make')));
    const [added, made, deleted] = ['role: add', 'make', 'role: delete'].map((name) => all.find(named(name)));
    assert.deepEqual([added.kind, made.kind, deleted.kind], ['admin', 'key', 'admin']);
    assert.deepEqual([added.target, added.permission], ['help-desk', 'notes:read']);
    assert.equal(deleted.target, 'help-desk');
    assert.equal(new Set([added, made, deleted].map(({ actor }) => actor.account)).size, 1);
    assert.ok(!JSON.stringify(all).includes(json.text), 'no text of a key');
  });

  test('is whole, and its head can be noted', async () => {
    await server.stop({ keep: true });
    server = undefined;
    const { code, said } = await verify(persist);
    assert.equal(code, 0, said);
    const found = /whole: (\d+) rows, and the head is (\d+:[0-9a-f]{64})/.exec(said);
    assert.ok(found, said);
    head = found[2];
    assert.equal((await verify(persist, ['--head', head])).code, 0);
  });

  test('is broken by a row that was altered, and tells which', async () => {
    const seq = 2;
    const change = (from, to) => withDatabase(persist, (database) =>
      database.prepare('UPDATE audit SET record = replace(record, ?, ?) WHERE seq = ?').run(from, to, seq));
    change('"outcome":"ok"', '"outcome":"failed"');
    const altered = await verify(persist);
    assert.notEqual(altered.code, 0);
    assert.match(altered.said, /row 2 was altered/);
    change('"outcome":"failed"', '"outcome":"ok"');
    assert.equal((await verify(persist)).code, 0);
  });

  test('shows who noted the head that its newest row was removed', async () => {
    withDatabase(persist, (database) => {
      database.exec('DELETE FROM audit WHERE seq = (SELECT MAX(seq) FROM audit)');
      database.exec('UPDATE audit_chain SET head_seq = (SELECT MAX(seq) FROM audit), head_hash = (SELECT hash FROM audit ORDER BY seq DESC LIMIT 1)');
    });
    assert.equal((await verify(persist)).code, 0);
    const removed = await verify(persist, ['--head', head]);
    assert.notEqual(removed.code, 0);
    assert.match(removed.said, new RegExp(`row ${head.split(':')[0]} is missing`));
  });
});
