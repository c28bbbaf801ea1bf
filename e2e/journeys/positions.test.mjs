// A registration authority manager creates a position, changes it after seeing what its holders lose, and closes it.
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

test("a position is created, changed after a look at what its holders lose, and closed", async () => {
  const manager = await Person.arrive(signpost);
  await manager.goto(signpost.cim);
  await manager.press("Log in with my Care Identity");
  await signInWithApp(manager, "joseph.adeyemi@fenmarch.example");
  await manager.sees("View your profile");
  await manager.follow("People");
  await manager.page.getByRole("link", { name: "Positions", exact: true }).click();
  await manager.sees("Positions", "cim-positions");
  await manager.follow("Create a position");
  await manager.fill("Name of the position", "Ward clerk");
  await manager.fill("Access profiles", "R8008 B0166 B0560\nR8001");
  await manager.fill("How was it approved?", "Access control group");
  await manager.fill("Who took part?", "Joseph Adeyemi");
  await manager.sees("Create a position", "cim-positions-new");
  await manager.press("Create the position");
  await manager.sees("Ward clerk", "cim-positions-made");
  await manager.reads("Position created.", "What a service will see", "Directory of Service UI Access");
  await manager.follow("Change this position");
  await manager.fill("Access profiles", "R8008 B0166");
  await manager.press("Continue");
  await manager.sees("What would change", "cim-positions-change");
  await manager.reads("Lose Nurse Access Role (R8001)");
  await manager.fill("How was it approved?", "Access control group");
  await manager.fill("Who took part?", "Joseph Adeyemi");
  await manager.press("Save the position");
  await manager.reads("Position saved.", "Version 2");
  await manager.follow("Close this position");
  await manager.fill("Why is it closed?", "The ward has closed");
  await manager.fill("Who approved it?", "Joseph Adeyemi");
  await manager.choose(/loses it at once/);
  await manager.fill("Type CLOSE", "CLOSE");
  await manager.sees("Close Ward clerk", "cim-positions-close");
  await manager.press("Close the position");
  await manager.reads("Position closed.", "Closed on");
  await manager.leave();
});
