// What was decided: of each document its records as they are now, and what was looked at in them.
//
//   document: {records: [record, …], done, queue}
//   record:   {index, added, deleted, cells: {path: value}, order: {list: [key, …]},
//              gone: {item: true}, decided: {path: "right" | "changed" | "absent"}}
//
// `given`, what the model gave, is not kept: it is in the material.

const undoable = {}; // by document: states to go back to
const MOST_UNDOS = 200;

function freshState(material) {
  return {
    records: material.records.map((record) => freshRecord(record.index)),
    done: false,
    queue: "",
  };
}

function freshRecord(index, added = false) {
  return { index, added, deleted: false, cells: {}, order: {}, gone: {}, decided: {} };
}

// Bring the state of a document together with its material.
function joined(material, kept) {
  const state = kept && Array.isArray(kept.records) ? kept : freshState(material);
  for (const record of state.records) {
    const source = material.records.find((each) => !record.added && each.index === record.index);
    const given = flatten(shapes[material.type], source ? source.values : {});
    const known = {
      given,
      source: source || null,
      doubtful: new Set(source ? source.doubtful : []),
      isLocated: Boolean(source && Object.keys(source.evidence).length),
    };
    // Not enumerable: what is in the material is not kept again with every decision.
    for (const [name, value] of Object.entries(known)) Object.defineProperty(record, name, { value, configurable: true });
  }
  return state;
}

function remember(id, state) {
  const stack = (undoable[id] = undoable[id] || []);
  stack.push(JSON.stringify(state));
  if (stack.length > MOST_UNDOS) stack.shift();
}

function undone(id) {
  const stack = undoable[id] || [];
  return stack.length ? JSON.parse(stack.pop()) : null;
}

function isTouched(state) {
  return state.done || state.records.some((record) =>
    record.added || record.deleted || Object.keys(record.decided).length > 0 || Object.keys(record.gone).length > 0);
}

function decide(record, path, how) {
  record.decided[path] = how;
}

function change(record, path, value) {
  record.cells[path] = value;
  const same = String(value) === String(record.given.cells[path] ?? null);
  decide(record, path, same ? "right" : value === null ? "absent" : "changed");
}

function addItem(record, list, after) {
  const keys = [...itemsOf(record, list)];
  const added = keys.filter((key) => key.startsWith("+")).length;
  const key = `+${added + 1}`;
  const at = after === null ? keys.length : keys.indexOf(after) + 1;
  keys.splice(at, 0, key);
  record.order[list] = keys;
  return `${list}[${key}]`;
}

function dropItem(record, item) {
  if (record.gone[item]) delete record.gone[item];
  else record.gone[item] = true;
}

// Whether a place is in something that was deleted.
function isGone(record, path) {
  for (let at = path.indexOf("]"); at >= 0; at = path.indexOf("]", at + 1)) {
    if (record.gone[path.slice(0, at + 1)]) return true;
  }
  return false;
}

// Whether lines of a list were added or deleted.
function isRearranged(record, list) {
  return list in record.order || Object.keys(record.gone).some((item) => item.startsWith(`${list}[`));
}

function nextIndex(state) {
  return state.records.reduce((most, record) => Math.max(most, record.index), -1) + 1;
}

// Whether a place still waits for a look: what is doubtful, or in the random queue all there is.
function isOpen(record, place, everything) {
  if (record.deleted || record.added || isGone(record, place.path)) return false;
  if (place.path in record.decided || isAccepted(record, place.path)) return false;
  if (place.item.includes("[+")) return false;
  if (record.doubtful.has(place.path)) return true;
  const has = place.isList ? false : valueOf(record, place.path) !== null;
  return has && (everything || !record.isLocated);
}

// A list that was accepted as a whole has all its values accepted.
function isAccepted(record, path) {
  for (let at = path.indexOf("["); at >= 0; at = path.indexOf("[", at + 1)) {
    if (record.decided[path.slice(0, at)] === "right") return true;
  }
  return false;
}

// The columns of a record that were looked at in all they hold.
function lookedAt(fields, record) {
  const open = new Set();
  const seen = new Set(Object.keys(record.decided).map(columnOf));
  for (const item of Object.keys(record.gone)) seen.add(columnOf(item));
  for (const place of places(fields, record)) {
    const column = columnOf(place.path);
    if (place.path in record.decided || isAccepted(record, place.path) || isGone(record, place.path)) continue;
    if (record.doubtful.has(place.path) || (!place.isList && valueOf(record, place.path) !== null)) open.add(column);
  }
  if (record.added) return new Set(fields.map((field) => field.name));
  return new Set([...seen].filter((column) => !open.has(column)));
}
