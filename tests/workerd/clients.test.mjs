// The official TypeScript clients as libraries: each logs in with its own OAuth code and calls tools; and each uses
// every feature of a server that serves everyone.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FIXTURE, fixtureServer } from '../support/conformance_fixture.mjs';
import { someone } from '../support/login.mjs';
import { fillForm, MODERN } from '../support/mcp.mjs';
import { connectByLogin } from '../support/sdk.mjs';
import { sharedServer } from '../support/server.mjs';
import { CLIENTS, Heard, watchedFetch } from '../support/typescript.mjs';

const text = (result) => {
  assert.ok(!result.isError, JSON.stringify(result));
  return result.content[0].text;
};

describe('with a login', { timeout: 600_000 }, () => {
  let server;

  before(async () => {
    server = await sharedServer();
  }, { timeout: 300_000 });

  after(() => server?.stop());

  for (const { name, Transport, make, answer, call, finish, hasSession } of CLIENTS) {
    describe(name, { timeout: 120_000 }, () => {
      const user = someone('sdk');
      let client;
      let transport;

      before(async () => {
        ({ client, transport } = await connectByLogin({ makeClient: () => make({ elicitation: {} }), Transport, url: `${server.url}/mcp`, user, finish }));
      }, { timeout: 60_000 });

      after(() => client?.close());

      test('is connected in the era it asked for', () => {
        assert.equal(transport.sessionId !== undefined, hasSession);
        if (!hasSession) assert.equal(client.getNegotiatedProtocolVersion(), MODERN);
        assert.ok(client.getServerVersion().name);
      });

      test('lists the tools and validates their schemas', async () => {
        const { tools } = await client.listTools();
        for (const wanted of ['echo', 'count', 'progress', 'ask', 'whoami']) assert.ok(tools.some((tool) => tool.name === wanted), wanted);
      });

      test('calls echo and is told who it is', async () => {
        assert.equal(text(await client.callTool({ name: 'echo', arguments: { text: 'from an SDK' } })), 'from an SDK');
        assert.ok(text(await client.callTool({ name: 'whoami', arguments: {} })).includes(user));
      });

      test('counts: in its session, or with a handle', async () => {
        let args = {};
        if (!hasSession) {
          const started = await client.callTool({ name: 'count_start', arguments: {} });
          args = { handle: started.structuredContent?.handle ?? /[A-Za-z0-9._~+/=-]{20,}/.exec(text(started))[0] };
        }
        assert.equal(text(await client.callTool({ name: 'count', arguments: args })), '1');
        assert.equal(text(await client.callTool({ name: 'count', arguments: args })), '2');
      });

      test('gets progress while a call runs', async () => {
        const seen = [];
        const onprogress = ({ progress }) => seen.push(progress);
        text(await call(client, 'progress', { steps: 3, delay_ms: 20 }, { onprogress, timeout: 20_000 }));
        assert.deepEqual(seen, [1, 2, 3]);
      });

      test('gives up a call that runs, and goes on', async () => {
        const giveUp = new AbortController();
        const seen = [];
        const onprogress = ({ progress }) => {
          seen.push(progress);
          giveUp.abort('changed my mind');
        };
        // A hundred seconds of work, of which it hears the beginning.
        await assert.rejects(call(client, 'progress', { steps: 200, delay_ms: 500 }, { onprogress, signal: giveUp.signal, timeout: 20_000 }), /changed my mind/);
        assert.equal(text(await call(client, 'echo', { text: 'still here' })), 'still here');
        assert.ok(seen.length < 3, `it heard of ${seen} steps`);
      });

      test('answers a question', async () => {
        answer(client, 'elicitation/create', (request) => ({ action: 'accept', content: fillForm(request.params.requestedSchema, 'vermilion') }));
        assert.ok(text(await client.callTool({ name: 'ask', arguments: { question: 'Which colour?' } })).includes('vermilion'));
      });

      test('declines a question', async () => {
        answer(client, 'elicitation/create', () => ({ action: 'decline' }));
        const result = await client.callTool({ name: 'ask', arguments: { question: 'Which colour?' } });
        assert.ok(result.content.length > 0);
      });

      test('is told that a tool does not exist', async () => {
        await assert.rejects(Promise.resolve(client.callTool({ name: 'no-such-tool', arguments: {} })).then((result) => {
          if (result.isError) throw new Error('answered as a tool error');
        }));
      });

      if (hasSession) {
        test('ends its session', async () => {
          await transport.terminateSession();
          assert.equal(transport.sessionId, undefined);
        });
      }
    });
  }
});

describe('with every feature', { timeout: 600_000 }, () => {
  let server;

  before(async () => {
    server = await fixtureServer();
  }, { timeout: 300_000 });

  after(() => server?.stop());

  // One after the other: what one changes is told to all.
  for (const { name, Transport, make, answer, hear, call, hasSession, noResource } of CLIENTS) {
    describe(name, { timeout: 120_000 }, () => {
      const { exchanges, fetch } = watchedFetch();
      const [updates, changes, logs, faults] = [new Heard(), new Heard(), new Heard(), new Heard()];
      let client;
      let transport;
      const trigger = (what) => call(client, `test_trigger_${what}_change`);

      before(async () => {
        client = make({ elicitation: {}, sampling: {}, roots: {} });
        answer(client, 'sampling/createMessage', ({ params }) => {
          const { text: asked } = [params.messages[0].content].flat()[0];
          return { role: 'assistant', model: 'a test', content: { type: 'text', text: `You said: ${asked}` } };
        });
        answer(client, 'roots/list', () => ({ roots: [{ uri: 'file:///one' }, { uri: 'file:///two' }] }));
        hear(client, 'notifications/message', ({ params }) => logs.push(params));
        hear(client, 'notifications/resources/updated', ({ params }) => updates.push(params.uri));
        hear(client, 'notifications/tools/list_changed', () => changes.push('tools'));
        hear(client, 'notifications/prompts/list_changed', () => changes.push('prompts'));
        // What the library would keep to itself.
        client.onerror = ({ message }) => faults.push(message);
        transport = new Transport(new URL(`${server.url}/mcp`), { fetch });
        await client.connect(transport);
      }, { timeout: 60_000 });

      after(() => client?.close());

      /** How the next questions of a form are answered; returns what is asked. */
      const answerForms = (...actions) => {
        const asked = [];
        answer(client, 'elicitation/create', ({ params }) => {
          asked.push(params.message);
          const action = actions.length > 1 ? actions.shift() : actions[0];
          return action === 'accept' ? { action, content: fillForm(params.requestedSchema, 'vermilion') } : { action };
        });
        return asked;
      };

      test(`${hasSession ? 'L-INIT-03' : 'M-DISC-01'}: is told of every feature`, () => {
        const told = client.getServerCapabilities();
        for (const feature of ['tools', 'prompts', 'resources', 'completions', 'logging']) assert.ok(told[feature], `${feature}: ${JSON.stringify(told)}`);
        assert.deepEqual([told.resources.subscribe, told.resources.listChanged, told.tools.listChanged, told.prompts.listChanged], [true, true, true, true]);
      });

      test('lists tools, prompts, resources and templates', async () => {
        const { tools } = await client.listTools();
        for (const wanted of ['test_simple_text', 'test_x_mcp_header', 'json_schema_2020_12_tool']) assert.ok(tools.some((tool) => tool.name === wanted), wanted);
        const { prompts } = await client.listPrompts();
        assert.deepEqual(prompts.map((prompt) => prompt.name).sort(), FIXTURE.prompts);
        const { resources } = await client.listResources();
        assert.deepEqual(resources.map((resource) => resource.uri).sort(), FIXTURE.resources);
        const { resourceTemplates } = await client.listResourceTemplates();
        assert.deepEqual(resourceTemplates.map((template) => template.uriTemplate), FIXTURE.templates);
      });

      test('gets every kind of content', async () => {
        const kinds = async (tool) => (await call(client, tool)).content.map(({ type }) => type);
        assert.deepEqual(await kinds('test_simple_text'), ['text']);
        assert.deepEqual(await kinds('test_image_content'), ['image']);
        assert.deepEqual(await kinds('test_audio_content'), ['audio']);
        assert.deepEqual(await kinds('test_embedded_resource'), ['resource']);
        assert.deepEqual(await kinds('test_multiple_content_types'), ['text', 'image', 'resource']);
      });

      test('is told by the result that a tool failed', async () => {
        const result = await call(client, 'test_error_handling');
        assert.equal(result.isError, true);
        assert.match(result.content[0].text, /intentionally returns an error/);
      });

      test(`${hasSession ? '' : 'M-PAR-01: '}sends an argument that its schema wants in a header, too, beyond ASCII as well`, async () => {
        for (const region of ['eu-west', ' Zürich ']) assert.equal(text(await call(client, 'test_x_mcp_header', { region })), `Region: ${region}`);
        assert.equal(text(await call(client, 'test_x_mcp_header')), 'Region: none');
      });

      test('gets a prompt with its arguments, and one with a resource', async () => {
        const { messages } = await client.getPrompt({ name: 'test_prompt_with_arguments', arguments: { arg1: 'one', arg2: 'two' } });
        assert.equal(messages[0].content.text, "Prompt with arguments: arg1='one', arg2='two'");
        const embedded = await client.getPrompt({ name: 'test_prompt_with_embedded_resource', arguments: { resourceUri: 'test://here' } });
        assert.equal(embedded.messages[0].content.resource.uri, 'test://here');
      });

      test(`${hasSession ? '' : 'M-PRM-01: '}is refused a prompt without its arguments, and one that is not there`, async () => {
        await assert.rejects(client.getPrompt({ name: 'test_prompt_with_arguments', arguments: { arg1: 'one' } }), { code: -32602 });
        await assert.rejects(client.getPrompt({ name: 'no_such_prompt' }), { code: -32602 });
      });

      test('answers what a prompt asks', async () => {
        const asked = answerForms('accept');
        const { messages } = await client.getPrompt({ name: 'test_input_required_result_prompt' });
        assert.deepEqual(asked, ['What is it about?']);
        assert.equal(messages[0].content.text, 'Use this context: vermilion');
      });

      test('reads a text, a picture and what a template makes', async () => {
        const read = async (uri) => (await client.readResource({ uri })).contents[0];
        assert.equal((await read('test://static-text')).text, 'This is the content of the static text resource.');
        assert.equal((await read('test://static-binary')).mimeType, 'image/png');
        assert.equal(JSON.parse((await read('test://template/42/data')).text).id, '42');
      });

      test(`${hasSession ? 'L-RES-02' : 'M-RES-01'}: is told that a resource does not exist`, async () => {
        await assert.rejects(client.readResource({ uri: 'test://nowhere' }), { code: noResource, data: { uri: 'test://nowhere' } });
      });

      test(`${hasSession ? '' : 'M-COMP-01: '}completes an argument of a prompt`, async () => {
        const complete = (value) => client.complete({ ref: { type: 'ref/prompt', name: 'test_prompt_with_arguments' }, argument: { name: 'arg1', value } });
        assert.deepEqual((await complete('par')).completion.values, ['paris', 'park', 'party']);
        assert.deepEqual((await complete('part')).completion.values, ['party']);
        assert.deepEqual((await complete('x')).completion.values, []);
      });

      test(`${hasSession ? 'L-S2C-03, L-S2C-04' : 'M-MRTR-01'}: accepts, declines and dismisses a question`, async () => {
        for (const [action, content] of [['accept', { username: 'vermilion', email: 'vermilion' }], ['decline', {}], ['cancel', {}]]) {
          const asked = answerForms(action);
          const said = text(await call(client, 'test_elicitation', { message: 'Who are you?' }));
          const [, wasAction, wasContent] = /^User response: action=(\w+), content=(.*)$/.exec(said);
          assert.equal(wasAction, action);
          assert.deepEqual(JSON.parse(wasContent), content);
          assert.deepEqual(asked, ['Who are you?']);
        }
      });

      test('fills forms with every type of field', async () => {
        answerForms('accept');
        assert.match(text(await call(client, 'test_elicitation_sep1034_defaults')), /^User response: action=accept/);
      });

      test('answers two questions one after the other', async () => {
        const asked = answerForms('accept');
        assert.equal(text(await call(client, 'test_input_required_result_multi_round')), 'vermilion likes vermilion.');
        assert.deepEqual(asked, ['What is your name?', 'What is your favourite colour?']);
      });

      test('lets its model answer', async () => {
        const said = text(await call(client, 'test_sampling', { prompt: 'Say hello.' }));
        assert.match(said, /You said: Say hello\./);
      });

      test('answers its user, its model and its roots in one call', async () => {
        answerForms('accept');
        assert.equal(text(await call(client, 'test_input_required_result_multiple_inputs')), 'All three came, with 2 roots.');
      });

      test(`${hasSession ? 'L-PROG-01' : 'M-PROG-01'}: hears every step of a call before its result`, async () => {
        const seen = [];
        text(await call(client, 'test_tool_with_progress', {}, { onprogress: ({ progress, total }) => seen.push([progress, total]) }));
        assert.deepEqual(seen, [[0, 100], [50, 100], [100, 100]]);
      });

      if (hasSession) {
        test('L-LOG-01: hears logs from the level on that it set', async () => {
          await client.setLoggingLevel('warning');
          text(await call(client, 'test_tool_with_logging'));
          assert.deepEqual(logs.all, []);
          await client.setLoggingLevel('info');
          text(await call(client, 'test_tool_with_logging'));
          assert.deepEqual((await logs.take(3)).map(({ level, data }) => [level, data]), [
            ['info', 'Tool execution started'], ['info', 'Tool processing data'], ['info', 'Tool execution completed'],
          ]);
        });

        test('L-RSM-02, R4: comes back for the result of a call whose stream was let go', async () => {
          assert.equal(text(await call(client, 'test_reconnection')), 'The connection was let go, and this came after.');
        });

        test('L-LIST-01: hears once of each list that changed', async () => {
          text(await trigger('tool'));
          assert.deepEqual(await changes.take(), ['tools']);
          text(await trigger('prompt'));
          assert.deepEqual(await changes.take(), ['prompts']);
          assert.deepEqual(updates.all, []);
        });

        test('L-RES-01: hears once of a change of what it subscribed to, and nothing after unsubscribing', async () => {
          await client.subscribeResource({ uri: FIXTURE.watched });
          text(await trigger('resource'));
          assert.deepEqual(await updates.take(), [FIXTURE.watched]);
          await client.unsubscribeResource({ uri: FIXTURE.watched });
          text(await trigger('resource'));
          // What is told comes in order: an update would be here before this.
          text(await trigger('tool'));
          await changes.take();
          assert.deepEqual(updates.all, []);
        });
      } else {
        test('M-LOG-01: hears logs of the request that asks for them, from its level on', async () => {
          const logging = (level) => client.callTool({ name: 'test_tool_with_logging', arguments: {}, ...(level && { _meta: { 'io.modelcontextprotocol/logLevel': level } }) });
          text(await logging());
          text(await logging('warning'));
          assert.deepEqual(logs.all, []);
          text(await logging('info'));
          assert.deepEqual((await logs.take(3)).map(({ level, data }) => [level, data]), [
            ['info', 'Tool execution started'], ['info', 'Tool processing data'], ['info', 'Tool execution completed'],
          ]);
        });

        test('M-SUB-01, M-SUB-03: listens to what it names, and hears of nothing else', async () => {
          const filter = { resourceSubscriptions: [FIXTURE.watched], promptsListChanged: true };
          const subscription = await client.listen(filter);
          assert.deepEqual(subscription.honoredFilter, filter);
          text(await trigger('tool'));
          text(await trigger('resource'));
          text(await trigger('prompt'));
          assert.deepEqual(await updates.take(), [FIXTURE.watched]);
          assert.deepEqual(await changes.take(), ['prompts']);
          await subscription.close();
          assert.equal(await subscription.closed, 'local');
        });

        test('M-SUB-04: hears on each of two streams what that one asked for, and nothing after closing one', async () => {
          const [first, second] = [await client.listen({ resourceSubscriptions: [FIXTURE.watched] }), await client.listen({ toolsListChanged: true })];
          text(await trigger('resource'));
          text(await trigger('tool'));
          assert.deepEqual([await updates.take(), await changes.take()], [[FIXTURE.watched], ['tools']]);
          await first.close();
          text(await trigger('resource'));
          text(await trigger('tool'));
          assert.deepEqual(await changes.take(), ['tools']);
          assert.deepEqual(updates.all, []);
          await second.close();
        });
      }

      test('gives up a call that runs, and goes on', async () => {
        const giveUp = new AbortController();
        const onprogress = () => giveUp.abort('changed my mind');
        await assert.rejects(call(client, 'test_tool_with_progress', {}, { onprogress, signal: giveUp.signal }), /changed my mind/);
        assert.equal(text(await call(client, 'test_simple_text')), 'This is a simple text response for testing.');
        // A stateless client hangs up, and may say so, too.
        const isCancelling = ({ method, status }) => method === 'notifications/cancelled' && status === 202;
        if (hasSession) await exchanges.until((all) => all.some(isCancelling));
      });

      if (hasSession) {
        test('gives up the stream of the call that it gave up, after coming back for it twice at most', async () => {
          await faults.until((all) => all.some((words) => /Maximum reconnection attempts/.test(words)));
          const statuses = exchanges.all.filter(({ method }) => method === 'resume').map(({ status }) => status);
          assert.deepEqual(statuses.filter((status) => status !== 200), [410, 410]);
        });
      }

      test('was refused nothing else on the wire, also where the library would keep it to itself', () => {
        const refused = exchanges.all.filter(({ method, status }) => status >= 400 && !(method === 'resume' && status === 410));
        assert.deepEqual(refused, []);
      });

      if (hasSession) {
        test('R8: ends its session', async () => {
          await transport.terminateSession();
          assert.equal(transport.sessionId, undefined);
        });
      }
    });
  }
});
