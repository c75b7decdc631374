// The run through the documents: which is shown, what is kept, how far one is.

const data = JSON.parse(document.getElementById("data").textContent);
const shapes = data.shapes;
const store = data.served ? serverStore : folderStore;
const lens = document.getElementById("lens");
const hint = document.getElementById("hint");
const reviewerField = document.getElementById("reviewer");
const states = {}; // by document
const materials = {};
let queue = data.queues.worst.length ? "worst" : "random";
let shown = null; // {id, material, state, number, path, everything, byPath}
let showing = ""; // the document that was asked for last
let unsaved = "";

function currentRecord() {
  return shown.state.records[shown.number];
}

async function materialOf(id) {
  if (!materials[id]) materials[id] = await store.material(id);
  return materials[id];
}

async function show(id) {
  if (isEditing()) finishEdit(true);
  showing = id;
  document.body.classList.add("loading");
  let material;
  try {
    material = await materialOf(id);
  } catch (error) {
    showing = shown ? shown.id : "";
    document.body.classList.remove("loading");
    return showHint(`this document cannot be had: ${error.message}`);
  }
  if (showing !== id) return undefined; // another was asked for meanwhile
  states[id] = joined(material, states[id]);
  shown = { id, material, state: states[id], number: 0, path: "", everything: queue === "random", byPath: new Map() };
  document.body.classList.remove("finished", "loading");
  drawPages(material);
  redraw();
  shown.path = "";
  const record = currentRecord();
  const first = record && openPlaces(record)[0];
  const later = shown.state.records.findIndex((each) => openPlaces(each).length > 0);
  if (first) select(first.path);
  else if (later > 0) goToRecord(later);
  else if (record) select(places(shapes[material.type], record)[0].path);
  else select("");
  prepareNext(id);
  return undefined;
}

// Fetch the next document while this one is looked at.
function prepareNext(id) {
  const next = following(id);
  if (next && next !== id) materialOf(next).catch(() => {});
}

function redraw() {
  const record = currentRecord();
  shown.byPath = new Map(record ? places(shapes[shown.material.type], record).map((place) => [place.path, place]) : []);
  if (shown.path && !shown.byPath.has(shown.path)) shown.path = "";
  drawRow();
  drawBoxes(shown.material, record);
  showProgress();
}

function goToRecord(number, path = "") {
  shown.number = number;
  shown.path = "";
  redraw();
  const record = currentRecord();
  const first = openPlaces(record)[0];
  select(path || (first ? first.path : places(shapes[shown.material.type], record)[0].path));
}

function nextRecord() {
  const { length } = shown.state.records;
  if (length > 1) goToRecord((shown.number + 1) % length);
}

// Do something to the document's state, so that it can be undone, and keep it.
function mutate(act, isStructure = false) {
  const { id, state } = shown;
  remember(id, state);
  act();
  if (!state.queue) state.queue = queue;
  state.at = new Date().toISOString();
  if (isStructure) redraw();
  else if (shown.path && placeOf(shown.path).isList) paintAll();
  else if (shown.path) paintCell(shown.path, currentRecord());
  keep();
  showProgress();
}

function keep() {
  const { id, state, material } = shown;
  store.keep(id, state, material);
}

// What is wrong with keeping decisions; "" where nothing is.
function keptUntil(wrong) {
  if (unsaved === wrong) return;
  unsaved = wrong;
  showProgress();
}

function undo() {
  const before = undone(shown.id);
  if (!before) return showHint("nothing to undo");
  const path = shown.path;
  states[shown.id] = shown.state = joined(shown.material, before);
  shown.number = Math.min(shown.number, Math.max(0, before.records.length - 1));
  redraw();
  select(shown.byPath.has(path) ? path : "");
  return keep();
}

// What is left to look at in the whole document.
function leftOf(state) {
  return state.records.reduce((sum, record) => sum + openPlaces(record).length, 0);
}

function finishDocument() {
  const { state, material, id } = shown;
  const left = leftOf(state);
  if (queue === "random" && left > 0 && !state.done && !shown.warned) {
    shown.warned = true;
    return showHint(`${left} values are not looked at, so the document would not count: a accepts the rest, n again leaves it`);
  }
  mutate(() => {
    state.done = true;
    if (queue === "random") {
      state.sampled = true;
      state.counted = left === 0 ? counted(material, state) : null;
    }
  });
  return showNext(id);
}

function showNext(id) {
  const next = following(id);
  if (next) return show(next);
  document.body.classList.add("finished");
  shown.path = "";
  const words = queue === "worst" ? "The queue of doubtful documents is done." : "The random queue is done.";
  row.replaceChildren(make("h1", "", words), make("p", "", "s saves the corrections, q goes to the other queue, p goes back."));
  lens.className = "lens empty";
  lens.textContent = "";
  lens.style.backgroundImage = "";
  sheet.replaceChildren();
  showProgress();
  return showHint("");
}

// The next document of the queue that is not done; "" where all are.
function following(id) {
  const order = data.queues[queue];
  const from = order.indexOf(id);
  const turned = [...order.slice(from + 1), ...order.slice(0, Math.max(0, from))];
  return turned.find((each) => !isDone(each)) || "";
}

// Of the random queue all values are looked at, whatever was done to a document in the other one.
function isDone(id, name = queue) {
  return Boolean(states[id] && (name === "random" ? states[id].sampled : states[id].done));
}

function isFinished() {
  return document.body.classList.contains("finished");
}

function previousDocument() {
  const order = data.queues[queue];
  const at = isFinished() ? order.length : order.indexOf(shown.id);
  if (at > 0) show(order[at - 1]);
}

function switchQueue(name = queue === "worst" ? "random" : "worst") {
  if (data.queues[name].length === 0) return showHint(`the ${name} queue is empty`);
  queue = name;
  const next = following("");
  return show(next || data.queues[name][0]);
}

function reviewer() {
  return reviewerField.value.trim();
}

async function save() {
  const lines = [];
  for (const [id, state] of Object.entries(states)) {
    if (!isTouched(state)) continue;
    const material = data.served ? null : await materialOf(id);
    if (material) lines.push(...truthLines(material, joined(material, state), reviewer()));
  }
  if (!data.served && lines.length === 0) return showHint("there are no corrections yet");
  try {
    showHint(await store.save(lines));
  } catch (error) {
    showHint(`not saved: ${error.message}`);
  }
  return undefined;
}

async function start() {
  reviewerField.value = data.reviewer;
  for (const [id, state] of Object.entries(await store.states())) states[id] = state;
  document.addEventListener("keydown", pressed);
  window.addEventListener("resize", () => {
    if (!shown || !shown.path) return;
    showPlace();
    if (cells[shown.path]) cells[shown.path].scrollIntoView({ block: "nearest" });
  });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
  for (const button of document.querySelectorAll("[data-key]")) {
    button.addEventListener("click", () => { COMMANDS[button.dataset.key](); button.blur(); });
  }
  for (const button of document.querySelectorAll("[data-queue]")) {
    button.addEventListener("click", () => { switchQueue(button.dataset.queue); button.blur(); });
  }
  const first = following("") || data.queues[queue][0];
  if (first) await show(first);
  else showHint("there are no documents to review");
  document.body.dataset.ready = "true";
}

start();
