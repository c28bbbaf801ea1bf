// A service that stands behind a gateway: its callback redirects to another origin, and that one to a third. Browsers
// hold the form-action of the page with the form against each of them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createServer } from "node:http";
import { freePort, startDouble } from "../lib/double.mjs";
import { Person, closeBrowser, totp } from "../lib/person.mjs";

const realm = "/openam/oauth2/realms/root/realms/NHSIdentity/realms/Healthcare";
const servers = [];
let double, service;

// listen starts a server of its own origin and gives its address.
async function listen(answer) {
  const port = await freePort();
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  servers.push(server);
  return `http://localhost:${port}`;
}

before(async () => {
  const last = await listen((req, res) => {
    res.writeHead(200, { "content-type": "text/html" }).end(`<!DOCTYPE html><html lang="en"><title>Arrived</title><main><h1>Arrived</h1><p>${new URL(req.url, "http://x").search.replace(/[<&]/g, " ")}</p></main></html>`);
  });
  const gateway = await listen((req, res) => res.writeHead(303, { location: last + req.url }).end());
  service = await listen(async (req, res) => {
    let body = "";
    for await (const part of req) body += part;
    const { pathname, search } = new URL(req.url, "http://x");
    res.writeHead(303, { location: `${gateway}${pathname}?by=${req.method}&${body}${search.slice(1)}` }).end();
  });
  double = await startDouble(service);
});
after(async () => {
  await closeBrowser();
  await double?.stop();
  for (const server of servers) { server.closeAllConnections(); server.close(); }
});

const authorize = (changes) => `${double.address}${realm}/authorize?` + new URLSearchParams({
  response_type: "code", client_id: "123456789012.apps.supplier", redirect_uri: `${service}/callback`, scope: "openid profile nationalrbacaccess selectedrole",
  acr_values: "AAL2_OR_AAL3_ANY", state: "s", nonce: "n", ...changes,
});

// arrives waits for the page behind the gateway, and gives what came there.
async function arrives(person) {
  await person.page.getByRole("heading", { name: "Arrived" }).waitFor({ timeout: 10_000 });
  return new URL(person.page.url()).searchParams;
}

test("a code of an app, and a role", async () => {
  const ada = await Person.arrive(double);
  await ada.goto(authorize({}));
  await ada.choose("Authenticator app");
  await ada.press("Continue");
  await ada.fill("Email address", "ada@example.invalid");
  await ada.fill("Password", "fenmarch sample 2026");
  await ada.press("Continue");
  await ada.sendsCode(totp("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"), "Submit");
  await ada.choose("Admin/Clinical Support Access Role");
  await ada.press("Continue");
  const got = await arrives(ada);
  assert.deepEqual([got.get("by"), got.get("state"), got.has("code")], ["GET", "s", true]);
  await ada.leave();
});

test("a persona, without a script", async () => {
  const bo = await Person.arrive(double, { javaScript: false });
  await bo.goto(authorize({ acr_values: "AAL3_N3_SMARTCARD" }));
  await bo.choose(/Bo Sample/);
  await bo.press(/Log in/);
  assert.ok((await arrives(bo)).has("code"));
  await bo.leave();
});

test("cancelled", async () => {
  const ada = await Person.arrive(double);
  await ada.goto(authorize({}));
  await ada.press(/^Cancel/);
  assert.equal((await arrives(ada)).get("error"), "access_denied");
  await ada.leave();
});

test("an answer that is posted", async () => {
  const bo = await Person.arrive(double);
  await bo.goto(authorize({ acr_values: "AAL3_N3_SMARTCARD", response_mode: "form_post" }));
  await bo.choose(/Bo Sample/);
  await bo.press(/Log in/);
  const got = await arrives(bo);
  assert.deepEqual([got.get("by"), got.has("code")], ["POST", true]);
  await bo.leave();
});

// idToken lets Bo log in at the double in a browser of the script's own, and redeems the code.
async function idToken() {
  const { location } = await double.control("sign-in", { url: authorize({ scope: "openid" }), person: "bo" });
  return redeems(new URL(location).searchParams.get("code"));
}

async function redeems(code) {
  const res = await fetch(`${double.address}${realm}/access_token`, { method: "POST", body: new URLSearchParams({
    grant_type: "authorization_code", code, redirect_uri: `${service}/callback`, client_id: "123456789012.apps.supplier", client_secret: "not a secret, only a double's",
  }) });
  return (await res.json()).id_token;
}

const logout = (hint) => `${double.address}${realm}/connect/endSession?` + new URLSearchParams({
  id_token_hint: hint, post_logout_redirect_uri: `${service}/signed-out`, state: "out",
});

// isIn is a browser in which Bo is logged in, and the code that the service was given.
async function isIn() {
  const bo = await Person.arrive(double);
  await bo.goto(authorize({ acr_values: "AAL3_N3_SMARTCARD", scope: "openid" }));
  await bo.choose(/Bo Sample/);
  await bo.press(/Log in/);
  return { bo, code: (await arrives(bo)).get("code") };
}

// isOut sees that the browser came back behind the gateway, and that nobody is logged in any more.
async function isOut(bo) {
  assert.equal((await arrives(bo)).get("state"), "out");
  await bo.goto(authorize({ prompt: "none", scope: "openid" }));
  assert.equal((await arrives(bo)).get("error"), "login_required");
  await bo.leave();
}

test("a logout that asks", async () => {
  const { bo } = await isIn();
  await bo.goto(logout(await idToken()));
  await bo.press("Log out");
  await isOut(bo);
});

test("a logout without a question", async () => {
  const { bo, code } = await isIn();
  await bo.goto(logout(await redeems(code)));
  await isOut(bo);
});
