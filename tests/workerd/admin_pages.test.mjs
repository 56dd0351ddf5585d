// The pages for admins: who sees them, what their forms do, and what nobody can do with them.
// Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { asksWho, openAccount, says } from '../support/account_page.mjs';
import { act, formOf, listed, PAGES, signedIn, tells, userPage } from '../support/admin_pages.mjs';
import { serve } from '../support/fixture.mjs';
import { exchange } from '../support/http.mjs';
import { logIn, someone } from '../support/login.mjs';
import { modern, Session } from '../support/mcp.mjs';
import { claims, refresh } from '../support/oauth.mjs';
import { Browser } from '../support/pages.mjs';

/** Users on a page of the list: `USERS_PER_PAGE`. */
const PER_PAGE = 25;
/** Longest text that is searched for: `SEARCH_CHARS_MAX`. */
const SEARCH_MAX = 100;
const BOTH = 'notes:read notes:write';

const SECRET_HASH = createHash('sha256').update(randomBytes(32)).digest('base64url');
const limit = { timeout: 120_000 };
const together = { ...limit, concurrency: true };

const { base } = await serve({
  vars: {
    ADMINS: '[{"provider":"dev","subject":"root"}]',
    CLIENTS: JSON.stringify([
      { id: 'nightly', name: 'Nightly <b>report', grant_types: ['client_credentials'], secret_hash: SECRET_HASH, scope: 'notes:read' },
      {
        id: 'assistant', grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
        jwks_uri: 'https://app.example.com/keys.json', redirect_uris: ['https://app.example.com/callback'],
      },
    ]),
    QUOTA_BURST: 100_000,
    QUOTA_PER_MINUTE: 100_000,
  },
});
const root = await signedIn(base, 'root');

/** A role that no other test has. */
async function newRole(permissions, name = someone('role')) {
  tells(await act(await root.open('/account/roles'), 'add', { typed: { name, permissions } }), /The role is saved/);
  return name;
}

/** Gives and takes roles. */
async function setRoles(user, { given = [], taken = [] }) {
  const typed = Object.fromEntries(given.map((role) => [`role ${role}`, 'on']));
  tells(await act(await userPage(root, user), 'roles', { typed, without: taken.map((role) => `role ${role}`) }), /The roles are saved/);
}

/** An admin by a row. */
async function newAdmin() {
  const admin = await signedIn(base);
  await setRoles(admin.user, { given: ['admin'] });
  return admin;
}

const ticked = (page) => formOf(page, 'roles').fields.filter(([name]) => name.startsWith('role ')).map(([name]) => name.slice(5));

const nextToken = async (account) => {
  const answer = await (await refresh(base, account)).json();
  return { scope: answer.scope, bound: answer.access_token && claims(answer.access_token).bound };
};

describe('who is no admin', together, () => {
  const nothing = async (browser, path, options) => {
    const page = await browser.open(`${base}${path}`, options);
    return { status: page.status, html: page.html };
  };
  const everywhere = [...PAGES, '/account/users/', '/account/users/Zm9vYmFyYmF6cXV4MTIzNA', '/account/nothing', '/account/'];

  for (const who of ['nobody', 'a user', 'a user whose roles allow other things']) {
    test(`SEC-01: finds no such page: ${who}`, async () => {
      const { user, browser } = who === 'nobody' ? { browser: new Browser() } : await signedIn(base);
      if (who.endsWith('things')) await setRoles(user, { given: [await newRole('* !admin:*')] });
      const unknown = await nothing(browser, '/there-is-no-such-page');
      assert.equal(unknown.status, 404);
      for (const path of everywhere) {
        assert.deepEqual(await nothing(browser, path), unknown, path);
        const body = new URLSearchParams([...formOf(await root.open('/account/roles'), 'add').fields, ['do', 'add'], ['name', 'x'], ['permissions', '*']]).toString();
        const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: base };
        assert.deepEqual(await nothing(browser, path, { method: 'POST', body, headers }), unknown, path);
      }
      if (user) assert.doesNotMatch((await openAccount(base, { browser })).html, /Administration|account\/users/);
    });
  }

  test('a permission opens its own page alone', async () => {
    const { user, browser, open } = await signedIn(base);
    await setRoles(user, { given: [await newRole('admin:clients')] });
    tells(await open('/account/clients'), /The client|These stand in/);
    for (const path of PAGES.filter((page) => page !== '/account/clients')) assert.equal((await open(path)).status, 404, path);
    const account = await openAccount(base, { browser });
    assert.match(account.html, /href="\/account\/clients"/);
    assert.doesNotMatch(account.html, /href="\/account\/users"/);
  });

  test('another verb and what is below no page are none for admins, either', async () => {
    for (const path of ['/account/', '/account/nothing', '/account/users/', '/account/users/a/b', '/account/users/unknown', "/account/users/'%20OR%201=1", '/account/keys/1']) {
      assert.equal((await root.open(path)).status, 404, path);
    }
    const { status } = await root.browser.open(`${base}/account/users`, { method: 'DELETE' });
    assert.equal(status, 404);
  });

  test('a role that was taken away counts at once, on a page that is open', async () => {
    const admin = await newAdmin();
    const page = await admin.open('/account/roles');
    tells(page, /Roles/);
    await setRoles(admin.user, { taken: ['admin'] });
    assert.equal((await act(page, 'add', { typed: { name: someone('role'), permissions: '*' } })).status, 404);
    assert.equal((await admin.open('/account/users')).status, 404);
  });
});

describe('the list of users', together, () => {
  test('is paged from the newest login, each user once', async () => {
    const mark = someone('page');
    const users = Array.from({ length: PER_PAGE + 5 }, (_, number) => `${mark}-${number}`);
    for (const user of users) await openAccount(base, { user });
    const first = await root.open(`/account/users?q=${mark}`);
    assert.equal(listed(first).length, PER_PAGE);
    assert.match(first.words, new RegExp(`${mark}-${PER_PAGE + 4} .*Earlier logins`));
    assert.doesNotMatch(first.words, /To the newest/);
    // Somebody who logs in meanwhile moves to the front, and shifts nobody onto the next page.
    await openAccount(base, { user: `${mark}-late` });
    const [, next] = /href="([^"]+)">Earlier logins/.exec(first.html);
    const second = await root.open(next.replaceAll('&#38;', '&'));
    // Unless that was in the same second as the last login of the first page, where nobody is before another.
    const [late] = listed(await root.open(`/account/users?q=${mark}-late`));
    const others = listed(second).filter((address) => address !== late);
    assert.equal(others.length, 5);
    assert.match(second.words, /To the newest/);
    assert.doesNotMatch(second.words, /Earlier logins/);
    assert.equal(new Set([...listed(first), ...others]).size, PER_PAGE + 5);
  });

  test('names people by name, provider, subject and roles', async () => {
    const { user } = await signedIn(base);
    const role = await newRole('notes:read');
    await setRoles(user, { given: [role] });
    const page = await root.open(`/account/users?q=${user.toUpperCase()}`);
    tells(page, new RegExp(`${user} ${role} .* · ${user} Last login just now · first just now`));
    tells(await root.open(`/account/users?role=${role}`), new RegExp(`${user} ${role}`));
    tells(await root.open('/account/users?q=root'), /root admin by configuration/);
    tells(await root.open(`/account/users?q=${encodeURIComponent(`${base}/dev`)}`), /Earlier logins|root/);
  });

  test('SEC-03: takes what is searched for as text, whatever that is', async () => {
    const mark = `100%_\\'"<b>${someone()}`;
    await openAccount(base, { user: mark });
    const search = (q) => root.open(`/account/users?${new URLSearchParams({ q })}`);
    for (const q of [mark, mark.slice(0, 12), '%_\\', "%_\\'\"<b>"]) assert.equal(listed(await search(q)).length, 1, q);
    for (const q of ['%%', '__', '_%', "' OR '1'='1", "'; DROP TABLE users; --", '\\%', '*?[a-z]', '\u0000', '\u202e', '\ud83d\ude00', 'a'.repeat(SEARCH_MAX)]) {
      const page = await search(q);
      tells(page, /Nobody who has logged in here is like that/);
      assert.deepEqual(listed(page), [], q);
    }
    const page = await search('"><script>alert(1)</script>');
    assert.doesNotMatch(page.html, /<script/);
    for (const query of [`q=${'a'.repeat(SEARCH_MAX + 1)}`, 'after=1', 'after=x.y', 'after=-1.a', "after=1'.a", `role=${'a'.repeat(41)}`, 'a&'.repeat(70)]) {
      tells(await root.open(`/account/users?${query}`), /That search cannot be read/, 400);
    }
    tells(await root.open('/account/users?after=1.%27%20OR%201%3D1'), /Nobody/);
  });
});

describe('roles of a user', together, () => {
  test('are in their next token, and out of it when they are taken', async () => {
    const account = await logIn(base, { scope: BOTH });
    const role = await newRole('notes:* !notes:write');
    await setRoles(account.user, { given: [role] });
    assert.deepEqual(await nextToken(account), { scope: 'mcp notes:read', bound: ['notes:* !notes:write'] });
    const page = await userPage(root, account.user);
    assert.deepEqual(ticked(page), [role]);
    assert.match(page.words, /connected apps: 1 · sessions: 0 .*go on for up to 15 minutes/);
    await setRoles(account.user, { given: ['admin'], taken: [role] });
    const again = await logIn(base, { user: account.user });
    assert.deepEqual(claims(again.token).bound, ['*']);
    assert.match((await openAccount(base, { browser: again.browser })).html, /href="\/account\/keys"/);
  });

  test('two admins who change them at the same time undo nothing of each other', async () => {
    const { user } = await signedIn(base);
    const roles = await Promise.all(['a:read', 'b:read', 'c:read'].map((permission) => newRole(permission)));
    await setRoles(user, { given: [roles[0]] });
    const page = await userPage(root, user);
    const changes = [
      { typed: { [`role ${roles[1]}`]: 'on' } },
      { typed: { [`role ${roles[2]}`]: 'on' } },
      { without: [`role ${roles[0]}`] },
    ];
    for (const answer of await Promise.all(changes.map((change) => act(page, 'roles', change)))) tells(answer, /The roles are saved/);
    assert.deepEqual(ticked(await userPage(root, user)), [roles[1], roles[2]].sort());
    tells(await act(page, 'roles', changes[2]), /The roles are saved/);
    assert.deepEqual(ticked(await userPage(root, user)), [roles[1], roles[2]].sort());
  });

  test('one that does not exist is not given, and nothing else with it', async () => {
    const { user } = await signedIn(base);
    const page = await userPage(root, user);
    for (const name of ['gone', 'ADMIN', "admin' --", '<script>']) {
      const answer = await act(page, 'roles', { typed: { 'role admin': 'on', [`role ${name}`]: 'on' } });
      tells(answer, /has been deleted meanwhile/, 400);
      assert.doesNotMatch(answer.html, /<script/);
    }
    assert.deepEqual(ticked(await userPage(root, user)), []);
  });

  test('nobody takes their own access away', async () => {
    const admin = await newAdmin();
    const page = await userPage(admin, admin.user);
    tells(page, /only another admin can take it away/);
    assert.ok(!page.html.includes('name="role admin"'));
    const form = formOf(page, 'roles');
    const forged = { ...form, fields: form.fields.map(([name, value]) => (name === 'had' ? [name, 'admin'] : [name, value])) };
    tells(await act(page, 'roles', { form: forged }), /You would lose your own access/, 400);
    tells(await act(page, 'disable', { form }), /You cannot disable yourself/, 400);
    tells(await act(page, 'end', { form }), /You cannot disable yourself/, 400);
    tells(await admin.open('/account/users'), /Users/);

    const role = await newRole('admin:users');
    const helper = await signedIn(base);
    await setRoles(helper.user, { given: [role] });
    tells(await act(await userPage(helper, helper.user), 'roles', { without: [`role ${role}`] }), /You would lose your own access/, 400);
    const roles = await helper.open('/account/roles');
    tells(await act(roles, 'save', { name: role, typed: { permissions: 'notes:read' } }), /you would lose your own access/, 400);
    tells(await act(roles, 'delete', { name: role }), /cannot be deleted while users have it/, 400);
    tells(await helper.open('/account/users'), /Users/);
  });

  test('an admin of the configuration stays one, and is not disabled here', async () => {
    const admin = await newAdmin();
    const page = await userPage(admin, 'root');
    tells(page, /By the variable ADMINS of the configuration/);
    assert.ok(!page.html.includes('name="role admin"'));
    const form = formOf(page, 'roles');
    tells(await act(page, 'roles', { typed: { 'role admin': 'on' } }), /by the variable ADMINS/, 400);
    tells(await act(page, 'disable', { form }), /cannot be disabled here/, 400);
    tells(await root.open('/account/users'), /Users/);
  });
});

describe('ending and disabling', together, () => {
  const out = async ({ account, session }) => {
    assert.equal((await modern(base, account.token, 'tools/list')).status, 401);
    assert.ok((await session.send({ jsonrpc: '2.0', id: 'x', method: 'tools/list' })).status >= 400);
    assert.equal((await (await refresh(base, account)).json()).error, 'invalid_grant');
    assert.ok(asksWho(await openAccount(base, { browser: account.browser })));
  };
  const settled = async () => {
    const account = await logIn(base);
    return { account, session: await Session.open(base, account.token) };
  };

  test('a disabled user is out until somebody enables them', async () => {
    const [mine, stranger] = [await settled(), await settled()];
    const { user } = mine.account;
    const page = await userPage(root, user);
    tells(page, /connected apps: 1 · sessions: 1 /);
    const disabled = await act(page, 'disable');
    tells(disabled, / disabled The user is disabled, .*connected apps: 0 · sessions: 0 /);
    await out(mine);
    assert.match((await openAccount(base, { user })).words, /This account is disabled/);
    tells(await act(page, 'disable'), /The user is disabled/);
    assert.match(await stranger.session.call('count'), /^\d+$/);
    tells(await act(disabled, 'enable'), /The user may log in again/);
    says(await openAccount(base, { user }), new RegExp(user));
    await out(mine);
  });

  test('whose everything was ended may begin anew at once', async () => {
    const mine = await settled();
    const { user } = mine.account;
    const page = await userPage(root, user);
    tells(await act(page, 'end'), /Everything has ended.*connected apps: 0 · sessions: 0 .*signed-in browsers: 0/);
    await out(mine);
    tells(await act(page, 'end'), /Everything has ended/);
    const again = await logIn(base, { user });
    assert.equal((await modern(base, again.token, 'tools/list')).status, 200);
  });
});

describe('roles', limit, () => {
  const roleForm = (page, name) => Object.fromEntries(formOf(page, 'save', name).fields);

  test('are added, changed and deleted', async () => {
    const name = await newRole('  notes:read   !admin:* ');
    let page = await root.open('/account/roles');
    assert.equal(roleForm(page, name).permissions, 'notes:read !admin:*');
    tells(page, /Read your notes notes:read/);
    page = await act(page, 'save', { name, typed: { permissions: 'notes:*' } });
    tells(page, /The role is saved/);
    assert.equal(roleForm(page, name).was, 'notes:*');
    page = await act(page, 'delete', { name });
    tells(page, /The role is gone/);
    assert.ok(!page.words.includes(name));
  });

  test('with words that are none are refused beside their field, and what was typed stays', async () => {
    const name = await newRole('notes:read');
    const page = await root.open('/account/roles');
    const refused = await act(page, 'save', { name, typed: { permissions: 'notes:write "><script>' } });
    tells(refused, /Permissions \u201c"><script>\u201d is not a permission/, 400);
    assert.equal(roleForm(refused, name).permissions, 'notes:write "><script>');
    assert.equal(roleForm(refused, name).was, 'notes:read');
    for (const [typed, words] of [
      [{ name: 'no name', permissions: '*' }, /A name has 1 to 40/],
      [{ name: 'admin', permissions: '' }, /always allows everything/],
      [{ name: someone(), permissions: 'mcp' }, /is not a permission/],
      [{ name: someone(), permissions: 'a '.repeat(501) }, /longer than 1000 characters/],
      [{ name, permissions: 'other' }, /There is a role of that name already/],
    ]) {
      const answer = await act(page, 'add', { typed });
      tells(answer, words, 400);
      const fields = Object.fromEntries(formOf(answer, 'add', typed.name).fields);
      assert.equal(fields.permissions, typed.permissions);
    }
    assert.equal(roleForm(await root.open('/account/roles'), name).permissions, 'notes:read');
  });

  test('that somebody changed meanwhile are not written over', async () => {
    const name = await newRole('notes:read');
    const page = await root.open('/account/roles');
    const all = ['a:a', 'b:b', 'c:c', 'd:d'];
    const answers = await Promise.all(all.map((permissions) => act(page, 'save', { name, typed: { permissions } })));
    const saved = answers.filter(({ status }) => status === 200);
    assert.equal(saved.length, 1);
    const now = roleForm(saved[0], name).permissions;
    for (const [index, answer] of answers.entries()) {
      if (answer === saved[0]) continue;
      tells(answer, /Somebody has changed this role/, 400);
      assert.deepEqual([roleForm(answer, name).permissions, roleForm(answer, name).was], [all[index], now]);
    }
    tells(await act(page, 'delete', { name }), /Somebody has changed this role/, 400);
    tells(await act(page, 'save', { name, typed: { permissions: now } }), /The role is saved/);
  });

  test('that users have are not deleted', async () => {
    const name = await newRole('notes:read');
    const { user } = await signedIn(base);
    await setRoles(user, { given: [name] });
    const page = await root.open('/account/roles');
    tells(page, new RegExp(`${name} notes:read 1 user has it`));
    tells(await act(page, 'delete', { name }), /cannot be deleted while users have it/, 400);
    await setRoles(user, { taken: [name] });
    tells(await act(page, 'delete', { name }), /The role is gone/);
    tells(await act(page, 'delete', { name }), /The role is gone/);
  });

  test('the default one can be written anew, and is built in again without its row', async () => {
    const account = await logIn(base, { scope: BOTH });
    const written = await act(await root.open('/account/roles'), 'add', { name: 'user', typed: { permissions: 'notes:read' } });
    tells(written, /The role is saved/);
    assert.deepEqual(await nextToken(account), { scope: 'mcp notes:read', bound: ['notes:read'] });
    tells(await act(written, 'delete', { name: 'user' }), /The role is gone.* user built in \* !admin:\*/);
    assert.equal((await nextToken(await logIn(base, { scope: BOTH }))).scope, `mcp ${BOTH}`);
  });
});

describe('clients and keys', together, () => {
  test('SEC-08: clients are shown without what proves them', async () => {
    const page = await root.open('/account/clients');
    tells(page, /Nightly <b>report Id nightly Proves itself by client_secret_basic Grant types client_credentials Scopes mcp notes:read/);
    assert.match(page.words, /private_key_jwt , keys at https:\/\/app\.example\.com\/keys\.json .*Returns to https:\/\/app\.example\.com\/callback/);
    assert.ok(!page.html.includes(SECRET_HASH));
  });

  test('SEC-08: keys are shown by their ids', async () => {
    const page = await root.open('/account/keys');
    const { keys } = await (await exchange(`${base}/.well-known/jwks.json`)).json();
    tells(page, new RegExp(`SESSILE_SECRET makes what is new .*${keys[0].kid} signs`));
    assert.ok(!page.html.includes(keys[0].x));
    assert.equal(page.forms.length, 0);
  });
});

describe('what changes nothing', together, () => {
  for (const [what, spoil, status] of [
    ['no CSRF token', ({ csrf, ...rest }) => rest, 403],
    ['a CSRF token that was altered', ({ csrf, ...rest }) => ({ ...rest, csrf: `${csrf.slice(0, -2)}AA` }), 403],
    ['no sealed request', ({ request, ...rest }) => rest, 400],
  ]) {
    test(`SEC-03: a form with ${what}`, async () => {
      const { user, browser } = await signedIn(base);
      const [page, roles] = [await userPage(root, user), await root.open('/account/roles')];
      const name = someone('role');
      for (const [from, doing, typed] of [[page, 'roles', { 'role admin': 'on' }], [page, 'end'], [page, 'disable'], [roles, 'add', { name, permissions: '*' }]]) {
        const form = formOf(from, doing);
        const answer = await act(from, doing, { form: { ...form, fields: Object.entries(spoil(Object.fromEntries(form.fields))) }, typed });
        assert.equal(answer.status, status, answer.words);
        assert.match(answer.words, /Nothing was changed/);
      }
      assert.deepEqual(ticked(await userPage(root, user)), []);
      says(await openAccount(base, { browser }), new RegExp(user));
      assert.ok(!(await root.open('/account/roles')).words.includes(name));
    });
  }

  test('SEC-03: a form of another page, another user, another admin, or the account page', async () => {
    const [admin, victim, other] = [await newAdmin(), await signedIn(base), await signedIn(base)];
    const page = await userPage(root, victim.user);
    const account = await openAccount(base, { browser: root.browser });
    for (const from of [await userPage(root, other.user), await userPage(admin, victim.user), await root.open('/account/roles'), account]) {
      const { fields } = from.forms.find(({ method }) => method === 'POST');
      for (const doing of ['disable', 'end', 'roles']) {
        const answer = await act(page, doing, { form: { ...formOf(page, doing), fields }, typed: { 'role admin': 'on' } });
        assert.equal(answer.status, 403, answer.words);
      }
    }
    says(await openAccount(base, { browser: victim.browser }), new RegExp(victim.user));
    assert.deepEqual(ticked(await userPage(root, victim.user)), []);
  });

  test('SEC-03: a form that another site sends', async () => {
    const { user } = await signedIn(base);
    const page = await userPage(root, user);
    const body = new URLSearchParams([...formOf(page, 'disable').fields, ['do', 'disable']]).toString();
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      const answer = await root.browser.open(page.url, { method: 'POST', body, headers: { ...type, ...headers } });
      assert.equal(answer.status, 403);
    }
    tells(await userPage(root, user), /Disable this user/);
  });

  test('no button, and one that there is not', async () => {
    const { user } = await signedIn(base);
    const page = await userPage(root, user);
    const form = formOf(page, 'disable');
    for (const button of [undefined, { name: 'do', value: 'delete' }]) assert.equal((await page.submit(form, { button })).status, 400);
    tells(await userPage(root, user), /Disable this user/);
  });

  test('SEC-03: the pages cannot be framed, kept or scripted', async () => {
    for (const path of PAGES) {
      const { answer } = await root.open(path);
      assert.match(answer.header('content-security-policy'), /default-src 'none'.*frame-ancestors 'none'/);
      assert.equal(answer.header('x-frame-options'), 'DENY');
      assert.equal(answer.header('cache-control'), 'no-store');
    }
  });
});
