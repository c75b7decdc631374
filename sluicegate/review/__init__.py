"""Review: which documents a person looks at, what the page shows of them, and what they said.

    rows, failures ── queues ──> Subjects ── material ──> the page (sluicegate.pages.review_page)
                                                          what was decided ── corrections ──> truth

The page is the same from a folder and from a server; nothing here knows which.
"""
