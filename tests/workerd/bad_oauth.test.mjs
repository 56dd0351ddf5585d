// Bad input at the OAuth endpoints: registration, authorization, token. Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { exchange } from '../support/http.mjs';
import { decide, isLoginForm, logIn, logInToCode, passLogin, someone, walk } from '../support/login.mjs';
import { initializeBody, send, Session } from '../support/mcp.mjs';
import { authorizeUrl, claims, discover, newClient, pkce, redeem, REDIRECT, refresh, refused, register, token } from '../support/oauth.mjs';
import { Browser } from '../support/pages.mjs';

const { base } = await serve();
const clientId = await newClient(base);

const limit = { timeout: 30_000 };

/** RFC 6749 section 5.2: this status, this word, JSON, not stored. */
/** An error page: no redirect, a client error, words for a person. */
function errorPage(page) {
  assert.ok(!page.left, `redirected to ${page.left}`);
  assert.ok(page.status >= 400 && page.status < 500, `${page.status}: ${page.words}`);
  assert.match(page.answer.header('content-type'), /text\/html/);
  assert.ok(page.words.length > 40, `the page says what happened and what to do: ${page.words}`);
}

describe('metadata', limit, () => {
  test('RS-01, AS-01 to AS-03, AS-07: the documents agree with each other and with the URL they came from', async () => {
    const { resource, server: metadata } = await discover(base);
    assert.equal(resource.resource, `${base}/mcp`);
    assert.deepEqual(resource.authorization_servers, [metadata.issuer]);
    assert.equal(metadata.issuer.replace(/\/$/, ''), base);
    assert.deepEqual(metadata.response_types_supported, ['code']);
    assert.deepEqual(metadata.code_challenge_methods_supported, ['S256']);
    assert.equal(metadata.authorization_endpoint, `${base}/authorize`);
    assert.equal(metadata.token_endpoint, `${base}/token`);
    assert.equal(metadata.registration_endpoint, `${base}/register`);
    assert.equal(metadata.authorization_response_iss_parameter_supported, true);
    assert.ok(!(resource.scopes_supported ?? []).includes('offline_access'), 'RS-08');
  });

  test('RS-02, AS-01: both forms of both documents say the same', async () => {
    const read = async (path) => (await exchange(`${base}/.well-known/${path}`)).json();
    assert.deepEqual(await read('oauth-protected-resource'), await read('oauth-protected-resource/mcp'));
    const [oauth, oidc] = [await read('oauth-authorization-server'), await read('openid-configuration')];
    for (const key of Object.keys(oauth)) assert.deepEqual(oidc[key], oauth[key], key);
  });

  test('metadata never repeats the Host header', async () => {
    const answer = await exchange(`${base}/.well-known/oauth-authorization-server`, { headers: { host: 'evil.example' } });
    assert.ok(!(await answer.text()).includes('evil.example'));
  });
});

describe('registration', limit, () => {
  for (const [what, metadata, word] of [
    ['no redirect URI', { redirect_uris: undefined }, 'invalid_redirect_uri'],
    ['an empty list of redirect URIs', { redirect_uris: [] }, 'invalid_redirect_uri'],
    ['plain http to another machine', { redirect_uris: ['http://evil.example/callback'] }, 'invalid_redirect_uri'],
    ['javascript:', { redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri'],
    ['JavaScript: in another case', { redirect_uris: ['JaVaScRiPt:alert(1)'] }, 'invalid_redirect_uri'],
    ['data:', { redirect_uris: ['data:text/html,hello'] }, 'invalid_redirect_uri'],
    ['a fragment', { redirect_uris: ['https://client.example/callback#part'] }, 'invalid_redirect_uri'],
    ['userinfo', { redirect_uris: ['https://client.example@evil.example/callback'] }, 'invalid_redirect_uri'],
    ['a relative URI', { redirect_uris: ['/callback'] }, 'invalid_redirect_uri'],
    ['one good and one bad URI', { redirect_uris: [REDIRECT, 'http://evil.example/'] }, 'invalid_redirect_uri'],
    ['redirect URIs that are no list', { redirect_uris: REDIRECT }, undefined],
    ['a thousand redirect URIs', { redirect_uris: Array.from({ length: 1_000 }, (_, n) => `${REDIRECT}/${n}`) }, undefined],
    ['a name that is no text', { client_name: { a: 1 } }, 'invalid_client_metadata'],
    ['a very long name', { client_name: 'x'.repeat(100_000) }, undefined],
  ]) {
    test(`AS-12: ${what} is refused`, async () => {
      const answer = await register(base, metadata);
      const body = await answer.json();
      assert.ok([400, 413].includes(answer.status), `${answer.status} ${JSON.stringify(body)}`);
      if (word) assert.equal(body.error, word);
      assert.equal(body.client_id, undefined);
    });
  }

  test('AS-12: a body that is not JSON is refused', async () => {
    const answer = await exchange(`${base}/register`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"redirect_uris":' });
    await refused(answer, 'invalid_client_metadata');
  });

  test('AS-12: what was registered comes back, native clients included, and nothing is stored in a cache', async () => {
    const answer = await register(base, { application_type: 'native', client_name: 'Näme & <Co>' });
    const body = await answer.json();
    assert.equal(answer.status, 201);
    assert.deepEqual(body.redirect_uris, [REDIRECT]);
    assert.equal(body.client_name, 'Näme & <Co>');
    assert.match(answer.header('cache-control') ?? '', /no-store/);
  });

  test('the consent page shows a hostile name as text and the redirect host (AS-18)', async () => {
    const hostile = await newClient(base, { client_name: '<img src=x onerror=alert(1)>' });
    const page = await passLogin(new Browser(), authorizeUrl(base, { client_id: hostile, code_challenge: pkce().challenge }), { user: someone() });
    assert.ok(!page.html.includes('<img src=x'));
    assert.ok(page.words.includes('<img src=x onerror=alert(1)>'));
    assert.ok(page.words.includes(new URL(REDIRECT).hostname));
  });
});

describe('authorization', limit, () => {
  const good = () => ({ client_id: clientId, code_challenge: pkce().challenge, state: 'my state' });

  for (const [what, change] of [
    ['a redirect URI that was not registered', { redirect_uri: 'https://evil.example/callback' }],
    ['a registered redirect URI with more behind it', { redirect_uri: `${REDIRECT}/more` }],
    ['a registered redirect URI with a query', { redirect_uri: `${REDIRECT}?x=1` }],
    ['a redirect URI on another loopback name', { redirect_uri: REDIRECT.replace('127.0.0.1', '127.0.0.1.evil.example') }],
    ['no client', { client_id: undefined }],
    ['a client that was made up', { client_id: 'made-up' }],
    ['a client whose URL is http', { client_id: 'http://client.example/client.json' }],
    ['a client whose URL has no path', { client_id: 'https://client.example/' }],
    ['a client whose URL has dot segments', { client_id: 'https://client.example/a/../client.json' }],
    ['a client whose URL has userinfo', { client_id: 'https://user:word@client.example/client.json' }],
    ['a client whose URL has a fragment', { client_id: 'https://client.example/client.json#part' }],
    ...['127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '127.1', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254', 'localhost', 'localhost.', 'printer.local', 'metadata.google.internal', 'intranet']
      .map((host) => [`SEC-06: a client whose URL is at ${host}`, { client_id: `https://${host}/client.json` }]),
    ['SEC-06: a client at ourselves', { client_id: `${base}/.well-known/jwks.json` }],
    ['SEC-06: a client on loopback, without the switch for that', { client_id: 'http://127.0.0.1:9/client.json' }],
  ]) {
    test(`AS-05, AS-14: ${what} is an error page and never a redirect`, async () => {
      errorPage(await new Browser().open(authorizeUrl(base, { ...good(), ...change }), { stopAt: 'http' }));
    });
  }

  test('AS-05: an altered client id is an error page', async () => {
    const middle = Math.floor(clientId.length / 2);
    const altered = `${clientId.slice(0, middle)}${clientId[middle] === 'A' ? 'B' : 'A'}${clientId.slice(middle + 1)}`;
    errorPage(await new Browser().open(authorizeUrl(base, { ...good(), client_id: altered }), { stopAt: 'http' }));
  });

  test('AS-05: the port of a loopback redirect may vary', async () => {
    const other = REDIRECT.replace('33418', '40001');
    const page = await new Browser().open(authorizeUrl(base, { ...good(), redirect_uri: other }), { stopAt: REDIRECT });
    assert.equal(page.status, 200, page.words);
  });

  for (const [what, change, word] of [
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['PKCE without a method, which means plain', { code_challenge_method: undefined }, 'invalid_request'],
    ['a challenge that cannot be an S256 hash', { code_challenge: 'short' }, 'invalid_request'],
    ['the implicit grant', { response_type: 'token' }, 'unsupported_response_type'],
    ['no response type', { response_type: undefined }, 'invalid_request'],
    ['another server\'s resource', { resource: 'https://other.example/mcp' }, 'invalid_target'],
    ['a resource with a fragment', { resource: 'FRAGMENT' }, 'invalid_target'],
    ['a scope that does not exist', { scope: 'no-such-scope' }, 'invalid_scope'],
  ]) {
    test(`AS-04, AS-06, AS-07: ${what} goes back to the client as ${word}`, async () => {
      const parameters = { ...good(), ...change };
      if (parameters.resource === 'FRAGMENT') parameters.resource = `${base}/mcp#part`;
      const at = await new Browser().open(authorizeUrl(base, parameters), { stopAt: REDIRECT });
      assert.ok(at.left, `no redirect: ${at.status} ${at.words}`);
      const said = at.left.searchParams;
      assert.equal(said.get('error'), word);
      assert.equal(said.get('state'), 'my state');
      assert.equal(said.get('iss')?.replace(/\/$/, ''), base);
      assert.equal(said.get('code'), null);
    });
  }

  test('a parameter that comes twice is refused (RFC 6749 section 3.1)', async () => {
    const url = authorizeUrl(base, good());
    url.searchParams.append('state', 'another');
    const at = await new Browser().open(url, { stopAt: REDIRECT });
    if (at.left) assert.equal(at.left.searchParams.get('error'), 'invalid_request');
    else errorPage(at);
  });

  test('AS-07, AS-08: the person says no: the client hears access_denied with state and iss', async () => {
    const left = await walk(new Browser(), authorizeUrl(base, good()), { user: someone(), allow: false });
    assert.equal(left.searchParams.get('error'), 'access_denied');
    assert.equal(left.searchParams.get('state'), 'my state');
    assert.equal(left.searchParams.get('iss')?.replace(/\/$/, ''), base);
    assert.equal(left.searchParams.get('code'), null);
  });

  test('AS-07, AS-08: a code comes with the client\'s state and our issuer, character for character', async () => {
    const { server: metadata } = await discover(base);
    const { arrived } = await logInToCode(base);
    assert.equal(arrived.searchParams.get('iss'), metadata.issuer);
  });

  test('AS-08: a state with line breaks comes back as it was sent, and adds no header', async () => {
    const state = 'a\r\nset-cookie: planted=1\r\n\r\n<script>';
    const url = authorizeUrl(base, { ...good(), state });
    const page = await passLogin(new Browser(), url, { user: someone() });
    const { left, answer } = await decide(page);
    assert.equal(left.searchParams.get('state'), state);
    assert.ok(!String(answer.headers['set-cookie'] ?? '').includes('planted'));
  });

  test('the consent page can be read twice and means the same', async () => {
    const browser = new Browser();
    const url = authorizeUrl(base, good());
    const first = await passLogin(browser, url, { user: someone() });
    await browser.open(url);
    assert.ok((await decide(first)).left.searchParams.get('code'));
  });

  test('SEC-03: consent of another browser is not taken', async () => {
    const mine = await passLogin(new Browser(), authorizeUrl(base, good()), { user: someone() });
    const stranger = new Browser();
    await passLogin(stranger, authorizeUrl(base, good()), { user: someone() });
    mine.browser = stranger;
    const at = await decide(mine);
    assert.ok(!at.left?.searchParams.get('code'), `a code was issued: ${at.left}`);
  });

  test('SEC-03: a login cookie that somebody planted does not become the session of who logs in with it', async () => {
    const mallory = new Browser();
    await logInToCode(base, { browser: mallory, user: someone('mallory') });
    const victim = mallory.clone();
    const page = await victim.open(authorizeUrl(base, good()));
    const asked = await page.submit(page.form('switching', ({ action }) => action.pathname === '/login/switch'), {});
    const name = someone('victim');
    const consent = await asked.submit(asked.form('logging in', isLoginForm('dev')), { typed: { name } });
    assert.ok(consent.words.includes(name), consent.words);
    const seen = await mallory.open(authorizeUrl(base, good()));
    assert.ok(seen.forms.some(isLoginForm('dev')) && !seen.words.includes(name), seen.words);
  });

  test('SEC-03: consent without any login is not taken', async () => {
    const mine = await passLogin(new Browser(), authorizeUrl(base, good()), { user: someone() });
    mine.browser = new Browser();
    const at = await decide(mine);
    assert.ok(!at.left?.searchParams.get('code'), `a code was issued: ${at.left}`);
  });

  test('SEC-03: consent posted from another site is not taken', async () => {
    const browser = new Browser();
    const page = await passLogin(browser, authorizeUrl(base, good()), { user: someone() });
    const form = page.forms.find(({ action }) => action.pathname === '/authorize');
    const allow = form.buttons.find(({ value, words }) => /allow/i.test(`${value} ${words}`));
    const fields = new URLSearchParams([...form.fields.map(([name]) => [name, 'guessed']), [allow.name, allow.value]]);
    const at = await browser.open(form.action, {
      method: 'POST',
      body: fields.toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      stopAt: REDIRECT,
    });
    assert.ok(!at.left?.searchParams.get('code'), `a code was issued: ${at.left}`);
  });

  test('SEC-03: our pages may not be framed, cached or named to others', async () => {
    for (const page of [
      await new Browser().open(authorizeUrl(base, good())),
      await passLogin(new Browser(), authorizeUrl(base, good()), { user: someone() }),
    ]) {
      assert.match(page.answer.header('content-security-policy') ?? '', /frame-ancestors 'none'/);
      assert.match(page.answer.header('cache-control') ?? '', /no-store/);
      assert.match(page.answer.header('referrer-policy') ?? '', /no-referrer|same-origin/);
    }
  });
});

describe('token', limit, () => {
  test('AS-11, AS-06: a token answer is JSON that nobody stores, and the token is short-lived and ours', async () => {
    const granted = await logInToCode(base);
    const answer = await redeem(base, granted);
    const body = await answer.json();
    assert.equal(answer.status, 200, JSON.stringify(body));
    assert.match(answer.header('cache-control'), /no-store/);
    assert.equal(body.token_type.toLowerCase(), 'bearer');
    assert.ok(body.expires_in > 0 && body.expires_in <= 3_600, `${body.expires_in} s`);
    assert.ok([claims(body.access_token).aud].flat().includes(`${base}/mcp`));
  });

  for (const [what, change] of [
    ['another verifier', { verifier: pkce().verifier }],
    ['no verifier', { verifier: undefined }],
    ['another redirect URI', { redirect: `${REDIRECT}/other` }],
    ['a code that was made up', { code: 'made-up' }],
  ]) {
    test(`AS-04: ${what} redeems nothing`, async () => {
      const granted = await logInToCode(base);
      const answer = await redeem(base, { ...granted, ...change });
      const body = await answer.json();
      assert.equal(answer.status, 400);
      assert.ok(['invalid_grant', 'invalid_request'].includes(body.error), JSON.stringify(body));
    });
  }

  test('AS-04: another client redeems nothing', async () => {
    const granted = await logInToCode(base);
    await refused(await redeem(base, { ...granted, clientId: await newClient(base, { client_name: 'Another' }) }), 'invalid_grant');
  });

  test('AS-06: a wrong resource is invalid_target and does not burn the code', async () => {
    const granted = await logInToCode(base);
    await refused(await redeem(base, { ...granted, resource: 'https://other.example/mcp' }), 'invalid_target');
    assert.equal((await redeem(base, granted)).status, 200);
  });

  test('AS-04: an unknown client, an unknown grant type, no grant type', async () => {
    const answer = await redeem(base, { ...(await logInToCode(base)), clientId: 'made-up' });
    assert.ok([400, 401].includes(answer.status));
    assert.equal((await answer.json()).error, 'invalid_client');
    await refused(await token(base, { grant_type: 'password', client_id: clientId, username: 'a', password: 'b' }), 'unsupported_grant_type');
    await refused(await token(base, { client_id: clientId }), 'invalid_request');
  });

  test('AS-04: a code used twice is refused, and what it gave is taken back', async () => {
    const granted = await logInToCode(base);
    const given = await (await redeem(base, granted)).json();
    await refused(await redeem(base, granted), 'invalid_grant');
    await refused(await refresh(base, { clientId: granted.clientId, refreshToken: given.refresh_token }), 'invalid_grant');
    const answer = await send(base, { token: given.access_token, body: initializeBody() });
    assert.equal(answer.status, 401, await answer.text());
  });

  test('AS-04: a code used twice ends the access of a session that was opened with it', async () => {
    const granted = await logInToCode(base);
    const given = await (await redeem(base, granted)).json();
    const session = await Session.open(base, given.access_token);
    await refused(await redeem(base, granted), 'invalid_grant');
    const answer = await session.send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'count', arguments: {} } });
    assert.ok([401, 404].includes(answer.status), `${answer.status} ${await answer.text()}`);
  });

  test('AS-04, promise 4: of a hundred redemptions at the same moment exactly one succeeds', async () => {
    const granted = await logInToCode(base);
    const answers = await Promise.all(Array.from({ length: 100 }, () => redeem(base, granted)));
    const bodies = await Promise.all(answers.map((answer) => answer.json()));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1, JSON.stringify(answers.map(({ status }) => status)));
    for (const body of bodies.filter((body) => !body.access_token)) assert.equal(body.error, 'invalid_grant');
  });

  test('AS-09: a refresh gives a new pair that works', async () => {
    const account = await logIn(base);
    const answer = await refresh(base, account);
    const body = await answer.json();
    assert.equal(answer.status, 200, JSON.stringify(body));
    assert.notEqual(body.refresh_token, account.refreshToken);
    assert.notEqual(body.access_token, account.token);
    await Session.open(base, body.access_token);
  });

  test('AS-09: a refresh whose answer was lost can be repeated', async () => {
    const account = await logIn(base);
    assert.equal((await refresh(base, account)).status, 200);
    assert.equal((await refresh(base, account)).status, 200);
  });

  test('AS-09: an old refresh token, used after its successor was, revokes the family', async () => {
    const account = await logIn(base);
    const second = await (await refresh(base, account)).json();
    const third = await (await refresh(base, { ...account, refreshToken: second.refresh_token })).json();
    assert.ok(third.access_token, JSON.stringify(third));
    await refused(await refresh(base, account), 'invalid_grant');
    await refused(await refresh(base, { ...account, refreshToken: third.refresh_token }), 'invalid_grant');
  });

  test('AS-09: another client cannot use a refresh token, and its try does no harm', async () => {
    const account = await logIn(base);
    await refused(await refresh(base, { ...account, clientId: await newClient(base, { client_name: 'Another' }) }), 'invalid_grant');
    assert.equal((await refresh(base, account)).status, 200);
  });

  test('AS-09: a scope cannot grow on refresh', async () => {
    const account = await logIn(base);
    await refused(await refresh(base, { ...account, scope: `${account.body.scope ?? ''} no-such-scope`.trim() }), 'invalid_scope');
  });

  test('AS-09: a refresh token that was made up, and a code in its place', async () => {
    await refused(await refresh(base, { clientId, refreshToken: 'made-up' }), 'invalid_grant');
    const granted = await logInToCode(base);
    await refused(await refresh(base, { clientId: granted.clientId, refreshToken: granted.code }), 'invalid_grant');
  });
});
