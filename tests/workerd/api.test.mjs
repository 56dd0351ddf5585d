// The API under /api/v1: who may ask, what each may do, and what must not happen. Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openAccount } from '../support/account_page.mjs';
import { ask, done, inBrowser, loggedIn, refused, withKey, withToken } from '../support/api.mjs';
import { idOf, KEY, newKey } from '../support/api_keys.mjs';
import { Key } from '../support/dpop.mjs';
import { serve } from '../support/fixture.mjs';
import { exchange } from '../support/http.mjs';
import { logIn, logInToCode, someone } from '../support/login.mjs';
import { modern, Session } from '../support/mcp.mjs';
import { claims, redeem, revoke } from '../support/oauth.mjs';

const together = { timeout: 60_000, concurrency: true };
const HOUR_S = 3_600;
const BOTH = ['account:read', 'account:write'];

const { base } = await serve({ vars: { ADMINS: '[{"provider":"dev","subject":"root"}]', QUOTA_BURST: 100_000, QUOTA_PER_MINUTE: 100_000 } });
const few = await serve({ vars: { API_GATE_PER_MINUTE: 5 } });

/** Somebody who is logged in with a browser. */
async function person(user = someone()) {
  const { browser } = await openAccount(base, { user });
  return { user, browser };
}

/** Somebody, and a key of theirs with these scopes. */
async function keyed(scopes = BOTH, user = someone()) {
  const { browser } = await person(user);
  const key = await newKey(base, browser, { name: 'script', scopes });
  return { user, browser, key, api: withKey(base, key) };
}

const making = (more = {}) => ({ body: { name: 'made', life_seconds: HOUR_S, ...more } });

/** The admin of the configuration, in a browser. */
const root = async () => loggedIn(base, (await person('root')).browser);

describe('who is asking', together, () => {
  test('is told by a key, a token, or a login session', async () => {
    const account = await logIn(base, { scope: 'account:read' });
    const key = await newKey(base, account.browser, { name: 'script', scopes: ['notes:read'] });
    const byKey = done(await withKey(base, key)('GET', '/me'));
    assert.deepEqual(byKey.json.credential, { kind: 'api_key', id: idOf(key), name: 'script', expires: byKey.json.credential.expires });
    assert.deepEqual([byKey.json.scopes, byKey.json.permissions], [['mcp', 'notes:read'], []]);
    const byToken = done(await withToken(base, account.token)('GET', '/me'));
    assert.equal(byToken.json.credential.kind, 'access_token');
    assert.equal(byToken.json.credential.grant, claims(account.token).sid);
    assert.deepEqual(byToken.json.permissions, ['account:read']);
    const byBrowser = done(await inBrowser(base, account.browser)('GET', '/me'));
    assert.equal(byBrowser.json.credential.kind, 'login_session');
    assert.deepEqual([byBrowser.json.scopes, byBrowser.json.permissions], [null, BOTH]);
    for (const { json, header } of [byKey, byToken, byBrowser]) {
      assert.deepEqual([json.account, json.subject, json.provider, json.roles], [claims(account.token).sub, account.user, 'dev', ['user']]);
      assert.deepEqual([header('cache-control'), header('x-content-type-options'), header('cross-origin-resource-policy')], ['no-store', 'nosniff', 'same-origin']);
    }
    assert.equal(byKey.json.csrf_token, undefined);
    done(await withToken(base, key)('GET', '/me'));
  });

  test('RFC 9449: a bound token needs its proof, for this path and once', async () => {
    const key = new Key();
    const granted = await logInToCode(base, { scope: 'account:read' });
    const { access_token: token } = await (await redeem(base, granted, { dpop: key.proof('POST', `${base}/token`) })).json();
    const url = `${base}/api/v1/me`;
    const headers = key.fields('GET', url, token);
    done(await ask(base, 'GET', '/me', { headers }));
    refused(await ask(base, 'GET', '/me', { headers }), 401, 'invalid_credential');
    refused(await ask(base, 'GET', '/me', { headers: key.fields('GET', `${base}/mcp`, token) }), 401, 'invalid_credential');
    refused(await withToken(base, token)('GET', '/me'), 401, 'invalid_credential');
  });

  test('RS-03: nobody, or with what is not good, is challenged, and hears no more', async () => {
    const { browser, key } = await keyed();
    const nobody = refused(await ask(base, 'GET', '/me'), 401, 'unauthenticated');
    assert.match(nobody.header('www-authenticate'), /^Bearer resource_metadata="http[^"]*\/\.well-known\/oauth-protected-resource\/mcp"/);
    const gone = await newKey(base, browser, { name: 'gone' });
    const other = await loggedIn(base, browser);
    done(await other('DELETE', `/me/api-keys/${idOf(gone)}`), 204);
    const typo = `${key.slice(0, 60)}${key[60] === 'A' ? 'B' : 'A'}${key.slice(61)}`;
    const told = [];
    for (const bad of [gone, typo, 'sessile_', 'x']) {
      const answer = refused(await withKey(base, bad)('GET', '/me'), 401, 'invalid_credential');
      assert.match(answer.header('www-authenticate'), /error="invalid_token"/);
      told.push(answer.text);
    }
    assert.equal(new Set(told).size, 1);
    refused(await ask(base, 'GET', '/me', { headers: { 'x-api-key': key, authorization: `Bearer ${key}` } }), 400, 'malformed');
    refused(await ask(base, 'GET', `/me?access_token=${key}`), 401, 'unauthenticated');
    refused(await ask(base, 'GET', '/me', { headers: { cookie: 'sessile=x' } }), 401, 'unauthenticated');
  });

  test('counts no more when their grant, key or session has ended', async () => {
    const account = await logIn(base, { scope: 'account:read' });
    const byToken = withToken(base, account.token);
    done(await byToken('GET', '/me'));
    assert.equal((await revoke(base, { clientId: account.clientId, token: account.refreshToken })).status, 200);
    refused(await byToken('GET', '/me'), 401, 'invalid_credential');
    const api = await loggedIn(base, account.browser);
    const { json } = done(await api('GET', '/me/logins'));
    const { id } = json.items.find((login) => login.this);
    done(await api('DELETE', `/me/logins/${id}`), 204);
    refused(await api('GET', '/me'), 401, 'unauthenticated');
  });

  test('a disabled user is nobody, with whatever they ask', async () => {
    const { api, key, browser } = await keyed();
    const account = done(await api('GET', '/me')).json.account;
    const page = inBrowser(base, browser);
    const admin = await root();
    for (const twice of [1, 2]) done(await admin('POST', `/users/${account}/disable`), 204, twice);
    assert.ok(done(await admin('GET', `/users/${account}`)).json.disabled_since);
    refused(await api('GET', '/me'), 401, 'invalid_credential');
    refused(await page('GET', '/me'), 401, 'unauthenticated');
    assert.equal((await modern(base, key, 'tools/list')).status, 401);
    done(await admin('POST', `/users/${account}/enable`), 204);
    assert.equal(done(await admin('GET', `/users/${account}`)).json.disabled_since, null);
    refused(await api('GET', '/me'), 401, 'invalid_credential');
  });
});

describe('a login session', together, () => {
  test('SEC-03: changes nothing without the token of its own browser', async () => {
    const [one, two] = [await person(), await person()];
    const page = inBrowser(base, one.browser);
    const foreign = done(await inBrowser(base, two.browser)('GET', '/me')).json.csrf_token;
    const own = done(await page('GET', '/me')).json.csrf_token;
    const spoiled = `${own.slice(0, -1)}${own.endsWith('A') ? 'B' : 'A'}`;
    for (const token of [undefined, '', 'x', '.', foreign, spoiled, own.split('.')[1], [own, own]]) {
      refused(await page('POST', '/me/api-keys', { ...making(), headers: { 'x-csrf-token': token } }), 403, 'csrf');
    }
    assert.deepEqual(done(await page('GET', '/me/api-keys')).json.items, []);
    done(await page('POST', '/me/api-keys', { ...making(), headers: { 'x-csrf-token': own } }), 201);
  });

  test('SEC-03: is nothing that a page of another site can use, not even to look', async () => {
    const { browser } = await person();
    const api = await loggedIn(base, browser);
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
      refused(await api('GET', '/me', { headers }), 403, 'csrf');
      const answer = refused(await api('POST', '/me/api-keys', { ...making(), headers }), 403, 'csrf');
      assert.equal(answer.header('access-control-allow-credentials'), undefined);
    }
    const preflight = await exchange(`${base}/api/v1/me`, { method: 'OPTIONS', headers: { origin: 'https://evil.example', 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x-csrf-token' } });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.header('access-control-allow-origin'), '*');
    assert.equal(preflight.header('access-control-allow-credentials'), undefined);
    assert.doesNotMatch(preflight.header('access-control-allow-headers'), /csrf|cookie/i);
    assert.match(preflight.header('access-control-allow-methods'), /\bPUT\b/);
  });

  test('a page of another site may use a key', async () => {
    const { api } = await keyed();
    const answer = done(await api('GET', '/me', { headers: { origin: 'https://app.example', 'sec-fetch-site': 'cross-site' } }));
    assert.equal(answer.header('access-control-allow-origin'), '*');
  });
});

describe('API keys', together, () => {
  test('are made, found, rotated and ended; each text is shown once', async () => {
    const { api } = await keyed();
    const made = done(await api('POST', '/me/api-keys', making({ name: 'backup', scopes: ['account:read'] })), 201);
    const { key, text } = made.json;
    assert.match(text, new RegExp(`^${KEY.source}$`));
    assert.equal(made.header('location'), `/api/v1/me/api-keys/${key.id}`);
    assert.deepEqual([key.name, key.scopes, key.state, key.last_used], ['backup', ['mcp', 'account:read'], 'good', null]);
    done(await withKey(base, text)('GET', '/me/api-keys'));
    const listed = done(await api('GET', '/me/api-keys'));
    assert.doesNotMatch(listed.text, KEY);
    assert.deepEqual(listed.json.items.map(({ name }) => name).sort(), ['backup', 'script']);
    const rotated = done(await api('POST', `/me/api-keys/${key.id}/rotate`, { body: { overlap_seconds: 0 } })).json;
    assert.equal(rotated.key.id, key.id);
    refused(await withKey(base, text)('GET', '/me'), 401, 'invalid_credential');
    done(await withKey(base, rotated.text)('GET', '/me'));
    for (const time of [1, 2]) done(await api('DELETE', `/me/api-keys/${key.id}`), 204, time);
    refused(await withKey(base, rotated.text)('GET', '/me'), 401, 'invalid_credential');
    assert.equal(done(await api('GET', `/me/api-keys/${key.id}`)).json.state, 'revoked');
    refused(await api('POST', `/me/api-keys/${key.id}/rotate`, { body: {} }), 404, 'not_found');
  });

  test('a request that is sent twice makes one key', async () => {
    const { api } = await keyed();
    const headers = { 'idempotency-key': 'a-1' };
    done(await api('POST', '/me/api-keys', { ...making(), headers }), 201);
    refused(await api('POST', '/me/api-keys', { ...making(), headers }), 409, 'repeated');
    refused(await api('POST', '/me/api-keys', { ...making({ name: 'other' }), headers }), 409, 'repeated');
    refused(await api('POST', '/me/api-keys', making()), 409, 'conflict');
    done(await api('POST', '/me/api-keys', { ...making({ name: 'other' }), headers: { 'idempotency-key': 'a-2' } }), 201);
    refused(await api('POST', '/me/api-keys', { ...making(), headers: { 'idempotency-key': 'no good' } }), 400, 'malformed');
    assert.equal(done(await api('GET', '/me/api-keys')).json.items.length, 3);
  });

  test('go no further than what they are made or rotated with', async () => {
    const { browser, api } = await keyed();
    refused(await api('POST', '/me/api-keys', making({ scopes: ['notes:write'] })), 403, 'forbidden');
    refused(await api('POST', '/me/api-keys', making({ scopes: ['admin:users'] })), 403, 'forbidden');
    refused(await api('POST', '/me/api-keys', making({ scopes: ['unheard:of'] })), 403, 'forbidden');
    const wide = await newKey(base, browser, { name: 'wide', scopes: ['notes:write'] });
    refused(await api('POST', `/me/api-keys/${idOf(wide)}/rotate`, { body: {} }), 403, 'forbidden');
    done(await withKey(base, wide)('GET', '/me'));
    const page = await loggedIn(base, browser);
    refused(await page('POST', '/me/api-keys', making({ scopes: ['admin:users'] })), 403, 'forbidden');
    done(await page('POST', '/me/api-keys', making({ scopes: ['notes:write', 'notes:read'] })), 201);
  });

  test("RS-06: scopes that are missing are named, and somebody else's keys are none", async () => {
    const { api: reader } = await keyed(['account:read']);
    const { api: nothing } = await keyed([]);
    const { api: other, key } = await keyed();
    const answer = refused(await reader('POST', '/me/api-keys', making()), 403, 'insufficient_scope');
    assert.match(answer.header('www-authenticate'), /error="insufficient_scope".*scope="mcp account:read account:write"/);
    refused(await nothing('GET', '/me/api-keys'), 403, 'insufficient_scope');
    const { api } = await keyed();
    for (const [method, path] of [['GET', ''], ['DELETE', ''], ['POST', '/rotate']]) {
      refused(await api(method, `/me/api-keys/${idOf(key)}${path}`, method === 'POST' ? { body: {} } : {}), 404, 'not_found');
    }
    done(await other('GET', '/me'));
  });

  test('what cannot be one is refused, and nothing is made', async () => {
    const { api } = await keyed();
    for (const body of [
      {}, [], null, 1, { name: 'a' }, { name: '', life_seconds: HOUR_S }, { name: ' ', life_seconds: HOUR_S }, { name: 'a\n', life_seconds: HOUR_S },
      { name: 'a'.repeat(61), life_seconds: HOUR_S }, { name: 'a', life_seconds: 1 }, { name: 'a', life_seconds: 1e18 }, { name: 'a', life_seconds: HOUR_S, account: 'b' },
      { name: 'a', life_seconds: HOUR_S, scopes: ['a b'] }, { name: 'a', life_seconds: HOUR_S, scopes: 'mcp' },
    ]) refused(await api('POST', '/me/api-keys', { body }), 422, 'invalid');
    const raw = (body, type) => exchange(`${base}/api/v1/me/api-keys`, { method: 'POST', body, headers: { 'content-type': type } });
    const { key } = await keyed();
    const post = async (body, type = 'application/json') => ask(base, 'POST', '/me/api-keys', { headers: { 'x-api-key': key, 'content-type': type }, body });
    assert.equal((await raw('{}', 'application/json')).status, 401);
    refused(await post({}, 'text/plain'), 415, 'unsupported_media_type');
    refused(await post('x'.repeat(20_000)), 413, 'too_large');
    const cut = await exchange(`${base}/api/v1/me/api-keys`, { method: 'POST', body: '{"name":', headers: { 'content-type': 'application/json', 'x-api-key': key } });
    assert.deepEqual([cut.status, (await cut.json()).code], [400, 'malformed']);
    assert.equal(done(await api('GET', '/me/api-keys')).json.items.length, 1);
  });
});

describe('what acts for somebody', together, () => {
  test('is listed, and ended by them alone', async () => {
    const account = await logIn(base);
    const session = await Session.open(base, account.token);
    const api = await loggedIn(base, account.browser);
    const { api: stranger } = await keyed();
    const [grant] = done(await api('GET', '/me/grants')).json.items;
    assert.deepEqual([grant.id, grant.client_name, grant.scopes], [claims(account.token).sid, 'Test client', ['mcp']]);
    const [open] = done(await api('GET', '/me/sessions')).json.items;
    assert.equal(open.grant, grant.id);
    const [login] = done(await api('GET', '/me/logins')).json.items;
    assert.equal(login.this, true);
    for (const path of [`/me/grants/${grant.id}`, `/me/sessions/${open.id}`, `/me/logins/${login.id}`]) {
      refused(await stranger('DELETE', path), 404, 'not_found');
    }
    assert.match(await session.call('count'), /^\d+$/);
    done(await api('DELETE', `/me/sessions/${open.id}`), 204);
    assert.deepEqual(done(await api('GET', '/me/sessions')).json.items, []);
    refused(await api('DELETE', `/me/sessions/${open.id}`), 404, 'not_found');
    done(await api('DELETE', `/me/grants/${grant.id}`), 204);
    assert.equal((await modern(base, account.token, 'tools/list')).status, 401);
  });
});

describe('users', { timeout: 60_000 }, () => {
  test('are nothing to who is no admin, by role or by scope', async () => {
    const { api, browser } = await keyed();
    const account = done(await api('GET', '/me')).json.account;
    const page = await loggedIn(base, browser);
    for (const ask of [api, page]) {
      for (const [method, path] of [['GET', '/users'], ['GET', `/users/${account}`], ['POST', `/users/${account}/disable`], ['GET', '/roles'], ['GET', '/roles/user'], ['PUT', `/users/${account}/roles`]]) {
        refused(await ask(method, path, method === 'PUT' ? { body: { roles: ['admin'] }, headers: { 'if-match': '"a"' } } : {}), 404, 'not_found');
      }
    }
    const reads = await keyed(['account:read'], 'root');
    refused(await reads.api('GET', '/users'), 403, 'insufficient_scope');
    const admins = withKey(base, await newKey(base, reads.browser, { name: someone(), scopes: ['admin:users'] }));
    done(await admins('GET', '/users'));
    refused(await admins('GET', '/me/api-keys'), 403, 'insufficient_scope');
  });

  test('are listed by page and filter; a cursor is good for its own list and reader', async () => {
    const admin = await root();
    const crowd = someone('crowd');
    for (const number of [1, 2, 3, 4, 5]) await person(`${crowd}-${number}`);
    const seen = [];
    let path = `/users?limit=2&search=${crowd}`;
    for (const count of [2, 2, 1]) {
      const { json, header } = done(await admin('GET', path));
      assert.equal(json.items.length, count);
      seen.push(...json.items.map(({ subject }) => subject));
      assert.equal(header('link'), json.next === null ? undefined : `<${json.next}>; rel="next"`);
      path = json.next?.replace('/api/v1', '');
    }
    assert.equal(path, undefined);
    assert.deepEqual([...seen].sort(), [1, 2, 3, 4, 5].map((number) => `${crowd}-${number}`));
    const { next } = done(await admin('GET', `/users?limit=2&search=${crowd}`)).json;
    const cursor = new URL(next, base).searchParams.get('cursor');
    const other = someone();
    const { account } = done(await admin('GET', `/users?search=${crowd}-1`)).json.items[0];
    await person(other);
    const subject = done(await admin('GET', `/users?search=${other}`)).json.items[0];
    const { header } = done(await admin('GET', `/users/${subject.account}/roles`));
    done(await admin('PUT', `/users/${subject.account}/roles`, { body: { roles: ['admin'] }, headers: { 'if-match': header('etag') } }));
    const second = await loggedIn(base, (await person(other)).browser);
    refused(await second('GET', next.replace('/api/v1', '')), 400, 'malformed');
    for (const query of [`cursor=${cursor}`, `search=${crowd}&cursor=${cursor}x`, `search=${crowd}&cursor=`, `search=x&cursor=${cursor}`, 'limit=0', 'limit=101', 'limit=', 'limit=x', 'limit=1&limit=2', 'find=x', `search=${'x'.repeat(101)}`]) {
      refused(await admin('GET', `/users?${query}`), 400, 'malformed');
    }
    assert.deepEqual(done(await admin('GET', '/users?search=%25')).json.items, []);
    assert.ok(account);
  });

  test('get roles of which the reader has seen the last version', async () => {
    const admin = await root();
    const { user } = await person();
    const { account } = done(await admin('GET', `/users?search=${user}`)).json.items[0];
    const path = `/users/${account}/roles`;
    const { header } = done(await admin('GET', path));
    const put = (roles, tag) => admin('PUT', path, { body: { roles }, headers: { 'if-match': tag } });
    refused(await put(['admin'], undefined), 428, 'precondition_required');
    refused(await put(['admin'], '*'), 428, 'precondition_required');
    refused(await put(['admin'], '"x"'), 412, 'changed');
    refused(await put(['unheard-of'], header('etag')), 409, 'conflict');
    refused(await put(['a b'], header('etag')), 422, 'invalid');
    const given = done(await put(['admin'], header('etag')));
    assert.deepEqual(given.json, { roles: ['admin'] });
    refused(await put([], header('etag')), 412, 'changed');
    done(await put([], given.header('etag')));
  });

  test('nobody ends or disables themselves, nor takes their own access', async () => {
    const admin = await root();
    const me = done(await admin('GET', '/me')).json;
    assert.equal(me.admin_by_configuration, true);
    refused(await admin('POST', `/users/${me.account}/disable`), 403, 'forbidden');
    refused(await admin('POST', `/users/${me.account}/end`), 403, 'forbidden');
    const { header } = done(await admin('GET', `/users/${me.account}/roles`));
    refused(await admin('PUT', `/users/${me.account}/roles`, { body: { roles: ['admin'] }, headers: { 'if-match': header('etag') } }), 403, 'forbidden');
    refused(await admin('GET', '/users/nobody'), 404, 'not_found');
  });
});

describe('roles', { timeout: 60_000 }, () => {
  test('are added, changed and deleted by who has seen their last version', async () => {
    const admin = await root();
    const name = someone('role');
    const added = done(await admin('POST', '/roles', { body: { name, permissions: ['notes:*', '!notes:delete'] } }), 201);
    assert.deepEqual(added.json, { name, permissions: ['notes:*', '!notes:delete'], built_in: false, users: 0 });
    assert.equal(added.header('location'), `/api/v1/roles/${name}`);
    done(await admin('POST', '/roles', { body: { name, permissions: ['notes:*', '!notes:delete'] } }), 201);
    refused(await admin('POST', '/roles', { body: { name, permissions: [] } }), 409, 'conflict');
    const save = (permissions, tag) => admin('PUT', `/roles/${name}`, { body: { permissions }, headers: { 'if-match': tag } });
    refused(await save(['*'], undefined), 428, 'precondition_required');
    const saved = done(await save(['notes:read'], added.header('etag')));
    refused(await save(['*'], added.header('etag')), 412, 'changed');
    for (const permissions of [['a b'], ['!'], ['<'], ['']]) refused(await save(permissions, saved.header('etag')), 422, 'invalid');
    assert.deepEqual(done(await admin('GET', `/roles/${name}`)).json.permissions, ['notes:read']);
    refused(await admin('DELETE', `/roles/${name}`, { headers: { 'if-match': added.header('etag') } }), 412, 'changed');
    done(await admin('DELETE', `/roles/${name}`, { headers: { 'if-match': saved.header('etag') } }), 204);
    refused(await admin('GET', `/roles/${name}`), 404, 'not_found');
  });

  test('the built-in ones stay, and one that is in use', async () => {
    const admin = await root();
    const built = done(await admin('GET', '/roles/admin'));
    refused(await admin('PUT', '/roles/admin', { body: { permissions: [] }, headers: { 'if-match': built.header('etag') } }), 403, 'forbidden');
    refused(await admin('DELETE', '/roles/admin', { headers: { 'if-match': built.header('etag') } }), 409, 'conflict');
    const { user } = await person();
    const { account } = done(await admin('GET', `/users?search=${user}`)).json.items[0];
    const name = someone('role');
    const { header: role } = done(await admin('POST', '/roles', { body: { name, permissions: [] } }), 201);
    const { header } = done(await admin('GET', `/users/${account}/roles`));
    done(await admin('PUT', `/users/${account}/roles`, { body: { roles: [name] }, headers: { 'if-match': header('etag') } }));
    refused(await admin('DELETE', `/roles/${name}`, { headers: { 'if-match': role('etag') } }), 409, 'conflict');
    assert.deepEqual(done(await admin('GET', `/users?role=${name}`)).json.items.map(({ subject }) => subject), [user]);
  });

  test('whose change would lock its maker out is not changed', async () => {
    const admin = await root();
    const { user, browser } = await person();
    const name = someone('role');
    const { header: role } = done(await admin('POST', '/roles', { body: { name, permissions: ['admin:users'] } }), 201);
    const { account } = done(await admin('GET', `/users?search=${user}`)).json.items[0];
    const { header } = done(await admin('GET', `/users/${account}/roles`));
    done(await admin('PUT', `/users/${account}/roles`, { body: { roles: [name] }, headers: { 'if-match': header('etag') } }));
    const api = await loggedIn(base, browser);
    refused(await api('PUT', `/roles/${name}`, { body: { permissions: [] }, headers: { 'if-match': role('etag') } }), 403, 'forbidden');
    done(await admin('PUT', `/roles/${name}`, { body: { permissions: [] }, headers: { 'if-match': role('etag') } }));
    refused(await api('GET', '/roles'), 404, 'not_found');
  });
});

describe('every answer', together, () => {
  test('to what is not there, or not by that verb, is a problem', async () => {
    const { api } = await keyed();
    for (const path of ['', '/', '/x', '/me/', '/me/api-keys/a%62', '/me/api-keys/..%2f', `/me/api-keys/${'x'.repeat(65)}`]) refused(await api('GET', path), 404, 'not_found');
    const answer = refused(await api('PATCH', '/me'), 405, 'method_not_allowed');
    assert.equal(answer.header('allow'), 'GET, HEAD, OPTIONS');
    refused(await api('GET', '/me?x=1'), 400, 'malformed');
    const head = await exchange(`${base}/api/v1/me`, { method: 'HEAD' });
    assert.equal(head.status, 401);
    const problem = done(await ask(base, 'GET', '/problems/not_found')).json;
    assert.deepEqual([problem.code, problem.status], ['not_found', 404]);
  });

  test('SEC-12: of a network that asks too often is 429, with when to come back', async () => {
    const answers = [];
    for (let count = 0; count < 8; count += 1) answers.push(await ask(few.base, 'GET', '/me'));
    const closed = refused(answers.find(({ status }) => status === 429), 429, 'too_many_requests');
    assert.equal(closed.header('retry-after'), '60');
    assert.match(closed.header('ratelimit-policy'), /"api";q=5;w=60/);
    assert.equal(closed.header('access-control-allow-origin'), '*');
  });
});
