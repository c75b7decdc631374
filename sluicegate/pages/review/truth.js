// Corrections as lines of truth, and the measure of the random queue.

// A line for each record that was looked at, as `evaluate --truth` reads it; all that is no column is
// under `review`. Columns that were not looked at are there, and are not scored.
function truthLines(material, state, reviewer) {
  const fields = shapes[material.type];
  const about = (verdict, looked) => ({
    reviewer,
    reviewed_at: state.at || new Date().toISOString(),
    verdict,
    queue: state.queue,
    document_type: material.document_type,
    document_version: material.version,
    request_identity: material.identity,
    run_id: material.run_id,
    looked_at: looked,
  });
  const lines = [];
  for (const record of state.records) {
    const looked = Object.keys(record.decided).concat(Object.keys(record.gone)).sort();
    if (record.deleted) {
      if (record.added) continue;
      lines.push({
        document_uri: material.uri, record_index: record.index, expect: "nothing",
        review: about("deleted", looked),
      });
      continue;
    }
    if (!record.added && looked.length === 0) continue;
    const values = nested(fields, record);
    if (record.added && isEmpty(values)) continue;
    const line = { document_uri: material.uri, record_index: record.index };
    if (record.source && record.source.first_page) {
      line.first_page = record.source.first_page;
      line.last_page = record.source.last_page;
    }
    Object.assign(line, values);
    const seen = lookedAt(fields, record);
    for (const field of fields) if (!seen.has(field.name)) line[`${field.name}_scored`] = false;
    line.review = about(record.added ? "added" : isCorrected(record) ? "corrected" : "right", looked);
    lines.push(line);
  }
  if (state.done && lines.length === 0 && state.records.length === 0) {
    lines.push({ document_uri: material.uri, expect: "nothing", review: about("right", []) });
  }
  return lines;
}

function isCorrected(record) {
  return Object.keys(record.gone).length > 0 ||
    Object.values(record.decided).some((how) => how !== "right") ||
    Object.keys(record.order).length > 0;
}

// Counts of a document that was reviewed in the random queue: values, and those that were right.
function counted(material, state) {
  const fields = shapes[material.type];
  let values = 0;
  let right = 0;
  for (const record of state.records) {
    for (const place of places(fields, record)) {
      if (place.isList) continue;
      const before = record.given.cells[place.path] ?? null;
      const now = record.deleted || isGone(record, place.path) ? null : valueOf(record, place.path);
      if (before === null && now === null) continue;
      values += 1;
      if (!record.deleted && String(before) === String(now)) right += 1;
    }
  }
  return { values, right };
}

// The 95 % interval of a share (Wilson 1927): it is honest for few, and for shares near 1.
function wilson(right, all) {
  if (all === 0) return [0, 1];
  const z = 1.959964;
  const share = right / all;
  const middle = share + (z * z) / (2 * all);
  const spread = z * Math.sqrt((share * (1 - share)) / all + (z * z) / (4 * all * all));
  const below = 1 + (z * z) / all;
  return [Math.max(0, (middle - spread) / below), Math.min(1, (middle + spread) / below)];
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}
