// Makes a demo's pages easier to use: copies values, keeps the code of an authenticator app up to date, and shows mail
// in the open drawer as it comes. Each page works without this.

import "./copy.js";

const shown = document.querySelector("[data-code]");
if (shown) {
  const seconds = shown.querySelector("[data-code-seconds]");
  setInterval(async () => {
    const left = Number(seconds.textContent) - 1;
    if (left > 0) {
      seconds.textContent = left;
      return;
    }
    const answer = await ask(shown.dataset.code);
    if (!answer) return;
    const now = await answer.json();
    shown.querySelector("[data-code-text]").textContent = now.code;
    shown.querySelector("[data-copy]").dataset.copy = now.code;
    seconds.textContent = now.seconds;
  }, 1000);
}

const drawer = document.querySelector("[data-mail]");
if (drawer) {
  drawer.addEventListener("toggle", look);
  setInterval(look, 2000);
}

// look puts the mail that there is now into the drawer, while it is open.
async function look() {
  if (!drawer.open || document.hidden) return;
  const answer = await ask(drawer.dataset.mail);
  if (!answer) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-mail]");
  const count = drawer.querySelector("summary");
  const title = fresh.querySelector("summary").textContent;
  if (count.textContent === title) return;
  count.textContent = title;
  drawer.querySelector("div").replaceChildren(...fresh.querySelector("div").childNodes);
}

// ask fetches an address of this site; nothing comes back where the demo has stopped.
async function ask(address) {
  try {
    const answer = await fetch(address, { cache: "no-store" });
    return answer.ok ? answer : undefined;
  } catch {
    return undefined;
  }
}
