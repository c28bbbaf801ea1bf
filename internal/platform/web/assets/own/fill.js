// Fills in hidden fields of a form with what stands behind the # of the address, such as #name=Ada, which no browser
// sends to a server, and takes it out of the address. The form says which fields may be filled in so, and is sent by
// whoever reads it alone.

for (const form of document.querySelectorAll("form[data-fill]")) {
  const given = new URLSearchParams(location.hash.slice(1));
  let filled = false;
  for (const name of form.dataset.fill.split(" ")) {
    const field = form.querySelector(`input[type=hidden][name="${name}"]`);
    if (field && given.has(name)) {
      field.value = given.get(name).slice(0, 200);
      filled = true;
    }
  }
  if (filled) history.replaceState(history.state, "", location.pathname + location.search);
}
