"""Sluicegate's logic, without Beam: one room, a folder, for each theme.

Rooms, from the top down; an arrow points down only (the contracts are in pyproject.toml):

    live                            answers by paced calls
    landing                         from answers to rows, failure lines and what landed before
    pages       evaluation          outputs compared and scored; the pages that show it
    sources                         from patterns and failure files to documents
    gemini                          the provider: client, errors, schema, catalogue
    asking      alignment           what is asked and answered; how values of rows are paired
    pacing                          when a call may start
    document_types  media  storage  what is extracted; bytes to parts; disk and Cloud Storage
    pdf  tiff  formats              what a file is and holds, under media
    records codes faults ledger summary metrics log masking progress  the ground floor: plain values
"""
