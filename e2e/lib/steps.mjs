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

// addKey follows the mailed link and binds the key that the browser holds.
export async function addKey(person, address) {
  const letter = await person.mailTo(address, /Add an authenticator/);
  const link = /http:\/\/cis2\.localhost:\d+\/bind\/\S+/.exec(letter)[0];
  await person.goto(link);
  await person.sees("Add an authenticator", "cis2-bind-open");
  await person.choose("Security Key");
  await person.fill("Email address", address);
  await person.press("Send the code");
  await person.sees(/code/i, "cis2-bind-code");
  await person.page.locator("input[name=code]").fill(typedCode(await person.mailTo(address, /[Cc]ode/)));
  await person.press("Continue");
  await person.sees("Register your authenticator", "cis2-bind-key");
  await person.press("Continue");
  await person.sees("Authenticator added", "cis2-bind-done");
  return link;
}

// signInWithApp proves an authenticator app on CIS2's pages.
export async function signInWithApp(person, address, used = new Set()) {
  await person.sees("How do you want to sign in?");
  await person.choose("Authenticator app");
  await person.press("Continue");
  await person.look("cis2-app-password");
  await person.fill("Email address", address);
  await person.fill("Password", password);
  await person.press("Continue");
  await person.sees("Enter verification code");
  await person.page.locator("input[name=code]").fill(freshCode(used));
  await person.press("Submit");
}

// freshCode is a code that this journey has not used: a code works once, and the neighbouring ones are
// taken too.
function freshCode(used) {
  for (const shift of [0, 30_000, -30_000]) {
    const code = totp(appSecret, Date.now() + shift);
    if (!used.has(code)) {
      used.add(code);
      return code;
    }
  }
  throw new Error("every code of this minute was used");
}

// signInAs proves a persona with one of their simulated authenticators, on CIS2's pages.
export async function signInAs(person, name, kind = "Security Key") {
  await person.choose("Simulated authenticator (demonstration only)");
  await person.press("Continue");
  await person.choose(`${name} - simulated ${kind}`);
  await person.press("Sign in as this persona");
}

// registers has the supplier's team register a service in the browser, and connects the service.
export async function registers(signpost, service, scopes = []) {
  const nadia = await Person.arrive(signpost);
  await nadia.goto(signpost.cim);
  await nadia.press("Log in with my Care Identity");
  await signInAs(nadia, "Nadia Iqbal");
  await nadia.follow("Connections");
  await nadia.follow("Fenmarch Rota Software");
  await nadia.press("Register a client");
  await nadia.fill("Name", service.name);
  await nadia.fill("Organisation that owns it", "Fenmarch Rota Software Ltd");
  await nadia.fill("Email address for questions", "connections@rota.example");
  await nadia.choose("ES256");
  await nadia.fill("Address of its public keys", `${service.address}/jwks.json`);
  await nadia.fill("Redirect URIs", `${service.address}/callback`);
  await nadia.fill("Addresses after signing out (optional)", `${service.address}/signed-out`);
  await nadia.fill("Back-channel logout address (optional)", `${service.address}/backchannel-logout`);
  for (const scope of scopes) await nadia.page.getByRole("checkbox", { name: scope, exact: true }).check();
  await nadia.press("Register");
  await nadia.reads("The client is registered, and works now.");
  await service.connect(signpost.cis2, (await nadia.page.locator("h1 .nhsuk-caption-l").innerText()).trim());
  return nadia;
}
