// Starts the built program's demo on a free port for one test file, and stops it afterwards.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { get } from "node:http";
import { readFileSync } from "node:fs";

const program = process.env.SIGNPOST ?? fileURLToPath(new URL("../../bin/signpost", import.meta.url));

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

// answers resolves to true if the demo's first page is there.
function answers(port) {
  return new Promise((resolve) => {
    get({ host: "127.0.0.1", port, path: "/", headers: { Host: `localhost:${port}` } }, (res) => {
      res.resume();
      resolve(res.statusCode === 200);
    }).on("error", () => resolve(false));
  });
}

async function untilReady(port, child, log) {
  const begun = Date.now();
  while (Date.now() - begun < 30_000) {
    if (child.exitCode !== null) throw new Error(`signpost demo ended:\n${log.join("")}`);
    if (await answers(port)) return Date.now() - begun;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`signpost demo did not answer:\n${log.join("")}`);
}

// worked is how many milliseconds a process has had a processor: it does not grow when the machine is busy
// with something else, as time does.
function worked(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

// resident is how much memory a process keeps, in MB.
export function resident(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) * 1024 / 1e6;
}

// start runs the demo and gives its addresses.
export async function start() {
  const port = await freePort();
  const log = [];
  const child = spawn(program, ["demo", "--listen", `127.0.0.1:${port}`], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.on("data", (d) => log.push(String(d)));
  child.stderr.on("data", (d) => log.push(String(d)));
  const millis = await untilReady(port, child, log);
  return {
    port, millis, worked: worked(child.pid), log, pid: child.pid,
    guide: `http://localhost:${port}`,
    dos: `http://dos.localhost:${port}`,
    cis2: `http://cis2.localhost:${port}`,
    cim: `http://cim.localhost:${port}`,
    mail: `http://mail.localhost:${port}`,
    stop: () => new Promise((resolve) => { child.once("exit", resolve); child.kill("SIGTERM"); }),
  };
}
