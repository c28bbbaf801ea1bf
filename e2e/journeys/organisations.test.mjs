// A registration authority manager says how their authority is reached and when; whoever cannot log in finds it, on the
// page and in a frame of another site.
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

test("how a registration authority is reached is found without a login", async () => {
  const manager = await Person.arrive(signpost);
  await manager.goto(signpost.cim);
  await manager.press("Log in with my Care Identity");
  await signInWithApp(manager, "joseph.adeyemi@fenmarch.example");
  await manager.follow("People");
  await manager.page.getByRole("link", { name: "About this organisation" }).click();
  await manager.sees("Fenmarch University Hospitals NHS Trust (ZTR)", "cim-organisation");
  await manager.follow("Change how it is reached, and when it is open");
  await manager.fill("Email address", "ra@fenmarch.example");
  for (const day of ["Monday", "Tuesday", "Wednesday"]) await manager.fill(`${day} (optional)`, "09:00-17:00");
  await manager.sees("How your registration authority is reached", "cim-reach");
  await manager.press("Save");
  await manager.reads("Saved.", "Monday to Wednesday", "09:00 to 17:00", "Thursday to Sunday");
  await manager.leave();

  const reader = await Person.arrive(signpost);
  await reader.goto(`${signpost.cim}/find-your-ra?q=hospice`);
  await reader.reads("Fenmarch Hospice (ZHO)", "and 280 others", "ra@fenmarch.example", "Monday to Wednesday");
  await reader.goto(`${signpost.cim}/find-your-ra/embed?ods=ZHO`);
  await reader.page.getByRole("heading", { name: /Registration authority of Fenmarch Hospice/ }).waitFor();
  await reader.page.getByText("ra@fenmarch.example").waitFor();
  await reader.page.screenshot({ path: "build/screenshots/c-embed.png" });
  await reader.leave();
});
