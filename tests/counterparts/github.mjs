// A stand-in for GitHub's OAuth endpoints and its `/user`, as GitHub documents them, quirks included.
//
// GitHub Docs, "Authorizing OAuth apps" and "Get the authenticated user". Not a mock of our code: it knows
// nothing about it, and refuses what GitHub would refuse.

import { createHash, randomBytes } from 'node:crypto';
import { FAULTS, json, readForm, serve } from './loopback.mjs';

export const CLIENT_ID = 'Iv1.0123456789abcdef';
export const CLIENT_SECRET = 'github-secret-for-tests';

/** Starts the stand-in. `user` is who is signed in there; `refuses` and `faults` say what goes wrong, per endpoint. */
export async function startGitHub() {
  const github = {
    user: { id: 583231, login: 'octocat', name: 'monalisa octocat' },
    /** True: the person says no on GitHub's page. */
    refuses: false,
    /** Endpoint (`token`, `user`) -> name of a fault of `FAULTS`, or `bad code`. */
    faults: {},
    /** What was asked, for tests about what must not be sent. */
    seen: [],
  };
  const codes = new Map();
  const tokens = new Map();

  const authorize = (url, response) => {
    const redirect = new URL(url.searchParams.get('redirect_uri'));
    const state = url.searchParams.get('state');
    if (url.searchParams.get('client_id') !== CLIENT_ID) return response.writeHead(404).end();
    if (github.refuses) {
      redirect.searchParams.set('error', 'access_denied');
      redirect.searchParams.set('error_description', 'The user has denied your application access.');
      redirect.searchParams.set('error_uri', 'https://docs.github.com/apps/managing-oauth-apps/troubleshooting-authorization-request-errors/#access-denied');
    } else {
      const code = randomBytes(10).toString('hex');
      codes.set(code, { challenge: url.searchParams.get('code_challenge'), method: url.searchParams.get('code_challenge_method'), redirect: redirect.href, user: github.user });
      redirect.searchParams.set('code', code);
    }
    if (state !== null) redirect.searchParams.set('state', state);
    return response.writeHead(302, { location: redirect.href }).end();
  };

  const token = async (request, response) => {
    const form = await readForm(request);
    github.seen.push({ endpoint: 'token', form, headers: request.headers });
    // Every refusal is HTTP 200 with an error in the body.
    const refuse = (error, description) => answer(request, response, { error, error_description: description, error_uri: 'https://docs.github.com/' });
    if (form.get('client_id') !== CLIENT_ID || form.get('client_secret') !== CLIENT_SECRET) {
      return refuse('incorrect_client_credentials', 'The client_id and/or client_secret passed are incorrect.');
    }
    const grant = codes.get(form.get('code'));
    codes.delete(form.get('code'));
    const proven = grant?.method === 'S256' && grant.challenge === createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
    if (!grant || github.faults.token === 'bad code' || !proven) {
      return refuse('bad_verification_code', 'The code passed is incorrect or expired.');
    }
    if (form.has('redirect_uri') && form.get('redirect_uri') !== grant.redirect) {
      return refuse('redirect_uri_mismatch', 'The redirect_uri MUST match the registered callback URL for this application.');
    }
    const value = `gho_${randomBytes(18).toString('hex')}`;
    tokens.set(value, grant.user);
    // GitHub writes the type in lower case and separates scopes with commas.
    return answer(request, response, { access_token: value, token_type: 'bearer', scope: 'read:user,user:email' });
  };

  const user = (request, response) => {
    github.seen.push({ endpoint: 'user', headers: request.headers });
    // GitHub refuses API requests without a user agent.
    if (!request.headers['user-agent']) return response.writeHead(403, { 'content-type': 'text/plain' }).end('Request forbidden by administrative rules. Please make sure your request has a User-Agent header.');
    const found = tokens.get(/^(?:bearer|token) (.+)$/i.exec(request.headers.authorization ?? '')?.[1]);
    if (!found) return json(response, 401, { message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest', status: '401' });
    return json(response, 200, {
      login: found.login, id: found.id, node_id: 'MDQ6VXNlcjE=', type: 'User', site_admin: false, name: found.name, email: null, ...found.more,
    });
  };

  const server = await serve(async (request, response) => {
    const url = new URL(request.url, 'http://127.0.0.1');
    const endpoint = { '/login/oauth/authorize': 'authorize', '/login/oauth/access_token': 'token', '/user': 'user' }[url.pathname];
    const fault = FAULTS[github.faults[endpoint]];
    if (fault) return fault(response);
    if (endpoint === 'authorize' && request.method === 'GET') return authorize(url, response);
    if (endpoint === 'token' && request.method === 'POST') return token(request, response);
    if (endpoint === 'user' && request.method === 'GET') return user(request, response);
    return json(response, 404, { message: 'Not Found' });
  });
  /** Takes every token back, as when the person no longer wants the app. */
  const revokeAll = () => tokens.clear();
  return Object.assign(github, server, { revokeAll });
}

/** GitHub answers in form encoding unless the client asks for JSON. */
function answer(request, response, fields) {
  if (/application\/json/.test(request.headers.accept ?? '')) return json(response, 200, fields);
  return response.writeHead(200, { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }).end(new URLSearchParams(fields).toString());
}
