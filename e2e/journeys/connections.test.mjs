// A supplier looks after clients: registers one, copies its secret once, reads why it was refused, invites a
// colleague; and an operator sees it too.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

async function at(address) {
  const person = await Person.arrive(signpost);
  await person.goto(signpost.cim);
  await person.press("Log in with my Care Identity");
  await signInWithApp(person, address);
  await person.sees("View your profile");
  return person;
}

test("a supplier registers a client and looks after it", async () => {
  const nadia = await at("nadia.iqbal@rota.example");
  await nadia.follow("Connections");
  await nadia.sees("Connections", "cim-connections");
  await nadia.follow("Fenmarch Rota Software");
  await nadia.sees("Fenmarch Rota Software", "cim-connections-team");
  await nadia.press("Register a client");
  await nadia.sees("Register a client", "cim-connections-register");
  await nadia.press("Register");
  await nadia.sees("There is a problem", "cim-connections-register-problems");
  await nadia.reads("Enter a name for the client", "Enter at least one redirect URI", "Enter either the client's public keys or the address where they are");
  await nadia.fill("Name", "Fenmarch Leave");
  await nadia.fill("Organisation that owns it", "Fenmarch Rota Software Ltd");
  await nadia.fill("Email address for questions", "connections@rota.example");
  await nadia.choose("With a secret in the form");
  await nadia.fill("Redirect URIs", "http://localhost:3002/callback");
  await nadia.press("Register");
  await nadia.sees("Copy the secret now", "cim-connections-secret");
  const secret = await nadia.page.locator("#secret").innerText();
  assert.equal(secret.length, 43);
  await nadia.page.reload();
  await nadia.sees("Fenmarch Leave", "cim-connections-client");
  assert.ok(!(await nadia.text()).includes(secret), "the secret is shown once");

  await nadia.press("Change the settings");
  await nadia.sees(/^Change /, "cim-connections-change");
  await nadia.fill("What it is for (optional)", "Who is away");
  await nadia.press("Save");
  await nadia.reads("Settings saved. They take effect immediately.", "Who is away");
  await nadia.follow("History");
  await nadia.sees("History", "cim-connections-history");
  await nadia.reads("Settings changed", "What it is for: Nothing → Who is away");

  await nadia.goto(`${signpost.cim}/connections`);
  await nadia.page.getByRole("link", { name: "Fenmarch Rota", exact: true }).click();
  await nadia.sees("Fenmarch Rota", "cim-connections-client-key");
  await nadia.follow("Errors");
  await nadia.sees("Errors", "cim-connections-errors");
  await nadia.reads("token's aud: expected", "Some libraries drop :443.", "status 503");
  await nadia.follow("Logout notices");
  await nadia.sees("Logout notices", "cim-connections-notices");
  await nadia.press("Send a test notice");
  await nadia.reads("The test notice is being sent.", ", a test");
  await nadia.sees("Logout notices", "cim-connections-notices-test");
  await nadia.leave();
});

test("an operator sees the clients of every team", async () => {
  const sam = await at("sam.doyle@fenmarch.example");
  await sam.follow("Connections");
  await sam.sees("Operators of this service: all clients", "cim-connections-operator");
  await sam.follow("Fenmarch Handover");
  await sam.sees("Fenmarch Handover", "cim-connections-operator-client");
  assert.equal(await sam.page.getByRole("button", { name: "Change the settings" }).count(), 0);
  await sam.press("Suspend the client");
  await sam.reads("The client is suspended");
  await sam.press("Resume the client");
  await sam.reads("The client is active again.");
  await sam.leave();
});
