// The personas page, which only the demo has: somebody signs in with a simulated authenticator. It shows what
// no real authenticator of the sample world can: one of a lower level, and one that is not approved.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser, totp } from "../lib/person.mjs";
import { Service } from "../lib/service.mjs";
import { appSecret, registers, signInWithApp } from "../lib/steps.mjs";

let signpost, rota;
before(async () => {
  [signpost, rota] = await Promise.all([start(), Service.open("Leave Planner")]);
  await (await registers(signpost, rota)).leave();
});
after(async () => { await closeBrowser(); await rota.close(); await signpost.stop(); });

async function asked(more = "") {
  const person = await Person.arrive(signpost);
  await person.goto(`${rota.address}/sign-in?${more}`);
  await person.reads("Log in to Leave Planner");
  return person;
}

// simulates proves a persona with one of their simulated authenticators.
async function simulates(person, name, kind = "Security Key") {
  await person.choose("Simulated authenticator (for tests and demonstrations only)");
  await person.press("Continue");
  await person.choose(`${name} - simulated ${kind}`);
  await person.press("Log in as this persona");
}

// refused sees a page of refusal with the way back to the service.
async function refused(person, title, picture, ...says) {
  await person.sees(title, picture);
  await person.reads(...says);
  assert.equal(await person.page.getByRole("button", { name: "Cancel and go back to Leave Planner" }).count(), 1, "there is a way back");
}

test("the demo's personas page signs a persona in", async () => {
  const visitor = await Person.arrive(signpost);
  await visitor.goto(signpost.dos);
  await visitor.press("Log in with my Care Identity");
  await visitor.choose("Simulated authenticator (for tests and demonstrations only)");
  await visitor.press("Continue");
  await visitor.sees("Choose a persona", "demo-personas");
  await visitor.choose(/Priya Shah/);
  await visitor.press("Log in as this persona");
  await visitor.reads("You are logged in with your Care Identity as Priya Shah");
  await visitor.leave();
});

test("the tour and the people of the guide are on one screen", async () => {
  const visitor = await Person.arrive(signpost);
  await visitor.page.setViewportSize({ width: 1280, height: 720 });
  await visitor.goto(signpost.guide);
  for (const part of ["main ol", "main table"]) {
    const box = await visitor.page.locator(part).first().boundingBox();
    assert.ok(box.y + box.height <= 720, `${part} ends at ${box.y + box.height} of 720`);
  }
  await visitor.leave();
});

test("the guide has all that is needed to be somebody, and logs them in at once", async () => {
  const visitor = await Person.arrive(signpost);
  await visitor.goto(signpost.guide);
  await visitor.page.getByRole("link", { name: "Be Tomasz Nowak" }).click();
  await visitor.sees(/Be Tomasz Nowak/, "guide-be");
  const shown = await visitor.page.locator("[data-code-text]").innerText();
  const now = Date.now();
  assert.ok([now, now - 30_000].some((at) => totp(appSecret, at) === shown), `${shown} is the code of this moment`);
  await visitor.press("Log in to the Directory of Services as Tomasz Nowak now");
  await visitor.reads("You are logged in with your Care Identity as Tomasz Nowak");
  await visitor.goto(`${signpost.guide}/be/joseph.adeyemi`);
  await visitor.press("Log in to Care Identity Management as Joseph Adeyemi now");
  await visitor.sees("View your profile");
  await visitor.reads("Joseph Adeyemi");
  await visitor.page.locator("summary", { hasText: "Mail (" }).click();
  await visitor.sees("View your profile", "demo-drawer");
  await visitor.reads("To ada.okafor@fenmarch.example");
  await visitor.leave();
});

test("an authenticator of a lower level than the service asks for", async () => {
  const jonas = await asked("acr_values=AAL3_ANY");
  await simulates(jonas, "Jonas Weber", "Windows Hello");
  await refused(jonas, "This service needs a stronger authenticator", "cis2-refused-level", "You have an authenticator that you can use: Security Key. Log in with that one.", "The registration authority of");
  await jonas.press("Log in another way");
  await simulates(jonas, "Jonas Weber");
  await jonas.reads("Leave Planner of Jonas Weber", "level 3 with FIDO2");
  await jonas.leave();
});

test("a stronger authenticator than the one that is logged in with", async () => {
  const tomasz = await asked();
  await signInWithApp(tomasz, "tomasz.nowak@fenmarch.example");
  await tomasz.reads("Leave Planner of Tomasz Nowak", "level 2 with TOTP");
  await tomasz.goto(`${rota.address}/sign-in?acr_values=AAL3_ANY`);
  await tomasz.sees("How do you want to log in?", "cis2-choose-higher");
  await tomasz.reads("You are logged in, but Leave Planner asks for a stronger authenticator. You have one that you can use: Security Key.");
  assert.equal(await tomasz.page.getByLabel("Authenticator app").count(), 0, "what is worth less is not offered");
  await simulates(tomasz, "Tomasz Nowak");
  await tomasz.reads("Leave Planner of Tomasz Nowak", "level 3 with FIDO2, acr AAL3_ANY");
  await tomasz.leave();
});

test("an authenticator that is not approved; what is approved is what this device offers from then on", async () => {
  const rosa = await asked();
  await simulates(rosa, "Rosa Quinn");
  await refused(rosa, "Your organisation has not approved this authenticator", "cis2-refused-not-approved", "You have an authenticator that you can use: Authenticator app.");
  await rosa.press("Log in another way");
  await signInWithApp(rosa, "rosa.quinn@fenmarch.example");
  await rosa.reads("Leave Planner of Rosa Quinn");
  await rosa.goto(`${rota.address}/sign-in?prompt=login`);
  await rosa.sees("How do you want to log in?", "cis2-choose-device");
  await rosa.reads("This way was used last on this device.");
  assert.equal(await rosa.page.getByLabel("Security Key").count(), 0);
  await rosa.unfold("Another way to log in");
  await rosa.follow("Show all ways to log in");
  await rosa.page.getByLabel("Security Key").waitFor();
  await rosa.page.getByRole("button", { name: "Log in with Authenticator app" }).waitFor();
  await rosa.look("cis2-choose-device-all");
  await rosa.goto(`${rota.address}/sign-in?prompt=login&acr_values=AAL3_ANY`);
  await rosa.page.getByLabel("Security Key").waitFor();
  assert.equal(await rosa.page.getByLabel("Authenticator app").count(), 0, "only what the service allows");
  await rosa.leave();
});

test("a browser that two people used asks whose session it is", async () => {
  const visitor = await asked();
  await simulates(visitor, "Tomasz Nowak");
  await visitor.reads("Leave Planner of Tomasz Nowak");
  await visitor.goto(`${rota.address}/sign-in?prompt=login`);
  await simulates(visitor, "Priya Shah");
  await visitor.reads("Leave Planner of Priya Shah");
  await visitor.runsScripts(false);
  await visitor.goto(`${rota.address}/sign-in`);
  await visitor.sees("Who is logging in?", "continue-as");
  await visitor.press("Continue as Priya Shah");
  await visitor.reads("Leave Planner of Priya Shah");
  await visitor.goto(`${rota.address}/sign-in`);
  await visitor.press("I am somebody else");
  await visitor.sees("How do you want to log in?");
  await visitor.goto(`${signpost.cis2}/my-sessions`);
  await visitor.sees("You are not logged in");
  await visitor.leave();
});
