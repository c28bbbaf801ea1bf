// Each authenticator that a browser reaches, by Chromium's virtual ones: made, used, and used again by somebody who
// comes back to the same browser, in as few actions as we promise.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { serve } from "../lib/served.mjs";
import { addKey, addsFirst, choosesWay, freshCode, password, signInWithApp, signInWithKey } from "../lib/steps.mjs";

const started = [];
after(async () => {
  await closeBrowser();
  await Promise.all(started.map((signpost) => signpost.stop()));
});

// starts is a world of its own, as the link of its first person works once.
async function starts() {
  const signpost = await start();
  started.push(signpost);
  return signpost;
}

// Actions counts what a person does from the directory's front page until they are back. Virtual authenticators cannot
// wait for a touch, so what the server asks of them waits for it.
class Actions {
  constructor(person) { Object.assign(this, { person, done: [] }); }

  static async from(person) {
    const actions = new Actions(person);
    const touched = new Promise((resolve) => { actions.touched = resolve; });
    await person.page.route("**/options", async (route) => { await touched; await route.continue(); });
    await person.goto(person.signpost.dos);
    actions.begun = Date.now();
    await actions.press("Log in with my Care Identity");
    await person.sees("How do you want to log in?");
    return actions;
  }

  async press(name) {
    this.done.push(name);
    await this.person.press(name);
  }

  // types fills a field in, and does what sends it.
  async types(field, send) {
    this.done.push("type");
    await field();
    await send?.();
  }

  // touch has the authenticator see its owner: a touch after a PIN, a finger or a face.
  async touch() {
    this.done.push("touch");
    this.touched();
    await this.end();
  }

  // end waits until the person is back at the directory.
  async end() {
    await this.person.page.waitForURL((url) => url.hostname.startsWith("dos."));
    this.seconds = (Date.now() - this.begun) / 1000;
    await this.person.page.unroute("**/options");
  }
}

// forgetsSessions is a browser some days later: it knows how somebody logged in last, and the address that they wanted
// kept, and nobody is logged in.
const forgetsSessions = (person) => person.context.clearCookies({ name: /^(?!.*(device|app-email))/ });

test("a security key: whoever comes back is in after three actions", async (t) => {
  const ada = await Person.arrive(await starts());
  await ada.holdsKey();
  await addKey(ada, "ada.okafor@fenmarch.example");
  await ada.goto(ada.signpost.dos);
  await ada.press("Log in with my Care Identity");
  await signInWithKey(ada);
  await ada.reads("Care Identity knows you as Ada Okafor");
  await forgetsSessions(ada);
  const again = await Actions.from(ada);
  await again.press("Log in with Security Key");
  await again.touch();
  assert.equal(again.done.length, 3, `coming back: ${again.done}`);
  t.diagnostic(`${again.done.length} actions, ${again.seconds} s`);
  await ada.leave();
});

// What the device itself holds comes up by itself, and its owner is in after two actions.
for (const [way, key] of [["Windows Hello", { transport: "internal" }], ["Passkey", { transport: "internal", synced: true }]]) {
  test(`${way} comes up by itself`, async (t) => {
    const ada = await Person.arrive(await starts());
    await ada.holdsKey(key);
    await addKey(ada, "ada.okafor@fenmarch.example", way);
    const first = await Actions.from(ada);
    await first.touch();
    assert.equal(first.done.length, 2, `on a new browser: ${first.done}`);
    await ada.reads("Care Identity knows you as Ada Okafor");
    await forgetsSessions(ada);
    const again = await Actions.from(ada);
    await ada.look(`cis2-choose-again-${way.toLowerCase().replace(" ", "-")}`);
    const focused = await ada.page.evaluate(() => document.activeElement.name);
    assert.equal(focused === "email", way === "Passkey", "the focus is where passkeys come up, for whoever uses them");
    await again.touch();
    assert.equal(again.done.length, 2, `coming back: ${again.done}`);
    t.diagnostic(`${again.done.length} actions, ${again.seconds} s`);
    await ada.leave();
  });
}

test("an iPad that no management attests is added with a lower level, which says why, and comes up by itself", async (t) => {
  const system = await serve();
  t.after(() => system.stop());
  await system.start();
  const ada = await Person.arrive(system);
  await ada.holdsKey({ transport: "internal" });
  await addsFirst(ada, system, "iPad", "ada.example@example.nhs.uk");
  await ada.sees("Register your authenticator");
  await ada.press("Continue");
  await ada.sees("Authenticator added", "cis2-ipad-added");
  await ada.reads("Its level is AAL2, as nothing that we can check proves that your organisation manages the device.");
  await ada.goto(system.cim);
  await ada.press("Log in with my Care Identity");
  await ada.sees("View your profile");
  await ada.reads("iPad");
  await ada.leave();
});

test("a passkey that waits to be chosen gives way to the button", async () => {
  const ada = await Person.arrive(await starts());
  const key = await ada.holdsKey({ transport: "internal" });
  await addKey(ada, "ada.okafor@fenmarch.example", "Passkey");
  const presence = async (enabled) => (await ada.devtools())
    .send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: key, enabled });
  await ada.goto(ada.signpost.dos);
  await ada.press("Log in with my Care Identity");
  await ada.reads("Care Identity knows you as Ada Okafor");
  await forgetsSessions(ada);
  await presence(false); // the browser waits for the passkey, and its owner wants the button
  await ada.page.addInitScript(() => {
    const get = navigator.credentials.get.bind(navigator.credentials);
    navigator.credentials.get = (options) => {
      setTimeout(() => { document.documentElement.dataset.waits = options.mediation; }, 200);
      return get(options);
    };
  });
  await ada.goto(ada.signpost.dos);
  await ada.press("Log in with my Care Identity");
  await ada.page.locator("html[data-waits=conditional]").waitFor();
  await presence(true);
  await ada.press("Log in with Passkey");
  await ada.reads("Care Identity knows you as Ada Okafor");
  await ada.leave();
});

test("an authenticator app: whoever comes back to their own device is in after four actions", async (t) => {
  const zoe = await Person.arrive(started.at(-1));
  const address = "zoe.field@fenmarch.example";
  await zoe.goto(zoe.signpost.dos);
  await zoe.press("Log in with my Care Identity");
  await choosesWay(zoe, "Authenticator app");
  await zoe.choose(/Remember my email address/);
  await signInWithApp(zoe, address, { chosen: true });
  await zoe.page.waitForURL(`${zoe.signpost.dos}/**`);
  await forgetsSessions(zoe);
  const again = await Actions.from(zoe);
  await again.press("Log in with Authenticator app");
  await zoe.page.getByLabel("Password", { exact: true }).first().waitFor();
  assert.equal(await zoe.page.getByLabel("Email address", { exact: true }).inputValue(), address, "it is remembered");
  await again.types(() => zoe.fill("Password", password), () => zoe.page.keyboard.press("Enter"));
  await zoe.sees("Enter verification code");
  const code = await freshCode(address);
  await again.types(() => zoe.sendsCode(code, "Submit"));
  await again.end();
  assert.equal(again.done.length, 4, `coming back: ${again.done}`);
  t.diagnostic(`${again.done.length} actions, ${again.seconds} s`);
  await zoe.leave();
});

test("a code is sent once it is there whole, and only once", async () => {
  const zoe = await Person.arrive(started.at(-1));
  await zoe.goto(zoe.signpost.dos);
  await zoe.press("Log in with my Care Identity");
  await choosesWay(zoe, "Authenticator app");
  await zoe.fill("Email address", "zoe.field@fenmarch.example");
  await zoe.fill("Password", password);
  await zoe.press("Continue");
  await zoe.sees("Enter verification code", "signin-code-sent");
  await zoe.reads("The code is sent once you have typed all of it.");
  await zoe.page.waitForLoadState();
  let posts = 0;
  zoe.page.on("request", (r) => { if (r.method() === "POST") posts++; });
  const field = zoe.page.locator("input[name=code]");
  const put = (value, inputType, then) => field.evaluate((f, [value, inputType, then]) => {
    f.value = value;
    f.dispatchEvent(new InputEvent("input", { inputType, bubbles: true }));
    if (then) f.form.querySelector("button").click();
  }, [value, inputType, then]);
  for (const inputType of ["insertReplacementText", "historyUndo", "historyRedo", "deleteContentBackward"]) {
    await put("", inputType);
    await put("000000", inputType);
  }
  await field.fill("00000");
  await zoe.page.waitForTimeout(200);
  assert.equal(posts, 0, "nothing was sent that was put in otherwise, or is not whole");
  await Promise.all([zoe.page.waitForNavigation(), field.press("End").then(() => field.press("0"))]);
  await zoe.sees("There is a problem");
  await zoe.page.waitForLoadState();
  await Promise.all([zoe.page.waitForNavigation(), put(" 00 00 00 ", "insertFromPaste", true)]);
  await zoe.sees("There is a problem");
  assert.equal(posts, 2, "each was sent once");
  await zoe.leave();
});
