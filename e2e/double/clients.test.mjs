// Clients that others wrote, at their defaults, against the double: the code flow with each client authentication, the
// person's claims, and logging out.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createServer } from "node:http";
import * as jose from "jose";
import * as six from "openid-client";
import * as five from "openid-client-5";
import { browser, lastOf } from "../lib/browser.mjs";
import { freePort, startDouble } from "../lib/double.mjs";

const secret = "not a secret, only a double's: ü+%";
const scope = "openid profile email nhsperson nationalrbacaccess selectedrole";
const ids = { client_secret_post: "100000000021.apps.supplier", client_secret_basic: "100000000022.apps.supplier", private_key_jwt: "100000000023.apps.supplier" };
let double, service, server, key, jwk;
const told = []; // the logout tokens that were delivered

before(async () => {
  const port = await freePort();
  service = `http://localhost:${port}`;
  server = createServer(async (req, res) => {
    let body = "";
    for await (const part of req) body += part;
    told.push(new URLSearchParams(body).get("logout_token"));
    res.writeHead(200).end();
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  const pair = await jose.generateKeyPair("RS256", { extractable: true });
  key = { ...await jose.exportJWK(pair.privateKey), kid: "clients", alg: "RS256" };
  jwk = pair.privateKey;
  const jwks = JSON.stringify({ keys: [{ ...await jose.exportJWK(pair.publicKey), kid: "clients", alg: "RS256", use: "sig" }] });
  double = await startDouble(service, Object.entries(ids).map(([method, id]) => `
[[clients]]
client_id = "${id}"
client_name = "Rota by ${method}"
token_endpoint_auth_method = "${method}"
${method === "private_key_jwt" ? `token_endpoint_auth_signing_alg = "RS256"\njwks = '${jwks}'` : `client_secret = "${secret}"`}
redirect_uris = ["${service}/callback"]
post_logout_redirect_uris = ["${service}/signed-out"]
backchannel_logout_uri = "${service}/backchannel-logout"
scope = ${JSON.stringify(scope.split(" "))}
`).join(""));
});
after(async () => { await double?.stop(); server?.closeAllConnections(); server?.close(); });

// signIn lets Ada sign in for an authorisation request, and gives the address that the browser comes back to.
async function signIn(url) {
  const { location } = await double.control("sign-in", { url, person: "ada", role: "R8000" });
  return location;
}

// isAda checks what a client made of an ID token and of userinfo.
function isAda(claims, info, id) {
  assert.deepEqual([claims.sub, claims.aud, claims.authentication_assurance_level], ["500000000017", id, "3"]);
  assert.deepEqual([info.sub, info.email, info.initials], ["500000000017", "ada@example.invalid", "M"]);
  assert.equal(info.nhsid_nrbac_roles.find((r) => r.person_roleid === claims.selected_roleid).role_code, "S8000:G8000:R8000");
}

// logsOut opens a client's log out address and sees that the browser comes back to the service.
async function logsOut(url) {
  assert.equal(await lastOf(browser(), url), `${service}/signed-out`);
}

// isTold ends Ada's sessions and waits for a logout token for a client.
async function isTold(id, sid) {
  told.length = 0;
  await double.control("sessions/end", { person: "ada" });
  const mine = () => told.map((text) => jose.decodeJwt(text)).find((c) => c.aud === id && c.sid === sid);
  for (let tries = 0; tries < 200 && !mine(); tries++) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(mine(), "no logout token came");
}

for (const [method, id] of Object.entries(ids)) {
  test(`openid-client 6 with ${method}`, async () => {
    const by = { client_secret_post: () => six.ClientSecretPost(secret), client_secret_basic: () => six.ClientSecretBasic(secret), private_key_jwt: () => six.PrivateKeyJwt({ key: jwk, kid: "clients" }) }[method]();
    const config = await six.discovery(new URL(double.issuer), id, undefined, by, { execute: [six.allowInsecureRequests] });
    const pkceCodeVerifier = six.randomPKCECodeVerifier();
    const expectedState = six.randomState();
    const url = six.buildAuthorizationUrl(config, {
      redirect_uri: `${service}/callback`, scope, state: expectedState, code_challenge_method: "S256",
      code_challenge: await six.calculatePKCECodeChallenge(pkceCodeVerifier),
    });
    const tokens = await six.authorizationCodeGrant(config, new URL(await signIn(url.href)), { pkceCodeVerifier, expectedState });
    const claims = tokens.claims();
    isAda(claims, await six.fetchUserInfo(config, tokens.access_token, claims.sub), id);
    assert.equal((await six.tokenIntrospection(config, tokens.access_token)).active, true);
    await logsOut(six.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: `${service}/signed-out` }));
    await isTold(id, claims.sid);
    await six.tokenRevocation(config, tokens.access_token);
    assert.equal((await six.tokenIntrospection(config, tokens.access_token)).active, false);
  });

  test(`openid-client 5 with ${method}`, async () => {
    const issuer = await five.Issuer.discover(double.issuer);
    const client = new issuer.Client({ client_id: id, token_endpoint_auth_method: method, redirect_uris: [`${service}/callback`], ...(method === "private_key_jwt" ? {} : { client_secret: secret }) }, { keys: [key] });
    // Its assertions are for the issuer and the token endpoint in one list, unless its option names one.
    const one = method === "private_key_jwt" ? { clientAssertionPayload: { aud: issuer.metadata.token_endpoint } } : {};
    const code_verifier = five.generators.codeVerifier();
    const state = five.generators.state();
    const url = client.authorizationUrl({ scope, state, code_challenge: five.generators.codeChallenge(code_verifier), code_challenge_method: "S256" });
    const tokens = await client.callback(`${service}/callback`, client.callbackParams(await signIn(url)), { state, code_verifier }, one);
    isAda(tokens.claims(), await client.userinfo(tokens), id);
    assert.equal((await client.introspect(tokens.access_token, undefined, one)).active, true);
    await logsOut(client.endSessionUrl({ id_token_hint: tokens, post_logout_redirect_uri: `${service}/signed-out` }));
    await isTold(id, tokens.claims().sid);
    await client.revoke(tokens.access_token, undefined, one);
    assert.equal((await client.introspect(tokens.access_token, undefined, one)).active, false);
  });
}

test("openid-client 5 with private_key_jwt at its defaults is refused, as its assertion is for two", async () => {
  const issuer = await five.Issuer.discover(double.issuer);
  const client = new issuer.Client({ client_id: ids.private_key_jwt, token_endpoint_auth_method: "private_key_jwt", redirect_uris: [`${service}/callback`] }, { keys: [key] });
  const url = client.authorizationUrl({ scope });
  await assert.rejects(client.callback(`${service}/callback`, client.callbackParams(await signIn(url))), { error: "invalid_client" });
});
