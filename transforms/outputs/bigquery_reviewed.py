"""The view of a table's current rows with the corrections of a review in their place.

A correction is of a document as it was: where the file has been replaced since, it says nothing.
Of a document of one record it stands before every later extraction, whatever model or prompt made
that: a person has looked. Of one with several records it stands before the extraction that it was
made of, since another may count the records otherwise.
"""

from google.api_core import exceptions as api
from google.auth import exceptions as auth
from google.cloud import bigquery

from sluicegate.document_types.table_fit import Columns
from sluicegate.faults import one_line
from transforms.outputs.bigquery_table import LATEST, TableId
from transforms.outputs.bigquery_view import show_view

REVIEWED = "_reviewed"
_OURS = "Current rows, with corrections of a review in their place"


def reviewed_sql(rows: str, corrections: str, columns: Columns) -> str:
    """Return the query of the view; names are `project.dataset.table`.

    `columns` are those of the corrections: what only the rows have is not in the view.
    """
    # References and names of columns are letters, digits, '-', '_' and dots: they were judged.
    names = [column["name"] for column in columns if column["name"] != "review"]
    numbered = "record_index" in names
    of_record = "IFNULL({0}.record_index, 0)" if numbered else "0"
    theirs, ours = of_record.format("c"), of_record.format("r")
    listed = ", ".join(f"`{name}`" for name in names)
    return f"""\
WITH current_rows AS (
  SELECT * FROM `{rows}{LATEST}`
),
documents AS (
  SELECT document_uri, provenance.document_type AS kind, COUNT(*) AS records,
    MAX(provenance.document_version) AS version, MAX(provenance.request_identity) AS identity
  FROM current_rows GROUP BY document_uri, kind
),
said AS (
  SELECT c.*, {theirs} AS record FROM `{corrections}` AS c WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY document_uri, provenance.document_type, {theirs}
    ORDER BY review.reviewed_at DESC, processed_at DESC) = 1
),
corrected AS (
  SELECT said.* FROM said LEFT JOIN documents AS d
    ON d.document_uri = said.document_uri AND d.kind = said.provenance.document_type
  WHERE d.document_uri IS NULL OR (d.version = said.provenance.document_version
    AND (d.records = 1 OR d.identity = said.provenance.request_identity))
)
SELECT {listed}, review FROM corrected WHERE review.verdict != 'deleted'
UNION ALL
SELECT {", ".join(f"r.`{name}`" for name in names)}, NULL AS review FROM current_rows AS r
LEFT JOIN corrected AS c ON c.document_uri = r.document_uri
  AND c.provenance.document_type = r.provenance.document_type AND c.record = {ours}
WHERE c.document_uri IS NULL"""  # noqa: S608


def show_reviewed(rows: str, corrections: TableId, job_project: str, columns: Columns) -> str:
    """Create the view, or renew it; return what was made, or why nothing was."""
    table = TableId.parse(rows)
    if table is None:
        return f"a view is made of tables, and {rows} is none"
    name = f"{table.reference}{REVIEWED}"
    query = reviewed_sql(table.reference, corrections.reference, columns)
    try:
        client = bigquery.Client(project=job_project)
        kept = show_view(client, name, query, _OURS, f": {corrections}")
    except (api.GoogleAPIError, auth.GoogleAuthError) as error:
        return f"there is no view {name}: {one_line(error)}"
    return kept or f"the view {name} has the current rows with corrections in their place"
