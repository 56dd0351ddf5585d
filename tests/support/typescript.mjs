// The official TypeScript clients, each in every era it speaks, behind one set of verbs.

import { Client as Client2, StreamableHTTPClientTransport as Transport2 } from '@modelcontextprotocol/client';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import * as messages1 from '@modelcontextprotocol/sdk/types.js';
import { MODERN } from './mcp.mjs';

const INFO = { name: 'sessile-tests', version: '1' };

/** Longest wait for something that the server tells, in milliseconds. */
const HEAR_MS = 10_000;

/** Version 1 names a message by its schema, version 2 by its method. */
const SCHEMAS_1 = {
  'elicitation/create': messages1.ElicitRequestSchema,
  'sampling/createMessage': messages1.CreateMessageRequestSchema,
  'roots/list': messages1.ListRootsRequestSchema,
  'notifications/message': messages1.LoggingMessageNotificationSchema,
  'notifications/resources/updated': messages1.ResourceUpdatedNotificationSchema,
  'notifications/tools/list_changed': messages1.ToolListChangedNotificationSchema,
  'notifications/prompts/list_changed': messages1.PromptListChangedNotificationSchema,
};

/** Every client, with what it takes to make it, to log it in, to call, and to answer and hear with it. */
export const CLIENTS = [
  {
    name: '@modelcontextprotocol/sdk 1',
    Transport: Transport1,
    make: (capabilities) => new Client1(INFO, { capabilities }),
    answer: (client, method, respond) => client.setRequestHandler(SCHEMAS_1[method], respond),
    hear: (client, method, listener) => client.setNotificationHandler(SCHEMAS_1[method], listener),
    // Version 1 takes a result schema as second argument; version 2 does not.
    call: (client, name, args = {}, options = {}) => client.callTool({ name, arguments: args }, undefined, options),
    finish: (transport, redirect) => transport.finishAuth(redirect.searchParams.get('code')),
    hasSession: true,
    noResource: -32002,
  },
  ...['legacy', 'auto', { pin: MODERN }].map((mode) => ({
    name: `@modelcontextprotocol/client 2, ${mode.pin ?? mode}`,
    Transport: Transport2,
    make: (capabilities) => new Client2(INFO, { capabilities, versionNegotiation: { mode } }),
    answer: (client, method, respond) => client.setRequestHandler(method, respond),
    hear: (client, method, listener) => client.setNotificationHandler(method, listener),
    call: (client, name, args = {}, options = {}) => client.callTool({ name, arguments: args }, options),
    finish: (transport, redirect) => transport.finishAuth(redirect.searchParams),
    hasSession: mode === 'legacy',
    // It shows a session's -32002 as the code of later revisions.
    noResource: -32602,
  })),
];

/** What was told, in order, and a way to wait for it. */
export class Heard {
  all = [];
  #waiting = new Set();

  push(one) {
    this.all.push(one);
    for (const look of this.#waiting) look();
  }

  /** Waits until there are as many, and forgets all that there are. */
  async take(count = 1) {
    await this.until((all) => all.length >= count);
    return this.all.splice(0);
  }

  until(enough) {
    return new Promise((resolve, reject) => {
      const done = (finish) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        finish();
      };
      const timer = setTimeout(() => done(() => reject(new Error(`not enough was heard after ${HEAR_MS} ms: ${JSON.stringify(this.all)}`))), HEAR_MS);
      const look = () => enough(this.all) && done(resolve);
      this.#waiting.add(look);
      look();
    });
  }
}

/** A `fetch` that remembers each exchange: HTTP method, MCP method or "response" or "resume", status. */
export function watchedFetch() {
  const exchanges = new Heard();
  const watched = async (url, init = {}) => {
    const answer = await fetch(url, init);
    const body = typeof init.body === 'string' ? JSON.parse(init.body) : undefined;
    const resumes = new Headers(init.headers).has('last-event-id');
    const method = resumes ? 'resume' : (body?.method ?? (body && 'response'));
    exchanges.push({ verb: init.method ?? 'GET', method, status: answer.status });
    return answer;
  };
  return { exchanges, fetch: watched };
}
