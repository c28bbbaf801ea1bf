// Many people are given a position at once: somebody makes the batch, sees what is wrong with it, mends the file and sends
// it again, and somebody else approves it.
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp, signInWithSimulatedKey } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => {
  await closeBrowser();
  await signpost.stop();
});

async function create(manager, name, profiles) {
  await manager.follow("People");
  await manager.page.getByRole("link", { name: "Positions", exact: true }).click();
  await manager.follow("Create a position");
  await manager.fill("Name of the position", name);
  await manager.fill("Access profiles", profiles);
  await manager.fill("How was it approved?", "Access control group");
  await manager.fill("Who took part?", "Joseph Adeyemi");
  await manager.press("Create the position");
  await manager.reads("Position created.");
}

async function batch(manager, text) {
  await manager.follow("Batches");
  await manager.press("Make a batch");
  await manager.choose("Give a position");
  await manager.choose("Ward clerk");
  await manager.bring("people.csv", text);
  await manager.fill("Why?", "The new ward opens");
  await manager.sees("New batch", "cim-batch-new");
  await manager.press("Check the people");
  await manager.readsOnceLoadedAgain("Checked, not sent");
}

test("a position is given to many people by two", async () => {
  const manager = await Person.arrive(signpost);
  await manager.goto(signpost.cim);
  await manager.press("Log in with my Care Identity");
  await signInWithApp(manager, "joseph.adeyemi@fenmarch.example");
  await manager.sees("View your profile");
  await create(manager, "Advanced agent", "R5090 B9801");
  await create(manager, "Ward clerk", "R8008");
  await manager.goto(`${signpost.cim}/people?name=evans`);
  await manager.follow(/Evans, Chloe/);
  await manager.page.getByRole("link", { name: "Positions", exact: true }).click();
  await manager.choose("Advanced agent");
  await manager.press("Give these positions");
  await batch(manager, "Ward,Email\n7,tomasz.nowak@fenmarch.example\n7,nobody@fenmarch.example\n");
  await manager.reads("Will be done: 1 person", "Tomasz Nowak", "Refused: 1 person", "Nobody whom you look after");
  await manager.sees(/^Give a position/, "cim-batch-checked");
  const [file] = await Promise.all([
    manager.page.waitForEvent("download"),
    manager.follow("Download these rows"),
  ]);
  let mend = "";
  for await (const part of await file.createReadStream()) mend += part;
  await batch(manager, mend.replace("nobody@", "ada.okafor@"));
  await manager.reads("Will be done: 1 person", "Ada Okafor");
  await manager.choose("Send it");
  await manager.press("Continue");
  await manager.reads("Waits for approval");

  const second = await Person.arrive(signpost);
  await second.goto(signpost.cim);
  await second.press("Log in with my Care Identity");
  await signInWithSimulatedKey(second, "Chloe Evans");
  await second.sees("View your profile");
  await second.follow("Batches");
  await second.sees("Batches", "cim-batches");
  await second.page.getByRole("link", { name: /Ward clerk/ }).first().click();
  await second.reads("Ada Okafor", "The new ward opens");
  await second.choose("Approve it");
  await second.sees(/^Give a position/, "cim-batch-waits");
  await second.press("Continue");
  await second.readsOnceLoadedAgain("Done: 1 person");
  await second.sees(/^Give a position/, "cim-batch-done");
  await second.leave();
  await manager.leave();
});
