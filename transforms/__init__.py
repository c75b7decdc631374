"""The steps of the pipeline: one file a step, one public PTransform each."""
