// The pages for admins in headless Chromium, without script: an admin makes a role, gives it, and disables a user.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { LAPTOP, launchChromium, picture, pictureOnPhone } from '../support/chromium.mjs';
import { logInAs } from '../support/journey.mjs';
import { logIn, someone } from '../support/login.mjs';
import { Session } from '../support/mcp.mjs';
import { startServer } from '../support/server.mjs';

let server;
let chromium;

before(async () => {
  const CLIENTS = '[{"id":"nightly","name":"Nightly report","grant_types":["client_credentials"],"secret_hash":"myBgaL05DtsZ2Z1-0wkg_3gx1NKuQc7OgFkkOgAvDsM","scope":"notes:read"}]';
  server = await startServer({ vars: { ADMINS: '[{"provider":"dev","subject":"root"}]', CLIENTS } });
  chromium = await launchChromium();
}, { timeout: 300_000 });

after(async () => {
  await chromium?.close();
  await server?.stop();
});

/** Pictures of the page on a laptop and on a phone, where it fits. */
async function pictures(page, name) {
  await picture(page, `admin-${name}`);
  assert.deepEqual(await pictureOnPhone(page, `admin-${name}-phone-dark`), { overflow: 0 });
}

describe('the pages for admins', { timeout: 180_000 }, () => {
  test('a person finds a user, gives them a role, and disables them', async () => {
    const user = someone('grace');
    const { token } = await logIn(server.url, { user });
    await Session.open(server.url, token);
    await logIn(server.url, { user: `A name </b><script>${'and on '.repeat(4)}` });
    const context = await chromium.newContext({ viewport: LAPTOP, javaScriptEnabled: false });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const refused = [];
    page.on('console', (message) => refused.push(message.text()));
    const said = () => page.getByRole('status').innerText();
    try {
      await page.goto(`${server.url}/account`);
      await logInAs(page, 'root');
      await page.getByRole('heading', { name: 'Administration' }).waitFor();
      await pictures(page, 'account');
      await page.getByRole('link', { name: 'Roles' }).click();
      await page.getByLabel('Name').fill('reader');
      await page.getByLabel('Permissions, with spaces between them').fill('notes:read no<pe');
      await page.getByRole('button', { name: 'Add the role' }).click();
      assert.match(await page.getByRole('alert').innerText(), /“no<pe” is not a permission/);
      await pictures(page, 'roles-refused');
      await page.getByLabel('Permissions, with spaces between them').fill('notes:read');
      await page.getByRole('button', { name: 'Add the role' }).click();
      assert.match(await said(), /The role is saved/);
      await page.getByText('Change the role reader').click();
      await pictures(page, 'roles');

      await page.getByRole('link', { name: 'Users' }).click();
      await pictures(page, 'users');
      await page.getByLabel('Name, subject or issuer').fill(user.toUpperCase());
      await page.getByRole('button', { name: 'Search' }).click();
      await page.getByRole('link', { name: user }).click();
      await page.getByLabel('reader').check();
      await page.getByRole('button', { name: 'Save roles' }).click();
      assert.match(await said(), /The roles are saved/);
      assert.ok(await page.getByLabel('reader').isChecked());
      await page.getByText('Disable this user').click();
      await pictures(page, 'user');
      await page.getByRole('button', { name: `Disable ${user}` }).click();
      assert.match(await said(), /The user is disabled/);
      await pictures(page, 'user-disabled');
      await page.getByRole('button', { name: 'Enable this user' }).click();
      assert.match(await said(), /may log in again/);

      for (const name of ['Clients', 'Keys']) {
        await page.getByRole('link', { name, exact: true }).click();
        await page.getByRole('heading', { level: 1, name }).waitFor();
        await pictures(page, name.toLowerCase());
      }
      // The form that was refused is one message.
      assert.deepEqual(refused.filter((message) => !/status of 400/.test(message)), [], 'nothing is refused by the policy');
    } finally {
      await context.close();
    }
  });
});
