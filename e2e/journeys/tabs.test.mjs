// Two tabs of one browser, each with a log in under way at one of our sites: both come in, whichever ends first.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

// begins starts a log in at a site, and waits at CIS2 until the other tab has done the same.
async function begins(person, site) {
  await person.goto(site);
  await person.press("Log in with my Care Identity");
  await person.page.getByLabel("Simulated authenticator").waitFor();
}

async function ends(person, site) {
  await person.choose("Simulated authenticator");
  await person.press("Continue");
  await person.choose(/Priya Shah - simulated Security Key/);
  await person.press("Log in as this persona");
  await person.page.waitForURL(`${site}/**`);
  await person.reads("Priya Shah", "Log out");
  assert.equal(new URL(person.page.url()).search, "", "no code stays in the address");
}

for (const name of ["dos", "cim"]) {
  for (const order of ["the first ends first", "the second ends first"]) {
    test(`two tabs at ${name}, ${order}`, async () => {
      const site = signpost[name];
      const first = await Person.arrive(signpost);
      const second = await first.tab();
      await begins(first, site);
      await begins(second, site);
      const tabs = order === "the first ends first" ? [first, second] : [second, first];
      for (const tab of tabs) await ends(tab, site);
      await first.page.reload();
      await first.reads("Priya Shah", "Log out");
      await first.leave();
    });
  }
}
