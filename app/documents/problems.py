from __future__ import annotations
from collections.abc import Sequence


def sentences_of(problem: str) -> tuple[str, str]:
    return problem, ""


def finding_sentence(kind: str, pages: Sequence[int]) -> str:
    return f"{kind} {list(pages)}"
