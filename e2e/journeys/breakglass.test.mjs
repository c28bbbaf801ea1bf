// At night Tomasz has to change a service that he does not look after. Priya opens the right with him, and reviews it.
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

async function comes(address) {
  const person = await Person.arrive(signpost);
  await person.goto(signpost.dos);
  await person.press("Log in with my Care Identity");
  await signInWithApp(person, address);
  await person.page.waitForURL(`${signpost.dos}/**`);
  return person;
}

test("somebody changes a service in an emergency, and somebody else reviews it", { timeout: 240_000 }, async () => {
  const tomasz = await comes("tomasz.nowak@fenmarch.example");
  const priya = await comes("priya.shah@fenmarch.example");

  await tomasz.goto(`${signpost.dos}/emergency-rights`);
  await tomasz.sees("Emergency rights", "dos-emergency-none");
  await tomasz.press("Ask for emergency rights");
  await tomasz.sees("Ask for emergency rights", "dos-emergency-ask");
  await tomasz.press("Ask for emergency rights");
  await tomasz.sees("There is a problem", "dos-emergency-problem");
  await tomasz.choose("All services everywhere");
  await tomasz.fill("What has happened?", "A flood has closed the urgent treatment centre.");
  await tomasz.press("Ask for emergency rights");
  await tomasz.page.waitForURL(/emergency-rights\/(?!ask)/);
  await tomasz.sees("Emergency rights", "dos-emergency-asked");
  const use = tomasz.page.url();
  await tomasz.reads("Somebody has to open them with you", "Priya Shah"); // everywhere, so at any hour
  await priya.goto(use);
  await priya.sees("Do you open these rights with them?", "dos-emergency-second");
  await priya.press("Open them");
  await priya.reads("The emergency rights are open until");
  const letter = await priya.mailTo("priya.shah@fenmarch.example", /Emergency rights were opened/);
  if (!letter.includes("A flood has closed the urgent treatment centre.")) throw new Error(letter);

  await tomasz.goto(use);
  await tomasz.sees("What was done while they were open", "dos-emergency-open");
  await tomasz.reads("Open until");
  await tomasz.press("End the emergency rights now");
  await tomasz.reads("The emergency rights are ended.", "Somebody else reviews what was done");

  await priya.goto(`${signpost.dos}/emergency-rights`);
  await priya.sees("Emergency rights", "dos-emergency-list");
  await priya.goto(use);
  await priya.sees(/Emergency rights/, "dos-emergency-ended");
  await priya.leave();
  await tomasz.leave();
});
