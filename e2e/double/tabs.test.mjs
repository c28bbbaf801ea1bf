// Two tabs of one browser at CIS2, the first at the question for a role while somebody logs in anew in the second.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createServer } from "node:http";
import { freePort, startDouble } from "../lib/double.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";

const realm = "/openam/oauth2/realms/root/realms/NHSIdentity/realms/Healthcare";
const role = "Admin/Clinical Support Access Role";
let double, service, server;

before(async () => {
  const port = await freePort();
  service = `http://localhost:${port}`;
  server = createServer((req, res) => {
    res.writeHead(200, { "content-type": "text/html" }).end("<!DOCTYPE html><html lang=en><title>Arrived</title><h1>Arrived</h1></html>");
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  double = await startDouble(service);
});
after(async () => { await closeBrowser(); await double?.stop(); server?.closeAllConnections(); server?.close(); });

const authorize = (changes) => `${double.address}${realm}/authorize?` + new URLSearchParams({
  response_type: "code", client_id: "123456789012.apps.supplier", redirect_uri: `${service}/callback`, state: "s", nonce: "n", ...changes,
});

async function proves(person, name) {
  await person.choose("Simulated authenticator");
  await person.press("Continue");
  await person.choose(name);
  await person.press("Log in as this persona");
}

async function arrives(person) {
  await person.page.getByRole("heading", { name: "Arrived" }).waitFor({ timeout: 10_000 });
  return new URL(person.page.url()).searchParams;
}

// asked is a browser whose first tab asks Ada for a role, and whose second tab somebody logged in with after that.
async function asked(name) {
  const first = await Person.arrive(double);
  await first.goto(authorize({ scope: "openid nationalrbacaccess selectedrole" }));
  await proves(first, /Ada Example - simulated Security Key/);
  await first.page.getByLabel(role).first().waitFor();
  const second = await first.tab();
  await second.goto(authorize({ scope: "openid", prompt: "login" }));
  await proves(second, name);
  assert.ok((await arrives(second)).has("code"));
  return first;
}

test("the first tab goes on with the newer session of the same person", async () => {
  const ada = await asked(/Ada Example - simulated Security Key/);
  await ada.choose(role);
  await ada.press("Continue");
  const got = await arrives(ada);
  assert.deepEqual([got.get("state"), got.has("code")], ["s", true]);
  await ada.leave();
});

test("the first tab's page, read again, is there for the same person", async () => {
  const ada = await asked(/Ada Example - simulated Security Key/);
  await ada.page.reload();
  await ada.reads(role);
  await ada.leave();
});

test("another person neither sees nor chooses the first one's roles", async () => {
  const first = await asked(/Bo Sample/);
  const sent = first.page.url();
  await first.choose(role);
  await first.press("Continue");
  await first.sees("This login has already gone on", "cis2-another-in-the-other-tab");
  await first.reads("whoever began it is not logged in any more");
  assert.doesNotMatch(await first.text(), new RegExp(role));
  await first.goto(sent);
  assert.doesNotMatch(await first.text(), new RegExp(role));
  assert.ok(!first.page.url().startsWith(service), "no code was given");
  await first.leave();
});
