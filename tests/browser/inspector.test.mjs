// MCP Inspector in headless Chromium: connect, log in, consent, call, and go on after a restart of the server; and, at
// a server that serves everyone, every feature that its page offers, in both eras.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { InspectorPage, startInspector } from '../counterparts/inspector.mjs';
import { LAPTOP, launchChromium, picture, pictureOnPhone } from '../support/chromium.mjs';
import { allow, consentPage, logInAs } from '../support/journey.mjs';
import { FIXTURE, fixtureServer } from '../support/conformance_fixture.mjs';
import { someone } from '../support/login.mjs';
import { LATEST_WITH_SESSIONS, MODERN } from '../support/mcp.mjs';
import { startServer } from '../support/server.mjs';

let server;
let fixture;
let chromium;

before(async () => {
  server = await startServer();
  fixture = await fixtureServer();
  chromium = await launchChromium();
}, { timeout: 600_000 });

after(async () => {
  await chromium?.close();
  await server?.stop({ keep: false });
  await fixture?.stop();
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

for (const [era, revision] of [['Legacy', LATEST_WITH_SESSIONS], ['Modern', MODERN]]) {
  const hasSession = era === 'Legacy';
  const name = `inspector-${era.toLowerCase()}`;

  test(`MCP Inspector, ${era}: a person uses every feature`, { timeout: 180_000 }, async (t) => {
    const { inspector, page, faults, leave } = await newPerson();
    const mcp = new InspectorPage(page);
    const step = (what, doing) => t.test(what, async () => {
      await doing();
      await picture(page, `${name}-${what.replace(/[^a-z]+/gi, '-').slice(0, 40)}`);
    });
    try {
      await page.goto(inspector.url);
      await mcp.addServer(`${fixture.url}/mcp`);
      // Legacy is what it begins with.
      if (!hasSession) await mcp.chooseEra(era);
      await mcp.connect();
      await mcp.connected();

      await step('the card names the revision', () => mcp.sees(`MCP ${revision}`));
      await step('tools, prompts, resources and templates are listed', async () => {
        const tools = await mcp.tools();
        for (const tool of ['test_simple_text', 'test_x_mcp_header', 'slow_compute']) assert.ok(tools.includes(tool), tools.join(' '));
        await mcp.show('Prompts');
        for (const prompt of FIXTURE.prompts) await mcp.sees(prompt);
        await mcp.show('Resources');
        for (const words of ['URIs (3)', 'Static text', 'Watched resource', 'Templates (1)', 'Data by id']) await mcp.sees(words);
      });
      await step('tools answer, one of them with an error', async () => {
        assert.equal(await mcp.call('test_simple_text'), 'This is a simple text response for testing.');
        assert.equal(await mcp.call('test_x_mcp_header', { region: 'Zürich' }), 'Region: Zürich');
        await mcp.begin('test_error_handling');
        await mcp.sees('This tool intentionally returns an error for testing');
      });
      await step('an argument of a prompt is completed, and the prompt is shown', async () => {
        await mcp.show('Prompts');
        await page.getByText('test_prompt_with_arguments', { exact: true }).first().click();
        await page.getByRole('textbox', { name: 'arg1' }).pressSequentially('par');
        await page.getByRole('option', { name: 'party' }).click();
        await page.getByRole('textbox', { name: 'arg2' }).fill('two');
        await page.getByRole('button', { name: 'Get Prompt' }).click();
        await mcp.sees("Prompt with arguments: arg1='party', arg2='two'");
      });
      await step('a resource is read, and one that a template makes', async () => {
        await mcp.pickResource('Static text');
        await mcp.sees('This is the content of the static text resource.');
        await mcp.pickResource('Data by id');
        await page.getByRole('textbox', { name: 'id' }).fill('42');
        await page.getByRole('button', { name: 'Read Resource' }).click();
        await mcp.sees('Data for ID: 42');
      });
      await step('a question is answered, and another declined', async () => {
        await mcp.begin('test_elicitation', { message: 'Who are you?' });
        assert.match(await mcp.answer('Submit', { email: 'ada@analytical.example', username: 'ada' }), /Who are you\?/);
        assert.equal(await mcp.result(), 'User response: action=accept, content={"email":"ada@analytical.example","username":"ada"}');
        await mcp.begin('test_elicitation', { message: 'Really?' });
        await mcp.answer('Decline');
        assert.equal(await mcp.result(), 'User response: action=decline, content={}');
      });
      await step('the model answers, as the person lets it', async () => {
        await mcp.begin('test_sampling', { prompt: 'Say hello.' });
        assert.match(await mcp.answer('Send Response'), /Say hello\./);
        assert.match(await mcp.result(), /^LLM response: .*"stub-model"/);
      });
      await step('a resource that is subscribed to says when it changed, until it is not any more', async () => {
        await mcp.pickResource('Watched resource');
        await page.getByRole('button', { name: 'Subscribe', exact: true }).click();
        await mcp.sees('Subscriptions (1)');
        if (!hasSession) await mcp.sees('LISTENING');
        // The time of the last change, once there is one.
        const time = page.getByText('watched-resource', { exact: true }).locator('xpath=..').getByText(/\d:\d\d/);
        assert.equal(await time.count(), 0);
        await mcp.call('test_trigger_resource_change');
        await mcp.show('Resources');
        await time.waitFor();
        await picture(page, `${name}-updated`);
        await page.getByRole('button', { name: 'Unsubscribe' }).first().click();
        await mcp.sees('Subscriptions (0)');
      });
      await step('a changed list of tools is noticed', async () => {
        await mcp.call('test_trigger_tool_change');
        await mcp.sees('List updated');
      });
      await step('progress is shown', async () => {
        await mcp.begin('test_tool_with_progress');
        await mcp.sees('100 of 100');
        assert.equal(await mcp.result(), 'Tool with progress executed successfully');
      });
      await step('logs are shown', async () => {
        assert.equal(await mcp.call('test_tool_with_logging'), 'Tool with logging executed successfully');
        for (const words of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) await mcp.sees(words);
      });
      await step('a call that runs is cancelled, and the next one is answered', async () => {
        await mcp.begin('slow_compute', { seconds: '60' });
        await page.getByRole('button', { name: 'Cancel', exact: true }).click();
        await mcp.sees('Tool call cancelled');
        assert.equal(await mcp.call('test_simple_text'), 'This is a simple text response for testing.');
      });
      await step('nothing was refused on the wire, and only a session has a GET stream', async () => {
        const rows = await mcp.network();
        assert.deepEqual(rows.filter((row) => / [45]\d\d /.test(row)), []);
        assert.equal(rows.some((row) => /GET TRANSPORT .*SSE.* 200/.test(row)), hasSession, rows.join('\n'));
      });
      assert.deepEqual(faults, []);
    } catch (error) {
      await picture(page, `${name}-features-failed`);
      throw error;
    } finally {
      await leave();
    }
  });
}
