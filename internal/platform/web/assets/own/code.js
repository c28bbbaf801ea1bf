// Sends the form of a code by itself once the code is there whole, and says in the hint that it does. It is sent so once,
// and only as it is typed, pasted or filled in: what is taken back, dropped or put in by a spelling checker waits for the
// button.

const put = (event) => !/^(delete|history|insertReplacementText|insertFromDrop)/.test(event.inputType ?? "");

for (const field of document.querySelectorAll("input[data-sent-whole]")) {
  const wanted = Number(field.dataset.sentWhole);
  const length = () => field.value.replace(/[\s-]/g, "").length;
  const hint = document.getElementById(`${field.id}-hint`);
  hint?.append(`${hint.textContent.trim().endsWith(".") ? "" : "."} ${field.dataset.sentSays}`);
  let before = length();
  let sent = false;
  field.addEventListener("input", (event) => {
    const now = length();
    if (!sent && now === wanted && before < wanted && put(event) && !event.isComposing) {
      sent = true;
      field.form.requestSubmit();
    }
    before = now;
  });
  // A press on the button at that moment would send it a second time.
  let leaving = false;
  field.form.addEventListener("submit", (event) => {
    if (leaving) event.preventDefault();
    leaving = sent;
    if (leaving) setTimeout(() => { leaving = false; }, 2000);
  });
}
