// Tools that need permissions: what a user grants, what their roles allow, and what a client hears that has not enough.
// Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { Connection } from '../support/http_sse.mjs';
import { exchange } from '../support/http.mjs';
import { isConsentForm, logIn, passLogin, someone, walk } from '../support/login.mjs';
import { modern, nextId, Session, textOf } from '../support/mcp.mjs';
import { authorizeUrl, claims, newClient, pkce, redeem, refresh, REDIRECT } from '../support/oauth.mjs';
import { Browser } from '../support/pages.mjs';
import { giveRoles } from '../support/roles.mjs';
import { CLIENTS } from '../support/typescript.mjs';
import { connectByLogin } from '../support/sdk.mjs';
import { startServer } from '../support/server.mjs';

const together = { timeout: 120_000, concurrency: true };
const BOTH = 'notes:read notes:write';
const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } };

const ISSUER = (base) => `${base}/dev`;
let server = await startServer({ vars: { QUOTA_BURST: 1_000, QUOTA_PER_MINUTE: 1_000, ADMINS: '[{"provider":"dev","subject":"root"}]' } });
const base = server.url;
after(() => server.stop());
const library = await serve({ example: 'permissions' });

/** A challenge as clients follow it: RFC 6750 section 3, RFC 9728 section 5.1. */
function challenged(answer, scope, { status = 403 } = {}) {
  const field = answer.headers['www-authenticate'] ?? '';
  assert.equal(answer.status, status, field);
  assert.match(field, status === 403 ? /error="insufficient_scope"/ : /^Bearer resource_metadata=/);
  assert.equal(/scope="([^"]*)"/.exec(field)?.[1], scope);
  assert.match(field, /resource_metadata="http[^"]*\/\.well-known\/oauth-protected-resource\/(mcp|sse)"/);
}

const write = (token, options) => modern(base, token, 'tools/call', { name: 'note_write', arguments: { text: 'x' } }, options);
const toolNames = ({ result }) => result.tools.map(({ name }) => name).filter((name) => name.startsWith('note'));

/** The consent page of somebody who is asked for this. */
async function consentPage({ user = someone(), scope, browser = new Browser() } = {}) {
  const clientId = await newClient(base);
  const { verifier, challenge } = pkce();
  const url = authorizeUrl(base, { client_id: clientId, code_challenge: challenge, scope });
  const page = await passLogin(browser, url, { user });
  const form = page.form('consent', isConsentForm);
  return {
    page,
    form,
    url,
    browser,
    clientId,
    /** Allows all that is ticked but these, and returns the token response. */
    async allow({ untick = [], more = [] } = {}) {
      const fields = form.fields.filter(([name]) => !untick.includes(name.replace('scope ', '')));
      const button = form.buttons.find(({ value }) => value === 'allow');
      const { left } = await page.submit({ ...form, fields: [...fields, ...more] }, { button, stopAt: REDIRECT });
      const answer = await redeem(base, { clientId, code: left.searchParams.get('code'), verifier });
      return answer.json();
    },
  };
}

describe('what can be asked for', together, () => {
  test('RS-08, AS-01: the server tells every scope, the resource the least', async () => {
    const document = async (path) => (await exchange(`${base}/.well-known/${path}`)).json();
    const authorization = await document('oauth-authorization-server');
    assert.deepEqual(authorization.scopes_supported, ['mcp', 'notes:read', 'notes:write', 'offline_access']);
    const resource = await document('oauth-protected-resource/mcp');
    assert.deepEqual(resource.scopes_supported, ['mcp']);
  });

  for (const scope of ['notes:delete', 'notes:*', 'mcp admin:clients']) {
    test(`a scope that does not exist is invalid_scope: ${scope}`, async () => {
      const { challenge } = pkce();
      const url = authorizeUrl(base, { client_id: await newClient(base), code_challenge: challenge, scope });
      const { left } = await new Browser().open(url, { stopAt: REDIRECT });
      assert.equal(left.searchParams.get('error'), 'invalid_scope');
    });
  }

  test('RS-07: what the API needs can be asked for, and nobody grants more of it than their roles allow', async () => {
    const scope = 'account:read admin:users';
    const user = await consentPage({ scope });
    assert.deepEqual(user.form.typed, ['scope account:read']);
    assert.match(user.page.words, /See your account through the API/);
    assert.equal((await user.allow({ more: [['scope admin:users', 'on']] })).scope, 'mcp account:read');
    const admin = await consentPage({ user: 'root', scope });
    assert.equal((await admin.allow()).scope, 'mcp account:read admin:users');
  });

  test('who asks for nothing gets the baseline', async () => {
    const { body } = await logIn(base);
    assert.equal(body.scope, 'mcp');
    assert.equal(claims(body.access_token).scope, 'mcp');
  });
});

describe('consent', together, () => {
  test('SEC-03: the page says in words what is asked, and lets each be unticked but the baseline', async () => {
    const { page, form } = await consentPage({ scope: BOTH });
    assert.match(page.words, /Use the tools of this server on your behalf mcp/);
    assert.match(page.words, /Read your notes notes:read/);
    assert.match(page.words, /Write notes notes:write/);
    assert.deepEqual(form.typed, ['scope notes:read', 'scope notes:write']);
    assert.ok(form.fields.some(([name]) => name === 'scope notes:read'), 'it is ticked at first');
  });

  test('what is unticked is not granted, and the token response says so', async () => {
    const asked = await consentPage({ scope: BOTH });
    const body = await asked.allow({ untick: ['notes:write'] });
    assert.equal(body.scope, 'mcp notes:read');
    challenged(await write(body.access_token), 'mcp notes:read notes:write');
    const wider = await refresh(base, { clientId: asked.clientId, refreshToken: body.refresh_token, scope: BOTH });
    assert.equal((await wider.json()).error, 'invalid_scope');
  });

  test('the baseline cannot be unticked, and what was not asked cannot be ticked', async () => {
    const asked = await consentPage({ scope: 'notes:read' });
    const body = await asked.allow({ untick: ['notes:read'], more: [['scope notes:write', 'on'], ['scope mcp', 'on']] });
    assert.equal(body.scope, 'mcp');
  });

  test('the page can be opened twice, and asks again for more', async () => {
    const asked = await consentPage({ scope: 'notes:read' });
    const again = await asked.browser.open(asked.url);
    assert.deepEqual(again.form('consent', isConsentForm).typed, ['scope notes:read']);
    assert.equal((await asked.allow()).scope, 'mcp notes:read');
    const more = await asked.browser.open(Object.assign(new URL(asked.url), { search: String(asked.url.search).replace('notes%3Aread', 'notes%3Aread+notes%3Awrite') }));
    assert.deepEqual(more.form('consent', isConsentForm).typed, ['scope notes:read', 'scope notes:write']);
  });

  test('AS-09: a refresh narrows for once, and never widens', async () => {
    const asked = await consentPage({ scope: BOTH });
    const first = await asked.allow();
    const use = async (refreshToken, scope) => (await refresh(base, { clientId: asked.clientId, refreshToken, scope })).json();
    const narrow = await use(first.refresh_token, 'notes:read');
    assert.equal(narrow.scope, 'mcp notes:read');
    challenged(await write(narrow.access_token), 'mcp notes:read notes:write');
    assert.equal((await use(narrow.refresh_token)).scope, `mcp ${BOTH}`);
  });
});

describe('a call that needs more than the token has', together, () => {
  test('RS-06, ERA-05: is 403 with all scopes to ask for, and costs nothing', async () => {
    const { token } = await logIn(base, { scope: 'notes:read' });
    const left = async () => Number(/;r=(\d+)/.exec((await modern(base, token, 'tools/list')).headers.ratelimit)[1]);
    const before = await left();
    for (let tries = 0; tries < 5; tries += 1) challenged(await write(token), 'mcp notes:read notes:write');
    assert.ok(before - (await left()) <= 1);
  });

  for (const revision of ['2025-11-25', '2025-06-18', '2025-03-26']) {
    test(`RS-06, RS-11: in a session of ${revision} the token of the request decides`, async () => {
      const user = someone();
      const [less, more] = [await logIn(base, { user }), await logIn(base, { user, scope: BOTH })];
      const session = await Session.open(base, less.token, { revision });
      const call = () => session.request('tools/call', { name: 'note_write', arguments: { text: 'kept' } });
      challenged(await call(), 'mcp notes:write');
      session.token = more.token;
      const handle = textOf(await call());
      assert.equal(textOf(await session.request('tools/call', { name: 'note_read', arguments: { handle } })), 'kept');
      session.token = less.token;
      challenged(await call(), 'mcp notes:write');
      assert.equal(await session.call('echo', { text: 'still there' }), 'still there');
    });
  }

  test('N7: a batch with one is refused before any of it is done', async () => {
    const { token } = await logIn(base);
    const session = await Session.open(base, token, { revision: '2025-03-26' });
    const call = (name, args) => ({ jsonrpc: '2.0', id: nextId(), method: 'tools/call', params: { name, arguments: args } });
    const answer = await session.send([call('count', {}), call('note_write', { text: 'x' })]);
    challenged(answer, 'mcp notes:write');
    answer.close();
    assert.equal(await session.call('count'), '1', 'nothing was counted');
  });

  test('a stateless client, its task, and a task of a session', async () => {
    const user = someone();
    const [less, more] = [await logIn(base, { user }), await logIn(base, { user, scope: BOTH })];
    const handle = textOf(await write(more.token));
    const read = { name: 'note_read', arguments: { handle } };
    const asTask = (token) => modern(base, token, 'tools/call', read, { capabilities: TASKS });
    challenged(await asTask(less.token), 'mcp notes:read');
    const begun = await asTask(more.token);
    assert.equal(begun.result?.resultType, 'task', JSON.stringify(begun));
    // What it brings is as guarded as the call was.
    const about = (method, token) => modern(base, token, method, { taskId: begun.result.taskId }, { capabilities: TASKS, headers: { 'mcp-name': begun.result.taskId } });
    challenged(await about('tasks/get', less.token), 'mcp notes:read');
    challenged(await about('tasks/update', less.token), 'mcp notes:read');
    assert.equal((await about('tasks/get', more.token)).status, 200);
    const session = await Session.open(base, less.token);
    const inSession = () => session.request('tools/call', { ...read, task: {} });
    challenged(await inSession(), 'mcp notes:read');
    session.token = more.token;
    const { taskId } = (await inSession()).result.task;
    assert.equal(textOf(await session.request('tasks/result', { taskId })), 'x');
    session.token = less.token;
    const { error } = await session.request('tasks/result', { taskId });
    assert.equal(error?.code, -32602, JSON.stringify(error));
  });

  test('RS-06, S24-03: over HTTP+SSE the POST is refused', async () => {
    const user = someone();
    const { token } = await logIn(base, { user });
    const connection = await Connection.ready(base, token);
    const call = { jsonrpc: '2.0', id: nextId(), method: 'tools/call', params: { name: 'note_write', arguments: { text: 'x' } } };
    const refused = await connection.post(call);
    challenged(refused, 'mcp notes:write');
    refused.close();
    connection.token = (await logIn(base, { user, scope: 'notes:write' })).token;
    assert.ok((await connection.request('tools/call', call.params)).result.content[0].text);
    connection.close();
  });

  test('lists show it, so that it can be found', async () => {
    const { token } = await logIn(base);
    assert.deepEqual(toolNames(await modern(base, token, 'tools/list')), ['note_read', 'note_write']);
    const session = await Session.open(base, token);
    assert.deepEqual(toolNames(await session.request('tools/list')), ['note_read', 'note_write']);
  });
});

describe('the official clients step up', together, () => {
  for (const how of CLIENTS) {
    test(`RS-06: ${how.name}`, async () => {
      const user = someone();
      const { client, transport, authProvider } = await connectByLogin({
        makeClient: () => how.make({}), Transport: how.Transport, url: `${base}/mcp`, user, finish: how.finish,
      });
      authProvider.sentTo = undefined;
      // Version 1 would rather refresh than ask, and then gives up.
      if (how.name.includes('sdk 1')) delete authProvider.kept.refresh_token;
      await assert.rejects(how.call(client, 'note_write', { text: 'by hand' }));
      const asked = authProvider.sentTo?.searchParams.get('scope');
      assert.match(asked ?? '', /\bnotes:write\b/, 'it asks its user for what the challenge names');
      const redirect = await walk(new Browser(), authProvider.sentTo, { user });
      await how.finish(transport, redirect);
      const { content } = await how.call(client, 'note_write', { text: 'by hand' });
      assert.ok(content[0].text);
      await client.close();
    });
  }
});

/** Every request that is about something which `books:read` protects. */
const READS = [
  ['tools/call', { name: 'lend', arguments: { title: 'Emma' } }],
  ['prompts/get', { name: 'summary', arguments: { title: 'Emma' } }],
  ['resources/read', { uri: 'library://first' }],
  ['resources/read', { uri: 'books://emma' }],
  ['completion/complete', { ref: { type: 'ref/prompt', name: 'summary' }, argument: { name: 'title', value: '' } }],
  ['completion/complete', { ref: { type: 'ref/resource', uri: 'books://{title}' }, argument: { name: 'title', value: '' } }],
];

describe('prompts, resources and their completion, on a public server', together, () => {
  const all = (session) => [...READS, ...(session ? [['resources/subscribe', { uri: 'library://first' }]] : [])];

  test('RS-03: without a login they are 401 with what to ask for; the rest is for everybody', async () => {
    const session = await Session.open(library.base);
    for (const [method, params] of all()) challenged(await modern(library.base, undefined, method, params), 'mcp books:read', { status: 401 });
    for (const [method, params] of all(session)) challenged(await session.request(method, params), 'mcp books:read', { status: 401 });
    assert.equal(await session.call('search'), 'There is one book: Emma.');
    assert.equal(textOf(await modern(library.base, undefined, 'tools/call', { name: 'search', arguments: {} })), 'There is one book: Emma.');
  });

  test('RS-06: a token of the baseline is 403 for each, one with the permission is served', async () => {
    const user = someone();
    const [less, more] = [await logIn(library.base, { user }), await logIn(library.base, { user, scope: 'books:read' })];
    const session = await Session.open(library.base, less.token);
    for (const [method, params] of all()) {
      challenged(await modern(library.base, less.token, method, params), 'mcp books:read');
      assert.ok((await modern(library.base, more.token, method, params)).result, method);
    }
    for (const [method, params] of all(session)) {
      session.token = less.token;
      challenged(await session.request(method, params), 'mcp books:read');
      session.token = more.token;
      assert.ok((await session.request(method, params)).result, method);
    }
    const listen = { notifications: { resourceSubscriptions: ['library://first'] } };
    challenged(await modern(library.base, less.token, 'subscriptions/listen', listen), 'mcp books:read');
  });

  for (const who of ['nobody in particular', 'a user']) {
    test(`what admins alone may do does not exist for ${who}`, async () => {
      const token = who === 'a user' ? (await logIn(library.base, { scope: 'books:read admin:close' })).token : undefined;
      if (token) assert.equal(claims(token).scope, 'mcp books:read');
      const session = await Session.open(library.base, token);
      for (const ask of [(...request) => modern(library.base, token, ...request), (...request) => session.request(...request)]) {
        assert.deepEqual((await ask('tools/list')).result.tools.map(({ name }) => name), ['search', 'lend', 'card']);
        assert.deepEqual((await ask('resources/list')).result.resources.map(({ uri }) => uri), ['library://first']);
        for (const [method, params] of [['tools/call', { name: 'close', arguments: {} }], ['resources/read', { uri: 'library://keys' }]]) {
          const answer = await ask(method, params);
          assert.equal(answer.headers['www-authenticate'], undefined);
          assert.ok(answer.error, JSON.stringify(answer));
        }
      }
      assert.ok((await session.request('resources/subscribe', { uri: 'library://keys' })).error);
    });
  }
});

describe('roles', { timeout: 120_000 }, () => {
  const [reader, nobody] = [someone('reader'), someone('nobody')];
  let held;

  before(async () => {
    held = await logIn(base, { user: reader, scope: BOTH });
    assert.equal(held.body.scope, `mcp ${BOTH}`);
    await server.stop({ keep: true });
    giveRoles(server.persist, {
      roles: { reader: 'notes:* !notes:write', none: '' },
      users: [[ISSUER(base), reader, 'reader'], [ISSUER(base), nobody, 'none']],
    });
    server = await server.again();
  });

  test('what a role does not allow is neither offered nor granted', async () => {
    const asked = await consentPage({ user: reader, scope: BOTH });
    assert.deepEqual(asked.form.typed, ['scope notes:read']);
    const body = await asked.allow({ more: [['scope notes:write', 'on']] });
    assert.equal(body.scope, 'mcp notes:read');
    assert.deepEqual(claims(body.access_token).bound, ['notes:* !notes:write']);
  });

  test('a role that was taken away bounds the next refresh', async () => {
    const answer = await refresh(base, { clientId: held.clientId, refreshToken: held.refreshToken });
    assert.equal((await answer.json()).scope, 'mcp notes:read');
  });

  test('what is beyond the role is not listed, and unknown when it is called: no challenge', async () => {
    const { token } = await logIn(base, { user: reader, scope: BOTH });
    assert.deepEqual(toolNames(await modern(base, token, 'tools/list')), ['note_read']);
    const [refused, unknown] = [await write(token), await modern(base, token, 'tools/call', { name: 'note_wrote', arguments: {} })];
    assert.equal(refused.status, 200);
    assert.equal(refused.headers['www-authenticate'], undefined);
    assert.deepEqual(refused.error, { ...unknown.error, message: unknown.error.message.replace('note_wrote', 'note_write') });
    const session = await Session.open(base, token);
    assert.deepEqual(toolNames(await session.request('tools/list')), ['note_read']);
    for (const task of [undefined, {}]) {
      const answer = await session.request('tools/call', { name: 'note_write', arguments: { text: 'x' }, task });
      assert.equal(answer.status, 200);
      assert.match(answer.error.message, /unknown tool: note_write/);
    }
    const connection = await Connection.ready(base, token);
    const answer = await connection.request('tools/call', { name: 'note_write', arguments: { text: 'x' } });
    assert.match(answer.error.message, /unknown tool: note_write/);
    connection.close();
  });

  test('a role that allows nothing leaves the baseline', async () => {
    const { token, body } = await logIn(base, { user: nobody, scope: BOTH });
    assert.equal(body.scope, 'mcp');
    assert.deepEqual(toolNames(await modern(base, token, 'tools/list')), []);
    assert.equal(textOf(await modern(base, token, 'tools/call', { name: 'echo', arguments: { text: 'hi' } })), 'hi');
  });

  test('who ADMINS names may do everything', async () => {
    const { token } = await logIn(base, { user: 'root' });
    assert.deepEqual(claims(token).bound, ['*']);
  });
});
