// Typing over a value, and taking a word of the page for it.

let input = null; // where a value is typed

function isEditing() {
  return input !== null;
}

function edit(path, typed) {
  const record = currentRecord();
  const place = placeOf(path);
  if (!record || record.deleted || !place || place.isList || !cells[path]) return;
  if (path !== shown.path) select(path);
  if (isEditing()) return;
  const cell = cells[path];
  input = make("input", "typed");
  input.value = typed === undefined ? String(valueOf(record, path) ?? "") : typed;
  input.spellcheck = false;
  input.autocomplete = "off";
  input.setAttribute("aria-label", path);
  input.addEventListener("blur", () => { if (isEditing()) finishEdit(true); });
  cell.classList.add("editing");
  cell.append(input);
  input.focus();
  if (typed === undefined) input.select();
  showHint("Enter takes it, Esc leaves it, a click on the page takes the word");
}

// Take over what was typed; false where it cannot be read. Left by a click, such a text is dropped.
function finishEdit(leaving = false) {
  const record = currentRecord();
  const path = shown.path;
  const found = read(input.value, placeOf(path).field);
  if (found.wrong && !leaving) {
    input.classList.add("wrong");
    showHint(found.wrong);
    return false;
  }
  endEdit();
  if (!found.wrong) mutate(() => change(record, path, found.value));
  return true;
}

function endEdit() {
  const field = input;
  input = null;
  cells[shown.path].classList.remove("editing");
  field.remove();
  paintCell(shown.path, currentRecord());
}

function takeWord(text, more) {
  input.value = more && input.value ? `${input.value} ${text}` : text;
  input.focus();
}

function pressedInEdit(event) {
  const path = shown.path;
  if (event.key === "Escape") {
    endEdit();
    showHint();
  } else if (event.key === "Enter" || event.key === "Tab") {
    if (finishEdit()) {
      if (event.shiftKey) step(-1);
      else advance(path);
    }
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}
