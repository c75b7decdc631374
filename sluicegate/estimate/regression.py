"""From a sample to a total, with an interval: a stratified regression estimate in two phases. Pure.

    all documents      counted by stratum (kind and size), none of them read
    phase 1            so many of a stratum are read: their pages are known
    phase 2            so many of those are asked: what they cost is known

In a stratum the total is N (mean of y in phase 2 + slope x (mean x in phase 1 - mean x in phase 2))
with x the pages. The slope is one for all strata of a kind: what a further page costs is the same
in small files and large ones, and few documents a stratum would give no slope of its own.

Variance (W. G. Cochran, Sampling Techniques, 3rd ed. 1977, sections 7.3 and 12.6-12.9): in phase 2
that of the residuals, in phase 1 that of y itself, each with its finite population correction. A
stratum of a few documents has too few residuals to tell their spread, and a rare long one is most
of it. So the spread is the larger of two: that of its own residuals, and that of all documents of
the kind, taken as proportional to their pages.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

_Z = 1.959964  # two-sided 95 % of the normal distribution


@dataclass(frozen=True, slots=True)
class Asked:
    """One document of the sample: its pages, and what it cost in whatever unit."""

    pages: float
    y: float


@dataclass(frozen=True, slots=True)
class Stratum:
    """Documents of one kind and of about one size."""

    kind: str
    documents: int  # N, in the input
    pages: Sequence[float]  # of those that were read
    asked: Sequence[Asked]  # those of them that were asked


@dataclass(frozen=True, slots=True)
class Total:
    """An estimated sum, and how far it may be off: 95 % of such intervals hold the true one."""

    value: float
    half_width: float

    @property
    def low(self) -> float:
        """The lower end; a sum of costs is not negative."""
        return max(0.0, self.value - self.half_width)

    @property
    def high(self) -> float:
        """The upper end."""
        return self.value + self.half_width


def estimate_total(strata: Iterable[Stratum], *, pooled: bool = True) -> Total:
    """Return the sum of y over all documents of the strata.

    A stratum of which nothing was asked gets the fit of its kind, or of all. With `pooled` false
    each stratum's spread is that of its own documents alone: for many in each, and a y that has
    nothing to do with the pages.
    """
    strata = [each for each in strata if each.documents]
    fits = _fits(strata)
    if not pooled:
        fits = {kind: replace(fit, spread=0.0) for kind, fit in fits.items()}
    everything = _fit([one for each in strata for one in each.asked])
    total, variances = 0.0, []
    for each in strata:
        fit = fits.get(each.kind) or everything
        total += each.documents * _mean(each, fit)
        variances.append((_variance(each, fit), len(each.asked) - 1))
    variance = sum(found for found, _ in variances)
    return Total(total, _t(_degrees(variances)) * math.sqrt(variance))


@dataclass(frozen=True, slots=True)
class _Fit:
    """A line through the documents of a kind, and how far they lie off it for each page."""

    mean_pages: float
    mean_y: float
    slope: float
    spread: float  # standard deviation of residual / pages

    def at(self, pages: float) -> float:
        return self.mean_y + self.slope * (pages - self.mean_pages)


def _fits(strata: list[Stratum]) -> dict[str, _Fit]:
    kinds: dict[str, list[Asked]] = {}
    for each in strata:
        kinds.setdefault(each.kind, []).extend(each.asked)
    return {kind: _fit(asked) for kind, asked in kinds.items() if asked}


def _fit(asked: Sequence[Asked]) -> _Fit:
    """Fit y to the pages, weighted by 1 / pages^2: a long document lies further off the line."""
    if not asked:
        return _Fit(0.0, 0.0, 0.0, 0.0)
    weights = [1 / max(one.pages, 1) ** 2 for one in asked]
    whole = sum(weights)
    mean_x = sum(w * one.pages for w, one in zip(weights, asked, strict=True)) / whole
    mean_y = sum(w * one.y for w, one in zip(weights, asked, strict=True)) / whole
    pairs = list(zip(weights, asked, strict=True))
    xx = sum(w * (one.pages - mean_x) ** 2 for w, one in pairs)
    xy = sum(w * (one.pages - mean_x) * (one.y - mean_y) for w, one in pairs)
    slope = xy / xx if xx > 0 else 0.0
    off = [(one.y - mean_y - slope * (one.pages - mean_x)) / max(one.pages, 1) for one in asked]
    degrees = max(1, len(asked) - (2 if xx > 0 else 1))
    return _Fit(mean_x, mean_y, slope, math.sqrt(sum(each**2 for each in off) / degrees))


def _mean(stratum: Stratum, fit: _Fit) -> float:
    """Return the mean of y in a stratum."""
    read = fmean(stratum.pages) if stratum.pages else fit.mean_pages
    if not stratum.asked:
        return fit.at(read)
    mean_y = fmean(one.y for one in stratum.asked)
    mean_x = fmean(one.pages for one in stratum.asked)
    return mean_y + fit.slope * (read - mean_x)


def _variance(stratum: Stratum, fit: _Fit) -> float:
    """Return the variance of a stratum's total."""
    documents, read, asked = stratum.documents, len(stratum.pages), len(stratum.asked)
    residuals = _residual_variance(stratum, fit)
    of_pages = fit.slope**2 * _sample_variance(stratum.pages)
    second = residuals * (1 / max(asked, 1) - 1 / max(read, asked, 1))
    first = (residuals + of_pages) * max(0.0, 1 / max(read, 1) - 1 / documents)
    return documents**2 * (second + first)


def _residual_variance(stratum: Stratum, fit: _Fit) -> float:
    squares = [max(pages, 1) ** 2 for pages in stratum.pages or [fit.mean_pages]]
    of_kind = fit.spread**2 * fmean(squares)
    own = _sample_variance([one.y - fit.slope * one.pages for one in stratum.asked])
    return max(of_kind, own)


def _sample_variance(values: Sequence[float]) -> float:
    if len(values) < 2:
        return 0.0
    mean = fmean(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _degrees(variances: list[tuple[float, int]]) -> float:
    """Return the effective degrees of freedom (F. E. Satterthwaite, 1946)."""
    whole = sum(variance for variance, _ in variances)
    parts = sum(variance**2 / max(1, degrees) for variance, degrees in variances)
    return whole**2 / parts if parts else math.inf


def _t(degrees: float) -> float:
    """Return Student's t, two-sided 95 % (expansion by R. A. Fisher, in powers of 1/degrees)."""
    if math.isinf(degrees):
        return _Z
    v, z = max(3.0, degrees), _Z
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )
