// A registration authority manager decides which authenticators an organisation approves, after seeing who would lose one.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => {
  await closeBrowser();
  await signpost.stop();
});

test("what an organisation approves is decided after seeing who would lose it", async () => {
  const manager = await Person.arrive(signpost);
  await manager.goto(signpost.cim);
  await manager.press("Log in with my Care Identity");
  await signInWithApp(manager, "joseph.adeyemi@fenmarch.example");
  await manager.sees("View your profile");
  await manager.follow("People");
  await manager.follow("Approved authenticators");
  await manager.sees("Approved authenticators", "cim-approvals");
  for (const kind of ["Smartcard (internet)", "Security Key", "Windows Hello", "Authenticator app"]) {
    await manager.page.getByLabel(kind).uncheck();
  }
  await manager.press("Continue");
  await manager.sees("What would change", "cim-approvals-effect");
  await manager.reads("Who would lose an authenticator");
  const losing = await manager.text();
  assert.match(losing, /would be left without an approved authenticator/);
  await manager.fill("Why?", "passkeys alone");
  await manager.press("Save");
  await manager.reads("Tick the box if these people may be left without an approved authenticator");
  await manager.choose(/Save it although/);
  await manager.press("Save");
  await manager.reads("Saved.", "passkeys alone");
  await manager.sees("Approved authenticators", "cim-approvals-saved");
  await manager.follow("Fill in decision 1 again");
  await manager.reads("Decision 1 is filled in.");
  await manager.press("Continue");
  await manager.reads("could use an authenticator again that they cannot use now");
  await manager.fill("Why?", "it was too early");
  await manager.press("Save");
  await manager.reads("Saved.", "it was too early");
  await manager.leave();
});
