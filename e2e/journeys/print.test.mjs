// What pages look like on paper.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { Person, closeBrowser } from "../lib/person.mjs";
import { start } from "../lib/signpost.mjs";
import { password } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

// onPaper gives what would be printed that helps nobody on paper: ways around the page, and addresses without a host.
async function onPaper(person) {
  await person.page.emulateMedia({ media: "print" });
  const wasted = await person.page.evaluate(() => {
    const printed = [...document.querySelectorAll("nav, button, .nhsuk-button, .nhsuk-skip-link, [role=search]")];
    const around = printed.filter((e) => e.checkVisibility()).map((e) => e.outerHTML.slice(0, 80));
    const says = (a) => getComputedStyle(a, "::after").content;
    const links = [...document.querySelectorAll("main a")].filter((a) => a.checkVisibility());
    const wrong = links.filter((a) => says(a).includes(a.getAttribute("href")) !== /^https?:/.test(a.getAttribute("href")));
    return [...around, ...wrong.map((a) => `${a.textContent}: ${says(a)}`)];
  });
  await person.page.emulateMedia({ media: "screen" });
  return wasted;
}

test("pages are printed without the ways around them", async () => {
  const hannah = await Person.arrive(signpost);
  for (const at of [signpost.guide, signpost.dos, `${signpost.cim}/find-your-ra?q=fenmarch`]) {
    await hannah.goto(at);
    assert.deepEqual(await onPaper(hannah), [], at);
  }
  await hannah.goto(signpost.dos);
  await hannah.fill("Username", "hannah.walker");
  await hannah.fill("Password", password);
  await hannah.press(/^Log in$/);
  await hannah.sees(/Ask your registration authority for an authenticator/);
  assert.deepEqual(await onPaper(hannah), [], "the checklist");
  for (const path of ["/services?postcode=FM1", "/account"]) {
    await hannah.goto(signpost.dos + path);
    assert.deepEqual(await onPaper(hannah), [], path);
  }
  await hannah.leave();
});
