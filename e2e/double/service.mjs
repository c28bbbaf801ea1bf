// A small service that signs people in by CIS2, as a supplier might write it with openid-client.
import { createServer } from "node:http";
import * as oidc from "openid-client";
import { createRemoteJWKSet, jwtVerify } from "jose";

const id = "123456789012.apps.supplier";
const scope = "openid profile email nhsperson nationalrbacaccess selectedrole";
const event = "http://schemas.openid.net/event/backchannel-logout";

const page = (title, body) => `<!DOCTYPE html><html lang="en"><title>${title}</title><main><h1>${title}</h1>${body}</main></html>`;
const text = (value) => String(value ?? "none").replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

export class Service {
  pending = new Map(); // sign-ins under way, by state
  people = new Map(); // who is signed in, by sid
  told = []; // the answers that logout tokens got

  // point reads the provider's metadata, as at a start.
  async point(issuer, secret = "not a secret, only a double's") {
    this.config = await oidc.discovery(new URL(issuer), id, undefined, oidc.ClientSecretPost(secret), { execute: [oidc.allowInsecureRequests] });
    this.keys = createRemoteJWKSet(new URL(this.config.serverMetadata().jwks_uri));
  }

  async listen(port) {
    this.address = `http://localhost:${port}`;
    this.server = createServer((req, res) => this.answer(req, res).catch((e) => this.show(res, 502, "Sign-in failed", `<p>${text(e.code ?? e.message)}: ${text(e.error ?? e.cause?.message)}</p>`)));
    await new Promise((resolve) => this.server.listen(port, "127.0.0.1", resolve));
  }

  close() { this.server.closeAllConnections(); return new Promise((resolve) => this.server.close(resolve)); }

  show(res, status, title, body) {
    res.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end(page(title, body));
  }

  async answer(req, res) {
    const url = new URL(req.url, this.address);
    if (url.pathname === "/callback") return this.callback(url, res);
    if (url.pathname === "/backchannel-logout" && req.method === "POST") return this.loggedOut(req, res);
    if (url.pathname === "/sign-in") return res.writeHead(303, { location: (await this.begin(Object.fromEntries(url.searchParams))).href }).end();
    const sid = /sid=([^;]+)/.exec(req.headers.cookie ?? "")?.[1];
    const person = this.people.get(sid);
    if (!person) return this.show(res, 200, "Rota", '<p><a href="/sign-in">Log in with my Care Identity</a></p>');
    this.show(res, 200, `Rota of ${text(person.info.name)}`,
      `<p>Logged in at level ${text(person.claims.authentication_assurance_level)} with ${text(person.claims.amr)}.</p><p>Role ${text(person.role?.role_code)}. Email ${text(person.info.email)}.</p>`);
  }

  // begin makes an authorisation request, with parameters of the caller's.
  async begin(parameters = {}) {
    const verifier = oidc.randomPKCECodeVerifier();
    const state = oidc.randomState();
    const nonce = oidc.randomNonce();
    this.pending.set(state, { verifier, nonce });
    return oidc.buildAuthorizationUrl(this.config, {
      redirect_uri: `${this.address}/callback`, scope, state, nonce, acr_values: "AAL2_OR_AAL3_ANY",
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256", ...parameters,
    });
  }

  // finish exchanges the code that the browser brought, and checks what it got.
  async finish(url) {
    const state = url.searchParams.get("state");
    const { verifier, nonce } = this.pending.get(state) ?? {};
    this.pending.delete(state);
    const tokens = await oidc.authorizationCodeGrant(this.config, url, { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce });
    const claims = tokens.claims();
    const info = await oidc.fetchUserInfo(this.config, tokens.access_token, claims.sub);
    const role = info.nhsid_nrbac_roles?.find((r) => r.person_roleid === claims.selected_roleid);
    return { claims, info, role, tokens };
  }

  async callback(url, res) {
    const person = await this.finish(url);
    this.people.set(person.claims.sid, person);
    res.writeHead(303, { location: "/", "set-cookie": `sid=${person.claims.sid}; HttpOnly; Path=/` }).end();
  }

  // loggedOut takes a logout token: in the form, with the event, without a nonce, once.
  async loggedOut(req, res) {
    let body = "";
    for await (const part of req) body += part;
    try {
      const { issuer } = this.config.serverMetadata();
      const { payload } = await jwtVerify(new URLSearchParams(body).get("logout_token"), this.keys, { issuer, audience: id, typ: "logout+jwt", requiredClaims: ["iat", "jti", "exp"] });
      if (!payload.events?.[event] || payload.nonce || this.seen(payload.jti)) throw new Error("not a new logout token");
      this.people.delete(payload.sid);
      this.told.push(200);
      res.writeHead(200, { "cache-control": "no-store" }).end();
    } catch {
      this.told.push(400);
      res.writeHead(400).end();
    }
  }

  seen(jti) {
    this.jtis ??= new Set();
    const known = this.jtis.has(jti);
    this.jtis.add(jti);
    return known;
  }
}
