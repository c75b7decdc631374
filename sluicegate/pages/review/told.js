// What the page tells: how far one is, how good the rows are, which keys there are.

const KEYS = [
  ["Tab", "to the next doubtful value; with Shift to the one before"],
  ["Enter", "the value is right; where nothing is left, the next document"],
  ["type", "to correct: what is no key of its own begins at once; e keeps what is there, ⌫ empties it"],
  ["0", "the document has no such value"],
  ["+", "add a line or a record that the model missed"],
  ["x", "delete the line, or the record; again takes it back"],
  ["a", "the rest of the record is right"],
  ["n p", "the next document, the one before"],
  ["u", "undo"],
  ["← ↑ ↓ →", "to any value"],
  ["r", "the next record of the document"],
  ["q", "the other queue"],
  ["z", "the page larger, and back"],
  ["s", "save the corrections"],
  ["?", "these keys"],
];
const dialog = document.getElementById("choice");
let choices = [];

function showHint(text) {
  hint.classList.toggle("said", text !== undefined && text !== "");
  hint.classList.remove("doubt");
  if (text !== undefined) {
    hint.replaceChildren(make("span", "", text));
    return;
  }
  hint.replaceChildren();
  if (!shown || !shown.path) return;
  const evidence = evidenceOf(shown.path);
  hint.append(make("b", "", shown.path));
  if (placeOf(shown.path).isList && isRearranged(currentRecord(), shown.path)) {
    hint.append(make("span", "", "Enter says that the list is right as it is now"));
    return;
  }
  if (!evidence) {
    hint.append(make("span", "", valueOf(currentRecord(), shown.path) === null ? "the row has no value" : ""));
    return;
  }
  hint.classList.toggle("doubt", Boolean(evidence.doubt));
  const several = evidence.found === "exact_many" && evidence.candidates > 1 ? `printed at ${evidence.candidates} places; one is shown` : MEANINGS[evidence.found];
  hint.append(make("span", `found ${shade(evidence)}`, evidence.doubt || several || ""));
  if (evidence.text && evidence.found === "similar") hint.append(make("q", "", evidence.text));
}

function showProgress() {
  for (const button of document.querySelectorAll("[data-queue]")) {
    const order = data.queues[button.dataset.queue];
    const done = order.filter((id) => isDone(id, button.dataset.queue)).length;
    button.classList.toggle("on", button.dataset.queue === queue);
    button.querySelector(".count").textContent = `${done} of ${order.length}`;
  }
  const order = data.queues[queue];
  const done = order.filter((id) => isDone(id)).length;
  const bar = document.getElementById("bar");
  bar.max = Math.max(1, order.length);
  bar.value = done;
  const where = document.getElementById("where");
  where.textContent = unsaved ? `NOT KEPT: ${unsaved}` : shown && !isFinished() ? position(order) : "";
  where.classList.toggle("bad", Boolean(unsaved));
  showMeasure();
}

function position(order) {
  const left = leftOf(shown.state);
  const then = left ? `${left} to look at` : isDone(shown.id) ? "done" : "nothing left to look at";
  return `document ${order.indexOf(shown.id) + 1} · ${then}`;
}

// Quoted from the random queue alone: the worst documents first say nothing of all.
function showMeasure() {
  const measure = document.getElementById("measure");
  const done = data.queues.random.map((id) => states[id]).filter((state) => state && state.counted);
  const sum = (name) => done.reduce((total, state) => total + state.counted[name], 0);
  const values = sum("values");
  const whole = done.filter((state) => state.counted.right === state.counted.values).length;
  if (queue === "worst") {
    measure.textContent = "Worst first: to mend. What is right of it says nothing about all documents; the random queue does.";
  } else if (done.length === 0) {
    measure.textContent = "Random: to measure. Look at every value; how many are right of all is then shown here.";
  } else {
    const [low, high] = wilson(sum("right"), values);
    const [few, many] = wilson(whole, done.length);
    measure.textContent = `Random sample: ${sum("right")} of ${values} values right, ${percent(sum("right") / Math.max(1, values))} ` +
      `(95 % interval ${percent(low)} to ${percent(high)}, as if values erred alone); ` +
      `${whole} of ${done.length} documents right in all (${percent(few)} to ${percent(many)}).`;
  }
}

function isChoosing() {
  return dialog.open;
}

function choose(title, given) {
  choices = given;
  const entries = given.map((choice) => {
    const entry = make("button", "entry");
    entry.type = "button";
    entry.append(make("kbd", "", choice.key), make("span", "", choice.text));
    entry.addEventListener("click", () => chosen(choice));
    return entry;
  });
  dialog.replaceChildren(make("h2", "", title), ...entries);
  dialog.showModal();
}

function chosen(choice) {
  dialog.close();
  choice.act();
}

function pressedInChoice(event) {
  const choice = choices.find((each) => each.key === event.key);
  if (!choice && event.key === "Tab") return;
  if (!choice && event.key === "Enter" && dialog.contains(document.activeElement) && document.activeElement.tagName === "BUTTON") return;
  event.preventDefault();
  if (choice) chosen(choice);
  else dialog.close();
}

function help() {
  choices = [];
  const table = make("dl", "keys");
  for (const [key, text] of KEYS) {
    const term = make("dt");
    for (const each of key.split(" ")) term.append(make("kbd", "", each));
    table.append(term, make("dd", "", text));
  }
  const colours = make("dl", "keys");
  for (const [name, text] of Object.entries(MEANINGS)) {
    const term = make("dt");
    term.append(make("i", `swatch ${name}`));
    colours.append(term, make("dd", "", text));
  }
  dialog.replaceChildren(make("h2", "", "Keys"), table, make("h2", "", "Boxes"), colours, make("p", "", about()));
  dialog.showModal();
}

function about() {
  const kept = data.served ? "Every decision is on the disk before the next." : "Decisions are kept in this browser until they are saved.";
  return `${data.documents_in_all} documents, ${data.documents_doubtful} of them with something to doubt. ${data.order} ${kept}`;
}
