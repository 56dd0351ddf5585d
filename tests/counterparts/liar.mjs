// An OpenID provider that can lie: honest by default, or with one thing wrong in its ID token.
//
// A certified provider does none of this, which is why it cannot show whether we check. To who asks for
// offline_access it gives refresh tokens, each good for one use.

import { createHmac, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { FAULTS, json, readForm, serve } from './loopback.mjs';

export const CLIENT_ID = 'sessile-at-acme';

/** What can be wrong with an ID token, each by the OpenID Connect Core section that forbids it. */
export const LIES = {
  'another issuer': { claims: { iss: 'http://127.0.0.1:9' } }, // 3.1.3.7 (2)
  'another audience': { claims: { aud: 'somebody-else' } }, // 3.1.3.7 (3)
  'no audience': { claims: { aud: undefined } },
  'another nonce': { claims: { nonce: 'replayed' } }, // 3.1.3.7 (11)
  'no nonce': { claims: { nonce: undefined } },
  'an expiry in the past': { claims: { exp: 1_000_000_000 } }, // 3.1.3.7 (9)
  'no expiry': { claims: { exp: undefined } },
  'no subject': { claims: { sub: undefined } },
  'an empty subject': { claims: { sub: '' } },
  'a signature of a key that is not published': { key: 'stranger' }, // 3.1.3.7 (6)
  'no signature (alg none)': { alg: 'none' },
  'an HMAC with the public key as secret': { alg: 'HS256' },
  'an HMAC with the client secret': { alg: 'HS256', hmac: 'secret' },
  'a token that is no token': { raw: 'not.a.token' },
  'no ID token': { raw: undefined, missing: true },
};

export async function startLiar({ secret }) {
  const keys = { first: newKey(), second: newKey(), stranger: newKey() };
  const liar = {
    subject: 'acme-7',
    name: 'Ann Acme',
    /** A value of `LIES`, or undefined for the truth. */
    lie: undefined,
    /** The key that signs now and is published. */
    current: 'first',
    refuses: false,
    /** How far its clock is ahead of ours, in seconds. */
    skew: 0,
    /** Endpoint (`discovery`, `jwks`, `token`) -> name of a fault of `FAULTS`. */
    faults: {},
    jwksReads: 0,
    /** How long access tokens live, in seconds: from a login, and from a refresh token. */
    expiresIn: 300,
    renewedFor: 300,
    /** Subjects whom it lets do nothing any more. */
    gone: new Set(),
    /** How often it was asked with a refresh token, and how often with one that was used before. */
    refreshes: 0,
    reuses: 0,
    /** Awaited before a refresh token is answered. */
    before: undefined,
    /** Every token that it gave. */
    given: [],
  };
  const codes = new Map();
  const access = new Map();
  const refresh = new Map();
  const spent = new Set();

  const give = (person, expiresIn, offline) => {
    const token = () => randomBytes(24).toString('base64url');
    const tokens = { access_token: token(), token_type: 'Bearer', expires_in: expiresIn };
    access.set(tokens.access_token, person);
    if (offline) {
      tokens.refresh_token = token();
      refresh.set(tokens.refresh_token, person);
    }
    liar.given.push(tokens.access_token, ...(offline ? [tokens.refresh_token] : []));
    return tokens;
  };

  const renew = async (form, request, response) => {
    liar.refreshes += 1;
    await liar.before;
    const value = form.get('refresh_token');
    const basic = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
    if (basic !== `${CLIENT_ID}:${secret}`) return json(response, 401, { error: 'invalid_client' });
    const person = refresh.get(value);
    refresh.delete(value);
    if (spent.has(value)) liar.reuses += 1;
    if (!person || liar.gone.has(person.subject)) return json(response, 400, { error: 'invalid_grant' });
    spent.add(value);
    return json(response, 200, give(person, liar.renewedFor, true));
  };

  const published = () => [{ ...keys[liar.current].publicKey.export({ format: 'jwk' }), kid: liar.current, use: 'sig', alg: 'RS256' }];

  const idToken = (nonce) => {
    const lie = liar.lie ?? {};
    if ('raw' in lie) return lie.raw;
    const now = Math.floor(Date.now() / 1_000) + liar.skew;
    const claims = { iss: server.url, sub: liar.subject, aud: CLIENT_ID, nonce, iat: now, exp: now + (liar.skew < 0 ? 30 : 300), name: liar.name, ...lie.claims };
    const alg = lie.alg ?? 'RS256';
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${encode({ alg, kid: liar.current, typ: 'JWT' })}.${encode(claims)}`;
    if (alg === 'none') return `${signed}.`;
    if (alg === 'HS256') {
      const key = lie.hmac === 'secret' ? secret : keys[liar.current].publicKey.export({ type: 'spki', format: 'pem' });
      return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
    }
    return `${signed}.${createSign('sha256').update(signed).sign(keys[lie.key ?? liar.current].privateKey, 'base64url')}`;
  };

  const server = await serve(async (request, response) => {
    const url = new URL(request.url, 'http://127.0.0.1');
    const endpoint = { '/.well-known/openid-configuration': 'discovery', '/jwks': 'jwks', '/authorize': 'authorize', '/token': 'token', '/userinfo': 'userinfo' }[url.pathname];
    const fault = FAULTS[liar.faults[endpoint]];
    if (fault) return fault(response);
    if (endpoint === 'discovery') {
      return json(response, 200, {
        issuer: liar.faults.discovery === 'another issuer' ? 'http://127.0.0.1:9' : server.url,
        authorization_endpoint: `${server.url}/authorize`,
        token_endpoint: `${server.url}/token`,
        jwks_uri: `${server.url}/jwks`,
        userinfo_endpoint: `${server.url}/userinfo`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        code_challenge_methods_supported: ['S256'],
      });
    }
    if (endpoint === 'jwks') {
      liar.jwksReads += 1;
      return json(response, 200, { keys: published() });
    }
    if (endpoint === 'authorize') {
      const redirect = new URL(url.searchParams.get('redirect_uri'));
      redirect.searchParams.set('state', url.searchParams.get('state'));
      if (liar.refuses) {
        redirect.searchParams.set('error', 'access_denied');
        redirect.searchParams.set('error_description', '<script>alert("no")</script>');
      } else {
        const code = randomBytes(10).toString('hex');
        const offline = /\boffline_access\b/.test(url.searchParams.get('scope')) && url.searchParams.get('prompt') === 'consent';
        codes.set(code, { nonce: url.searchParams.get('nonce') ?? undefined, offline, person: { subject: liar.subject, name: liar.name } });
        redirect.searchParams.set('code', code);
      }
      return response.writeHead(302, { location: redirect.href }).end();
    }
    if (endpoint === 'token') {
      const form = await readForm(request);
      if (form.get('grant_type') === 'refresh_token') return renew(form, request, response);
      const known = codes.get(form.get('code'));
      codes.delete(form.get('code'));
      if (!known) return json(response, 400, { error: 'invalid_grant' });
      return json(response, 200, { ...give(known.person, liar.expiresIn, known.offline), id_token: idToken(known.nonce) });
    }
    if (endpoint === 'userinfo') {
      const person = access.get((request.headers.authorization ?? '').replace(/^Bearer /, ''));
      if (!person || liar.gone.has(person.subject)) return json(response, 401, { error: 'invalid_token' });
      return json(response, 200, { sub: person.subject, name: person.name });
    }
    return json(response, 404, {});
  });
  return Object.assign(liar, server);
}

function newKey() {
  return generateKeyPairSync('rsa', { modulusLength: 2_048 });
}
