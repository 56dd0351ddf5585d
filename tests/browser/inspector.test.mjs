// MCP Inspector in headless Chromium: connect, log in, consent, call, and go on after a restart of the server.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { InspectorPage, startInspector } from '../counterparts/inspector.mjs';
import { LAPTOP, launchChromium, picture, pictureOnPhone } from '../support/chromium.mjs';
import { allow, consentPage, logInAs } from '../support/journey.mjs';
import { someone } from '../support/login.mjs';
import { startServer } from '../support/server.mjs';

let server;
let chromium;

before(async () => {
  server = await startServer();
  chromium = await launchChromium();
}, { timeout: 300_000 });

after(async () => {
  await chromium?.close();
  await server?.stop({ keep: false });
});

/** A new person: an Inspector and a browser profile that know nothing, and the errors that scripts threw. */
async function newPerson() {
  const inspector = await startInspector();
  const page = await chromium.newPage({ viewport: LAPTOP });
  page.setDefaultTimeout(15_000);
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  // A page of ours that its own policy blocks says so on the console.
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Refused to/.test(message.text()) && page.url().startsWith(server.url)) faults.push(message.text());
  });
  const leave = async () => {
    await page.context().close();
    await inspector.stop();
  };
  return { inspector, page, faults, leave };
}

describe('MCP Inspector', { timeout: 300_000 }, () => {
  test('a person connects, logs in, agrees, calls tools, and goes on after the server restarted', async (t) => {
    const { inspector, page, faults, leave } = await newPerson();
    const mcp = new InspectorPage(page);
    const name = someone('ada');
    try {
      await page.goto(inspector.url);
      await mcp.addServer(`${server.url}/mcp`);
      await mcp.connect();

      await t.test('Inspector sends them to our login page, which fits a phone and the dark', async () => {
        await page.waitForURL(`${server.url}/**`);
        await page.locator('form[action$="/login/start"]').first().waitFor();
        await picture(page, 'login');
        assert.ok((await pictureOnPhone(page, 'login-phone-dark')).overflow <= 0, 'the login page scrolls sideways on a phone');
      });
      await t.test('the consent page names the client, where it returns to, and fits a phone (AS-18)', async () => {
        await logInAs(page, name);
        await consentPage(page);
        const words = await page.locator('main').innerText();
        assert.match(words, /MCP Inspector/i);
        assert.match(words, /127\.0\.0\.1|localhost/);
        assert.ok(words.includes(name), 'and who is signed in');
        await picture(page, 'consent');
        assert.ok((await pictureOnPhone(page, 'consent-phone-dark')).overflow <= 0, 'the consent page scrolls sideways on a phone');
      });
      await t.test('they are back in Inspector, connected, with the tool list', async () => {
        await allow(page);
        await page.waitForURL(`${new URL(inspector.url).origin}/**`);
        await mcp.connected();
        const tools = await mcp.tools();
        for (const tool of ['echo', 'count', 'progress', 'ask', 'whoami']) assert.ok(tools.includes(tool), tools.join(' '));
        await picture(page, 'inspector-connected');
      });
      await t.test('echo echoes, count counts', async () => {
        assert.equal(await mcp.call('echo', { text: 'hello from a browser' }), 'hello from a browser');
        assert.equal(await mcp.call('count'), '1');
        assert.equal(await mcp.call('count'), '2');
        await picture(page, 'inspector-called');
      });
      await t.test('the GET stream is open', async () => {
        const rows = await mcp.network();
        assert.ok(rows.some((row) => /GET TRANSPORT .*SSE.* 200/.test(row)), rows.join('\n'));
      });
      await t.test('the server restarts: the next call works, on the same session, without a new login', async () => {
        await server.stop({ keep: true });
        server = await server.again();
        assert.equal(await mcp.call('count'), '3');
        assert.ok(page.url().startsWith(new URL(inspector.url).origin), `sent away to ${page.url()}`);
        const rows = await mcp.network();
        assert.equal(rows.filter((row) => /AUTH TOKEN/.test(row)).length, 1, `logged in again:\n${rows.join('\n')}`);
        await picture(page, 'inspector-after-restart');
      });
      assert.deepEqual(faults, []);
    } catch (error) {
      await picture(page, 'inspector-failed');
      throw error;
    } finally {
      await leave();
    }
  });

  test('the same Inspector speaks the stateless era when told to', async () => {
    const { inspector, page, leave } = await newPerson();
    const mcp = new InspectorPage(page, 'stateless');
    try {
      await page.goto(inspector.url);
      await mcp.addServer(`${server.url}/mcp`);
      await mcp.chooseEra('Modern');
      await mcp.connect();
      await page.waitForURL(`${server.url}/**`);
      await logInAs(page, someone('grace'));
      await allow(page);
      await mcp.connected();
      assert.equal(await mcp.call('echo', { text: 'no session' }), 'no session');
      const rows = await mcp.network();
      assert.ok(!rows.some((row) => /GET TRANSPORT/.test(row)), `a stateless client opens no GET stream:\n${rows.join('\n')}`);
    } catch (error) {
      await picture(page, 'inspector-stateless-failed');
      throw error;
    } finally {
      await leave();
    }
  });

  test('who says no on the consent page is back in Inspector, not connected', async () => {
    const { inspector, page, leave } = await newPerson();
    const mcp = new InspectorPage(page, 'denied');
    try {
      await page.goto(inspector.url);
      await mcp.addServer(`${server.url}/mcp`);
      await mcp.connect();
      await page.waitForURL(`${server.url}/**`);
      await logInAs(page, someone('alan'));
      await page.getByRole('button', { name: /^(deny|decline|cancel)/i }).click();
      await page.waitForURL(`${new URL(inspector.url).origin}/**`);
      await page.getByText(/denied/i).first().waitFor();
    } catch (error) {
      await picture(page, 'inspector-denied-failed');
      throw error;
    } finally {
      await leave();
    }
  });
});
