// The values of a record as cells by path, and a path's way back into nested values.
//
// A path is as in the evidence: `total`, `seller.name`, `line_items[3].total`. Items keep the number
// that they came with, whatever is added or deleted; an added one is `line_items[+1]`.

function flatten(fields, values, prefix = "", flat = { cells: {}, order: {} }) {
  for (const field of fields) {
    const path = prefix + field.name;
    const value = values ? values[field.name] : undefined;
    if (field.repeated) {
      const items = Array.isArray(value) ? value : [];
      flat.order[path] = items.map((_, number) => String(number));
      items.forEach((item, number) => {
        const at = `${path}[${number}]`;
        if (field.kind === "object") flatten(field.fields, item, `${at}.`, flat);
        else flat.cells[at] = item ?? null;
      });
    } else if (field.kind === "object") {
      flatten(field.fields, value, `${path}.`, flat);
    } else {
      flat.cells[path] = value ?? null;
    }
  }
  return flat;
}

// Every place of a record in the order in which it is read: values, and the heads of lists.
function places(fields, record, prefix = "", item = "") {
  const found = [];
  for (const field of fields) {
    const path = prefix + field.name;
    if (field.repeated) {
      found.push({ path, field, item, isList: true });
      for (const key of itemsOf(record, path)) {
        const at = `${path}[${key}]`;
        if (field.kind === "object") found.push(...places(field.fields, record, `${at}.`, at));
        else found.push({ path: at, field, item: at, isList: false });
      }
    } else if (field.kind === "object") {
      found.push(...places(field.fields, record, `${path}.`, item));
    } else {
      found.push({ path, field, item, isList: false });
    }
  }
  return found;
}

function itemsOf(record, path) {
  return record.order[path] || record.given.order[path] || [];
}

function valueOf(record, path) {
  if (path in record.cells) return record.cells[path];
  return record.given.cells[path] ?? null;
}

// The values as the row has them, without what was deleted; items without any value are left out.
function nested(fields, record, prefix = "") {
  const values = {};
  for (const field of fields) {
    const path = prefix + field.name;
    if (field.repeated) {
      values[field.name] = itemsOf(record, path)
        .map((key) => `${path}[${key}]`)
        .filter((at) => !record.gone[at])
        .map((at) => (field.kind === "object" ? nested(field.fields, record, `${at}.`) : valueOf(record, at)))
        .filter((each) => !isEmpty(each));
    } else if (field.kind === "object") {
      const inner = nested(field.fields, record, `${path}.`);
      values[field.name] = isEmpty(inner) ? null : inner;
    } else {
      values[field.name] = valueOf(record, path);
    }
  }
  return values;
}

function isEmpty(value) {
  if (value === null || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.values(value).every(isEmpty);
}

// The column of a row that a path is in: `line_items` of `line_items[3].total`.
function columnOf(path) {
  return path.split(/[.[]/, 1)[0];
}

// What somebody typed, or clicked on the page, as the field's kind takes it: {value} or {wrong}.
function read(text, field) {
  const given = text.trim();
  if (given === "") return { value: null };
  switch (field.kind) {
    case "decimal": case "float": return readNumber(given, false);
    case "integer": return readNumber(given, true);
    case "date": return readDay(given);
    case "datetime":
      return /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(given) ? { value: given } : { wrong: "write it as 2026-03-31T14:05" };
    case "boolean": return readFlag(given);
    default: return readText(given, field);
  }
}

function readText(given, field) {
  if (field.choices.length === 0 || field.choices.includes(given)) return { value: given };
  const near = field.choices.find((choice) => choice.toLowerCase().startsWith(given.toLowerCase()));
  return near ? { value: near } : { wrong: `one of ${field.choices.join(", ")}` };
}

function readFlag(given) {
  if (/^(true|yes|y|1)$/i.test(given)) return { value: true };
  return /^(false|no|n)$/i.test(given) ? { value: false } : { wrong: "write true or false" };
}

// A comma or point with other than three digits behind it is the decimal mark, as is the last of both.
function readNumber(given, whole) {
  const isNegative = /^\(.*\)$/.test(given) || /^[^\d]*[-−–]/.test(given) || /\d\s*[-−]$/.test(given);
  let digits = given.replace(/[^\d.,]/g, "").replace(/^[.,]+(?=\d{3})|[.,]+$/g, "");
  const marks = digits.replace(/\d/g, "");
  const last = marks.slice(-1);
  const repeated = marks.length > 1 && new Set(marks).size === 1;
  const isGroup = repeated || (marks === "," && /,\d{3}$/.test(digits));
  if (isGroup) digits = digits.replace(/[.,]/g, "");
  else if (last) {
    const at = digits.lastIndexOf(last);
    digits = `${digits.slice(0, at).replace(/[.,]/g, "")}.${digits.slice(at + 1)}`;
  }
  if (!/^\d*\.?\d+$/.test(digits)) return { wrong: "write a number, as 1234.50" };
  if (whole && digits.includes(".")) return { wrong: "write a whole number" };
  if (digits.includes(".")) digits = digits.replace(/\.?0+$/, "");
  const plain = digits.replace(/^0+(?=\d)/, "").replace(/^(?=\.|$)/, "0");
  return { value: (isNegative ? "-" : "") + plain };
}

function readDay(given) {
  const wrong = { wrong: "write the day as 2026-03-31" };
  let parts = /^(\d{4})[-./](\d{1,2})[-./](\d{1,2})$/.exec(given);
  if (parts) return day(parts[1], parts[2], parts[3]) || wrong;
  parts = /^(\d{1,2})([-./])\s*(\d{1,2})[-./]\s*(\d{4})$/.exec(given);
  if (!parts) return wrong;
  const [, one, mark, two, year] = parts;
  // Days before months with points; with slashes both are written, and one above 12 tells.
  if (mark === "." || Number(one) > 12) return day(year, two, one) || wrong;
  if (Number(two) > 12) return day(year, one, two) || wrong;
  return one === two ? day(year, two, one) : { wrong: "which is the month? write it as 2026-03-31" };
}

function day(year, month, date) {
  const text = `${year}-${month.padStart(2, "0")}-${date.padStart(2, "0")}`;
  const found = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(found.getTime()) && found.toISOString().startsWith(text) ? { value: text } : null;
}
