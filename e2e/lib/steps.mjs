// Things that several journeys do.
import assert from "node:assert/strict";
import { Person, totp } from "./person.mjs";

export const password = "fenmarch sample 2026";
export const appSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

// typedCode reads the eight characters that a mail asks to type.
export function typedCode(letter) {
  const found = /\b([2-9BCDFGHJKMNPQRSTVWXYZ]{4}[ -]?[2-9BCDFGHJKMNPQRSTVWXYZ]{4})\b/.exec(letter);
  assert.ok(found, `no code in: ${letter}`);
  return found[1];
}

// addKey follows the mailed link and binds the key that the browser holds, as a security key or another kind.
export async function addKey(person, address, kind = "Security Key") {
  const letter = await person.mailTo(address, /Add an authenticator/);
  const link = /http:\/\/cis2\.localhost:\d+\/bind\/\S+/.exec(letter)[0];
  await person.goto(link);
  await person.sees("Add an authenticator", "cis2-bind-open");
  await person.choose(kind);
  await person.fill("Email address", address);
  await person.press("Send the code");
  await person.sees(/code/i, "cis2-bind-code");
  await person.sendsCode(typedCode(await person.mailTo(address, /[Cc]ode/)), "Continue");
  await person.sees("Register your authenticator", "cis2-bind-key");
  await person.press("Continue");
  await person.sees("Authenticator added", "cis2-bind-done");
  return link;
}

// addsFirst opens the link that operators make for the first person of a system, and goes on to the page of a kind.
export async function addsFirst(person, system, kind, address) {
  const { code, said } = await system.run("admin", "first-link", address, "--given-name", "Ada", "--family-name", "Example",
    "--organisation", "RXX", "--site", "cim", "--organisation-name", "EXAMPLE TRUST");
  assert.equal(code, 0, said);
  await person.goto(/http:\/\/\S+/.exec(said)[0]);
  await person.sees("Add an authenticator");
  await person.choose(kind);
  await person.fill("Email address", address);
  await person.press("Send the code");
  await person.sees(/code/i);
  await person.sendsCode(typedCode(await system.mailTo(address)), "Continue");
}

// choosesWay chooses how to log in: by the one button if the browser was used so last, else among all ways. It says
// whether it was by the button, by which a browser is asked for an authenticator at once.
export async function choosesWay(person, way) {
  await person.sees("How do you want to log in?");
  const last = person.page.getByRole("button", { name: `Log in with ${way}`, exact: true });
  if (await last.count()) {
    await last.click();
    return true;
  }
  const others = person.page.locator("details:not([open]) > summary", { hasText: "Another way to log in" });
  if (await others.count()) await others.click();
  await person.choose(way);
  await person.press("Continue");
  return false;
}

// signInWithKey proves the key that the browser holds on CIS2's pages.
export async function signInWithKey(person) {
  if (await choosesWay(person, "Security Key")) return;
  await person.sees("Use your security key");
  await person.press("Continue");
}

// authority are those of the sample world who work for its registration authority, which takes a login of level AAL3.
const authority = {
  "joseph.adeyemi@fenmarch.example": "Joseph Adeyemi",
  "chloe.evans@fenmarch.example": "Chloe Evans",
  "fatima.noor@fenmarch.example": "Fatima Noor",
  "ravi.menon@fenmarch.example": "Ravi Menon",
};

// signInWithSimulatedKey proves a simulated security key, of level AAL3, on the demo's page for that.
export async function signInWithSimulatedKey(person, name) {
  await choosesWay(person, "Simulated authenticator");
  await person.choose(`${name} - simulated Security Key`);
  await person.press("Log in as this persona");
}

// signInWithApp proves an authenticator app on CIS2's pages, once it is chosen or chosen already; those who work for the
// registration authority prove a simulated security key instead, unless it is to be the app.
export async function signInWithApp(person, address, { chosen = false, weak = false } = {}) {
  if (!chosen && !weak && authority[address]) {
    await signInWithSimulatedKey(person, authority[address]);
    return;
  }
  if (!chosen) await choosesWay(person, "Authenticator app");
  await person.page.getByLabel("Password", { exact: true }).first().waitFor();
  await person.look("cis2-app-password");
  await person.fill("Email address", address);
  await person.fill("Password", password);
  await person.press("Continue");
  await person.sees("Enter verification code");
  await person.sendsCode(await freshCode(address), "Submit");
}

const lastSteps = new Map(); // the step of 30 s whose code each address used last in this file

// freshCode is a code later than the one that the address used last, as each works once. The next one is taken
// too; for the one after it, a person waits.
export async function freshCode(address) {
  const now = () => Math.floor(Date.now() / 30_000);
  const step = Math.max(now(), (lastSteps.get(address) ?? 0) + 1);
  lastSteps.set(address, step);
  while (now() < step - 1) await new Promise((resolve) => setTimeout(resolve, 200));
  return totp(appSecret, step * 30_000);
}

// approved has somebody of the team, who looks at a client on trial, ask for its approval, and an operator give it.
export async function approved(signpost, member, name) {
  await member.press("Ask for approval");
  await member.reads("The operators were asked to approve it");
  const sam = await Person.arrive(signpost);
  await sam.goto(signpost.cim);
  await sam.press("Log in with my Care Identity");
  await signInWithApp(sam, "sam.doyle@fenmarch.example");
  await sam.sees("View your profile");
  await sam.goto(`${signpost.cim}/connections/approvals`);
  await sam.sees("Clients that wait for approval", "cim-connections-approvals");
  await sam.follow(name);
  await sam.sees(`Approve ${name}`, "cim-connections-approval");
  await sam.press("Approve");
  await sam.reads("Approved. Everybody can log in to the client");
  await sam.leave();
}

// registers has the supplier's team register a service in the browser and an operator approve it, and connects the
// service.
export async function registers(signpost, service, scopes = []) {
  const nadia = await Person.arrive(signpost);
  await nadia.goto(signpost.cim);
  await nadia.press("Log in with my Care Identity");
  await signInWithApp(nadia, "nadia.iqbal@rota.example");
  await nadia.follow("Connections");
  await nadia.follow("Fenmarch Rota Software");
  await nadia.press("Register a client");
  await nadia.fill("Name", service.name);
  await nadia.fill("Organisation that owns it", "Fenmarch Rota Software Ltd");
  await nadia.fill("Email address for questions", "connections@rota.example");
  await nadia.choose("ES256");
  await nadia.fill("Address of its public keys", `${service.address}/jwks.json`);
  await nadia.fill("Redirect URIs", `${service.address}/callback`);
  await nadia.fill("Addresses after logging out (optional)", `${service.address}/signed-out`);
  await nadia.fill("Back-channel logout address (optional)", `${service.address}/backchannel-logout`);
  for (const scope of scopes) await nadia.page.getByRole("checkbox", { name: scope, exact: true }).check();
  await nadia.press("Register");
  await nadia.reads("The client is registered, on trial", "On trial: only its team can log in");
  await approved(signpost, nadia, service.name);
  await service.connect(signpost.cis2, (await nadia.page.locator("h1 .nhsuk-caption-l").innerText()).trim());
  return nadia;
}
