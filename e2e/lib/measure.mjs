// Prints how long the demo takes from start to its first page, and its resident memory after 20 seconds of
// rest, over five starts. Fails where a start takes over 2 seconds of a processor, or rest over 80 MB.
import { resident, start } from "./signpost.mjs";

const rest = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

const rows = [];
for (let i = 0; i < 5; i++) {
  const signpost = await start();
  await rest(i === 0 ? 20_000 : 2_000);
  rows.push({ "start (ms)": signpost.millis, "of a processor (ms)": signpost.worked, "resident (MB)": Math.round(resident(signpost.pid)) });
  await signpost.stop();
}
console.table(rows);
const most = (column) => Math.max(...rows.map((r) => r[column]));
if (most("of a processor (ms)") > 2000 || rows[0]["resident (MB)"] > 80) {
  console.log("FAIL: the demo has to start within 2 seconds and rest in 80 MB");
  process.exitCode = 1;
}
