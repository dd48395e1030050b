"""What was run to see that a pattern works, and when; no more than `evidence.json` says."""

from __future__ import annotations

from collections.abc import Iterator

from scaffolder.pages import markdown as md
from scaffolder.pages.site import Site
from scaffolder.published import Data


def results(site: Site, name: str) -> str:
    """The results of a pattern's proof and of the combinations with it; nothing if not recorded."""
    proof = site.evidence.get("proofs", {}).get(name)
    combinations = site.evidence.get("combinations", {}).get(name)
    blocks: list[str] = []
    if proof:
        blocks += _proof(site, proof)
    if combinations and combinations["tried"]:
        blocks.append(_combinations(site, combinations))
    if not blocks:
        return ""
    return "\n\n".join([site.heading(3, "results"), *blocks, *_versions(site)])


def _proof(site: Site, proof: Data) -> Iterator[str]:
    count = proof["passed"] + proof["failed"]
    word = "run_failed" if proof["failed"] else "run_passed"
    yield site.word(word, date=proof["date"], count=count, failed=proof["failed"])
    sentences = [f"- {test[:1].upper()}{test[1:]}" for test in proof["tests"]]
    if sentences:
        yield site.word("run_tests")
        yield md.boxed("anshin-proof", "\n".join(sentences), language="en")


def _combinations(site: Site, found: Data) -> str:
    failed = found["tried"] - found["passed"]
    word = "combinations_failed" if failed else "combinations_passed"
    return site.word(word, date=found["date"], tried=found["tried"], failed=failed)


def _versions(site: Site) -> Iterator[str]:
    versions = dict(site.evidence.get("versions", {}))
    if python := site.evidence.get("python"):
        versions = {"Python": python, **versions}
    if versions:
        named = site.listed(f"{name} {version}" for name, version in versions.items())
        yield site.word("run_versions", versions=named)
