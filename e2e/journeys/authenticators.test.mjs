// Each authenticator that a browser reaches, by Chromium's virtual ones: made, used, and used again by somebody who
// comes back to the same browser, in as few actions as we promise.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { addKey } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

// Actions counts what a person does from the directory's front page until they are back. Virtual authenticators cannot
// wait for a touch, so what the server asks of them waits for it.
class Actions {
  constructor(person) { Object.assign(this, { person, done: [] }); }

  static async from(person) {
    const actions = new Actions(person);
    const touched = new Promise((resolve) => { actions.touched = resolve; });
    await person.page.route("**/options", async (route) => { await touched; await route.continue(); });
    await person.goto(signpost.dos);
    await actions.press("Log in with my Care Identity");
    await person.sees("How do you want to log in?");
    return actions;
  }

  async press(name) {
    this.done.push(name);
    await this.person.press(name);
  }

  // touch has the authenticator see its owner: a touch after a PIN, a finger or a face.
  async touch() {
    this.done.push("touch");
    this.touched();
    await this.person.page.waitForURL((url) => url.hostname.startsWith("dos."));
    await this.person.page.unroute("**/options");
  }
}

// forgetsSessions is a browser some days later: it knows how somebody logged in last, and nobody is logged in.
const forgetsSessions = (person) => person.context.clearCookies({ name: /^(?!.*device)/ });

test("a passkey comes up by itself, and its owner is in after two actions", async () => {
  const ada = await Person.arrive(signpost);
  const key = await ada.holdsKey({ transport: "internal" });
  await addKey(ada, "ada.okafor@fenmarch.example", "Passkey");
  const first = await Actions.from(ada);
  await ada.look("cis2-choose-passkey");
  await first.touch();
  assert.equal(first.done.length, 2, `on a new browser: ${first.done}`);

  await forgetsSessions(ada);
  const again = await Actions.from(ada);
  await ada.look("cis2-choose-passkey-again");
  assert.equal(await ada.page.evaluate(() => document.activeElement.name), "email", "passkeys come up where the focus is");
  await again.touch();
  assert.equal(again.done.length, 2, `coming back: ${again.done}`);

  await forgetsSessions(ada);
  const presence = async (enabled) => (await ada.devtools())
    .send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: key, enabled });
  await presence(false); // the browser waits for the passkey, and its owner wants the button
  await ada.page.addInitScript(() => {
    const get = navigator.credentials.get.bind(navigator.credentials);
    navigator.credentials.get = (options) => {
      setTimeout(() => { document.documentElement.dataset.waits = options.mediation; }, 200);
      return get(options);
    };
  });
  await ada.goto(signpost.dos);
  await ada.press("Log in with my Care Identity");
  await ada.page.locator("html[data-waits=conditional]").waitFor();
  await presence(true);
  await ada.press("Log in with Passkey");
  await ada.page.waitForURL((url) => url.hostname.startsWith("dos."));
  await ada.leave();
});
