// An OpenID provider that can lie: honest by default, or with one thing wrong in its ID token.
//
// A certified provider does none of this, which is why it cannot show whether we check.

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
  };
  const codes = new Map();
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
    const endpoint = { '/.well-known/openid-configuration': 'discovery', '/jwks': 'jwks', '/authorize': 'authorize', '/token': 'token' }[url.pathname];
    const fault = FAULTS[liar.faults[endpoint]];
    if (fault) return fault(response);
    if (endpoint === 'discovery') {
      return json(response, 200, {
        issuer: liar.faults.discovery === 'another issuer' ? 'http://127.0.0.1:9' : server.url,
        authorization_endpoint: `${server.url}/authorize`,
        token_endpoint: `${server.url}/token`,
        jwks_uri: `${server.url}/jwks`,
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
        codes.set(code, url.searchParams.get('nonce') ?? undefined);
        redirect.searchParams.set('code', code);
      }
      return response.writeHead(302, { location: redirect.href }).end();
    }
    if (endpoint === 'token') {
      const form = await readForm(request);
      const known = codes.has(form.get('code'));
      const nonce = codes.get(form.get('code'));
      codes.delete(form.get('code'));
      if (!known) return json(response, 400, { error: 'invalid_grant' });
      return json(response, 200, {
        access_token: randomBytes(16).toString('hex'), token_type: 'Bearer', expires_in: 300, id_token: idToken(nonce),
      });
    }
    return json(response, 404, {});
  });
  return Object.assign(liar, server);
}

function newKey() {
  return generateKeyPairSync('rsa', { modulusLength: 2_048 });
}
