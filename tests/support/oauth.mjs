// The OAuth side of an MCP client, request by request: discovery, registration, authorize, token.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { exchange } from './http.mjs';

/** Where the tests' clients ask to be sent back. Nobody listens there: the redirect is caught before. */
export const REDIRECT = 'http://127.0.0.1:33418/callback';

/** Both metadata documents, found the way a client finds them: from the 401 of the endpoint. */
export async function discover(base) {
  const refused = await exchange(`${base}/mcp`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
  const challenge = refused.header('www-authenticate') ?? '';
  refused.close();
  const found = /resource_metadata="([^"]+)"/.exec(challenge);
  if (refused.status !== 401 || !found) {
    throw new Error(`POST /mcp without a token: ${refused.status}, WWW-Authenticate: ${challenge || 'absent'}`);
  }
  const resource = await (await exchange(found[1])).json();
  const issuer = resource.authorization_servers[0];
  const server = await (await exchange(`${new URL(issuer).origin}/.well-known/oauth-authorization-server`)).json();
  return { resource, server };
}

/** Registers a public client (RFC 7591) and returns the raw answer. */
export function register(base, metadata = {}) {
  return exchange(`${base}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      client_name: 'Test client',
      redirect_uris: [REDIRECT],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      ...metadata,
    }),
  });
}

/** Registers and returns the client's id. */
export async function newClient(base, metadata) {
  const answer = await register(base, metadata);
  const body = await answer.json();
  if (answer.status !== 201 || typeof body.client_id !== 'string') {
    throw new Error(`POST /register: ${answer.status} ${JSON.stringify(body)}`);
  }
  return body.client_id;
}

/** A PKCE pair: RFC 7636 sections 4.1 and 4.2. */
export function pkce() {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** The authorization URL. A parameter set to `undefined` is left out. */
export function authorizeUrl(base, parameters) {
  const url = new URL(`${base}/authorize`);
  const all = { response_type: 'code', redirect_uri: REDIRECT, code_challenge_method: 'S256', resource: `${base}/mcp`, ...parameters };
  for (const [name, value] of Object.entries(all)) if (value !== undefined) url.searchParams.set(name, value);
  return url;
}

/** `POST` to one of the endpoints with these fields; the raw answer. */
export function post(base, path, fields, headers = {}) {
  const form = new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== undefined));
  return exchange(`${base}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json', ...headers },
    body: form.toString(),
  });
}

/** `POST /token` with these fields; the raw answer. */
export const token = (base, fields, headers) => post(base, '/token', fields, headers);

/** Gives a token up (RFC 7009); the raw answer. */
export const revoke = (base, { clientId, token: given, ...more }, headers) => post(base, '/revoke', { client_id: clientId, token: given, ...more }, headers);

/** Asks about a token as a resource server (RFC 7662); the raw answer. */
export function introspect(base, { id, secret }, fields) {
  return post(base, '/introspect', fields, { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` });
}

/** Redeems a code. */
export function redeem(base, { clientId, code, verifier, redirect = REDIRECT, ...more }, headers) {
  return token(base, {
    grant_type: 'authorization_code', client_id: clientId, code, code_verifier: verifier, redirect_uri: redirect, resource: `${base}/mcp`, ...more,
  }, headers);
}

/** Uses a refresh token. */
export function refresh(base, { clientId, refreshToken, ...more }) {
  return token(base, { grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken, resource: `${base}/mcp`, ...more });
}

/** A refusal with that error code; what it says. */
export async function refused(answer, word, status = 400) {
  const text = await answer.text();
  assert.equal(answer.status, status, text);
  const said = JSON.parse(text);
  assert.equal(said.error, word, text);
  return said;
}

/** A claim set of a JWT, unchecked: the tests only look at it or spoil it. */
export function claims(jwt) {
  return JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url').toString('utf8'));
}
