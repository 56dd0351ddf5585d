// Enterprise-managed authorization: a provider vouches for its users to clients. Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { startDocuments } from '../counterparts/documents.mjs';
import { CLIENT_ID, startEnterprise } from '../counterparts/enterprise.mjs';
import { newKey, proof } from '../support/assertion.mjs';
import { Key } from '../support/dpop.mjs';
import { serve } from '../support/fixture.mjs';
import { exchange } from '../support/http.mjs';
import { logIn } from '../support/login.mjs';
import { modern, Session } from '../support/mcp.mjs';
import { claims, discover, newClient, refused, token } from '../support/oauth.mjs';

const limit = { timeout: 60_000 };
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

const [documents, enterprise, stranger] = await Promise.all([startDocuments(), startEnterprise(), startEnterprise()]);
after(() => Promise.all([documents, enterprise, stranger].map((server) => server.stop())));
const hash = (secret) => createHash('sha256').update(secret).digest('base64url');
const [secret, operator] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')];
const [{ base }, { base: without }] = await Promise.all([
  serve({
    vars: {
      CLIENTS: JSON.stringify([
        { id: 'desk', name: 'Desk', grant_types: [JWT_BEARER], secret_hash: hash(secret) },
        { id: 'ci', grant_types: ['client_credentials'], secret_hash: hash(secret) },
      ]),
      PROVIDERS: JSON.stringify([{ kind: 'dev' }, { kind: 'oidc', id: 'acme', issuer: enterprise.url, client_id: CLIENT_ID }]),
      ID_JAG_ISSUERS: enterprise.url,
      ADMIN_TOKEN: operator,
      LOOPBACK_CLIENT_DOCUMENTS: 'on',
      QUOTA_BURST: 100_000,
      QUOTA_PER_MINUTE: 100_000,
    },
  }),
  serve(),
]);

/** Shows an assertion; the raw answer. */
const show = (assertion, fields = { client_id: 'desk', client_secret: secret }) => token(base, { grant_type: JWT_BEARER, assertion, ...fields });

async function given(answer) {
  const body = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(body));
  assert.equal(body.refresh_token, undefined);
  return body;
}

describe('a user that a provider vouches for', limit, () => {
  test('AS-21: it is announced where a provider is trusted, and refused elsewhere', async () => {
    assert.ok((await discover(base)).server.grant_types_supported.includes(JWT_BEARER));
    assert.ok(!(await discover(without)).server.grant_types_supported.includes(JWT_BEARER));
    const answer = await token(without, { grant_type: JWT_BEARER, assertion: 'x', client_id: await newClient(without) });
    await refused(answer, 'unsupported_grant_type');
  });

  test('AS-21: has the account that a login at that provider leads to', async () => {
    const body = await given(await show(enterprise.vouch(base, 'desk')));
    const said = claims(body.access_token);
    assert.deepEqual([said.idp.issuer, said.idp.subject, said.client_id], [enterprise.url, enterprise.user, 'desk']);
    const person = await logIn(base, { provider: 'acme' });
    assert.equal(claims(person.token).sub, said.sub);
    const session = await Session.open(base, body.access_token);
    assert.match(await session.call('count'), /^\d+$/);
    assert.equal((await modern(base, person.token, 'tools/list')).status, 200, 'and pushes no grant of theirs out');
  });

  test('AS-21: a client of a document proves itself with its key', async () => {
    const key = newKey('one');
    const clientId = documents.publish({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key.jwk] } });
    await given(await show(enterprise.vouch(base, clientId), { client_id: clientId, ...proof(base, clientId, key) }));
    await refused(await show(enterprise.vouch(base, clientId), { client_id: clientId }), 'unauthorized_client');
    const forged = proof(base, clientId, newKey('one'));
    await refused(await show(enterprise.vouch(base, clientId), { client_id: clientId, ...forged }), 'invalid_client', 401);
  });

  test('AS-21: an assertion is good once, and an attempt that is refused does not use it up', async () => {
    const assertion = enterprise.vouch(base, 'desk');
    await refused(await show(assertion, { client_id: 'desk' }), 'invalid_client', 401);
    const answers = await Promise.all(Array.from({ length: 5 }, () => show(assertion)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400, 400, 400, 400]);
  });

  for (const [what, changes, word] of [
    ['for another client', { claims: { client_id: 'ci' } }, 'invalid_grant'],
    ['for another server', { claims: { aud: 'https://evil.example' } }, 'invalid_grant'],
    ['for several servers', { claims: { aud: [base, 'https://evil.example'] } }, 'invalid_grant'],
    ['for another resource', { claims: { resource: 'https://evil.example/mcp' } }, 'invalid_grant'],
    ['without a resource', { claims: { resource: undefined } }, 'invalid_grant'],
    ['that is over', { claims: { exp: 1 } }, 'invalid_grant'],
    ['that ends too late', { claims: { exp: Math.floor(Date.now() / 1_000) + 86_400 } }, 'invalid_grant'],
    ['without a name', { claims: { jti: undefined } }, 'invalid_grant'],
    ['of nobody', { claims: { sub: '' } }, 'invalid_grant'],
    ['that is an ID token', { header: { typ: 'JWT' } }, 'invalid_grant'],
    ['without a type', { header: { typ: undefined } }, 'invalid_grant'],
    ['with alg none', { header: { alg: 'none' } }, 'invalid_grant'],
    ['that is forged', { key: newKey('first') }, 'invalid_grant'],
    ['of another issuer in words', { claims: { iss: stranger.url } }, 'invalid_grant'],
    ['of a tenant', { claims: { tenant: 'one' } }, 'invalid_grant'],
    ['that is bound to a key', { claims: { cnf: { jkt: new Key().thumbprint } } }, 'invalid_grant'],
  ]) {
    test(`AS-21: an assertion ${what} is refused`, async () => {
      await refused(await show(enterprise.vouch(base, 'desk', changes)), word);
    });
  }

  test('AS-21: a provider that is not trusted is not even asked', async () => {
    await refused(await show(stranger.vouch(base, 'desk')), 'invalid_grant');
    assert.equal(stranger.keyReads, 0);
  });

  test('AS-21: other clients are refused', async () => {
    await refused(await show(enterprise.vouch(base, 'ci'), { client_id: 'ci', client_secret: secret }), 'unauthorized_client');
    const registered = await newClient(base);
    await refused(await show(enterprise.vouch(base, registered), { client_id: registered }), 'unauthorized_client');
  });

  test('AS-21: a user whom the operator has disabled is not let in this way either', async () => {
    const other = { claims: { sub: 'U-2' } };
    const { access_token: first } = await given(await show(enterprise.vouch(base, 'desk', other)));
    const account = `${base}/admin/accounts/${claims(first).sub}`;
    const told = (what) => exchange(`${account}/${what}`, { method: 'POST', headers: { authorization: `Bearer ${operator}` } });
    assert.equal((await told('disable')).status, 200);
    await refused(await show(enterprise.vouch(base, 'desk', other)), 'invalid_grant');
    assert.equal((await told('enable')).status, 200);
    await given(await show(enterprise.vouch(base, 'desk', other)));
  });

  test('AS-21: a key that the provider has taken anew is found', async () => {
    enterprise.key = newKey('second');
    await given(await show(enterprise.vouch(base, 'desk')));
  });
});
