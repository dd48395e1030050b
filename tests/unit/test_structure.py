"""Merging YAML by structure: what changes, what stays just as the user wrote it, what clashes."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, StrictUndefined, Template

from scaffolder import structure
from scaffolder.catalog import Catalog, load_catalog
from scaffolder.structure import Reason, Unmergeable, merge
from scaffolder.structure.edits import INSTEAD, LEAD, Edit, Overlap, Work, apply
from scaffolder.structure.plan import Plan
from scaffolder.structure.splice import splice

ROOT = Path(__file__).parent.parent.parent

Case = tuple[str, str, str, str]
"""BASE, MINE, NEW and the result."""

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31 # SAM

Resources:
  Api:
    Type: AWS::Serverless::Api

  # my queue
  Mine:
    Type: AWS::SQS::Queue

  # Resources of the safeguards follow.

Outputs:
  Url:
    Value: !Ref Api
"""

ADDED: dict[str, Case] = {
    "behind the nearest key before it that is there": (
        "a: 1\nb: 2\n",
        "a: 1\nmine: 3\nb: 2\n",
        "a: 1\nnew: 4\nb: 2\n",
        "a: 1\nnew: 4\nmine: 3\nb: 2\n",
    ),
    "before the nearest key after it if none before it is there": (
        "b: 2\n",
        "mine: 3\nb: 2\n",
        "new: 4\nb: 2\n",
        "mine: 3\nnew: 4\nb: 2\n",
    ),
    "before the first key": ("b: 2\n", "b: 2\n", "new: 4\nb: 2\n", "new: 4\nb: 2\n"),
    "at the end if no neighbour is there": (
        "",
        "mine: 3\nother:\n  x: 1\n",
        "new: 4\n",
        "mine: 3\nother:\n  x: 1\nnew: 4\n",
    ),
    "with the comments directly above it, not with others": (
        "a: 1\n",
        "a: 1 # one\nmine: 2\n",
        "a: 1\n# far\n\n# near\n#  nearer\nnew: # beside\n  # inside\n  x: 2\n",
        "a: 1 # one\n# near\n#  nearer\nnew: # beside\n  # inside\n  x: 2\nmine: 2\n",
    ),
    "several in their order": (
        "a: 1\nb: 2\n",
        "a: 1\nb: 2\n",
        "zero: 0\na: 1\nx: 3\ny: 4\nb: 2\nz: 5\n",
        "zero: 0\na: 1\nx: 3\ny: 4\nb: 2\nz: 5\n",
    ),
    "set apart by a blank line as the others are": (
        "R:\n  A: {x: 1}\n",
        "R:\n    A:\n        x: 1\n\n    Mine:\n        y: 2\n",
        "R:\n  A: {x: 1}\n  New:\n    z: 3\n",
        "R:\n    A:\n        x: 1\n\n    New:\n        z: 3\n\n    Mine:\n        y: 2\n",
    ),
    "close to the others where they are close": (
        "R:\n  A: {x: 1}\n",
        "R:\n  A:\n    x: 1\n  Mine:\n    y: 2\nO: 1\n",
        "R:\n  A: {x: 1}\n\n  New:\n    z: 3\n",
        "R:\n  A:\n    x: 1\n  New:\n    z: 3\n  Mine:\n    y: 2\nO: 1\n",
    ),
    "behind the comment that NEW has before it": (
        TEMPLATE.replace("  # my queue\n  Mine:\n    Type: AWS::SQS::Queue\n\n", ""),
        TEMPLATE,
        TEMPLATE.replace("  # my queue\n  Mine:\n    Type: AWS::SQS::Queue\n\n", "").replace(
            "follow.\n", "follow.\n\n  New:\n    Type: AWS::SNS::Topic\n"
        ),
        TEMPLATE.replace("follow.\n", "follow.\n\n  New:\n    Type: AWS::SNS::Topic\n"),
    ),
    "behind a comment directly below its neighbour": (
        "a:\n  x: 1\n",
        "a:\n  x: 1\n  # y: 2\nb: 1\n",
        "a:\n  x: 1\n  new: 3\n",
        "a:\n  x: 1\n  # y: 2\n  new: 3\nb: 1\n",
    ),
    "behind deeper comments of its neighbour": (
        "a:\n  x: 1\n",
        "a:\n  x: 1\n    # of x\n\n    # too\n  y: 1\n",
        "a:\n  x: 1\n  new: 3\n",
        "a:\n  x: 1\n    # of x\n\n    # too\n  new: 3\n  y: 1\n",
    ),
    "a section in its usual place": (
        "",
        "Transform: SAM\n\nResources:\n  A: {Type: T}\n\nOutputs:\n  O: {Value: 1}\n",
        "Conditions:\n  C: yes\n\nGlobals:\n  G: 1\n\nResources:\n  B: {Type: T}\n",
        "Transform: SAM\n\nConditions:\n  C: yes\n\nGlobals:\n  G: 1\n\n"
        "Resources:\n  A: {Type: T}\n  B: {Type: T}\n\nOutputs:\n  O: {Value: 1}\n",
    ),
    "a first section before all others": (
        "",
        "# mine\n\nResources:\n  A: 1\n\nOutputs:\n  O: 1\n",
        "Parameters:\n  P: 1\n",
        "# mine\n\nParameters:\n  P: 1\n\nResources:\n  A: 1\n\nOutputs:\n  O: 1\n",
    ),
    "into an empty section": (
        "",
        "Globals: # none yet\n\nResources:\n  A: 1\n",
        "Globals:\n  F:\n    T: 1\n\n  G: 2\n",
        "Globals: # none yet\n  F:\n    T: 1\n\n  G: 2\n\nResources:\n  A: 1\n",
    ),
    "into an empty section in braces": (
        "",
        "Parameters: {}  # none\nResources:\n    A:\n        B: 1\n",
        "Parameters:\n  P:\n    Type: String\n",
        "Parameters:  # none\n    P:\n        Type: String\nResources:\n    A:\n        B: 1\n",
    ),
    "into a section that says null": (
        "",
        "Parameters: ~\nResources: {A: 1}\n",
        "Parameters:\n  P: 1\n",
        "Parameters:\n  P: 1\nResources: {A: 1}\n",
    ),
    "into braces": (
        "a: {x: 1}\n",
        "a: { x: 1, mine: 2 } # c\n",
        "a:\n  x: 1\n  new: 'y, z'\n  more: {k: [1, !Ref P]}\n",
        "a: { x: 1, new: 'y, z', more: {k: [1, !Ref P]}, mine: 2 } # c\n",
    ),
    "into braces, from lines": (
        "",
        "a: {}\nb: {c: {}}\n",
        "b:\n  c:\n    d:\n      - x{1}\n      - e: !Sub 'f'\n  g: !Ref h\n",
        "a: {}\nb: {c: {d: ['x{1}', {e: !Sub 'f'}]}, g: !Ref h}\n",
    ),
    "after a block scalar": (
        "a:\n  x: |\n    text\n",
        "a:\n  x: |\n    text\n    # no comment\n\n\nb: 1\n",
        "a:\n  x: |\n    text\n  new: 3\n",
        "a:\n  x: |\n    text\n    # no comment\n  new: 3\n\n\nb: 1\n",
    ),
    "after a block scalar that keeps its blank lines": (
        "",
        "Resources:\n  x: |+\n    text\n\n\nOutputs: 1\n",
        "Metadata: 2\nResources:\n  new: 3\n",
        "Metadata: 2\nResources:\n  x: |+\n    text\n\n\n  new: 3\nOutputs: 1\n",
    ),
    "after scalars of all kinds": (
        "",
        "a: plain\n  on two lines # c\nb: 'single\n\n  quoted'\nc: !Sub |\n  x\nd: >-\n  y\n"
        "e: !Sub [x,\n  {y: z}] # d\nf:\n",
        "a: plain\n  on two lines\na2: 1\nb: 'single\n\n  quoted'\nb2: 1\nc: !Sub |\n  x\nc2: 1\n"
        "d: >-\n  y\nd2: 1\ne: !Sub [x, {y: z}]\ne2: 1\nf:\nf2: 1\n",
        "a: plain\n  on two lines # c\na2: 1\nb: 'single\n\n  quoted'\nb2: 1\nc: !Sub |\n  x\n"
        "c2: 1\nd: >-\n  y\nd2: 1\ne: !Sub [x,\n  {y: z}] # d\ne2: 1\nf:\nf2: 1\n",
    ),
    "where wide characters come first": (
        "a: 1\n",
        "# 安心 😀\nあ: '安心 😀' # 😀\na: 1 # 安心\n",
        "a: 1\nnew: 😀 # 心\n",
        "# 安心 😀\nあ: '安心 😀' # 😀\na: 1 # 安心\nnew: 😀 # 心\n",
    ),
    "into what the user has too": (
        "",
        "R:\n  Q:\n    Type: T\n    Properties:\n      Mine: 1\n",
        "R:\n  Q:\n    Type: T\n    Properties:\n      Ours: 2\n",
        "R:\n  Q:\n    Type: T\n    Properties:\n      Mine: 1\n      Ours: 2\n",
    ),
    "not where it is already": ("", "b: 1\na: !Ref X\n", "a: {Ref: X}\n", "b: 1\na: !Ref X\n"),
    "with the indentation of MINE": (
        "",
        "R:\n    A:\n        - x:\n              y: 1\n        - z\n",
        "R:\n  B:\n    - p:\n        q: |\n          r\n           s\n      t:\n      - u\n"
        "  # c\n  C:\n  - D: !If\n    - v\n    - - w\n\n",
        "R:\n    A:\n        - x:\n              y: 1\n        - z\n"
        "    B:\n        - p:\n              q: |\n                r\n                 s\n"
        "          t:\n              - u\n"
        "    # c\n    C:\n        - D: !If\n              - v\n              - - w\n",
    ),
    "with lists at the column of their key, as MINE has them": (
        "",
        "R:\n  A:\n  - x\n",
        "R:\n  B:\n    - p:\n        - q\n",
        "R:\n  A:\n  - x\n  B:\n  - p:\n    - q\n",
    ),
    "a comment line above a key that stays": (
        "a:\n  # one\n  x: 1\ny: 2\n",
        "a:\n  # mine\n  # one\n  x: 1\ny: 2\n",
        "a:\n  # one\n  # two\n  x: 1\n# three\ny: 2\n",
        "a:\n  # mine\n  # one\n  # two\n  x: 1\n# three\ny: 2\n",
    ),
    "after a scalar that keeps blank lines, where others are set apart": (
        "R:\n  a: 1\n  b: |+\n    x\n",
        "R:\n  a: 1\n\n  b: |+\n    x\nO: 1\n",
        "R:\n  a: 1\n  b: |+\n    x\n  new: 3\n",
        "R:\n  a: 1\n\n  b: |+\n    x\n  new: 3\nO: 1\n",
    ),
    "before a neighbour that is set apart by two lines": (
        "b: 2\n",
        "mine: 3\n\n\nb: 2\n",
        "new: 4\nb: 2\n",
        "mine: 3\n\nnew: 4\n\n\nb: 2\n",
    ),
    "a comment line above those that are there": (
        "# one\na: 1\n",
        "# mine\n# one\na: 1\n",
        "# zero\n# one\na: 1\n",
        "# zero\n# mine\n# one\na: 1\n",
    ),
}

METHOD = "  - ResourcePath: /\n    HttpMethod: GET\n"

LISTS: dict[str, Case] = {
    "what is ours of an item that says more": (
        f"a:\n{METHOD}    # why\n    x: 1\n",
        "a:\n- HttpMethod: GET # mine\n  x: 1\n  ResourcePath: /\n  # too\n  mine: 2\n- b\n",
        "a: []\n",
        "a:\n- HttpMethod: GET # mine\n  ResourcePath: /\n  # too\n  mine: 2\n- b\n",
    ),
    "all of an item that says no more than ours": (
        f"a:\n{METHOD}    x: 1\n",
        f"a:\n{METHOD}    x: 1\n  - b\n",
        "a: []\n",
        "a:\n  - b\n",
    ),
    "an item behind its neighbour": (
        "l:\n  - a\n  - b\n",
        "l:\n- b # two\n- a # one\n- mine\n",
        "l:\n  - a\n  # c\n  - new: 1\n    x: 2\n  - b\n",
        "l:\n- b # two\n- a # one\n# c\n- new: 1\n  x: 2\n- mine\n",
    ),
    "an item before the one that follows it": (
        "l:\n  - a\n",
        "l:\n    - mine\n    - a\n",
        "l:\n  - new\n  - a\n",
        "l:\n    - mine\n    - new\n    - a\n",
    ),
    "an item at the end": (
        "l: [a]\n",
        "l:\n  - mine\n",
        "l: [a, new]\n",
        "l:\n  - mine\n  - new\n",
    ),
    "an item in brackets": (
        "l: [a]\n",
        "l: [ a, mine ]\n",
        "l:\n  - a\n  - b\n",
        "l: [ a, b, mine ]\n",
    ),
    "an item that is there already": (
        "l: [a]\n",
        "l:\n  - b\n  - a\n",
        "l: [a, b]\n",
        "l:\n  - b\n  - a\n",
    ),
    "in an empty list": ("l: []\n", "l: []\nm: 1\n", "l:\n  - a\n", "l:\n  - a\nm: 1\n"),
    "deleted": (
        "l:\n  # c\n  - a\n  - b: 1\n    c: 2\n  - d\n",
        "l:\n  # mine\n  # c\n  - a\n  - mine\n\n  - c: 2\n    b: 1\n  - d\n",
        "l:\n  - d\n",
        "l:\n  # mine\n  - mine\n\n  - d\n",
    ),
    "deleted in brackets": (
        "l: [a, b, c, d]\n",
        "l: [a,  b,  mine,  c,   d]\n",
        "l: [b]\n",
        "l: [b,  mine]\n",
    ),
    "all but the user's": ("l: [a, b]\n", "l:\n- a\n- mine\n- b\n", "", "l:\n- mine\n"),
    "changed in place": (
        "l:\n  - a\n  - !Ref b\n  - c\n",
        "l:\n  - a # one\n  - mine\n  - Ref: b\n  - c\n",
        "l:\n  - z\n  - !Sub\n    - y\n    - {}\n  - c\n",
        "l:\n  - z # one\n  - mine\n  - !Sub\n    - y\n    - {}\n  - c\n",
    ),
    "changed inside": (
        "l:\n  - k: 1\n    m: 2\n",
        "l:\n  - m: 2 # two\n    # one\n    k: 1\n",
        "l:\n  - k: 3\n    m: 2\n    n: 4\n",
        "l:\n  - m: 2 # two\n    n: 4\n    # one\n    k: 3\n",
    ),
    "changed inside of the item with the same identity": (
        "l:\n  - Sid: A\n    x: 1\n  - Sid: B\n    x: 1\n",
        "l:\n  - Sid: C\n    x: 1\n  - y: 5\n    Sid: A\n    x: 1 # c\n  - {Sid: B, x: 1}\n",
        "l:\n  - Sid: A\n    x: 2\n  - Sid: B\n    x: 3\n",
        "l:\n  - Sid: C\n    x: 1\n  - y: 5\n    Sid: A\n    x: 2 # c\n  - {Sid: B, x: 3}\n",
    ),
    "joined if its items are independent": (
        "",
        "Policies:\n  - PolicyName: mine\n    x: 1\n",
        "Policies:\n  - PolicyName: ours\n    x: 2\n",
        "Policies:\n  - PolicyName: mine\n    x: 1\n  - PolicyName: ours\n    x: 2\n",
    ),
    "the first key behind a dash, which goes": (
        "l:\n  - a: 1\n    b: 2\n",
        "l:\n  -   a: 1\n      b: 2 # c\n",
        "l:\n  - new: 0\n    b: 2\n    c: 3\n",
        "l:\n  -   b: 2 # c\n      new: 0\n      c: 3\n",
    ),
    "of lists": (
        "l:\n- - a\n",
        "l:\n- - a\n- - b\n",
        "l:\n- - a\n- - c\n",
        "l:\n- - a\n- - c\n- - b\n",
    ),
}

GONE: dict[str, Case] = {
    "a key with its comments, not with the user's": (
        "a: 1\n# ours\nb:\n  # deep\n  x: 1 # end\nc: 2\n",
        "a: 1\n# mine\n# ours\nb:\n    # deep\n    # kept\n    x: 1 # end\nc: 2\n",
        "a: 1\nc: 2\n",
        "a: 1\n# mine\n# kept\nc: 2\n",
    ),
    "a comment at the end of a line stays": (
        "a: 1\nb: 2\n",
        "a: 1\nb: 2 # mine\n",
        "a: 1\n",
        "a: 1\n# mine\n",
    ),
    "the blank line that set it apart": (
        "R:\n  A: 1\n\n  B: 2\n\nO: 1\n",
        "R:\n  A: 1\n\n  B: 2\n\nO: 1\n",
        "R:\n  A: 1\n\nO: 1\n",
        "R:\n  A: 1\n\nO: 1\n",
    ),
    "the blank line below the first": (
        "R:\n  A: 1\n\n  B: 2\n",
        "R:\n  # a\n  A: 1\n\n  # b\n  B: 2\n",
        "R:\n  B: 2\n",
        "R:\n  # a\n\n  # b\n  B: 2\n",
    ),
    "several in a row": (
        "a: 1\n\nb: 2\n\nc: 3\n",
        "mine: 0\n\na: 1\n\nb: 2\n\nc: 3\n\nmore: 0\n",
        "",
        "mine: 0\n\nmore: 0\n",
    ),
    "the last, at the end of the document": ("a: 1\nb: 2\n", "a: 1\n\nb: 2\n", "a: 1\n", "a: 1\n"),
    "a section that is left empty": (
        "R:\n  A: 1\nP:\n  # c\n  X: {y: 1}\n",
        "# r\nR:\n  A: 1\nP:\n  # c\n  X:\n    y: 1\n",
        "R:\n  A: 1\n",
        "# r\nR:\n  A: 1\n",
    ),
    "but not what the user added inside": (
        "G:\n  F:\n    T: 1\n    L: [a]\n",
        "G:\n  F:\n    M: 512\n    T: 1\n    L:\n      - a\n      - mine\n",
        "",
        "G:\n  F:\n    M: 512\n    L:\n      - mine\n",
    ),
    "where the user deleted it": ("a: 1\nb: {x: 1}\n", "a: 1\n", "a: 1\n", "a: 1\n"),
    "where the user deleted a part": ("b: {x: 1, y: 2}\n", "a: 1\nb: {x: 1}\n", "", "a: 1\n"),
    "in braces": (
        "a: {b: 1, c: 2, d: 3}\n",
        "a: {b: 1,  c: 2,   d: 3}\n",
        "a: {c: 2}\n",
        "a: {c: 2}\n",
    ),
    "all that is in braces": (
        "a: {b: {c: 1}}\n",
        "a: {b: {c: 1, e: 2}}\n",
        "a: {}\n",
        "a: {b: {e: 2}}\n",
    ),
    "all there is": ("a: 1\n", "# c\n\na: 1\n", "", "# c\n\n"),
    "a framed comment above a key that stays": (
        "####\n# a #\n####\na: 1\n",
        "# mine\n####\n# a #\n####\na: 1\n",
        "a: 1\n",
        "# mine\na: 1\n",
    ),
    "a comment line above a key that stays": (
        "# one\n# two\na: 1\n",
        "# two\n# mine\n# one\na: 1\n",
        "# two\na: 1\n",
        "# two\n# mine\na: 1\n",
    ),
    "the first two": (
        "a: 1\nb: 2\nc: 3\n",
        "a: 1\n\nb: 2\n\nc: 3\n",
        "c: 3\n",
        "c: 3\n",
    ),
    "on both sides of a comment that stands alone": (
        "a: 1\nb: 2\nc: 3\nd: 4\n",
        "a: 1\n\nb: 2\n\n# alone\n\nc: 3\n\nd: 4\n",
        "a: 1\nd: 4\n",
        "a: 1\n\n# alone\n\nd: 4\n",
    ),
    "the first two in braces": (
        "a: {b: 1, c: 2, d: 3}\n",
        "a: {b: 1, c: 2, d: 3}\n",
        "a: {d: 3}\n",
        "a: {d: 3}\n",
    ),
}

CHANGED: dict[str, Case] = {
    "a scalar; what else is in the line stays": (
        "a: 1\n",
        "a:   1 # why\n",
        "a: 20 # other\n",
        "a:   20 # why\n",
    ),
    "a scalar in braces": (
        "a: {b: 1}\n",
        "a: { 'b':  1 }\n",
        "a:\n  b: x, y\n",
        "a: { 'b':  'x, y' }\n",
    ),
    "a scalar to a mapping": (
        "a: 1\n",
        "a: 1 # c\nr:\n    s: 1\n",
        "a:\n  b:\n    c: 1\n",
        "a:\n    b:\n        c: 1 # c\nr:\n    s: 1\n",
    ),
    "a mapping to a scalar": (
        "a:\n  b: 1\n",
        "a:\n    b: 1 # c\nr: 1\n",
        "a: x\n",
        "a: x # c\nr: 1\n",
    ),
    "a scalar to a block scalar": (
        "a: x\n",
        "a: x  \nb:\n    c: 1\n",
        "a: |\n  one\n   two\n",
        "a: |\n  one\n   two\nb:\n    c: 1\n",
    ),
    "a block scalar to a scalar": (
        "a: >\n  x\n  y\n",
        "a: >\n    x\n    y\n\nb: 1\n",
        "a: z\n",
        "a: z\n\nb: 1\n",
    ),
    "an intrinsic function": (
        "a: !If [C, 1, {x: 2}]\n",
        "a: {Fn::If: [C, 1, {x: 2}]} # c\n",
        "a: !If\n  - C\n  - x: 3\n  - 2\n",
        "a: !If\n  - C\n  - x: 3\n  - 2 # c\n",
    ),
    "to nothing": ("a: 1\nb: 2\n", "a: 1 # c\nb: 2\n", "a:\nb: 2\n", "a: # c\nb: 2\n"),
    "from nothing": ("a:\nb: 2\n", "a: # c\nb: 2\n", "a: 1\nb: 2\n", "a: 1 # c\nb: 2\n"),
    "deep inside, next to what the user changed": (
        "a:\n  b:\n    c: 1\n    d: 1\n",
        "a:\n  b:\n    c: 2\n    d: 1\n  e: 1\n",
        "a:\n  b:\n    c: 1\n    d: 3\n",
        "a:\n  b:\n    c: 2\n    d: 3\n  e: 1\n",
    ),
    "as the user changed it": ("a: 1\n", "a: 2 # c\n", "a: 2\n", "a: 2 # c\n"),
    "only by the user": ("a: 1\nb: 1\n", "a: {x: 2}\n", "a: 1\nb: 1\n", "a: {x: 2}\n"),
    "by the user where ours is the same as before in other words": (
        "a: !GetAtt B.Arn\n",
        "a: 2\n",
        "a: {Fn::GetAtt: [B, Arn]}\n",
        "a: 2\n",
    ),
    "all that is in braces": (
        "a: {b: 1, c: 2}\n",
        "a: { b: 1, c: 2 }\n",
        "a: {d: 3, e: 4}\n",
        "a: { d: 3, e: 4 }\n",
    ),
    "a text that only looks like a comment": (
        'a: "x\\n# y\\n"\n',
        "a: |\n  x\n  # y\nb: 1\n",
        "a: z\n",
        "a: z\nb: 1\n",
    ),
}

# Nothing can stand around these.
ODD: dict[str, Case] = {
    "into a document with nothing but a comment": (
        "",
        "# nothing\n",
        "# why\na: 1\n",
        "# nothing\n# why\na: 1\n",
    ),
    "behind the start of a document": (
        "",
        "%YAML 1.1\n---\n# c\nb: 2\n...\n",
        "a: 1\n",
        "%YAML 1.1\n---\n# c\nb: 2\na: 1\n...\n",
    ),
    "a document that is empty": ("", "", "a: 1\n", "a: 1\n"),
}

CASES = {
    f"{what} {name}": case
    for what, cases in (("added", ADDED), ("list", LISTS), ("gone", GONE), ("changed", CHANGED))
    for name, case in cases.items()
}
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


@pytest.mark.parametrize("case", [*CASES.values(), *ODD.values()], ids=[*CASES, *ODD])
def test_merges(case: Case) -> None:
    base, mine, new, expected = case
    assert merge(base, mine, new) == expected


@each_case
@pytest.mark.parametrize(
    "form",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: f"# 安心 😀\n\n{text}",
        lambda text: f"{text}\n\n# last\n",
        lambda text: text.removesuffix("\n"),
    ],
    ids=["CRLF", "BOM", "wide characters", "more below", "no line break at the end"],
)
def test_merges_in_every_form(case: Case, form: Callable[[str], str]) -> None:
    base, mine, new, expected = case
    assert merge(base, form(mine), new) == form(expected)


FORGOTTEN = {
    "added into an empty section",
    "added into an empty section in braces",
    "added into a section that says null",
    "added into braces, from lines",
    "added not where it is already",
    "added after scalars of all kinds",
    "added into what the user has too",
    "list an item that is there already",
}
"""Where what was added is not all that was the same: nobody knows then whose it is."""

REVERSIBLE = {
    name: case
    for name, case in CASES.items()
    if name.startswith(("added", "list an item", "list in an")) and name not in FORGOTTEN
}


@pytest.mark.parametrize("case", REVERSIBLE.values(), ids=REVERSIBLE)
def test_taking_back_what_was_added_gives_the_users_text(case: Case) -> None:
    base, mine, new, expected = case
    assert merge(new, expected, base) == mine


@each_case
def test_nothing_changes_where_we_change_nothing(case: Case) -> None:
    base, mine, new, expected = case
    assert merge(base, mine, base) == mine
    assert merge(new, expected, new) == expected


CLASHES: dict[str, tuple[str, str, str, list[tuple[str, int, str]]]] = {
    "every place": (
        "a: 1\nb: {c: 2}\nd: 3\ne: 4\n",
        "a: 9\nb:\n  c: 9\n\nd: 9\n",
        "a: 2\nb: {c: 3}\ne: 5\n",
        [("a", 1, "changed"), ("e", 1, "missing"), ("b.c", 3, "changed"), ("d", 5, "changed")],
    ),
    "another value for a new key": ("", "x: 1\na: 2\n", "a: 1\n", [("a", 2, "changed")]),
    "another kind": ("", "a:\n  b: 1\n", "a:\n  b:\n    c: 1\n", [("a.b", 2, "kind")]),
    "the topmost key that the user deleted": (
        "a: {b: {c: {d: 1, e: 1}}}\n",
        "x: 1\na:\n  x: 1\n",
        "a: {b: {c: {d: 2, e: 3}}}\n",
        [("a.b", 2, "missing")],
    ),
    "something of ours inside that the user changed": (
        "a: {b: 1, c: 1}\n",
        "a:\n  c: 2\n  b: 1\n",
        "",
        [("a.c", 2, "changed")],
    ),
    "what the user added to a resource that goes": (
        "R: {Q: {Type: T, Properties: {a: 1}}}\n",
        "R:\n  Q:\n    Type: T\n    Properties:\n      a: 1\n      mine: 2\n",
        "R: {}\n",
        [("R.Q", 6, "changed")],
    ),
    "lists that both brought": ("", "a: [1]\n", "a: [2]\n", [("a", 1, "changed")]),
    "an item that is to go and was changed": (
        "a: [x, y]\n",
        "a:\n- x\n- z\n",
        "a: [x]\n",
        [("a.1", 1, "changed")],
    ),
    "an item that is to change and was changed": (
        "a: [x]\n",
        "a:\n- z\n",
        "a: [y]\n",
        [("a.0", 1, "changed")],
    ),
    "an item that is to change and was deleted": (
        "a: [w, x]\n",
        "a:\n- w\n",
        "a: [w, y]\n",
        [("a.1", 1, "missing")],
    ),
    "an item with an identity that is to change and was deleted": (
        "a:\n  - Sid: A\n    x: 1\n",
        "a:\n  - Sid: B\n",
        "a:\n  - Sid: A\n    x: 2\n",
        [("a.A", 1, "missing")],
    ),
    "an item with an identity that is to go and was changed": (
        "a:\n  - ResourcePath: /\n    HttpMethod: GET\n    x: 1\n  - b\n",
        "a:\n  - b\n  - HttpMethod: GET\n    ResourcePath: /\n    x: 2\n",
        "a:\n  - b\n",
        [("a./ GET", 3, "changed")],
    ),
    "what is ours of an item that says more, and was changed": (
        f"a:\n{METHOD}    x: 1\n",
        f"a:\n{METHOD}    x: 2\n    mine: 3\n",
        "a: []\n",
        [("a./ GET.x", 4, "changed")],
    ),
    "an item that says more and cannot do so without ours": (
        "a:\n  - Sid: A\n    x: 1\n",
        "a:\n  - Sid: A\n    x: 1\n    mine: 3\n",
        "a: []\n",
        [("a.A", 2, "changed")],
    ),
    "an intrinsic function that both changed": (
        "a: {Fn::If: [C, 1, 2]}\n",
        "a: {Fn::If: [C, 1, 3]}\n",
        "a: {Fn::If: [C, 4, 2]}\n",
        [("a", 1, "changed")],
    ),
    "JSON": ("", '{\n  "a": 1\n}\n', "b: 1\n", [("", 1, "flow")]),
    "JSON in one line": ("", '{"a": 1}', "b: 1\n", [("", 1, "flow")]),
    "braces over several lines": (
        "",
        "x: 1\na: {\n  b: 1\n}\n",
        "a:\n  c: 1\n",
        [("a", 2, "flow")],
    ),
    "braces that a text of several lines would join": (
        "",
        "a: {b: 1}\n",
        "a:\n  c: |\n    d\n",
        [("a", 1, "flow")],
    ),
    "braces that would become too long": (
        "",
        "a: {b: 1}\n",
        f"a:\n  c: {'long ' * 30}\n",
        [("a", 1, "flow")],
    ),
    "an empty value in braces": ("", "a: {b: }\n", "a:\n  b:\n    c: 1\n", [("a.b", 1, "flow")]),
    "a key twice": ("", "a:\n  x: 1\n  x: 2\n", "a:\n  y: 1\n", [("a", 1, "duplicate")]),
    "an alias": ("", "b: &b\n  x: 1\na: *b\n", "a:\n  y: 1\n", [("a", 3, "anchor")]),
    "an anchor": ("", "b: &b\n  x: 1\na: *b\n", "b:\n  y: 1\n", [("b", 1, "anchor")]),
    "an anchor in what goes": (
        "a: 1\nb: {x: 1}\n",
        "a: 1\nb:\n  x: &x 1\nc: *x\n",
        "a: 1\n",
        [("b", 2, "anchor")],
    ),
    "an anchor in an item that goes": (
        "b: [x, y]\n",
        "b:\n- &x x\n- y\nc: *x\n",
        "b: [y]\n",
        [("b.0", 2, "anchor")],
    ),
    "a merge key": (
        "",
        "b: &b {x: 1}\na:\n  <<: *b\n  z: 1\n",
        "a:\n  y: 1\n",
        [("a", 2, "anchor")],
    ),
    "a key with a question mark": ("", "a:\n  ? x\n  : 1\n", "a:\n  y: 1\n", [("a", 1, "kind")]),
    "a comment inside of what is written over": (
        "a: [x]\n",
        "a:\n  # mine\n  - x\n",
        "a: y\n",
        [("a", 1, "comment")],
    ),
    "a comment that a block scalar would swallow": (
        "a: x\n",
        "a: x # mine\n",
        "a: |\n  y\n",
        [("a", 1, "comment")],
    ),
    "a comment between a dash and what follows": (
        "l:\n  - a: 1\n    b: 2\n",
        "l:\n  - a: 1\n    # mine\n    b: 2\n",
        "l:\n  - b: 2\n",
        [("l.0.a", 2, "layout")],
    ),
    "a comment beside what goes behind a dash": (
        "l:\n  - a: 1\n    b: 2\n",
        "l:\n  - a: 1 # mine\n    b: 2\n",
        "l:\n  - b: 2\n",
        [("l.0.a", 2, "comment")],
    ),
    "blanks that would be part of a block scalar": (
        "",
        "R:\n  a: 1\n      \nb: 1\n",
        "R:\n  new: |\n    x\n",
        [("", 1, "unsure")],
    ),
    "no YAML": ("", "a: 1\nb: [\n", "c: 1\n", [("", 3, "unreadable")]),
    "several documents": ("", "a: 1\n---\nb: 1\n", "c: 1\n", [("", 2, "unreadable")]),
    "a list": ("", "# c\n- a\n", "c: 1\n", [("", 2, "kind")]),
    "a character that is a line break to YAML alone": (
        "",
        "a: 1\nb: x\u2028y\n",
        "c: 1\n",
        [("", 2, "unreadable")],
    ),
    "nesting without end": ("", f"a: {'[' * 99}{']' * 99}\n", "c: 1\n", [("", 1, "unreadable")]),
    "a document of ours that cannot be read": (
        "a: 1\na: 2\n",
        "a: 1\n",
        "c: 1\n",
        [("", 1, "unreadable")],
    ),
    "a mapping of which the user deleted the rest": (
        "a: {b: 1, c: 1}\n",
        "a:\n  c: 1\n",
        "a: {b: 1}\n",
        [("a", 1, "missing")],
    ),
}


@pytest.mark.parametrize("case", CLASHES.values(), ids=CLASHES)
def test_says_what_it_cannot_do(case: tuple[str, str, str, list[tuple[str, int, str]]]) -> None:
    base, mine, new, expected = case
    with pytest.raises(Unmergeable) as found:
        merge(base, mine, new)
    assert [(".".join(c.path), c.line, str(c.reason)) for c in found.value.clashes] == expected


@pytest.mark.parametrize("fault", ["b: 2", "# why", ": 1"], ids=["value", "comment", "YAML"])
def test_a_wrong_text_is_never_handed_out(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = "a: 1 # why\nb: 2\n"
    at = mine.index(fault)

    def faulty(work: Work, plan: Plan) -> None:
        splice(work, plan)
        work.replace(at, at + len(fault), "")

    monkeypatch.setattr(structure, "splice", faulty)
    with pytest.raises(Unmergeable) as error:
        merge("", mine, "c: 3\n")
    assert [c.reason for c in error.value.clashes] == [Reason.unsure]


def test_two_changes_to_one_range_are_an_error() -> None:
    assert apply("abc", [Edit(1, 2, "x", (INSTEAD, 0)), Edit(1, 1, "y", (LEAD, 0))]) == "ayxc"
    with pytest.raises(Overlap):
        apply("abc", [Edit(0, 2, "", (INSTEAD, 0)), Edit(1, 3, "", (INSTEAD, 0))])


def test_a_clash_says_where_it_is() -> None:
    with pytest.raises(Unmergeable, match=r"^a\.b: changed$"):
        merge("a: {b: 1}", "a: {b: 2}", "a: {b: 3}")


# The generated project's own template.


class Loader(yaml.CSafeLoader):
    """Keeps tags as keys."""


def tagged(loader: Loader, suffix: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {suffix: loader.construct_mapping(node, deep=True)}


Loader.add_multi_constructor("!", tagged)


def value(text: str) -> Any:
    return yaml.load(text, Loader)  # noqa: S506, a safe loader


@cache
def catalog() -> Catalog:
    return load_catalog(ROOT / "catalog")


@cache
def template() -> Template:
    environment = Environment(  # noqa: S701, YAML, not HTML
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, undefined=StrictUndefined
    )
    path = ROOT / "templates" / "project" / "template.yaml.jinja"
    return environment.from_string(path.read_text(encoding="utf-8"))


@cache
def rendered(*chosen: str) -> str:
    answers = {n: q.default for entry in catalog() for n, q in entry.answers().items()}
    return template().render(
        {
            **answers,
            "active_safeguards": catalog().closure(list(chosen)),
            "architecture": "arm64",
            "description": "Takes orders",
            "project_name": "orders",
            "runtime": "python3.14",
        }
    )


def walk(node: yaml.Node | None) -> Iterator[yaml.Node]:
    assert node
    yield node
    for child in node.value if isinstance(node, yaml.CollectionNode) else []:
        for each in child if isinstance(child, tuple) else (child,):
            yield from walk(each)


def key_lines(text: str) -> Iterator[int]:
    """The lines that start with a key."""
    lines = text.split("\n")
    for node in walk(yaml.compose(text, yaml.CSafeLoader)):
        if isinstance(node, yaml.MappingNode) and not node.flow_style:
            at = (key.start_mark.line for key, _ in node.value)
            yield from (line for line in at if not lines[line].lstrip().startswith("-"))


def literal_lines(text: str) -> dict[int, int]:
    """The lines of block scalars, each with the line that its scalar starts in."""
    return {
        line: node.start_mark.line
        for node in walk(yaml.compose(text, yaml.CSafeLoader))
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")
        for line in range(node.start_mark.line + 1, node.end_mark.line)
    }


def reformatted(text: str) -> str:
    """Four blanks, single quotes."""
    literal, added, lines = literal_lines(text), [], []
    for at, line in enumerate(text.split("\n")):
        blanks, dash = re.match(r"( *)(- )?", line).groups()  # type: ignore[union-attr]
        added.append(blanks + ("  " if dash else ""))
        if at in literal:
            lines.append(line and added[literal[at]] + line)
            continue
        wide = line.replace("- ", "-   ", 1) if dash else line
        quoted = re.sub(r"""\"([^\\"']*)\"(?=$|\])""", r"'\1'", wide)
        lines.append(blanks + quoted)
    return "\n".join(lines)


def commented(text: str) -> str:
    """A comment above every key, another one beside it, blank lines here and there."""
    lines = text.split("\n")
    for count, at in enumerate(sorted(key_lines(text), reverse=True)):
        line = lines[at]
        if not re.search(r"[|>]-?$", line):
            line += f"  # beside {count}"
        pad = " " * (len(line) - len(line.lstrip()))
        gap = [""] if count % 7 == 0 and at else []
        lines[at : at + 1] = [*gap, f"{pad}# above {count}", line]
    return "\n".join(lines)


def reordered(text: str) -> str:
    """The resources the other way round."""
    start = text.index("Resources:\n") + len("Resources:\n")
    end = text.index("\n\n  # Resources of the safeguards")
    blocks = text[start:end].split("\n\n")
    return text[:start] + "\n\n".join(reversed(blocks)) + text[end:]


def enlarged(text: str) -> str:
    """Another memory size, right between lines that others change."""
    return text.replace("    MemorySize: 512\n", "    MemorySize: 1769  # one vCPU\n")


def routed(text: str) -> str:
    """A route of the user's own."""
    route = """\
        ListOrders: # mine
          Type: Api
          Properties: {RestApiId: !Ref Api, Path: /orders, Method: GET}
"""
    return text.replace("        CreateOrder:\n", f"{route}        CreateOrder:\n", 1)


def extended(text: str) -> str:
    """A resource of the user's own, where the template asks for it."""
    own = """\
  # Mine, too.
  Archive:
    Type: AWS::S3::Bucket

"""
    here = "  # Resources of the safeguards"
    return text.replace(here, own + here)


def all_values(text: str) -> str:
    return extended(routed(enlarged(text)))


def all_edits(text: str) -> str:
    return commented(reformatted(reordered(all_values(text))))


def same(text: str) -> str:
    return text


EDITS: dict[Callable[[str], str], Callable[[str], str]] = {
    reformatted: same,
    commented: same,
    reordered: same,
    enlarged: enlarged,
    routed: routed,
    extended: extended,
    all_edits: all_values,
}
"""What a user does to a template; and what of it changes what the template says."""


def changes(*already: str) -> Iterator[tuple[str, str]]:
    """The template without and with each safeguard that is in it."""
    for entry in catalog().safeguards:
        base, new = rendered(*already), rendered(*already, entry.id)
        if base != new:
            yield base, new


@cache
def some() -> list[tuple[str, str]]:
    """Each safeguard alone, and a last one next to all others that go together."""
    together: list[str] = []
    for entry in catalog().safeguards:
        conflicts = {c for i in together for c in catalog().entries[i].pattern.conflicts}
        if entry.id not in conflicts and not {*entry.pattern.conflicts} & {*together}:
            together.append(entry.id)
    last = [
        (rendered(*(i for i in together if i != without)), rendered(*together))
        for without in together
    ]
    return [*changes(), *((base, new) for base, new in last if base != new)]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_a_safeguard_joins_an_edited_template_and_leaves_it(edit: Callable[[str], str]) -> None:
    pairs = some()
    assert len(pairs) > 20
    for base, new in pairs:
        mine = edit(base)
        assert mine != base
        merged = merge(base, mine, new)
        assert value(mine) == value(EDITS[edit](base))
        assert value(merged) == value(EDITS[edit](new))
        lines = difflib.SequenceMatcher(
            None, mine.split("\n"), merged.split("\n"), autojunk=False
        ).get_opcodes()
        assert {what for what, *_ in lines} == {"equal", "insert"}
        assert merge(new, merged, base) == mine


def test_an_unedited_template_becomes_the_new_one() -> None:
    for base, new in some():
        assert merge(base, base, new) == new
        assert merge(new, new, base) == base


def test_a_comment_of_ours_comes_along() -> None:
    """Scanners read these comments, so they are no decoration."""
    found = 0
    for base, new in changes():
        before, after = (set(re.findall("checkov:skip=.*", text)) for text in (base, new))
        merged = merge(base, all_edits(base), new)
        assert after <= set(re.findall("checkov:skip=.*", merged))
        found += len(after - before)
    assert found > 5


def test_what_the_user_deleted_does_not_come_back_in_silence() -> None:
    base, new = next(
        (b, n) for b, n in changes() if value(b)["Resources"]["Api"] != value(n)["Resources"]["Api"]
    )
    mine = re.sub(r"(?s)  Api:\n    Type.*?\n\n", "", base)
    with pytest.raises(Unmergeable) as error:
        merge(base, mine, new)
    assert ("Resources", "Api") in {c.path for c in error.value.clashes}
    assert all(c.reason is Reason.missing for c in error.value.clashes)


# Random documents.

Data = dict[str, Any] | list[Any] | str
KEYS = [*"abcdef", "あ"]
WORDS = ["x", "y", "x y", "q: r", "#s", "- t", "", "安心", "one\ntwo\n", "it's"]
ABSENT = object()


def some_data(dice: Random, depth: int = 0) -> Data:
    kind = dice.random()
    if depth and (kind < 0.45 or depth > 3):
        return dice.choice(WORDS)
    if depth and kind < 0.6:
        items = [some_data(dice, depth + 1) for _ in range(dice.randrange(4))]
        return [item for at, item in enumerate(items) if item not in items[:at]]
    keys = dice.sample(KEYS, dice.randrange(0 if depth else 2, 5))
    return {key: some_data(dice, depth + 1) for key in keys}


def changed(data: Data, dice: Random, root: bool = True) -> Data:
    """The same with a few additions, deletions and other values."""
    if not root and dice.random() < 0.08:
        return some_data(dice, 2)
    if isinstance(data, str):
        return data
    if isinstance(data, list):
        items = [changed(item, dice, False) for item in data if dice.random() < 0.95]
        if items and dice.random() < 0.2:
            items.insert(dice.randrange(len(items) + 1), f"{dice.choice(WORDS)}, new")
        return items
    kept = {key: changed(item, dice, False) for key, item in data.items() if dice.random() < 0.93}
    return added(kept, dice) if dice.random() < 0.4 else kept


def added(data: dict[str, Data], dice: Random) -> dict[str, Data]:
    """The same with one more key."""
    pairs = list(data.items())
    free = [key for key in KEYS if key not in data]
    pairs.insert(dice.randrange(len(pairs) + 1), (dice.choice(free), some_data(dice, 2)))
    return dict(pairs)


def grown(data: Data, dice: Random) -> Data:
    """The same with more keys in mappings that have some, and more items in lists."""
    if isinstance(data, dict):
        more = {key: grown(item, dice) for key, item in data.items()}
        return added(more, dice) if more and len(more) < 5 and dice.random() < 0.3 else more
    if isinstance(data, list):
        items = [grown(item, dice) if isinstance(item, str) else item for item in data]
        if items and dice.random() < 0.3:
            items.insert(dice.randrange(len(items) + 1), f"{dice.choice(WORDS)}, new")
        return items
    return data


class Writer:
    """Writes data in one of the many ways that there are."""

    def __init__(self, dice: Random, mark: str = "") -> None:
        self.dice, self.mark, self.count = dice, mark, 0
        self.step, self.dash = dice.choice([2, 2, 4]), dice.choice([0, 2, 2])
        self.comments = dice.choice([0, 0.3]) if mark else 0
        self.gaps = dice.choice([0, 0.3])

    def document(self, data: Data) -> str:
        assert isinstance(data, dict)
        return "".join(self.pairs(data, 0)) or "# nothing\n"

    def comment(self, chance: float) -> str:
        if self.dice.random() >= chance:
            return ""
        self.count += 1
        return f"# {self.mark} {self.count} 安"

    def above(self, column: int) -> Iterator[str]:
        if self.dice.random() < self.gaps:
            yield "\n"
        if comment := self.comment(self.comments):
            yield f"{' ' * column}{comment}\n"

    def pairs(self, data: dict[str, Data], column: int, first: str | None = None) -> Iterator[str]:
        for at, (key, item) in enumerate(data.items()):
            yield from self.above(column) if at or first is None else ()
            pad = " " * column if at or first is None else first
            yield from self.after(f"{pad}{key}:", item, column, self.step, self.dash)

    def items(self, data: list[Data], column: int) -> Iterator[str]:
        for item in data:
            yield from self.above(column)
            dash = " " * column + "-"
            if isinstance(item, dict) and item and self.dice.random() < 0.8:
                yield from self.pairs(item, column + 2, first=f"{dash} ")
            else:
                yield from self.after(dash, item, column, 2, 2)

    def after(self, head: str, item: Data, column: int, step: int, dash: int) -> Iterator[str]:
        """A value behind its key or dash."""
        beside = self.comment(self.comments / 2)
        beside = f" {beside}" if beside else ""
        if isinstance(item, str) and item.endswith("\n"):
            yield f"{head} |{beside}\n"
            yield from (f"{' ' * (column + 2)}{line}\n" for line in item.splitlines())
        elif isinstance(item, str) or not item or (beside == "" and self.dice.random() < 0.15):
            yield f"{head} {self.flow(item)}{beside}\n"
        elif isinstance(item, dict):
            yield f"{head}{beside}\n"
            yield from self.pairs(item, column + step)
        else:
            yield f"{head}{beside}\n"
            yield from self.items(item, column + dash)

    def flow(self, item: Data) -> str:
        if isinstance(item, dict):
            return "{" + ", ".join(f"{k}: {self.flow(v)}" for k, v in item.items()) + "}"
        if isinstance(item, list):
            return "[" + ", ".join(map(self.flow, item)) + "]"
        if item in ("x", "y", "x y", "安心") and self.dice.random() < 0.5:
            return item
        if "\n" not in item and self.dice.random() < 0.5:
            return "'" + item.replace("'", "''") + "'"
        return json.dumps(item, ensure_ascii=False)


class Clashing(Exception):
    """Both sides changed one thing."""


def wanted(base: Any, mine: Any, new: Any, root: bool = True) -> Any:
    """A merge of values that is as plain as can be; lists count as a whole."""
    if base == new or mine == new:
        return mine
    if base == mine:
        return new
    if not all(isinstance(each, dict) for each in (base, mine, new) if each is not ABSENT):
        raise Clashing
    if mine is ABSENT:
        raise Clashing
    ours, theirs = ({} if each is ABSENT else each for each in (base, new))
    merged = {}
    for key in {**mine, **theirs}:
        b, m, n = (each.get(key, ABSENT) for each in (ours, mine, theirs))
        if (found := wanted(b, m, n, root=False)) is not ABSENT:
            merged[key] = found
    if mine and not merged and not root:
        if theirs:
            raise Clashing
        return new
    return merged


def has_lists(*data: Any) -> bool:
    return any(
        isinstance(d, list) or (isinstance(d, dict) and has_lists(*d.values())) for d in data
    )


def plain(text: str) -> Any:
    return yaml.load(text, yaml.BaseLoader) or {}  # noqa: S506, builds only strings


def comments(text: str, mark: str) -> list[str]:
    return sorted(re.findall(f"# {mark} .*安", text))


@settings(max_examples=400, deadline=None)
@given(st.randoms(use_true_random=False))
def test_changes_of_both_sides_come_together(dice: Random) -> None:
    base = some_data(dice)
    mine, new = changed(base, dice), changed(base, dice)
    texts = [Writer(dice, m).document(d) for m, d in (("b", base), ("m", mine), ("n", new))]
    assert plain(texts[1]) == mine
    try:
        expected = wanted(base, mine, new)
    except Clashing:
        expected = None
    try:
        merged = merge(*texts)
    except Unmergeable as error:
        layout = {Reason.comment, Reason.flow, Reason.layout, Reason.unsure}
        assert expected is None or layout & {c.reason for c in error.clashes}
        return
    if expected is not None or not has_lists(base, mine, new):
        assert plain(merged) == expected
    assert comments(texts[1], "m") == comments(merged, "m")


@settings(max_examples=400, deadline=None)
@given(st.randoms(use_true_random=False))
def test_what_was_added_can_be_taken_back(dice: Random) -> None:
    base = some_data(dice)
    new = grown(base, dice)
    texts = [Writer(dice, m).document(d) for m, d in (("", base), ("m", base), ("", new))]
    try:
        merged = merge(*texts)
    except Unmergeable as error:
        assert {c.reason for c in error.clashes} <= {Reason.flow, Reason.unsure}
        return
    assert plain(merged) == new
    assert merge(texts[2], merged, texts[0]) == texts[1]
