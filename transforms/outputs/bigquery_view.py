"""Views beside a table: made once, renewed when their query changes, and only ever our own."""

from google.api_core import exceptions as api
from google.cloud import bigquery


def show_view(client: bigquery.Client, name: str, query: str, ours: str, of: str) -> str:
    """Create the view `name`, or renew it; return why it stays as it is, or "".

    Its description is `ours` and then `of`; a view whose description does not begin with `ours`, or
    a table of that name, is left alone. Raises what the client raises.
    """
    try:
        view = client.get_table(name)
    except api.NotFound:
        view = bigquery.Table(name)
        view.view_query, view.description = query, f"{ours}{of}"
        client.create_table(view, exists_ok=True)
        return ""
    if view.table_type != "VIEW" or not str(view.description or "").startswith(ours):
        return f"{name} is there and is none of ours: it stays as it is"
    if view.view_query != query:
        view.view_query = query
        client.update_table(view, ["view_query"])
    return ""
