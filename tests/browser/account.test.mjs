// The account page in headless Chromium, without script: a person reads it and presses its buttons.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { KEY } from '../support/api_keys.mjs';
import { LAPTOP, launchChromium, picture, pictureOnPhone } from '../support/chromium.mjs';
import { logInAs } from '../support/journey.mjs';
import { logIn, someone } from '../support/login.mjs';
import { modern, Session } from '../support/mcp.mjs';
import { newClient } from '../support/oauth.mjs';
import { sharedServer } from '../support/server.mjs';

/** What a thumb needs, in CSS pixels: WCAG 2.2, 2.5.5. */
const TARGET = 44;

let server;
let chromium;

before(async () => {
  server = await sharedServer();
  chromium = await launchChromium();
}, { timeout: 300_000 });

after(async () => {
  await chromium?.close();
  await server?.stop();
});

/** A new profile in which somebody logs in on their way to the account page. */
async function signIn(user) {
  const context = await chromium.newContext({ viewport: LAPTOP, javaScriptEnabled: false });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const refused = [];
  page.on('console', (message) => refused.push(message.text()));
  await page.goto(server.url);
  await page.getByRole('link', { name: 'Your account' }).click();
  await logInAs(page, user);
  await page.waitForURL(`${server.url}/account`);
  return { context, page, refused };
}

const pressed = async (page, name) => {
  await page.getByRole('button', { name }).first().click();
  return page.getByRole('status').innerText();
};

/** Every button is large enough, and has a name of its own where a row has. */
async function usable(page) {
  for (const button of await page.getByRole('button').all()) {
    const { height } = await button.boundingBox();
    assert.ok(height >= TARGET, await button.innerText());
  }
}

describe('the account page', { timeout: 120_000 }, () => {
  test('a person sees their apps, sessions and browsers, and ends them', async () => {
    const user = someone('ada');
    const { context, page, refused } = await signIn(user);
    try {
      await picture(page, 'account-new');
      for (const client_name of ['Notebook', `A name that goes on and on </b><script>${'and on '.repeat(12)}`]) {
        const account = await logIn(server.url, { user, clientId: await newClient(server.url, { client_name }) });
        await Session.open(server.url, account.token);
      }
      await page.reload();
      await usable(page);
      await picture(page, 'account');
      assert.deepEqual(await pictureOnPhone(page, 'account-phone-dark'), { overflow: 0 });
      await page.emulateMedia({ colorScheme: 'dark' });
      await picture(page, 'account-dark');
      await page.emulateMedia({ colorScheme: 'light' });

      assert.match(await page.locator('main').innerText(), /Chrome on Linux/);
      assert.match(await pressed(page, 'End the session of Notebook'), /The session has ended/);
      assert.match(await pressed(page, 'Revoke the access of Notebook'), /no access any more/);
      await picture(page, 'account-revoked');
      assert.equal(await page.getByRole('button', { name: /Notebook/ }).count(), 0);
      assert.equal(await page.getByRole('button', { name: /^Revoke/ }).count(), 1);
      assert.match(await pressed(page, 'Sign out everywhere else'), /signed out everywhere else/);
      assert.equal(await page.getByText('this one', { exact: true }).count(), 1);
      assert.match(await pressed(page, 'Sign out'), /You are signed out\./);
      await picture(page, 'account-signed-out');
      await page.goto(`${server.url}/account`);
      await page.getByRole('heading', { name: 'Log in' }).waitFor();
      assert.deepEqual(refused, [], 'nothing is refused by the policy');
    } finally {
      await context.close();
    }
  });
});

describe('the page of API keys', { timeout: 120_000 }, () => {
  test('a person makes a key, uses it, loses sight of it by a reload, rotates it and revokes it', async () => {
    const { context, page, refused } = await signIn(someone('ada'));
    const status = async (key) => (await modern(server.url, key, 'tools/list')).status;
    const shown = async () => KEY.exec(await page.locator('pre').innerText())[0];
    try {
      await page.getByRole('link', { name: 'Make a key' }).click();
      await page.getByRole('heading', { name: 'A new key' }).waitFor();
      await picture(page, 'api-keys-none');
      await page.getByLabel('Name').fill('Nightly backup');
      await page.getByLabel('Expires').selectOption('in 30 days');
      await page.getByRole('button', { name: 'Make the key' }).click();
      await page.getByRole('heading', { name: 'Your key Nightly backup' }).waitFor();
      const key = await shown();
      await usable(page);
      await picture(page, 'api-keys-made');
      assert.deepEqual(await pictureOnPhone(page, 'api-keys-phone-dark'), { overflow: 0 });
      assert.equal(await status(key), 200);
      // The browser sends the form again, as it does when a person agrees to that.
      await page.reload();
      assert.match(await page.getByRole('alert').innerText(), /done before, and not again/);
      assert.doesNotMatch(await page.locator('main').innerText(), KEY);
      assert.equal(await page.getByRole('button', { name: /^Revoke/ }).count(), 1);

      await page.getByRole('button', { name: 'Rotate the key Nightly backup' }).click();
      const next = await shown();
      assert.notEqual(next, key);
      assert.deepEqual([await status(key), await status(next)], [200, 200]);
      await page.getByLabel('Key', { exact: true }).fill(key);
      await page.getByRole('button', { name: 'Look it up' }).click();
      assert.match(await page.getByRole('status').innerText(), /is good/);
      assert.match(await pressed(page, 'Revoke the key Nightly backup'), /The key is revoked/);
      assert.equal(await page.getByText('revoked', { exact: true }).count(), 1);
      await picture(page, 'api-keys-revoked');
      assert.deepEqual(refused.filter((words) => !/409/.test(words)), [], 'nothing is refused by the policy');
    } finally {
      await context.close();
    }
  });
});
