// One value at a time: choosing it, accepting it, correcting it, by the keyboard first.

function placeOf(path) {
  return shown.byPath.get(path);
}

function openPlaces(record) {
  return places(shapes[shown.material.type], record).filter((place) => isOpen(record, place, shown.everything));
}

function select(path) {
  if (isEditing() && !finishEdit()) return;
  const before = shown.path;
  shown.path = path;
  const record = currentRecord();
  if (before && cells[before]) paintCell(before, record);
  if (!path) {
    drawLens(lens, shown.material, null);
    return showHint();
  }
  paintCell(path, record);
  if (cells[path]) cells[path].scrollIntoView({ block: "nearest", inline: "nearest" });
  showPlace();
  showHint();
}

function showPlace() {
  const evidence = evidenceOf(shown.path);
  const line = evidence && evidence.box ? null : lineOf(shown.path);
  drawLens(lens, shown.material, line || evidence);
  showBox(shown.path, line);
}

function evidenceOf(path) {
  const record = currentRecord();
  return record && record.source ? record.source.evidence[path] : undefined;
}

// The next value to look at, in this record or a later one; with -1 the one before.
function step(direction) {
  const { state } = shown;
  for (let turn = 0; turn <= state.records.length; turn += 1) {
    const number = (shown.number + direction * turn + state.records.length * 2) % (state.records.length || 1);
    const record = state.records[number];
    if (!record) break;
    const order = places(shapes[shown.material.type], record);
    const here = turn === 0 ? order.findIndex((place) => place.path === shown.path) : direction > 0 ? -1 : order.length;
    const rest = direction > 0 ? order.slice(here + 1) : order.slice(0, Math.max(0, here)).reverse();
    const ahead = rest.find((place) => isOpen(record, place, shown.everything));
    if (ahead) {
      if (number !== shown.number) goToRecord(number, ahead.path);
      else select(ahead.path);
      return true;
    }
  }
  const first = currentRecord() ? openPlaces(currentRecord())[0] : undefined;
  if (first) select(first.path);
  return Boolean(first);
}

// To the next place in reading order, or down a column of a list.
function move(direction, down) {
  const record = currentRecord();
  if (!record) return;
  const order = [...shown.byPath.values()].filter((place) => cells[place.path]);
  let at = order.findIndex((place) => place.path === shown.path);
  if (down && at >= 0 && order[at].item) {
    const column = order[at].path.slice(order[at].item.length);
    const next = order.findIndex((place, number) =>
      (direction > 0 ? number > at : false) && place.path === place.item + column && place.item !== order[at].item);
    const back = order.slice(0, at).map((place) => place.path === place.item + column).lastIndexOf(true);
    at = direction > 0 ? (next < 0 ? at + 1 : next) : back < 0 ? at - 1 : back;
  } else {
    at += direction;
  }
  if (order[at]) select(order[at].path);
}

// What it means to accept a place as it is.
function seen(record, place) {
  return !place.isList && valueOf(record, place.path) === null ? "absent" : "right";
}

function accept() {
  const record = currentRecord();
  if (!record || !shown.path) return finishDocument();
  if (shown.path in record.decided && !step(1)) return finishDocument();
  const path = shown.path;
  if (path in record.decided) return undefined;
  mutate(() => decide(record, path, seen(record, placeOf(path))));
  advance(path);
  return undefined;
}

// After a decision: the next cell of what is being added, else the next doubtful value.
function advance(path) {
  const place = placeOf(path);
  const record = currentRecord();
  const order = [...shown.byPath.values()];
  const next = order[order.findIndex((each) => each.path === path) + 1];
  const isAdding = place && (place.item.includes("[+") ? next && next.item === place.item : record.added && next);
  if (isAdding) return select(next.path);
  if (place && place.item.includes("[+")) {
    const list = place.item.slice(0, place.item.lastIndexOf("["));
    if (!(list in record.decided)) return select(list);
  }
  if (!step(1)) select(path);
  return undefined;
}

function acceptRest() {
  const record = currentRecord();
  if (!record) return;
  mutate(() => {
    for (const place of places(shapes[shown.material.type], record)) {
      if (isGone(record, place.path) || place.path in record.decided) continue;
      if (!place.item || !isAccepted(record, place.path)) decide(record, place.path, seen(record, place));
    }
  });
  paintAll();
  if (!step(1)) showHint();
}

function markAbsent() {
  const record = currentRecord();
  const place = shown.path ? placeOf(shown.path) : null;
  if (!record || !place) return;
  if (place.isList) {
    mutate(() => {
      for (const key of itemsOf(record, place.path)) record.gone[`${place.path}[${key}]`] = true;
      decide(record, place.path, "absent");
    }, true);
  } else {
    mutate(() => change(record, place.path, null));
  }
  advance(place.path);
}

function remove() {
  const record = currentRecord();
  if (!record) return;
  const place = shown.path ? placeOf(shown.path) : null;
  if (place && place.item && !record.deleted) {
    mutate(() => dropItem(record, place.item), true);
    select(place.path);
    return;
  }
  mutate(() => { record.deleted = !record.deleted; }, true);
  select(shown.path);
}

// A line of the list that is chosen; else what is asked for: a record, or a line of a list.
function add() {
  const record = currentRecord();
  const place = shown.path && record ? placeOf(shown.path) : null;
  if (!record) return addRecord();
  if (place && place.isList) return addLine(place.path, null);
  if (place && place.item) {
    const list = place.item.slice(0, place.item.lastIndexOf("["));
    return addLine(list, place.item.slice(list.length + 1, -1));
  }
  const lists = [...shown.byPath.values()].filter((each) => each.isList && !each.item);
  if (lists.length === 0) return addRecord();
  return choose("Add what is missing", [
    ...lists.slice(0, 8).map((each, number) => ({ key: number === 0 ? "+" : String(number), text: `a line of ${each.path}`, act: () => addLine(each.path, null) })),
    { key: "r", text: "a record", act: addRecord },
  ]);
}

function addLine(list, after) {
  const record = currentRecord();
  let item = "";
  mutate(() => { item = addItem(record, list, after); }, true);
  const first = [...shown.byPath.values()].find((place) => !place.isList && (place.path === item || place.path.startsWith(`${item}.`)));
  if (first) edit(first.path);
}

function addRecord() {
  const { state, material } = shown;
  mutate(() => {
    state.records.push(freshRecord(nextIndex(state), true));
    joined(material, state);
  }, true);
  goToRecord(state.records.length - 1);
  if (shown.path && !placeOf(shown.path).isList) edit(shown.path);
}

const COMMANDS = {
  Enter: accept,
  0: markAbsent,
  "+": add,
  "=": add,
  x: remove,
  Delete: remove,
  a: acceptRest,
  n: () => finishDocument(),
  p: () => previousDocument(),
  u: () => undo(),
  e: () => shown.path && edit(shown.path),
  F2: () => shown.path && edit(shown.path),
  Backspace: () => shown.path && edit(shown.path, ""),
  q: () => switchQueue(),
  r: () => nextRecord(),
  s: () => save(),
  z: () => document.body.classList.toggle("zoomed"),
  "?": () => help(),
  ArrowDown: () => move(1, true),
  ArrowUp: () => move(-1, true),
  ArrowRight: () => move(1, false),
  ArrowLeft: () => move(-1, false),
  PageDown: () => sheet.scrollBy({ top: 0.85 * sheet.clientHeight }),
  PageUp: () => sheet.scrollBy({ top: -0.85 * sheet.clientHeight }),
};

function pressed(event) {
  if (isChoosing()) return pressedInChoice(event);
  if (event.target === reviewerField) {
    if (["Enter", "Escape", "Tab"].includes(event.key)) {
      reviewerField.blur();
      event.preventDefault();
    }
    return undefined;
  }
  if (isEditing()) return pressedInEdit(event);
  if (!shown || showing !== shown.id) {
    event.preventDefault(); // a key is for the document that is seen, and the next one is on its way
    return undefined;
  }
  if ((event.ctrlKey || event.metaKey) && event.key === "z") {
    event.preventDefault();
    return undo();
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  if (isFinished() && !["p", "q", "s", "?"].includes(event.key)) return undefined;
  if (event.key === "Tab") {
    event.preventDefault();
    if (!step(event.shiftKey ? -1 : 1)) showHint("Nothing is left to look at here: n goes to the next document");
    return undefined;
  }
  if (Object.hasOwn(COMMANDS, event.key)) {
    event.preventDefault();
    COMMANDS[event.key]();
  } else if (event.key.length === 1 && event.key !== " " && shown.path) {
    event.preventDefault();
    edit(shown.path, event.key);
  }
  return undefined;
}
