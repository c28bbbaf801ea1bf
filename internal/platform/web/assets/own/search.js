// Makes a search quicker with a caller on the phone: keys that go to the postcode and open the results, and buttons
// that copy the text for the note of a call. The page works without this.

import "./copy.js";

const kept = "signpost-shortcuts"; // where this browser keeps that somebody turned the keys off
const on = () => localStorage.getItem(kept) !== "off";

// showShortcuts shows what the keys do, and whether they are on.
function showShortcuts(help) {
  const button = help.querySelector("[data-shortcuts-switch]");
  const show = () => {
    button.textContent = on() ? "Turn off keyboard shortcuts" : "Turn on keyboard shortcuts";
    for (const key of document.querySelectorAll(".signpost-result__key")) key.hidden = !on();
    for (const link of document.querySelectorAll("a[data-key]")) {
      if (on() && link.dataset.key) link.setAttribute("aria-keyshortcuts", link.dataset.key);
      else link.removeAttribute("aria-keyshortcuts");
    }
  };
  button.addEventListener("click", () => {
    if (on()) localStorage.setItem(kept, "off");
    else localStorage.removeItem(kept);
    show();
  });
  help.hidden = false;
  show();
  document.addEventListener("keydown", press);
}

// typing reports whether a key belongs to what has the focus.
const typing = (target) => target.isContentEditable || ["INPUT", "SELECT", "TEXTAREA"].includes(target.tagName);

function press(event) {
  if (!on() || typing(event.target) || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "/") {
    event.preventDefault();
    const postcode = document.querySelector("input[name=postcode]");
    postcode.focus();
    postcode.select();
  } else if (/^[0-9]$/.test(event.key)) {
    document.querySelector(`a[data-key="${event.key}"]`)?.click();
  }
}

const shortcuts = document.querySelector("[data-shortcuts]");
if (shortcuts) showShortcuts(shortcuts);
