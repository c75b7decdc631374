"""The logic behind the steps. Nothing here knows Apache Beam."""
