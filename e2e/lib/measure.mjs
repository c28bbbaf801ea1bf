// Prints how long the demo takes from start to its first page, and its resident memory after 20 seconds
// of rest, over five starts.
import { readFileSync } from "node:fs";
import { start } from "./signpost.mjs";

const rest = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
const resident = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;

const rows = [];
for (let i = 0; i < 5; i++) {
  const signpost = await start();
  await rest(i === 0 ? 20_000 : 2_000);
  rows.push({ "start (ms)": signpost.millis, "resident (MiB)": Math.round(resident(signpost.pid)) });
  await signpost.stop();
}
console.table(rows);
