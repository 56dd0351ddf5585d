// What the official suite is asked for, and what has to come of it.
//
// The suite scores two revisions: requirements/<revision>.yaml in its package names what a server has to pass. What it
// runs without scoring (`unscored`) has to pass here all the same. The counts stand here, not in the package, so that a
// set that shrank, or a run that was empty, is seen.

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** The suite's package. */
const PACKAGE = dirname(fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/package.json')));
/** The suite's program. */
export const PROGRAM = join(PACKAGE, 'dist', 'index.js');

/** The checks that a scenario has to pass by name, where it passes by finding nothing to look at. */
const LIFECYCLE = ['server-session-delete-accepted', 'server-session-terminated-returns-404'];
const POLLING = ['server-sse-priming-event', 'server-sse-retry-field', 'server-sse-disconnect-resume'];

export const RUNS = [
  {
    name: '2025-11-25',
    options: ['--requirements', '2025-11-25'],
    scenarios: 33,
    scored: 30,
    unscored: ['server-session-lifecycle', 'server-sse-polling', 'json-schema-2020-12'],
    checks: { 'server-session-lifecycle': LIFECYCLE, 'server-sse-polling': POLLING },
  },
  {
    name: '2026-07-28',
    options: ['--requirements', '2026-07-28'],
    scenarios: 50,
    scored: 37,
    unscored: [
      'tasks-lifecycle',
      'tasks-capability-negotiation',
      'tasks-wire-fields',
      'tasks-request-state-removal',
      'tasks-mrtr-input',
      'tasks-request-headers',
      'tasks-dispatch-and-envelope',
      'tasks-status-notifications',
      'tasks-required-task-error',
      'tasks-mrtr-composition',
      'json-schema-2020-12',
      'http-header-validation',
      'http-custom-header-server-validation',
    ],
    checks: {},
  },
  // The two older revisions have no requirement set. `all` also takes in what the suite holds back as pending.
  {
    name: '2025-06-18',
    options: ['--suite', 'all', '--spec-version', '2025-06-18'],
    scenarios: 27,
    scored: 0,
    unscored: ['server-session-lifecycle', 'server-initialize', 'tools-list', 'tools-call-elicitation'],
    checks: { 'server-session-lifecycle': LIFECYCLE },
  },
  {
    name: '2025-03-26',
    options: ['--suite', 'all', '--spec-version', '2025-03-26'],
    scenarios: 1,
    scored: 0,
    unscored: ['server-session-lifecycle'],
    checks: { 'server-session-lifecycle': LIFECYCLE },
  },
];

/** The suite scores nothing of an authorization server; both of its scenarios apply to every revision. */
export const AUTHORIZATION_RUNS = ['2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'].map((revision) => ({
  name: `authorization-${revision}`,
  options: ['--spec-version', revision],
  scenarios: 2,
  scored: 0,
  unscored: ['authorization-server-metadata-endpoint', 'authorization-code-grant'],
  checks: { 'authorization-code-grant': ['authorization-code-grant'] },
}));

/** The checks that may be skipped, by their names, and why. */
export const MAY_SKIP = [
  { check: /^tasks-status-notifications$/, why: 'the suite skips it always: its scenario is not written yet' },
  { check: /^sep-2640-skills-/, why: 'only for servers that declare the skills extension, which we do not' },
];

/** What the suite writes down as information though nothing was tested, by check, and why that is right. */
export const MAY_BE_INFORMATION = [
  { check: /^(outgoing-request|incoming-response|incoming-sse-event|stream-closed)$/, why: 'a log of the wire' },
  { check: /^server-sse-streams-functional$/, why: 'a server may answer three lists with JSON and no stream' },
];

/** The names of the scenarios that the run's revision scores; none for a run without a requirement set. */
export async function scoredScenarios(run) {
  if (!run.options.includes('--requirements')) return [];
  return parse(await readFile(join(PACKAGE, 'requirements', `${run.name}.yaml`), 'utf8')).server;
}
