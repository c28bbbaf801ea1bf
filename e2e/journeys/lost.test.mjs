// Whoever lost their authenticator gets another with a temporary access pass that is read out to them.
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp, typedCode } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => {
  await closeBrowser();
  await signpost.stop();
});

const address = "ada.okafor@fenmarch.example";

test("a lost authenticator is replaced with a pass", async () => {
  const manager = await Person.arrive(signpost);
  await manager.goto(signpost.cim);
  await manager.press("Log in with my Care Identity");
  await signInWithApp(manager, "joseph.adeyemi@fenmarch.example");
  await manager.sees("View your profile", "cim-profile-spare");
  await manager.follow("Add an authenticator");
  await manager.sees("Add an authenticator", "cim-profile-add");
  await manager.goto(`${signpost.cim}/people/worklist?at=Z90000`);
  await manager.sees(/^Authenticators to look after at/, "cim-worklist");
  await manager.goto(`${signpost.cim}/people?at=Z90000&name=okafor`);
  await manager.follow(/Okafor, Ada/);
  await manager.page.getByRole("link", { name: "Authenticators", exact: true }).click();
  await manager.sees("Authenticators of Ada Okafor", "cim-authenticators");
  await manager.follow("Temporary access pass");
  await manager.fill("How do you know that it is them?", "Seen by video, and looks like the photo");
  await manager.press("Make a temporary access pass");
  await manager.sees("Temporary access pass for Ada Okafor", "cim-access-pass");
  const pass = await manager.page.locator("p.signpost-code").innerText();
  await manager.leave();

  const ada = await Person.arrive(signpost);
  await ada.holdsKey();
  await ada.goto(signpost.dos);
  await ada.press("Log in with my Care Identity");
  await ada.follow("I have lost it, or it does not work");
  await ada.sees("If you cannot use your authenticator", "cis2-lost");
  await ada.follow("I have a temporary access pass");
  await ada.sees("Use a temporary access pass", "cis2-access-pass");
  await ada.fill("Your Care Identity email address", address);
  await ada.fill("Temporary access pass", pass);
  await ada.press("Continue");
  await ada.sees("Add an authenticator");
  await ada.choose("Security Key");
  await ada.fill("Email address", address);
  await ada.press("Send the code");
  await ada.sees(/code/i);
  await ada.sendsCode(typedCode(await ada.mailTo(address, /[Cc]ode to add/)), "Continue");
  await ada.sees("Register your authenticator");
  await ada.press("Continue");
  await ada.sees("Authenticator added");
  await ada.mailTo(address, /A temporary access pass was made for you/);
  await ada.mailTo(address, /An authenticator was added/);
  await ada.leave();
});
