// Asks 2 minutes before the session ends whether to stay signed in, and says so when it has ended. Another
// tab may have kept the session alive, so the server is asked how long is left.

const dialog = document.querySelector("dialog.signpost-session");
const title = dialog.querySelector("[data-session-title]");
const says = dialog.querySelector("[data-session-says]");
const stay = dialog.querySelector(".signpost-session__stay");
const warnAt = 120; // seconds before the end
const lookAgain = 15; // seconds between looks while the question is shown
let timer;

const later = (seconds) => {
  clearTimeout(timer);
  timer = setTimeout(look, seconds * 1000);
};

async function look() {
  let answer;
  try {
    answer = await (await fetch(dialog.dataset.left, { cache: "no-store" })).json();
  } catch {
    return later(lookAgain); // the network is away; the session may not be
  }
  if (answer.seconds > warnAt) {
    if (dialog.open) dialog.close();
    delete dialog.dataset.said;
    return later(answer.seconds - warnAt);
  }
  show(answer);
  if (answer.seconds > 0) later(Math.min(answer.seconds, lookAgain));
}

const minutes = (seconds) => (seconds > 60 ? "2 minutes" : "1 minute");

function show({ seconds, final }) {
  if (seconds <= 0) {
    title.textContent = "You have been logged out";
    says.textContent = "What you typed is still on this page. If you send it, we keep it while you log in again.";
    stay.textContent = "Close";
  } else if (final) {
    title.textContent = "You will be logged out soon";
    says.textContent = `You have been logged in for as long as is allowed. You will be logged out in less than ${minutes(seconds)}. Save your work now.`;
    stay.textContent = "Close";
  } else {
    title.textContent = "You will be logged out soon";
    says.textContent = `You have not used this service for a while. To protect patients' information you will be logged out in less than ${minutes(seconds)}.`;
    stay.textContent = "Stay logged in";
  }
  // What cannot be helped is said once: after that its reader wants to save, or to send, what they typed.
  const once = seconds <= 0 ? "ended" : final ? "final" : "";
  if (!dialog.open && !(once && dialog.dataset.said === once)) dialog.showModal();
  if (once) dialog.dataset.said = once;
}

stay.addEventListener("click", async () => {
  if (stay.textContent === "Stay logged in") {
    const body = new URLSearchParams({ seal: dialog.dataset.seal });
    await fetch(dialog.dataset.stay, { method: "POST", body }).catch(() => {});
  }
  dialog.close();
  look();
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) look();
});

look();
