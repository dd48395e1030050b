@dataclass(frozen=True)
class Site:
    """The catalog, read in one language."""

    catalog: Data
    language: str

    @property
    def patterns(self) -> dict[str, Any]:
        return dict(self.catalog["patterns"])

    def word(self, name: str, **values: object) -> str:
        return WORDS[name][self.language].format(**values)

    def say(self, text: Data) -> str:
        return str(text[self.language])

    def title(self, name: str) -> str:
        return self.say(self.catalog["patterns"][name]["title"])

    def chapters(self) -> dict[str, list[str]]:
        """The chapters that have patterns, and their patterns."""
        return by_chapter(self.catalog, self.catalog["patterns"])

    def heading(self, level: int, word: str, **values: object) -> str:
        return md.heading(level, self.word(word, **values), word)


def chapter_path(chapter: str) -> str:
    # An index page, so that the navigation can make the chapter's name a link.
    return f"chapters/{chapter}/index.md"


def pattern_path(name: str) -> str:
    return f"patterns/{name}.md"
