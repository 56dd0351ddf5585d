// A key of a client or of a provider, and the JWTs it signs (RFC 7523).

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A key, with its public part as in a key set. */
export function newKey(kid) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' } };
}

/** A JWT that is good for a minute and has a name of its own; `undefined` leaves a claim or a header member out. */
export function signed(key, claims, header = {}) {
  const now = Math.floor(Date.now() / 1_000);
  const body = { jti: randomBytes(16).toString('hex'), iat: now, exp: now + 60, ...claims };
  const text = `${encode({ alg: 'ES256', kid: key.kid, typ: 'JWT', ...header })}.${encode(body)}`;
  return `${text}.${sign('sha256', Buffer.from(text), { key: key.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** The fields by which a client proves itself, with other claims or header members than a good one has. */
export function proof(base, clientId, key, { claims = {}, header = {} } = {}) {
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: signed(key, { iss: clientId, sub: clientId, aud: base, ...claims }, header),
  };
}
