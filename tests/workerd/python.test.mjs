// The official Python client and fastmcp's: a program of its own, see clients/python/. It says what it saw; here it is judged.
// Each visits two servers in each era: the product's own, with a token, and one that has every feature.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { FIXTURE, fixtureServer } from '../support/conformance_fixture.mjs';
import { logIn } from '../support/login.mjs';
import { LATEST_WITH_SESSIONS, MODERN } from '../support/mcp.mjs';
import { sharedServer } from '../support/server.mjs';

const PROGRAM = join(dirname(dirname(fileURLToPath(import.meta.url))), 'clients', 'python', 'main.py');
/** Longest for one visit, in milliseconds; on an idle machine it takes five seconds. */
const VISIT_MS = 120_000;
/** Visits at a time: each is busy for half of its time. */
const VISITS = 3;

/** What a client is told of the era, and how it comes to it. */
const ERAS = [
  { era: 'legacy', hasSession: true, first: 'initialize' },
  { era: 'auto', hasSession: false, first: 'server/discover' },
  { era: MODERN, hasSession: false, first: 'tools/list' },
];

/** Each client in each era. They visit together, so that none may count on being alone. */
const VISITORS = ['mcp', 'fastmcp'].flatMap((client) => ERAS.map((era) => ({ client, ...era })));
/** HTTP+SSE: the first request is the GET of the stream. */
const OLD_VISITOR = { client: 'mcp-sse', era: 'legacy', hasSession: true, first: null };

/** Lets the program do all its steps and returns what each saw. */
async function visit(place, url, client, era, token, signal) {
  const python = process.env.SESSILE_PYTHON;
  if (!python) throw new Error('set SESSILE_PYTHON to a Python that has the packages of clients/python/requirements.txt');
  const child = spawn(python, [PROGRAM, `${url}${client === OLD_VISITOR.client ? '/sse' : '/mcp'}`, client, era, place, ...(token ? [token] : [])], {
    // Nothing is left behind in the sources.
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let said = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (part) => (said += part));
  child.stderr.setEncoding('utf8').on('data', (part) => (complaints += part));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  assert.equal(code, 0, `${said}\n${complaints}`);
  const findings = said.trim().split('\n').map((line) => JSON.parse(line));
  return (step) => {
    const finding = findings.find((candidate) => candidate.step === step);
    assert.ok(finding && !finding.error, `${step}: ${finding?.error ?? 'not done'}\n${complaints}`);
    return finding.saw;
  };
}

/** How often something was sent; it was answered with this status each time. */
function timesSent(saw, method, what, status) {
  const answers = saw('wire').filter(([how, named]) => how === method && named === what);
  for (const [, , answered] of answers) assert.equal(answered, status, `${method} ${what}`);
  return answers.length;
}

/** Nothing was refused, but for what may be. */
function refusedNothing(saw, mayBe = () => false) {
  const refused = saw('wire').filter(([, what, status]) => status >= 400 && !mayBe(what, status));
  assert.deepEqual(refused, []);
}

describe('with a token', { concurrency: VISITS }, () => {
  let server;
  let token;

  before(async () => {
    server = await sharedServer();
    ({ token } = await logIn(server.url));
  }, { timeout: 300_000 });

  after(() => server?.stop());

  for (const { client, era, hasSession, first } of [...VISITORS, OLD_VISITOR]) {
    const isHttpSse = client === OLD_VISITOR.client;
    describe(`Python ${client}, ${era}`, { timeout: VISIT_MS }, () => {
      let saw;
      const sent = (...exchange) => timesSent(saw, ...exchange);

      before(async (t) => {
        saw = await visit('demo', server.url, client, era, token, t.signal);
      }, { timeout: VISIT_MS });

      test('is connected in the era it asked for', () => {
        assert.equal(saw('revision'), hasSession ? LATEST_WITH_SESSIONS : MODERN);
        assert.equal(saw('wire')[0][1], first);
        assert.equal(sent('POST', 'initialize', isHttpSse ? 202 : 200), hasSession ? 1 : 0);
      });

      test('lists the tools', () => {
        for (const wanted of ['echo', 'count', 'count_start', 'progress', 'ask', 'whoami']) assert.ok(saw('tools').includes(wanted), wanted);
      });

      test('calls echo', () => {
        assert.equal(saw('echo'), 'from Python');
      });

      test(hasSession ? 'counts in its session' : 'is told as a tool error that it has no session to count in', () => {
        const counted = saw('count_in_session');
        if (hasSession) assert.deepEqual(counted, [[false, '1'], [false, '2']]);
        else for (const [isError, words] of counted) assert.ok(isError && words.includes('count_start'), words);
      });

      test('counts with a handle', () => {
        assert.deepEqual(saw('count_by_handle'), ['1', '2']);
      });

      test(`${hasSession ? 'L-PROG-01' : 'M-PROG-01'}: hears every step of a call in order, before its result`, () => {
        const { heard, result } = saw('progress');
        assert.deepEqual(heard, [1, 2, 3, 4, 5].map((step) => [step, 5, `Step ${step} of 5`]));
        assert.equal(result, 'Took 5 steps.');
      });

      test('answers a question', () => {
        assert.deepEqual(saw('accept'), { asked: 'Which colour?', result: 'vermilion' });
      });

      test('declines a question', () => {
        assert.deepEqual(saw('decline'), { asked: 'Which shape?', result: 'The user declined to answer.' });
      });

      test(hasSession ? 'N5: its answers to questions are accepted' : 'answers questions by calling again, not with a response', () => {
        assert.equal(sent('POST', 'response', 202), hasSession ? 2 : 0);
      });

      test('gives up a call that runs and goes on', () => {
        const { outcome, echo } = saw('cancel');
        assert.equal(outcome, 'CancelledError');
        assert.equal(echo, 'still here');
        // A stateless client cancels by hanging up.
        assert.equal(sent('POST', 'notifications/cancelled', 202), hasSession ? 1 : 0);
      });

      test(`${hasSession ? 'L-TOOL-01' : 'M-TOOL-01'}: is told that a tool does not exist, and goes on`, () => {
        assert.deepEqual(saw('unknown_tool'), { answered: -32602, echo: 'still here' });
      });

      test('is refused nothing on the wire, also where the library would keep it to itself', () => {
        // It comes back for the stream of the call that it gave up, and is told to stop.
        refusedNothing(saw, (what, status) => what === 'resume' && status === 410);
      });

      test('gives up the stream of the call that it gave up, after coming back for it twice at most', () => {
        assert.ok(saw('stays_away') <= (hasSession && !isHttpSse ? 2 : 0), `${saw('stays_away')} times`);
        assert.equal(sent('GET', 'resume', 410), saw('stays_away'), 'it did not come back later');
      });

      if (isHttpSse) {
        test('S24-01, S24-03: has one stream, and everything it sends is accepted', () => {
          assert.equal(sent('GET', null, 200), 1);
          for (const [method, what, status] of saw('wire')) if (method === 'POST') assert.equal(status, 202, what);
        });
      } else if (hasSession) {
        test('R3, R8: opens a stream of its session and ends the session', () => {
          assert.ok(sent('GET', null, 200) >= 1);
          assert.equal(sent('DELETE', null, 204), 1);
        });
      }
    });
  }
});

describe('with every feature', { concurrency: VISITS }, () => {
  let server;

  before(async () => {
    server = await fixtureServer();
  }, { timeout: 300_000 });

  after(() => server?.stop());

  for (const { client, era, hasSession } of VISITORS) {
    describe(`Python ${client}, ${era}`, { timeout: VISIT_MS }, () => {
      let saw;

      before(async (t) => {
        saw = await visit('fixture', server.url, client, era, undefined, t.signal);
      }, { timeout: VISIT_MS });

      if (era !== MODERN) {
        test(`${hasSession ? 'L-INIT-03' : 'M-DISC-01'}: is told of every feature`, () => {
          const told = saw('capabilities');
          for (const feature of ['tools', 'prompts', 'resources', 'completions', 'logging']) assert.ok(told[feature], feature);
          assert.deepEqual(told.resources, { subscribe: true, listChanged: true });
        });
      }

      test('lists tools, prompts, resources and templates', () => {
        const { tools, prompts, resources, templates } = saw('lists');
        for (const wanted of ['test_simple_text', 'test_x_mcp_header', 'json_schema_2020_12_tool']) assert.ok(tools.includes(wanted), wanted);
        assert.deepEqual([prompts.sort(), resources.sort(), templates], [FIXTURE.prompts, FIXTURE.resources, FIXTURE.templates]);
      });

      test('gets every kind of content, and failures as results', () => {
        assert.deepEqual(saw('contents'), [['text'], ['image'], ['audio'], ['resource'], ['text', 'image', 'resource']]);
        assert.deepEqual(saw('failure'), [true, 'This tool intentionally returns an error for testing']);
      });

      test(`${hasSession ? '' : 'M-PAR-01: '}sends an argument that its schema wants in a header, too, beyond ASCII as well`, () => {
        assert.deepEqual(saw('header_argument'), ['Region: eu-west', 'Region:  Zürich ']);
      });

      test('gets prompts with their arguments, and answers what one asks', () => {
        assert.equal(saw('prompt'), "Prompt with arguments: arg1='one', arg2='two'");
        assert.equal(saw('prompt_with_resource'), 'test://here');
        assert.deepEqual(saw('prompt_that_asks'), { asked: 'What is it about?', text: 'Use this context: vermilion' });
      });

      test(`${hasSession ? '' : 'M-PRM-01: '}is refused a prompt without its arguments`, () => {
        assert.equal(saw('prompt_without_arguments'), -32602);
      });

      test('reads a text, a picture and what a template makes', () => {
        const [text, picture, made] = saw('resources');
        assert.deepEqual([text, picture, JSON.parse(made).id], ['This is the content of the static text resource.', 'image/png', '42']);
      });

      test(`${hasSession ? 'L-RES-02' : 'M-RES-01'}: is told that a resource does not exist`, () => {
        assert.equal(saw('no_resource'), hasSession ? -32002 : -32602);
      });

      test(`${hasSession ? '' : 'M-COMP-01: '}completes an argument of a prompt`, () => {
        assert.deepEqual(saw('completion'), [['paris', 'park', 'party'], ['party'], []]);
      });

      test(`${hasSession ? 'L-S2C-03, L-S2C-04' : 'M-MRTR-01'}: accepts, declines and dismisses a question`, () => {
        assert.deepEqual(saw('questions'), [
          ['Who are you?', 'User response: action=accept, content={"email":"vermilion","username":"vermilion"}'],
          ['Who are you?', 'User response: action=decline, content={}'],
          ['Who are you?', 'User response: action=cancel, content={}'],
        ]);
      });

      test('fills forms with every type of field and of choice', () => {
        const filled = saw('forms').map((words) => JSON.parse(words.split('content=')[1]));
        assert.deepEqual(filled, [
          { name: 'vermilion', age: 1, score: 1.5, status: 'active', verified: true },
          { untitledSingle: 'option1', titledSingle: 'value1', legacyEnum: 'opt1', untitledMulti: ['option1'], titledMulti: ['value1'] },
        ]);
      });

      test('answers two questions one after the other', () => {
        assert.deepEqual(saw('rounds'), { asked: ['What is your name?', 'What is your favourite colour?'], result: 'vermilion likes vermilion.' });
      });

      test('lets its model answer, and all that can be asked in one call', () => {
        assert.match(saw('sampling'), /You said: Say hello\./);
        assert.equal(saw('three_questions'), 'All three came, with 2 roots.');
      });

      test(`${hasSession ? 'L-PROG-01' : 'M-PROG-01'}: hears every step of a call in order, before its result`, () => {
        const { heard, result } = saw('progress');
        assert.deepEqual(heard, [0, 50, 100].map((done) => [done, 100, `${done} of 100`]));
        assert.equal(result, 'Tool with progress executed successfully');
      });

      test(`${hasSession ? 'L-LOG-01' : 'M-LOG-01'}: hears logs from the level on that it asked for`, () => {
        const logs = ['Tool execution started', 'Tool processing data', 'Tool execution completed'].map((data) => ['info', data]);
        assert.deepEqual(saw('logs'), [[], logs]);
      });

      test('gets the result of a call whose connection is let go', () => {
        assert.equal(saw('let_go'), 'The connection was let go, and this came after.');
        const cameBack = timesSent(saw, 'GET', 'resume', 200);
        assert.equal(cameBack > 0, hasSession);
      });

      if (hasSession) {
        test('L-RES-01, L-LIST-01: hears of what it subscribed to, and of the list of tools', () => {
          assert.deepEqual(saw('changes'), [FIXTURE.watched, 'tools']);
        });
      } else if (client === 'mcp') {
        test('M-SUB-01: listens to a resource and to the list of tools', () => {
          const { honored, seen } = saw('changes');
          assert.deepEqual(honored, { toolsListChanged: true, resourceSubscriptions: [FIXTURE.watched] });
          assert.deepEqual(seen, [`ResourceUpdated(uri='${FIXTURE.watched}')`, 'ToolsListChanged()']);
        });
      }

      test('gives up a call that runs, and goes on', () => {
        assert.deepEqual(saw('cancel'), { outcome: 'CancelledError', after: 'This is a simple text response for testing.' });
      });

      test('is refused nothing on the wire, also where the library would keep it to itself', () => {
        // Wrong arguments are refused in HTTP 200; a session that is left is not waited for.
        refusedNothing(saw, (what, status) => what === 'resume' && status === 410);
      });
    });
  }
});
