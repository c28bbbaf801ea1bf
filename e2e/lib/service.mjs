// A third service, beside the directory and Care Identity Management: what a supplier might write with
// openid-client to sign people in with their Care Identity. It proves itself with a key.
import dns from "node:dns";
import { createServer } from "node:http";
import { exportJWK, generateKeyPair, createRemoteJWKSet, jwtVerify } from "jose";
import * as oidc from "openid-client";
import { freePort } from "./signpost.mjs";

// Node does not take *.localhost for this machine, as browsers do.
const lookup = dns.lookup;
dns.lookup = (host, ...rest) => lookup(host.endsWith(".localhost") ? "localhost" : host, ...rest);

const realm = "/openam/oauth2/realms/root/realms/NHSIdentity/realms/Healthcare";
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout";

const text = (value) => String(value ?? "none").replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const page = (title, body) => `<!DOCTYPE html><html lang="en"><title>${title}</title><main><h1>${title}</h1>${body}</main></html>`;
// A page at the provider posts to the callback, from another site: only such a cookie comes with it.
const cookie = (name, value) => `${name}=${value}; Path=/; HttpOnly; Secure; SameSite=None`;

async function bodyOf(req) {
  let body = "";
  for await (const part of req) body += part;
  return body;
}

export class Service {
  asked = new Map(); // sign-ins under way, by state
  people = new Map(); // who is signed in, by the sid
  told = []; // the subjects of logout tokens that were right
  down = false; // answers 503 to logout tokens

  // open starts the service, which nobody knows yet.
  static async open(name) {
    const service = new Service();
    service.name = name;
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    service.key = { key: privateKey, kid: "one" };
    service.jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "one", alg: "ES256", use: "sig" }] };
    const port = await freePort();
    service.address = `http://localhost:${port}`;
    service.server = createServer((req, res) => service.answer(req, res).catch((e) => service.show(res, 502, "Sign-in failed", text(e.stack))));
    await new Promise((resolve) => service.server.listen(port, "127.0.0.1", resolve));
    return service;
  }

  close() { this.server.closeAllConnections(); return new Promise((resolve) => this.server.close(resolve)); }

  // connect points the service at a provider that knows it by an id.
  async connect(cis2, id) {
    this.id = id;
    this.config = await oidc.discovery(new URL(cis2 + realm), id, undefined, oidc.PrivateKeyJwt(this.key), { execute: [oidc.allowInsecureRequests] });
    this.keys = createRemoteJWKSet(new URL(this.config.serverMetadata().jwks_uri));
  }

  show(res, status, title, body) {
    res.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end(page(title, body));
  }

  async answer(req, res) {
    const url = new URL(req.url, this.address);
    const sent = Object.fromEntries((req.headers.cookie ?? "").split("; ").map((pair) => pair.split("=")));
    switch (`${req.method} ${url.pathname}`) {
      case "GET /jwks.json": return res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(this.jwks));
      case "GET /sign-in": return this.signIn(url, res);
      case "GET /callback": case "POST /callback": return this.callback(req, url, sent, res);
      case "GET /sign-out": return this.signOut(sent, res);
      case "GET /signed-out": return this.show(res, 200, `Logged out of ${this.name}`, text(url.searchParams.get("state")));
      case "POST /backchannel-logout": return this.loggedOut(req, res);
    }
    const person = this.people.get(sent.sid);
    if (!person) return this.show(res, 200, this.name, '<p>You are not logged in.</p><p><a href="/sign-in">Log in with my Care Identity</a></p>');
    this.show(res, 200, `${this.name} of ${text(person.info.name)}`, `<p>Logged in at level ${text(person.claims.authentication_assurance_level)} with ${text(person.claims.amr)}, acr ${text(person.claims.acr)}.</p>
      <p>Role ${text(person.role?.role_name)} at ${text(person.role?.org_code)}, id "${text(person.claims.selected_roleid)}".</p><p><a href="/sign-out">Log out</a></p>`);
  }

  // signIn asks with the parameters of its address, in place of the usual ones.
  async signIn(url, res) {
    const verifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    this.asked.set(state, { verifier, nonce });
    const to = oidc.buildAuthorizationUrl(this.config, {
      redirect_uri: `${this.address}/callback`, scope: "openid profile", state, nonce, acr_values: "AAL2_OR_AAL3_ANY",
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256", ...Object.fromEntries(url.searchParams),
    });
    res.writeHead(303, { location: to.href, "set-cookie": cookie("state", state) }).end();
  }

  async callback(req, url, sent, res) {
    if (req.method === "POST") url.search = await bodyOf(req);
    const ask = this.asked.get(sent.state);
    this.asked.delete(sent.state);
    if (url.searchParams.has("error")) {
      return this.show(res, 200, "Not logged in", `<p>${text(url.searchParams.get("error"))}: ${text(url.searchParams.get("error_description"))}</p>`);
    }
    const tokens = await oidc.authorizationCodeGrant(this.config, url, { pkceCodeVerifier: ask.verifier, expectedState: sent.state, expectedNonce: ask.nonce });
    const claims = tokens.claims();
    const info = await oidc.fetchUserInfo(this.config, tokens.access_token, claims.sub);
    const role = info.nhsid_nrbac_roles?.find((r) => r.person_roleid === claims.selected_roleid);
    this.people.set(claims.sid, { claims, info, role, token: tokens.id_token, by: req.method });
    res.writeHead(303, { location: "/", "set-cookie": cookie("sid", claims.sid) }).end();
  }

  signOut(sent, res) {
    const person = this.people.get(sent.sid);
    const to = oidc.buildEndSessionUrl(this.config, { post_logout_redirect_uri: `${this.address}/signed-out`, id_token_hint: person.token, state: "seen" });
    res.writeHead(303, { location: to.href }).end();
  }

  async loggedOut(req, res) {
    const form = new URLSearchParams(await bodyOf(req));
    if (this.down) return res.writeHead(503).end("restarting");
    const { issuer } = this.config.serverMetadata();
    const { payload } = await jwtVerify(form.get("logout_token"), this.keys, { issuer, audience: this.id, typ: "logout+jwt", requiredClaims: ["iat", "jti", "exp", "sid"] });
    if (!payload.events?.[logoutEvent] || payload.nonce) return res.writeHead(400).end();
    this.people.delete(payload.sid);
    this.told.push(payload.sub);
    res.writeHead(200, { "cache-control": "no-store" }).end();
  }
}
