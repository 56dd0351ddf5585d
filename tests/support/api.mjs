// Requests to the API under /api/v1, by each kind of caller.

import assert from 'node:assert/strict';
import { exchange } from './http.mjs';

/** What a request with a body sends. */
const sent = (body) => (body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

/** An answer, read. */
async function read(answer) {
  const text = await answer.text();
  return { status: answer.status, header: (name) => answer.header(name), text, json: text === '' ? undefined : JSON.parse(text) };
}

/** Asks with whatever fields are given; a `body` becomes JSON. */
export async function ask(base, method, path, { body, headers = {} } = {}) {
  const { headers: more = {}, ...rest } = sent(body);
  return read(await exchange(`${base}/api/v1${path}`, { method, headers: { ...more, ...headers }, ...rest }));
}

/** A caller with an API key. */
export const withKey = (base, key) => (method, path, options = {}) =>
  ask(base, method, path, { ...options, headers: { 'x-api-key': key, ...options.headers } });

/** A caller with an access token, or with a key sent like one. */
export const withToken = (base, token) => (method, path, options = {}) =>
  ask(base, method, path, { ...options, headers: { authorization: `Bearer ${token}`, ...options.headers } });

/** A page of ours in a browser that is logged in, without the token that it should send. */
export const inBrowser = (base, browser) => async (method, path, { body, headers = {} } = {}) => {
  const { headers: more = {}, ...rest } = sent(body);
  const page = await browser.open(`${base}/api/v1${path}`, {
    method, ...rest, headers: { accept: 'application/json', 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', ...more, ...headers },
  });
  return { status: page.status, header: (name) => page.answer.header(name), text: page.html, json: page.html === '' ? undefined : JSON.parse(page.html) };
};

/** The same, with the token. */
export async function loggedIn(base, browser) {
  const plain = inBrowser(base, browser);
  const { csrf_token: token } = done(await plain('GET', '/me')).json;
  return (method, path, options = {}) => plain(method, path, { ...options, headers: { 'x-csrf-token': token, origin: base, ...options.headers } });
}

/** It was done. */
export function done(answer, status = 200) {
  assert.equal(answer.status, status, answer.text);
  return answer;
}

/** It was refused, as RFC 9457 says. */
export function refused(answer, status, code) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.header('content-type'), 'application/problem+json');
  const { type, title, detail, ...rest } = answer.json;
  assert.deepEqual(rest, { status, code });
  assert.equal(type, `/api/v1/problems/${code}`);
  assert.ok(title && detail, answer.text);
  return answer;
}
