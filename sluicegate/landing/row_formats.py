"""The formats that row files may have: what --output_format calls each, and what people call it.

How one is written and read is in `transforms.outputs`, which needs Beam; flags and help do not.
"""

from typing import Final

TITLES: Final = {"avro": "Avro", "parquet": "Parquet", "jsonl": "JSON Lines"}
DEFAULT: Final = "avro"
