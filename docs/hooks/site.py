"""What MkDocs does not do by itself: pages from the catalog, and a tree for each language.

`mkdocs build` and `mkdocs serve` read mkdocs.yml. Each language goes to a folder of its own below
the site's root; when the first is built, its hook builds the others, so that one command builds
all, and a warning in any language fails a strict build. With `--no-directory-urls` the result can
be read from the file system, without a server.
"""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

from scaffolder.catalog import CatalogError, load_catalog
from scaffolder.export import catalog_json
from scaffolder.pages import navigation, pages

ROOT = Path(__file__).parents[2]
START = ROOT / "docs" / "start.html"
EVIDENCE = ROOT / "scaffolder" / "evidence.json"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Move this language below the site's root, and make its navigation."""
    catalog = read_catalog()
    language = config.extra["language"]
    config.extra["catalog"] = catalog
    config.extra["root_dir"] = config.site_dir
    config.extra["root_url"] = config.site_url or catalog["site_url"]
    config.site_dir = str(Path(config.site_dir) / language)
    config.site_url = f"{config.extra['root_url']}{language}/"
    config.nav = navigation(catalog, language)
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages; none may stand in for a page written by hand."""
    language = config.extra["language"]
    for path, text in pages(config.extra["catalog"], language, read_evidence()).items():
        if files.get_file_from_path(path):
            raise PluginError(f"{config.docs_dir}/{path} is the place of a generated page")
        files.append(File.generated(config, path, content=text))
    return files


def on_post_build(config: MkDocsConfig) -> None:
    """After the first language: the others, and the page at the root."""
    if not config.use_directory_urls:
        _index_as_script(Path(config.site_dir) / "search")
    first, *others = config.extra["languages"]
    if config.extra["language"] != first["code"]:
        return
    for language in others:
        _build(language["config"], config)
    shutil.copyfile(START, Path(config.extra["root_dir"]) / "index.html")


def read_catalog() -> dict[str, Any]:
    """The catalog as `anshin compile` exports it, read afresh."""
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    try:
        catalog = load_catalog(ROOT / "catalog")
        return dict(json.loads(catalog_json(catalog, urls["Template"], urls["Documentation"])))
    except CatalogError as error:
        raise PluginError(str(error)) from error


def read_evidence() -> dict[str, Any]:
    """What `make evidence` recorded; nothing if it was never run."""
    if not EVIDENCE.is_file():
        return {}
    return dict(json.loads(EVIDENCE.read_text(encoding="utf-8")))


def _index_as_script(folder: Path) -> None:
    """Put the search index where the theme looks for it when a page is opened from a file."""
    index = (folder / "search_index.json").read_text(encoding="utf-8")
    (folder / "search_index.js").write_text(f"var __index = {index}", encoding="utf-8")


def _build(config_file: str, first: MkDocsConfig) -> None:
    config = load_config(
        str(ROOT / config_file),
        site_dir=first.extra["root_dir"],
        site_url=first.extra["root_url"],
        strict=first.strict,
        use_directory_urls=first.use_directory_urls,
    )
    config.plugins.on_startup(command="build", dirty=False)
    try:
        build(config)
    finally:
        config.plugins.on_shutdown()
