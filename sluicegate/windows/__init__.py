"""Windows: long documents are asked about some pages at a time, and what came back is put together.

    plan.py     which pages each window has
    wording.py  what a request says about its window
    stitch.py   the answers of the windows to one answer

All pure. The calls are made in live/windowed.py.
"""
