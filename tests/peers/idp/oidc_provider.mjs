// A certified OpenID Provider (npm oidc-provider) with the people of users.json. Started by start-oidc-provider.sh; settings come from
// the environment:
//   PORT, PEERS_USERS, PEERS_NODE
//   GATEWAY       the gateway's public URL; what is signed out comes back to GATEWAY/signed-out
//   CLIENTS       file: [{"id", "secret", "alg", "auth", "groups_in", "groups_as", "email_verified"}, ..]; each has the redirect URI
//                 GATEWAY/oidc/ID/callback and back-channel logout at GATEWAY/oidc/ID/backchannel-logout
// What a client is told differs by client, so that one process serves every dialect:
//   groups_in id_token|userinfo|both|none, groups_as array|string|objects, email_verified true|false|absent|string
// Not part of any standard: POST /_test/rotate adds a new signing key of every kind and signs with it from then on.
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';

const { default: Provider } = await import(createRequire(`${process.env.PEERS_NODE}/`).resolve('oidc-provider'));
const { PORT, GATEWAY } = process.env;
const issuer = `http://127.0.0.1:${PORT}`;
const people = JSON.parse(fs.readFileSync(process.env.PEERS_USERS)).users;
const clients = JSON.parse(fs.readFileSync(process.env.CLIENTS));
const find = (name) => people.find((person) => person.username === name || person.email.toLowerCase() === String(name).toLowerCase());

function newKeys() {
  const make = {
    RS256: () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }),
    PS256: () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ES256: () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    EdDSA: () => crypto.generateKeyPairSync('ed25519'),
  };
  const id = crypto.randomBytes(4).toString('hex');
  return Object.entries(make).map(([alg, pair]) => ({ ...pair().privateKey.export({ format: 'jwk' }), use: 'sig', alg, kid: `${alg}-${id}` }));
}

const shapes = { array: (groups) => groups, string: (groups) => groups[0], objects: (groups) => groups.map((name) => ({ id: `id-of-${name}`, name })) };

function told(person, client, use) {
  const claims = { sub: `sub-${person.username}`, name: `${person.given} ${person.family}`, email: person.email };
  const verified = client.email_verified ?? 'true';
  if (verified !== 'absent') claims.email_verified = verified === 'string' ? 'true' : verified === 'true';
  if ([use, 'both'].includes(client.groups_in ?? 'id_token')) claims.groups = shapes[client.groups_as ?? 'array'](person.groups);
  return claims;
}

let keys = newKeys();
const configuration = () => ({
  jwks: { keys },
  cookies: { keys: ['a key for tests'] },
  scopes: ['openid', 'profile', 'email'],
  claims: { openid: ['sub', 'groups'], email: ['email', 'email_verified'], profile: ['name'] },
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true }, backchannelLogout: { enabled: true } },
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'], clientAuthSigningAlgValues: ['ES256'] },
  pkce: { required: () => true, methods: ['S256'] },
  ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Interaction: 600, Session: 3600, Grant: 3600 },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  clients: clients.map((client) => ({
    client_id: client.id,
    ...(client.auth === 'private_key_jwt' ? { jwks_uri: `${GATEWAY}/oidc/jwks.json`, token_endpoint_auth_signing_alg: 'ES256' } : { client_secret: client.secret }),
    token_endpoint_auth_method: client.auth ?? 'client_secret_basic',
    id_token_signed_response_alg: client.alg ?? 'RS256',
    redirect_uris: [`${GATEWAY}/oidc/${client.id}/callback`],
    post_logout_redirect_uris: [`${GATEWAY}/signed-out`],
    backchannel_logout_uri: `${GATEWAY}/oidc/${client.id}/backchannel-logout`,
    backchannel_logout_session_required: true,
    response_types: ['code'],
    grant_types: ['authorization_code'],
  })),
  async findAccount(ctx, id) {
    const person = find(id.replace(/^sub-/, ''));
    const client = clients.find((known) => known.id === ctx.oidc.client?.clientId) ?? {};
    return person && { accountId: `sub-${person.username}`, claims: async (use) => told(person, client, use) };
  },
  async loadExistingGrant({ oidc }) {
    const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope('openid email profile');
    await grant.save();
    return grant;
  },
});

let provider;
let answer;
function start() {
  provider = new Provider(issuer, configuration());
  for (const event of ['server_error', 'authorization.error', 'grant.error']) provider.on(event, (_, error) => console.error(event, error.message, error.error_description));
  provider.on('backchannel.error', (_, error, client) => console.error('backchannel.error', client.clientId, error.message));
  provider.on('backchannel.success', (_, client) => console.error('backchannel.success', client.clientId));
  answer = provider.callback();
}

const body = async (request) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
};
const form = (uid, text = '') => `<!doctype html><html lang="en"><title>Sign in</title><p role="alert">${text}</p>
<form method="post" action="/interaction/${uid}"><input name="login"><input type="password" name="password"><button>Sign in</button></form>
<form method="post" action="/interaction/${uid}"><input type="hidden" name="cancel" value="1"><button>Cancel</button></form>`;

async function interact(uid, request, response) {
  const page = (status, html) => response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(html);
  if (request.method !== 'POST') return page(200, form(uid));
  const given = new URLSearchParams(await body(request));
  const finish = (result) => provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  if (given.get('cancel')) return finish({ error: 'access_denied', error_description: 'cancelled' });
  const person = find(given.get('login'));
  if (person?.password !== given.get('password')) return page(401, form(uid, 'Wrong user or password'));
  return finish({ login: { accountId: `sub-${person.username}`, amr: ['pwd'] } });
}

start();
http.createServer(async (request, response) => {
  try {
    const interaction = /^\/interaction\/([^/?]+)/.exec(request.url);
    if (interaction) return await interact(interaction[1], request, response);
    if (request.url === '/_test/rotate' && request.method === 'POST') {
      keys = [...newKeys(), ...keys];
      start();
      return response.end('rotated\n');
    }
    return answer(request, response);
  } catch (error) {
    console.error(error);
    return response.writeHead(500).end();
  }
}).listen(Number(PORT), '127.0.0.1', () => console.log(`oidc-provider on ${issuer}`));
