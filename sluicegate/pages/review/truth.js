// Corrections as lines of truth, and the measure of the random queue.

// Lines as `evaluate --truth` reads them, one a record; all that is no column is under `review`.
// Columns that were not looked at are there, and are not scored. Of a document of several records
// there is a line for each, looked at or not: else the others would count as invented.
function truthLines(material, state, reviewer) {
  if (!isTouched(state)) return [];
  const fields = shapes[material.type];
  const about = (verdict, looked) => ({
    reviewer,
    reviewed_at: state.at || new Date().toISOString(),
    verdict,
    queue: state.sampled ? "random" : state.queue,
    document_type: material.document_type,
    document_version: material.version,
    request_identity: material.identity,
    run_id: material.run_id,
    looked_at: looked,
  });
  const records = state.records.filter((record) => !record.added || !(record.deleted || isEmpty(nested(fields, record))));
  const kept = records.filter((record) => !record.deleted);
  if (kept.length === 0) {
    if (records.length === 0 && !state.done) return [];
    const verdict = records.length ? "deleted" : "right";
    return [{ document_uri: material.uri, expect: "nothing", review: about(verdict, []) }];
  }
  const isMany = records.length > 1;
  const lines = records.map((record) => {
    const looked = Object.keys(record.decided).concat(Object.keys(record.gone)).sort();
    if (record.deleted) {
      return { document_uri: material.uri, review: { ...about("deleted", looked), record_index: record.index } };
    }
    const line = { document_uri: material.uri };
    if (isMany) line.record_index = record.index;
    if (record.source && record.source.first_page) {
      line.first_page = record.source.first_page;
      line.last_page = record.source.last_page;
    }
    Object.assign(line, nested(fields, record));
    const seen = lookedAt(fields, record);
    for (const field of fields) if (!seen.has(field.name)) line[`${field.name}_scored`] = false;
    line.review = about(verdictOf(record, looked), looked);
    return line;
  });
  return lines.some((line) => line.review.verdict !== "unseen") ? lines : [];
}

function verdictOf(record, looked) {
  if (record.added) return "added";
  if (looked.length === 0 && !isCorrected(record)) return "unseen";
  return isCorrected(record) ? "corrected" : "right";
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
