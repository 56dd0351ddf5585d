// An enterprise's provider: people log in there without being asked, and it vouches for them to apps (ID-JAG).

import { randomBytes } from 'node:crypto';
import { newKey, signed } from '../support/assertion.mjs';
import { json, readForm, serve } from './loopback.mjs';

/** Our client id there. */
export const CLIENT_ID = 'sessile-at-the-enterprise';

export async function startEnterprise() {
  const codes = new Map();
  const enterprise = { key: newKey('first'), keyReads: 0, user: 'U-1' };
  const server = await serve(async (request, response) => {
    const { url } = server;
    const asked = new URL(request.url, url);
    switch (asked.pathname) {
      case '/.well-known/openid-configuration':
        return json(response, 200, {
          issuer: url, authorization_endpoint: `${url}/authorize`, token_endpoint: `${url}/token`, jwks_uri: `${url}/keys`,
          response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['ES256'],
        });
      case '/keys':
        enterprise.keyReads += 1;
        return json(response, 200, { keys: [enterprise.key.jwk] });
      case '/authorize': {
        const code = randomBytes(8).toString('hex');
        codes.set(code, { nonce: asked.searchParams.get('nonce'), sub: enterprise.user });
        const back = new URL(asked.searchParams.get('redirect_uri'));
        back.search = new URLSearchParams({ code, state: asked.searchParams.get('state') }).toString();
        response.writeHead(302, { location: back.href });
        return response.end();
      }
      case '/token': {
        const said = codes.get((await readForm(request)).get('code'));
        const token = signed(enterprise.key, { iss: url, aud: CLIENT_ID, ...said });
        return json(response, 200, { access_token: 'there', token_type: 'Bearer', id_token: token });
      }
      default:
        return json(response, 404, {});
    }
  });
  return Object.assign(enterprise, {
    ...server,
    /** An assertion that names a user to a client of `base`; claims and header members replace what a good one has. */
    vouch(base, clientId, { claims = {}, header = {}, key = enterprise.key } = {}) {
      const good = { iss: server.url, sub: enterprise.user, aud: base, resource: `${base}/mcp`, client_id: clientId, scope: 'mcp' };
      return signed(key, { ...good, ...claims }, { typ: 'oauth-id-jag+jwt', ...header });
    },
  });
}
