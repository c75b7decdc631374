// The row beside the page: its records, values and lists; what was decided, what is doubtful.

const MEANINGS = {
  exact: "printed",
  exact_many: "printed at several places; one is shown",
  similar: "something similar is printed",
  absent: "found nowhere on the pages",
  derived: "not printed itself: it follows from what is",
  unread: "the page has no text to search",
};
const MARKS = { right: "✓", changed: "✎", absent: "∅" };
const row = document.getElementById("row");
let cells = {}; // by path: the element

function drawRow() {
  const { material, state } = shown;
  const record = currentRecord();
  cells = {};
  row.replaceChildren(title(material), ...remarks(material, record));
  if (state.records.length > 1) row.append(tabs(state));
  if (!record) {
    row.append(make("p", "empty", "There is no record of this document. + adds one, n says that there is none."));
    return;
  }
  const body = make("div", record.deleted ? "record deleted" : "record");
  body.append(...parts(shapes[material.type], record));
  row.append(body);
}

function title(material) {
  const head = make("header");
  const parts = material.uri.split("/");
  head.append(make("h1", "", parts[parts.length - 1] || material.uri));
  head.append(make("p", "uri", material.uri));
  return head;
}

function remarks(material, record) {
  const said = [];
  if (material.failure) said.push([material.failure.code, material.failure.message]);
  if (record && record.deleted) said.push(["deleted", "the document has no such record; x takes it back"]);
  if (record && record.added) said.push(["added", "a record that the model missed"]);
  for (const warning of record && record.source ? record.source.warnings : []) said.push(["check", warning]);
  return said.map(([name, text]) => {
    const line = make("p", "remark");
    line.append(make("b", "", name), make("span", "", text));
    return line;
  });
}

function tabs(state) {
  const bar = make("nav", "records");
  state.records.forEach((record, number) => {
    const tab = make("button", number === shown.number ? "on" : "", `${number + 1}`);
    tab.type = "button";
    tab.tabIndex = -1;
    if (record.deleted) tab.classList.add("deleted");
    const source = record.source;
    if (source && source.first_page) {
      const until = source.last_page > source.first_page ? `–${source.last_page}` : "";
      tab.append(make("small", "", ` p. ${source.first_page}${until}`));
    }
    if (record.added) tab.append(make("small", "", " added"));
    if (openPlaces(record).length > 0) tab.classList.add("open");
    tab.addEventListener("click", () => goToRecord(number));
    bar.append(tab);
  });
  return bar;
}

function parts(fields, record, prefix = "") {
  const made = [];
  let group = null;
  for (const field of fields) {
    const path = prefix + field.name;
    if (field.repeated) {
      group = null;
      made.push(field.kind === "object" ? list(field, path, record) : plainList(field, path, record));
      continue;
    }
    if (!group) made.push((group = make("dl", "values")));
    for (const each of field.kind === "object" ? places([field], record, prefix) : [{ path, field, isList: false }]) {
      if (each.isList) continue;
      group.append(make("dt", "", each.path.slice(prefix.length)), valueCell(make("dd", "value"), each.path, record));
    }
  }
  return made;
}

// Of nested records within the items of a list the values stand in columns of their own.
function columnsOf(fields, prefix = "") {
  return fields.flatMap((field) => {
    if (field.kind === "object" && !field.repeated) return columnsOf(field.fields, `${prefix}${field.name}.`);
    return [{ name: prefix + field.name, field }];
  });
}

function list(field, path, record) {
  const part = make("section", "list");
  const keys = itemsOf(record, path);
  part.append(listHead(path, record, keys));
  const table = make("table");
  const columns = columnsOf(field.fields);
  const head = make("tr");
  head.append(make("th", "line", ""), ...columns.map(({ name, field: each }) => make("th", isNumber(each) ? "figure" : "", name)));
  table.append(make("thead"), make("tbody"));
  table.tHead.append(head);
  keys.forEach((key, number) => {
    const at = `${path}[${key}]`;
    const line = make("tr", isGone(record, at) ? "gone" : key.startsWith("+") ? "added" : "");
    line.append(make("td", "line", String(number + 1)));
    for (const { name, field: each } of columns) {
      if (each.repeated) line.append(innerList(each, `${at}.${name}`, record));
      else line.append(valueCell(make("td", isNumber(each) ? "value figure" : "value"), `${at}.${name}`, record));
    }
    table.tBodies[0].append(line);
  });
  const scroll = make("div", "scroll");
  scroll.append(table);
  if (keys.length) part.append(scroll);
  return part;
}

function listHead(path, record, keys) {
  const head = make("h2", "value list-head");
  cells[path] = head;
  head.dataset.path = path;
  head.append(make("span", "name", path), make("small", "", keys.length === 1 ? "1 item" : `${keys.length || "no"} items`), make("span", "mark"));
  head.addEventListener("click", () => select(path));
  paintCell(path, record, head);
  return head;
}

function plainList(field, path, record) {
  const part = make("section", "list");
  part.append(listHead(path, record, itemsOf(record, path)));
  const group = make("dl", "values");
  itemsOf(record, path).forEach((key, number) => {
    group.append(make("dt", "", String(number + 1)), valueCell(make("dd", "value"), `${path}[${key}]`, record));
  });
  part.append(group);
  return part;
}

function innerList(field, path, record) {
  const cell = make("td", "inner");
  for (const place of places([field], record, path.slice(0, path.length - field.name.length))) {
    if (!place.isList) cell.append(valueCell(make("div", "value"), place.path, record));
  }
  return cell;
}

function isNumber(field) {
  return ["decimal", "float", "integer"].includes(field.kind);
}

function valueCell(element, path, record) {
  element.dataset.path = path;
  element.append(make("span", "text"), make("span", "mark"));
  element.addEventListener("click", () => select(path));
  element.addEventListener("dblclick", () => edit(path));
  cells[path] = element;
  paintCell(path, record, element);
  return element;
}

function paintAll() {
  for (const path of Object.keys(cells)) paintCell(path, currentRecord());
}

// A text that is there already is left alone: of thousands of cells few change.
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function paintCell(path, record, element = cells[path]) {
  if (!element || element.classList.contains("editing")) return;
  const place = placeOf(path);
  const evidence = record.source ? record.source.evidence[path] : undefined;
  const how = record.decided[path] || (isAccepted(record, path) ? "right" : "");
  const open = place && isOpen(record, place, shown.everything);
  element.classList.toggle("on", path === shown.path);
  const doubted = record.doubtful.has(path);
  const unread = evidence && evidence.found === "unread";
  element.classList.toggle("open", Boolean(open && doubted && !unread));
  element.classList.toggle("gone", isGone(record, path));
  for (const name of ["right", "changed", "absent"]) element.classList.toggle(`is-${name}`, how === name);
  put(element.querySelector(".mark"), how ? MARKS[how] : open ? "●" : "");
  const text = element.querySelector(".text");
  if (!text) return;
  const value = valueOf(record, path);
  put(text, value === null || value === "" ? "–" : String(value));
  element.classList.toggle("null", value === null || value === "");
  element.classList.toggle("unplaced", Boolean(evidence && evidence.found === "absent" && value !== null));
}
