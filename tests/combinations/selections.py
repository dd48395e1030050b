"""Which selections of safeguards are put through the bar."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from scaffolder.catalog import Catalog, load_catalog

ROOT = Path(__file__).parent.parent.parent
SEED = 34
"""Of the random selections, so that every run tries the same ones."""


def selections(catalog: Catalog, randoms: int = 0) -> list[tuple[str, ...]]:
    """None, each alone, all pairs, all presets, all, and seeded random ones; each result once.

    Two choices that come to the same safeguards, by what they require, are one selection, and
    choices with a conflict are none.
    """
    seen: dict[tuple[str, ...], None] = {}
    for chosen in _chosen(catalog, randoms):
        active = tuple(catalog.closure(list(chosen)))
        if not _conflicting(catalog, active):
            seen.setdefault(active)
    return list(seen)


def default_selections(catalog: Catalog, pairs: int) -> list[tuple[str, ...]]:
    """None, each alone, presets and all; and a seeded sample of the pairs."""
    every = selections(catalog)
    singles = {tuple(catalog.closure([e.id])) for e in catalog.safeguards}
    presets = {tuple(catalog.closure(catalog.preset(name))) for name in catalog.presets}
    must = [s for s in every if not s or s in singles or s in presets]
    others = [s for s in every if s not in must]
    picked = random.Random(SEED).sample(others, min(pairs, len(others)))  # noqa: S311, no secret
    return must + [s for s in others if s in picked]


def catalog() -> Catalog:
    """The checkout's catalog."""
    return load_catalog(ROOT / "catalog")


def _chosen(catalog: Catalog, randoms: int) -> Iterator[tuple[str, ...]]:
    ids = [e.id for e in catalog.safeguards]
    yield ()
    yield from ((i,) for i in ids)
    yield from (tuple(catalog.preset(name)) for name in catalog.presets)
    yield from combinations(ids, 2)
    dice = random.Random(SEED)  # noqa: S311, no secret
    for _ in range(randoms):
        yield tuple(i for i in ids if dice.random() < 0.5)


def _conflicting(catalog: Catalog, active: tuple[str, ...]) -> bool:
    return any(set(catalog.entries[i].pattern.conflicts) & set(active) for i in active)
