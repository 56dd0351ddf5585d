// What a person's key did, on the pages of usage and activity: as they are drawn with script, and as they read without.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { KEY } from '../support/api_keys.mjs';
import { LAPTOP, launchChromium, picture, pictureOnPhone } from '../support/chromium.mjs';
import { logInAs } from '../support/journey.mjs';
import { someone } from '../support/login.mjs';
import { modern } from '../support/mcp.mjs';
import { sharedServer } from '../support/server.mjs';

/** How long a record may take until it is shown, in milliseconds. */
const SHOWN_MS = 30_000;

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

/** Opens a page anew until it says what is wanted. */
async function until(page, path, wanted) {
  const end = Date.now() + SHOWN_MS;
  for (;;) {
    await page.goto(`${server.url}${path}`);
    const words = await page.locator('main').innerText();
    if (wanted.test(words)) return words;
    assert.ok(Date.now() < end, `${path} never says ${wanted}: ${words}`);
    await page.waitForTimeout(250);
  }
}

describe('what a key did', { timeout: 180_000 }, () => {
  for (const javaScriptEnabled of [true, false]) {
    test(`is on the pages of usage and activity, ${javaScriptEnabled ? 'as a chart' : 'without script as a table'}, and ends with the key`, async () => {
      const context = await chromium.newContext({ viewport: LAPTOP, javaScriptEnabled });
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      const refused = [];
      page.on('console', (message) => refused.push(message.text()));
      page.on('pageerror', (error) => refused.push(error.message));
      try {
        await page.goto(`${server.url}/account`);
        await logInAs(page, someone('ada'));
        await page.waitForURL(`${server.url}/account`);
        await page.getByRole('link', { name: 'Usage' }).click();
        await page.getByText('There were no calls in this time.').waitFor();

        await page.goto(`${server.url}/account/api-keys`);
        await page.getByLabel('Name').fill('Nightly backup');
        await page.getByRole('button', { name: 'Make the key' }).click();
        const key = KEY.exec(await page.locator('pre').innerText())[0];
        const call = (name, args) => modern(server.url, key, 'tools/call', { name, arguments: args });
        for (let count = 0; count < 7; count += 1) {
          assert.equal((await call('echo', { text: `secret ${count}` })).status, 200);
        }

        const words = await until(page, '/account/usage', /Calls\s+7/);
        assert.match(words, /echo/);
        assert.match(words, /Nightly backup/, 'a key of one\'s own by its name');
        assert.match(words, /Errors\s+0\s+Refused\s+0/);
        assert.equal(await page.locator('#chart canvas').count(), javaScriptEnabled ? 1 : 0);
        const rows = await page.locator('table[data-chart] tbody tr').evaluateAll((found) => found.map((row) => Number(row.cells[1].dataset.n)));
        assert.equal(rows.length, 25, 'each hour has its row');
        assert.equal(rows.reduce((one, other) => one + other), 7, 'the table has what the chart shows');
        if (javaScriptEnabled) {
          await picture(page, 'usage');
          await page.emulateMedia({ colorScheme: 'dark' });
          await picture(page, 'usage-dark');
          await page.emulateMedia({ colorScheme: 'light' });
          assert.deepEqual(await pictureOnPhone(page, 'usage-phone'), { overflow: 0 });
        }
        const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download as CSV' }).click()]);
        const csv = await readFile(await download.path(), 'utf8');
        assert.match(csv, /^begins,account,tool,client,calls,errors,refused,rows_written,micros\r\n.*,echo,api-key:.*,7,0,0,/);

        const activity = await until(page, '/account/audit?name=echo', /echo/);
        assert.doesNotMatch(activity, /secret/, 'what was said is not kept');
        assert.equal(await page.locator('ol.audit > li').count(), 7);
        if (javaScriptEnabled) await picture(page, 'activity');

        await page.goto(`${server.url}/account/api-keys`);
        await page.getByRole('button', { name: 'Revoke the key Nightly backup' }).click();
        await page.getByText('The key is revoked').waitFor();
        assert.equal((await call('echo', { text: 'more' })).status, 401);
        await until(page, '/account/audit?kind=key', /Nightly backup|API key/);
        assert.deepEqual(refused, [], 'nothing is refused by the policy');
      } finally {
        await context.close();
      }
    });
  }

  test('is nobody else\'s to see', async () => {
    const context = await chromium.newContext({ viewport: LAPTOP });
    const page = await context.newPage();
    try {
      await page.goto(`${server.url}/account`);
      await logInAs(page, someone('eve'));
      await page.waitForURL(`${server.url}/account`);
      for (const path of ['/account/usage?user=ada&span=year', '/account/audit?user=ada&span=year']) {
        await page.goto(`${server.url}${path}`);
        assert.doesNotMatch(await page.locator('main').innerText(), /echo/, path);
        assert.equal(await page.getByLabel('User').count(), 0);
      }
    } finally {
      await context.close();
    }
  });

  test('is drawn by uPlot as its package has it', async () => {
    for (const file of ['uPlot.iife.min.js', 'uPlot.min.css']) {
      const [ours, theirs] = await Promise.all([readFile(new URL(`../../web/assets/uplot/${file}`, import.meta.url)), readFile(new URL(`../node_modules/uplot/dist/${file}`, import.meta.url))]);
      assert.ok(ours.equals(theirs), file);
    }
  });
});
