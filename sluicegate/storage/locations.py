"""Whether a bucket's files can be loaded into a dataset, by where the two lie. Pure.

The rule is BigQuery's (https://cloud.google.com/bigquery/docs/batch-loading-data#data-locations,
November 2026): unless the dataset is in the US multi-region, the bucket lies in the same region,
or in a multi-region or dual-region that has it.
"""

# Multi-regions and dual-regions of Cloud Storage, by the beginning of the regions they lie in.
_WIDE = {
    "us": ("us-", "northamerica-"),
    "eu": ("europe-",),
    "asia": ("asia-",),
    "nam4": ("us-central1", "us-east1"),
    "eur4": ("europe-north1", "europe-west4"),
    "eur5": ("europe-west1", "europe-west2"),
    "eur7": ("europe-west2", "europe-west3"),
    "eur8": ("europe-west3", "europe-west6"),
    "asia1": ("asia-northeast1", "asia-northeast2"),
}


def can_load(bucket: str, dataset: str) -> bool:
    """Return False where the two places are surely too far apart for a load job.

    Places that are not known here pass: a load of no rows tells.
    """
    bucket, dataset = bucket.lower(), dataset.lower()
    if not bucket or not dataset or dataset in {"us", bucket}:
        return True
    if bucket in _WIDE:
        return dataset in _WIDE or dataset.startswith(_WIDE[bucket])
    if dataset in _WIDE:
        return bucket.startswith(_WIDE[dataset])
    return "-" not in bucket or "-" not in dataset
