// A client that holds a key and shows it with each request (RFC 9449).

import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const hash = (text) => createHash('sha256').update(text).digest('base64url');

/** How each algorithm makes a key and signs with it. */
const KINDS = {
  ES256: { make: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }), digest: 'sha256', options: { dsaEncoding: 'ieee-p1363' } },
  EdDSA: { make: () => generateKeyPairSync('ed25519'), digest: null, options: {} },
  RS256: { make: () => generateKeyPairSync('rsa', { modulusLength: 2_048 }), digest: 'sha256', options: {} },
};

/** The members of which a thumbprint is made, in their order: RFC 7638 section 3.2. */
const REQUIRED = { EC: ['crv', 'kty', 'x', 'y'], OKP: ['crv', 'kty', 'x'], RSA: ['e', 'kty', 'n'] };

export class Key {
  constructor(alg = 'ES256') {
    const { make, ...how } = KINDS[alg];
    const { publicKey, privateKey } = make();
    Object.assign(this, { alg, privateKey, how, jwk: publicKey.export({ format: 'jwk' }), privateJwk: privateKey.export({ format: 'jwk' }) });
  }

  /** `jkt`: RFC 7638. */
  get thumbprint() {
    return hash(JSON.stringify(Object.fromEntries(REQUIRED[this.jwk.kty].map((name) => [name, this.jwk[name]]))));
  }

  /** A proof for one request; `claims` and `header` replace what a good one has, `undefined` leaves out. */
  proof(method, url, { token, claims = {}, header = {} } = {}) {
    const head = { typ: 'dpop+jwt', alg: this.alg, jwk: this.jwk, ...header };
    const body = { htm: method, htu: url, iat: Math.floor(Date.now() / 1_000), jti: randomBytes(16).toString('hex'), ...(token ? { ath: hash(token) } : {}), ...claims };
    const signed = `${encode(head)}.${encode(body)}`;
    const signature = sign(this.how.digest, Buffer.from(signed), { key: this.privateKey, ...this.how.options });
    return `${signed}.${signature.toString('base64url')}`;
  }

  /** The fields of a request with a bound token. */
  fields(method, url, token, changes = {}) {
    return { authorization: `DPoP ${token}`, dpop: this.proof(method, url, { token, ...changes }) };
  }
}
