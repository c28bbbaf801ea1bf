// Delivers a mail to the demo by SMTP, as an organisation's mail server does.
import { connect } from "node:net";

// smtpOf gives the port at which a demo takes mail in, as its page of mail tells.
export async function smtpOf(signpost, page) {
  await page.goto(signpost.mail);
  return Number(/127\.0\.0\.1:(\d+)/.exec(await page.locator("main").innerText())[1]);
}

// deliver sends one mail. It gives the last answer of the server, which begins with 250 where it was taken.
export function deliver(port, { from, to, raw }) {
  const lines = [`HELO mx.fenmarch.example`, `MAIL FROM:<${from}>`, `RCPT TO:<${to}>`, "DATA",
    `${raw.replace(/\r?\n/g, "\r\n").replace(/^\./gm, "..")}\r\n.`, "QUIT"];
  return new Promise((resolve, reject) => {
    const answers = [];
    const socket = connect(port, "127.0.0.1");
    socket.setEncoding("utf8");
    socket.on("error", reject);
    socket.on("data", (text) => {
      answers.push(text.trim());
      const next = lines.shift();
      if (next === undefined) return;
      socket.write(`${next}\r\n`);
    });
    socket.on("close", () => resolve(answers.find((a, i) => i === 5) ?? answers.at(-1)));
  });
}
