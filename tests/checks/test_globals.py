"""Globals: merged as SAM's own code merges them, with each key where it was written."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from samtranslator.plugins.globals.globals import Globals, InvalidGlobalsSectionException
from samtranslator.sdk.resource import SamResource

from scaffolder.catalog import load_catalog
from scaffolder.checks.globals_ import merged_properties
from scaffolder.checks.positions import PlacedDict, PlacedList, place_of
from scaffolder.checks.reading import parse
from tests.bar import generate

CATALOG = Path(__file__).parents[2] / "catalog"
FUNCTION = "AWS::Serverless::Function"


def placed(value: Any) -> Any:
    """A plain value as if it had been read."""
    text = yaml.safe_dump({"value": value}, allow_unicode=True)
    return parse(text.encode(), Path("t"), "t").root["value"]


def ours(template: PlacedDict) -> dict[str, Any]:
    return {
        name: merged_properties(template, resource)
        for name, resource in template["Resources"].items()
        if isinstance(resource, PlacedDict)
    }


def sams(template: dict[str, Any]) -> dict[str, Any]:
    """The same by aws-sam-translator; raises what it raises."""
    template = copy.deepcopy(template)
    section = Globals(template)
    merged = {}
    for name, resource in template["Resources"].items():
        own = SamResource(resource)
        properties = own.properties or {}
        merged[name] = section.merge(str(own.type), properties, name, own.ignore_globals)
    return merged


CASES: dict[str, dict[str, Any]] = {
    "nothing to merge": {"Resources": {"F": {"Type": FUNCTION, "Properties": {"Timeout": 3}}}},
    "inherits": {
        "Globals": {"Function": {"Timeout": 9, "Tracing": "Active"}},
        "Resources": {"F": {"Type": FUNCTION}, "Other": {"Type": "AWS::SQS::Queue"}},
    },
    "own value wins": {
        "Globals": {"Function": {"Timeout": 9, "CodeUri": "src/"}},
        "Resources": {
            "F": {"Type": FUNCTION, "Properties": {"Timeout": 3, "CodeUri": {"Bucket": "b"}}}
        },
    },
    "mappings join": {
        "Globals": {"Function": {"Environment": {"Variables": {"A": "1", "B": "2"}}}},
        "Resources": {
            "F": {
                "Type": FUNCTION,
                "Properties": {"Environment": {"Variables": {"B": "3", "C": "4"}}},
            }
        },
    },
    "lists follow each other": {
        "Globals": {"Function": {"Layers": ["a"], "VpcConfig": {"SubnetIds": ["x"]}}},
        "Resources": {
            "F": {
                "Type": FUNCTION,
                "Properties": {"Layers": ["b", "a"], "VpcConfig": {"SubnetIds": ["y"]}},
            }
        },
    },
    "architectures replace": {
        "Globals": {"Function": {"Architectures": ["arm64"]}},
        "Resources": {"F": {"Type": FUNCTION, "Properties": {"Architectures": ["x86_64"]}}},
    },
    "architectures of a capacity provider replace": {
        "Globals": {
            "CapacityProvider": {
                "InstanceRequirements": {"Architectures": ["arm64"], "AllowedTypes": ["a"]},
                "ManagedResourceTags": {"Shared": "1", "Dropped": "2"},
            }
        },
        "Resources": {
            "P": {
                "Type": "AWS::Serverless::CapacityProvider",
                "Properties": {
                    "InstanceRequirements": {"Architectures": ["x86_64"], "AllowedTypes": ["b"]},
                    "ManagedResourceTags": {"Shared": "3", "Own": "4"},
                },
            },
            "Empty": {
                "Type": "AWS::Serverless::CapacityProvider",
                "Properties": {"ManagedResourceTags": {}},
            },
        },
    },
    "intrinsics are plain values": {
        "Globals": {
            "Function": {
                "Environment": {"Variables": {"A": {"Ref": "P"}}},
                "Layers": {"Fn::If": ["C", ["a"], []]},
                "Tags": {"x": "y"},
            }
        },
        "Resources": {
            "F": {
                "Type": FUNCTION,
                "Properties": {
                    "Environment": {"Variables": {"A": {"Fn::GetAtt": ["B", "C"]}}},
                    "Layers": ["b"],
                    "Tags": {"Ref": "T"},
                },
            }
        },
    },
    "kinds differ": {
        "Globals": {"Function": {"Layers": ["a"], "Tags": {"a": "b"}, "Timeout": 3}},
        "Resources": {
            "F": {
                "Type": FUNCTION,
                "Properties": {"Layers": "x", "Tags": ["l"], "Timeout": {"a": "b"}},
            }
        },
    },
    "null is a value": {
        "Globals": {"Function": {"Timeout": 3, "Tags": {"a": "b"}}},
        "Resources": {"F": {"Type": FUNCTION, "Properties": {"Timeout": None, "Tags": None}}},
    },
    "globals are ignored": {
        "Globals": {"Function": {"Timeout": 3, "Tracing": "Active"}},
        "Resources": {
            "All": {"Type": FUNCTION, "IgnoreGlobals": "*", "Properties": {"Handler": "a.b"}},
            "One": {"Type": FUNCTION, "IgnoreGlobals": ["Tracing"]},
            "None": {"Type": FUNCTION, "IgnoreGlobals": []},
        },
    },
    "several sections": {
        "Globals": {
            "Api": {"TracingEnabled": True, "MethodSettings": [{"HttpMethod": "*"}]},
            "HttpApi": {"DefaultRouteSettings": {"ThrottlingRateLimit": 1}},
            "SimpleTable": {"SSESpecification": {"SSEEnabled": True}},
        },
        "Resources": {
            "A": {
                "Type": "AWS::Serverless::Api",
                "Properties": {"MethodSettings": [{"HttpMethod": "GET"}]},
            },
            "H": {
                "Type": "AWS::Serverless::HttpApi",
                "Properties": {"DefaultRouteSettings": {"ThrottlingBurstLimit": 2}},
            },
            "T": {"Type": "AWS::Serverless::SimpleTable"},
        },
    },
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_globals_are_merged_as_sam_does(case: dict[str, Any]) -> None:
    assert ours(placed(case)) == sams(case)


VALUES = st.recursive(
    st.sampled_from(["a", "b", 1, True, None]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["A", "B", "Architectures"]), inner, max_size=3)
        | st.fixed_dictionaries({"Ref": st.just("P")})
        | st.fixed_dictionaries({"Fn::Sub": st.just("x")})
    ),
    max_leaves=8,
)
FUNCTION_KEYS = st.sampled_from(["Environment", "Architectures", "Layers", "Tags", "VpcConfig"])
PROVIDER_KEYS = st.sampled_from(["InstanceRequirements", "ManagedResourceTags", "Tags"])


def sides(keys: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[Any, Any]]:
    properties = st.dictionaries(keys, VALUES, max_size=3)
    return st.tuples(properties, properties)


@settings(max_examples=400, deadline=None)
@given(sides(FUNCTION_KEYS), sides(PROVIDER_KEYS))
def test_any_globals_are_merged_as_sam_does(
    function: tuple[Any, Any], provider: tuple[Any, Any]
) -> None:
    template = {
        "Globals": {"Function": function[0], "CapacityProvider": provider[0]},
        "Resources": {
            "F": {"Type": FUNCTION, "Properties": function[1]},
            "P": {"Type": "AWS::Serverless::CapacityProvider", "Properties": provider[1]},
        },
    }
    assert ours(placed(template)) == sams(template)


def test_templates_of_this_repository_are_merged_as_sam_does(tmp_path: Path) -> None:
    everything = load_catalog(CATALOG).preset("all")
    for name, chosen in {"none": [], "all": everything}.items():
        project = tmp_path / name
        generate(project, {"safeguards": chosen})
        for path in sorted(project.rglob("template.yaml")):
            root = parse(path.read_bytes(), path, path.name).root
            assert ours(root) == sams(root)


def test_what_sam_refuses_does_not_stop_us() -> None:
    for template in (
        {"Globals": {"Function": {"Policies": ["x"]}}, "Resources": {"F": {"Type": FUNCTION}}},
        {"Globals": {"Nothing": {}}, "Resources": {"F": {"Type": FUNCTION}}},
        {"Globals": ["x"], "Resources": {"F": {"Type": FUNCTION}}},
    ):
        with pytest.raises(InvalidGlobalsSectionException):
            sams(template)
        ours(placed(template))


TEMPLATE = """\
Globals:
  Function:
    Timeout: 9
    Tracing: Active
    Layers:
      - first
    Environment:
      Variables:
        A: 1
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 3
      Layers:
        - second
      Environment:
        Variables:
          B: 2
"""


@pytest.mark.parametrize(
    ("location", "place"),
    [
        (("Timeout",), (14, 7)),
        (("Tracing",), (4, 5)),
        (("Layers",), (15, 7)),
        (("Layers", 0), (6, 9)),
        (("Layers", 1), (16, 11)),
        (("Environment", "Variables"), (18, 9)),
        (("Environment", "Variables", "A"), (9, 9)),
        (("Environment", "Variables", "B"), (19, 11)),
    ],
)
def test_a_merged_key_stands_where_it_was_written(
    location: tuple[str | int, ...], place: tuple[int, int]
) -> None:
    root = parse(TEMPLATE.encode(), Path("t"), "t").root
    merged = merged_properties(root, root["Resources"]["F"])
    assert isinstance(merged["Layers"], PlacedList)
    assert place_of(merged, location) == place


def test_merging_leaves_the_written_template_alone() -> None:
    root = parse(TEMPLATE.encode(), Path("t"), "t").root
    before = copy.deepcopy(yaml.safe_load(TEMPLATE))
    merged_properties(root, root["Resources"]["F"])
    assert root == before
